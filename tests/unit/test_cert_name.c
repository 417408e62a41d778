/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/cert_name.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

static void
check_subject(const char *text, const char *expected)
{
	X509_NAME *name = NULL;
	struct sg_err err = {0};
	char *shown;
	BIO *bio = BIO_new(BIO_s_mem());
	long len;

	if (sg_cert_name_subject(text, &name, &err) != SG_OK)
		fail_msg("%s: %s", text, err.text);
	X509_NAME_print_ex(bio, name, 0,
	    ASN1_STRFLGS_ESC_2253 | XN_FLAG_SEP_COMMA_PLUS | XN_FLAG_FN_SN);
	len = BIO_get_mem_data(bio, &shown);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(shown, expected, (size_t)len);
	BIO_free(bio);
	X509_NAME_free(name);
}

static void
subject_is_written_in_its_order(void **state)
{
	(void)state;
	check_subject("CN=a", "CN=a");
	check_subject("CN=a,O=b,C=DE", "CN=a,O=b,C=DE");
	check_subject("C=DE,O=b b,OU=x,OU=y", "C=DE,O=b b,OU=x,OU=y");
	check_subject("CN=a\\,O=b,O=c", "CN=a\\,O=b,O=c");
	check_subject("CN=a=b", "CN=a=b");
	check_subject("CN=a\\\\b\\+c", "CN=a\\\\b\\+c");
	check_subject("emailAddress=a@b.example", "emailAddress=a@b.example");
	check_subject("DC=b,UID=x,serialNumber=7", "DC=b,UID=x,serialNumber=7");
	check_subject("SN=b,GN=x,title=y,street=z,L=l,ST=s",
	    "SN=b,GN=x,title=y,street=z,L=l,ST=s");
}

static void
refusal_says_what_is_wrong_with_the_subject(void **state)
{
	static char longer[4200] = "CN=";
	static const struct {
		const char *text;
		const char *word;
	} rows[] = {
	    {NULL, "needs a --subject"},
	    {"", "needs a --subject"},
	    {"CN=\xff", "no UTF-8"},
	    {"CN=a\nb", "control characters"},
	    {longer, "more than 4096 bytes"},
	    {"CN=a,rsaEncryption=x",
		"the type \"rsaEncryption\"; there are CN"},
	    {"sha256WithRSAEncryption=x", "there are CN"},
	    {"challengePassword=x", "there are CN"},
	    {"1.2.840.113549.1.1.1=x", "there are CN"},
	};
	X509_NAME *name = NULL;
	size_t i;

	(void)state;
	memset(longer + 3, 'a', sizeof(longer) - 4);
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_err err = {0};

		assert_int_equal(
		    sg_cert_name_subject(rows[i].text, &name, &err),
		    SG_E_USAGE);
		assert_null(name);
		if (strstr(err.text, rows[i].word) == NULL)
			fail_msg("row %zu: %s", i, err.text);
	}
}

static void
what_is_no_subject_is_refused(void **state)
{
	static const char *const texts[] = {"", "a", "=a", "CN=", "CN=a,",
	    ",CN=a", "CN=a,,O=b", "CN=a,O", "CN=a+O=b", "CN=a\\", "XX=a",
	    "C=DEU", "C=D", "CN=\xff", "CN=a\nb", "CN=\x1b[1m", "CN,O=a",
	    "/CN=a"};
	X509_NAME *name = NULL;
	char longer[600] = "CN=";
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++) {
		struct sg_err err = {0};

		if (sg_cert_name_subject(texts[i], &name, &err) != SG_E_USAGE)
			fail_msg("\"%s\" is taken", texts[i]);
		assert_null(name);
		assert_true(err.text[0] != '\0');
	}
	memset(longer + 3, 'a', sizeof(longer) - 4);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(sg_cert_name_subject(longer, &name, NULL), SG_E_USAGE);
	assert_int_equal(sg_cert_name_subject(NULL, &name, NULL), SG_E_USAGE);
}

static enum sg_rc
read_dns(const char *text, GENERAL_NAMES **out_names)
{
	struct sg_list list = {0};
	enum sg_rc rc;

	assert_int_equal(sg_list_add(&list, text, NULL), SG_OK);
	rc = sg_cert_name_dns(&list, out_names, NULL);
	sg_list_clear(&list);
	return rc;
}

static void
dns_names_have_the_preferred_syntax(void **state)
{
	static const char *const good[] = {"a", "a.example", "*.a.example",
	    "xn--bcher-kva.example", "1.2.example", "A-b.Example"};
	static const char *const bad[] = {"", ".", "a.", ".a", "a..b", "-a",
	    "a-", "a_b", "a b", "*", "*a.example", "a.*.example", "a/b",
	    "b\xc3\xbc-cher", "a,DNS:b", "a@b",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	GENERAL_NAMES *names = NULL;
	size_t i;

	(void)state;
	assert_int_equal(sg_cert_name_dns(NULL, &names, NULL), SG_OK);
	assert_null(names);
	for (i = 0; i < SG_COUNT(good); i++) {
		assert_int_equal(read_dns(good[i], &names), SG_OK);
		assert_int_equal(sk_GENERAL_NAME_num(names), 1);
		GENERAL_NAMES_free(names);
		names = NULL;
	}
	for (i = 0; i < SG_COUNT(bad); i++) {
		if (read_dns(bad[i], &names) != SG_E_USAGE)
			fail_msg("\"%s\" is taken", bad[i]);
		assert_null(names);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(subject_is_written_in_its_order),
	    cmocka_unit_test(what_is_no_subject_is_refused),
	    cmocka_unit_test(refusal_says_what_is_wrong_with_the_subject),
	    cmocka_unit_test(dns_names_have_the_preferred_syntax),
	};

	return cmocka_run_group_tests_name("cert_name", tests, NULL, NULL);
}
