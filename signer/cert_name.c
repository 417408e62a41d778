/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/cert_name.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "signer/ossl_internal.h"

#define SUBJECT_MAX 4096
#define VALUE_MAX   512
#define DNS_MAX	    253 /* RFC 1035 §2.3.4, without the root's dot */
#define LABEL_MAX   63

AUTO_OF(X509_NAME, free_name, X509_NAME_free)
AUTO_OF(GENERAL_NAMES, free_names, GENERAL_NAMES_free)

/* One "TYPE=value" up to a comma that no backslash hides; the cursor goes
 * behind it. */
static enum sg_rc
next_part(const char **cursor, char type[VALUE_MAX], char value[VALUE_MAX],
    struct sg_err *err)
{
	const char *p = *cursor;
	size_t len = strcspn(p, "=,+\\");

	if (p[len] != '=' || len == 0 || len >= VALUE_MAX)
		return sg_fail(err, SG_E_USAGE,
		    "--subject has the form TYPE=VALUE,TYPE=VALUE as in "
		    "CN=signet,O=Example");
	memcpy(type, p, len);
	type[len] = '\0';
	p += len + 1;
	for (len = 0; *p != '\0' && *p != ','; p++) {
		if (*p == '+' || (*p == '\\' && p[1] == '\0'))
			return sg_fail(err, SG_E_USAGE,
			    "--subject has a '%c' that no backslash hides", *p);
		if (*p == '\\')
			p++;
		if (len + 1 >= VALUE_MAX)
			return sg_fail(err, SG_E_USAGE,
			    "--subject has a value that is too long");
		value[len++] = *p;
	}
	value[len] = '\0';
	*cursor = *p == ',' ? p + 1 : p;
	if (*p == ',' && p[1] == '\0')
		return sg_fail(err, SG_E_USAGE, "--subject ends with a comma");
	return SG_OK;
}

/* What a terminal shows as it is: no control characters. */
static bool
is_plain_text(const char *text)
{
	const char *p;

	for (p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return sg_utf8_is_valid(text, strlen(text));
}

/* By the short names of OpenSSL, which knows many more objects: nobody is named
 * by an algorithm. Those of RFC 4514 §3 first. */
static const char *const types[] = {"CN", "L", "ST", "O", "OU", "C", "street",
    "DC", "UID", "serialNumber", "emailAddress", "GN", "SN", "title"};

static bool
is_type(const char *text)
{
	size_t i;

	for (i = 0; i < SG_COUNT(types); i++)
		if (strcmp(types[i], text) == 0)
			return true;
	return false;
}

static enum sg_rc
refuse_type(const char *type, struct sg_err *err)
{
	SG_AUTO(sg_buf) list = sg_buf_new(VALUE_MAX);
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < SG_COUNT(types); i++)
		sg_buf_addf(list, "%s%s", i > 0 ? ", " : "", types[i]);
	rc = sg_buf_check(list, "the types of a name", err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_USAGE,
	    "--subject has the type \"%s\"; there are %s", type,
	    sg_buf_str(list));
}

static enum sg_rc
add_part(
    X509_NAME *name, const char *type, const char *value, struct sg_err *err)
{
	if (value[0] == '\0')
		return sg_fail(
		    err, SG_E_USAGE, "--subject has an empty %s", type);
	if (!is_type(type))
		return refuse_type(type, err);
	if (X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8,
		(const unsigned char *)value, -1, -1, 0) == 1)
		return SG_OK;
	ERR_clear_error(); /* e.g. a country of three letters */
	return sg_fail(err, SG_E_USAGE,
	    "--subject has a %s that is no %s: \"%s\"", type, type, value);
}

static enum sg_rc
check_text(const char *text, struct sg_err *err)
{
	if (text == NULL || text[0] == '\0')
		return sg_fail(err, SG_E_USAGE,
		    "the certificate needs a --subject, such as CN=signet");
	if (strlen(text) > SUBJECT_MAX)
		return sg_fail(err, SG_E_USAGE,
		    "--subject has more than %d bytes", SUBJECT_MAX);
	if (!is_plain_text(text))
		return sg_fail(err, SG_E_USAGE,
		    "--subject is no UTF-8, or holds control characters");
	return SG_OK;
}

enum sg_rc
sg_cert_name_subject(const char *text, X509_NAME **out_name, struct sg_err *err)
{
	AUTO(free_name) X509_NAME *name = X509_NAME_new();
	char type[VALUE_MAX];
	char value[VALUE_MAX];
	enum sg_rc rc;

	if (name == NULL)
		return sg_fail_nomem(err);
	rc = check_text(text, err);
	if (rc != SG_OK)
		return rc;
	while (*text != '\0') {
		rc = next_part(&text, type, value, err);
		if (rc == SG_OK)
			rc = add_part(name, type, value, err);
		if (rc != SG_OK)
			return rc;
	}
	*out_name = name;
	name = NULL; /* now the caller's */
	return SG_OK;
}

static bool
is_label(const char *text, size_t len)
{
	size_t i;

	if (len == 0 || len > LABEL_MAX || text[0] == '-' ||
	    text[len - 1] == '-')
		return false;
	for (i = 0; i < len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY"
			   "Z0123456789-",
			text[i]) == NULL)
			return false;
	return true;
}

/* RFC 5280 §4.2.1.6: the preferred syntax of RFC 1034 §3.5; a '*' may be the
 * first label (RFC 6125 §6.4.3). */
static bool
is_dns_name(const char *text)
{
	const char *p = sg_text_starts(text, "*.") ? text + 2 : text;
	size_t len;

	if (strlen(text) > DNS_MAX)
		return false;
	for (;;) {
		len = strcspn(p, ".");
		if (!is_label(p, len))
			return false;
		if (p[len] == '\0')
			return true;
		p += len + 1;
	}
}

static bool
add_name(GENERAL_NAMES *names, const char *text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *value = ASN1_IA5STRING_new();

	if (name == NULL || value == NULL ||
	    ASN1_STRING_set(value, text, -1) != 1) {
		ASN1_IA5STRING_free(value);
		GENERAL_NAME_free(name);
		return false;
	}
	GENERAL_NAME_set0_value(name, GEN_DNS, value);
	if (sk_GENERAL_NAME_push(names, name) > 0)
		return true;
	GENERAL_NAME_free(name);
	return false;
}

enum sg_rc
sg_cert_name_dns(
    const struct sg_list *dns, GENERAL_NAMES **out_names, struct sg_err *err)
{
	AUTO(free_names) GENERAL_NAMES *names = NULL;
	size_t i;

	if (dns == NULL || dns->count == 0)
		return SG_OK;
	names = GENERAL_NAMES_new();
	if (names == NULL)
		return sg_fail_nomem(err);
	for (i = 0; i < dns->count; i++) {
		if (!is_dns_name(dns->items[i]))
			return sg_fail(err, SG_E_USAGE,
			    "--dns \"%s\" is no DNS name", dns->items[i]);
		if (!add_name(names, dns->items[i]))
			return sg_fail_nomem(err);
	}
	*out_names = names;
	names = NULL; /* now the caller's */
	return SG_OK;
}
