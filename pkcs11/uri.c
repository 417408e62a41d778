/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/uri.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"
#include "pkcs11/p11.h"

/* Longest URI that is written. */
#define URI_MAX 8192

struct sg_uri {
	P11KitUri *p11;
};

/* RFC 7512 §2.3, and what p11-kit reads beyond it. */
static const char *const known[] = {"token", "manufacturer", "serial", "model",
    "library-manufacturer", "library-version", "library-description", "object",
    "type", "id", "slot-description", "slot-manufacturer", "slot-id",
    "pin-source", "pin-value", "module-name", "module-path", NULL};

/* Where an attribute may hold a NUL: elsewhere p11-kit would drop the rest. */
static bool
may_hold_nul(const char *name, size_t len)
{
	return (len == 2 && memcmp(name, "id", 2) == 0) ||
	       (len == 6 && memcmp(name, "object", 6) == 0);
}

static int
known_index(const char *name, size_t len)
{
	int i;

	for (i = 0; known[i] != NULL; i++)
		if (strlen(known[i]) == len && memcmp(known[i], name, len) == 0)
			return i;
	return -1;
}

static enum sg_rc
check_attribute(
    const char *part, size_t len, unsigned long *seen, struct sg_err *err)
{
	const char *equals = memchr(part, '=', len);
	/* Without an '=' only the name's letters may be told: not a PIN. */
	size_t name_len = equals != NULL
			      ? (size_t)(equals - part)
			      : strspn(part, "abcdefghijklmnopqrstuvwxyz-");
	const char *nul;
	int index;

	index = known_index(part, name_len);
	if (equals == NULL || index < 0)
		return sg_fail(err, SG_E_USAGE,
		    "the PKCS#11 URI has an attribute that signet does not "
		    "know: \"%.*s\"",
		    (int)name_len, part);
	if (strcmp(known[index], "pin-value") == 0)
		return sg_fail(err, SG_E_USAGE,
		    "the PKCS#11 URI holds a PIN (pin-value), which any "
		    "process list would show; use pin-source=file:PATH or "
		    "SIGNET_PIN_SOURCE");
	if ((*seen & 1UL << index) != 0)
		return sg_fail(err, SG_E_USAGE,
		    "the PKCS#11 URI gives \"%s\" twice", known[index]);
	*seen |= 1UL << index;
	nul = memmem(part, len, "%00", 3);
	if (nul != NULL && !may_hold_nul(part, name_len))
		return sg_fail(err, SG_E_USAGE,
		    "the PKCS#11 URI has a NUL byte in \"%s\"", known[index]);
	return SG_OK;
}

/* The attributes stand behind the scheme, parted by ';' '?' and '&'. */
static enum sg_rc
check_attributes(const char *text, struct sg_err *err)
{
	unsigned long seen = 0;
	const char *part = strchr(text, ':');
	enum sg_rc rc;

	if (part == NULL)
		return SG_OK; /* the parser says what is wrong */
	part++;
	while (*part != '\0') {
		size_t len = strcspn(part, ";?&");

		if (len > 0) {
			rc = check_attribute(part, len, &seen, err);
			if (rc != SG_OK)
				return rc;
		}
		part += len;
		if (*part != '\0')
			part++;
	}
	return SG_OK;
}

enum sg_rc
sg_uri_parse(const char *text, struct sg_uri **out_uri, struct sg_err *err)
{
	SG_AUTO(sg_uri) uri = NULL;
	enum sg_rc rc;
	int result;

	if (strncasecmp(text, "pkcs11:", 7) != 0)
		return sg_fail(err, SG_E_USAGE,
		    "a key or token is named by a PKCS#11 URI such as "
		    "\"pkcs11:token=dev;object=uat\"");
	rc = check_attributes(text, err);
	if (rc != SG_OK)
		return rc;
	if (text[strcspn(text, " \t\r\n")] != '\0')
		return sg_fail(err, SG_E_USAGE,
		    "the PKCS#11 URI has a blank in it; write it as %%20");
	uri = calloc(1, sizeof(*uri));
	if (uri == NULL)
		return sg_fail_nomem(err);
	uri->p11 = p11_kit_uri_new();
	if (uri->p11 == NULL)
		return sg_fail_nomem(err);
	result = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri->p11);
	if (result == P11_KIT_URI_OK && p11_kit_uri_any_unrecognized(uri->p11))
		return sg_fail(err, SG_E_USAGE,
		    "the PKCS#11 URI has a value that no token or key can "
		    "have (too long, or an unknown type)");
	if (result != P11_KIT_URI_OK)
		return sg_fail_native(err, SG_E_USAGE, result,
		    "the PKCS#11 URI cannot be read: %s",
		    p11_kit_uri_message(result));
	*out_uri = uri;
	uri = NULL; /* now the caller's */
	return SG_OK;
}

void
sg_uri_free(struct sg_uri **uri)
{
	if (uri == NULL || *uri == NULL)
		return;
	p11_kit_uri_free((*uri)->p11);
	free(*uri);
	*uri = NULL;
}

const char *
sg_uri_module_path(const struct sg_uri *uri)
{
	return p11_kit_uri_get_module_path(uri->p11);
}

const char *
sg_uri_pin_source(const struct sg_uri *uri)
{
	return p11_kit_uri_get_pin_source(uri->p11);
}

bool
sg_uri_names_key(const struct sg_uri *uri)
{
	return p11_kit_uri_get_attribute(uri->p11, CKA_LABEL) != NULL ||
	       p11_kit_uri_get_attribute(uri->p11, CKA_ID) != NULL;
}

/* Of the path of a URI, the attributes that tell of a key, or the others. */
static void
add_attributes(struct sg_buf *out, const char *uri, bool of_key)
{
	static const char *const names[] = {"object=", "id=", "type="};
	const char *part = strchr(uri, ':') + 1;
	const char *end = part + strcspn(part, "?");

	while (part < end) {
		size_t len = strcspn(part, ";?");
		bool is_of_key = false;
		size_t i;

		for (i = 0; i < SG_COUNT(names); i++)
			is_of_key |= sg_text_starts(part, names[i]);
		if (len > 0 && is_of_key == of_key) {
			if (((const char *)out->data)[out->len - 1] != ':')
				sg_buf_add_byte(out, ';');
			sg_buf_add(out, part, len);
		}
		part += len + 1;
	}
}

enum sg_rc
sg_uri_rename(
    const char *uri, const char *key_uri, char **out_text, struct sg_err *err)
{
	SG_AUTO(sg_uri) first = NULL;
	SG_AUTO(sg_uri) second = NULL;
	SG_AUTO(sg_buf) text = sg_buf_new(URI_MAX);
	enum sg_rc rc;

	rc = sg_uri_parse(uri, &first, err);
	if (rc == SG_OK)
		rc = sg_uri_parse(key_uri, &second, err);
	sg_buf_add_str(text, "pkcs11:");
	if (rc == SG_OK)
		rc = sg_buf_check(text, "a PKCS#11 URI", err);
	if (rc != SG_OK)
		return rc;
	add_attributes(text, uri, false);
	add_attributes(text, key_uri, true);
	sg_buf_add_str(text, uri + strcspn(uri, "?"));
	rc = sg_buf_check(text, "a PKCS#11 URI", err);
	if (rc != SG_OK)
		return rc;
	return sg_str_copy(sg_buf_str(text), out_text, err);
}

P11KitUri *
sg_uri_p11(const struct sg_uri *uri)
{
	return uri->p11;
}

/* A field of blanks is left out: in a URI it would say nothing. */
static void
copy_field(CK_UTF8CHAR *to, const CK_UTF8CHAR *from, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (from[i] == ' ' || from[i] == '\0')
			continue;
		memcpy(to, from, len);
		return;
	}
}

static void
describe_token(P11KitUri *p11, const CK_TOKEN_INFO *info)
{
	CK_TOKEN_INFO *token = p11_kit_uri_get_token_info(p11);

	copy_field(token->label, info->label, sizeof(info->label));
	copy_field(token->serialNumber, info->serialNumber,
	    sizeof(info->serialNumber));
}

static enum sg_rc
describe_key(P11KitUri *p11, const struct sg_uri_key *key)
{
	CK_OBJECT_CLASS class = key->object_class;
	CK_ATTRIBUTE attrs[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    {CKA_ID, key->id, key->id_len},
	    {CKA_LABEL, key->label, key->label_len},
	};
	size_t i;

	for (i = 0; i < SG_COUNT(attrs); i++)
		if (attrs[i].ulValueLen > 0 &&
		    p11_kit_uri_set_attribute(p11, &attrs[i]) != P11_KIT_URI_OK)
			return SG_E_NOMEM;
	return SG_OK;
}

enum sg_rc
sg_uri_format(const CK_TOKEN_INFO *token, const CK_SLOT_ID *slot_id,
    const struct sg_uri_key *key, char **out_text, struct sg_err *err)
{
	P11KitUri *p11 = p11_kit_uri_new();
	enum sg_rc rc = SG_OK;
	char *text = NULL;

	if (p11 == NULL)
		return sg_fail_nomem(err);
	describe_token(p11, token);
	if (slot_id != NULL)
		p11_kit_uri_set_slot_id(p11, *slot_id);
	if (key != NULL)
		rc = describe_key(p11, key);
	if (rc == SG_OK && p11_kit_uri_format(p11, P11_KIT_URI_FOR_ANY,
			       &text) != P11_KIT_URI_OK)
		rc = SG_E_NOMEM;
	p11_kit_uri_free(p11);
	if (rc != SG_OK)
		return sg_fail_nomem(err);
	*out_text = text;
	return SG_OK;
}
