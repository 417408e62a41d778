/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/jws.h"

#include "base/json.h"
#include <stdlib.h>

#include "tests/unit/fake_key.h"

static void
the_input_is_that_of_rfc_7515(void **state)
{
	static const char header[] = "{\"alg\":\"RS256\"}";
	static const char payload[] =
	    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
	    "\"http://example.com/is_root\":true}";
	SG_AUTO(sg_buf) out = sg_buf_new(4096);

	(void)state;
	sg_jws_signing_input(
	    out, header, strlen(header), payload, strlen(payload));
	assert_string_equal(sg_buf_str(out), RFC7515_INPUT);
}

static void
the_jws_of_the_rfcs_are_taken_apart(void **state)
{
	static const struct {
		const char *jws;
		const char *input;
		const char *signature;
	} rows[] = {
	    {RFC7515_JWS, RFC7515_INPUT, RFC7515_SIGNATURE},
	    {RFC7520_JWS, RFC7520_INPUT, RFC7520_SIGNATURE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_buf) sig = fake_decode(rows[i].signature);
		SG_AUTO(sg_jws) jws = NULL;

		assert_int_equal(
		    sg_jws_parse(rows[i].jws, strlen(rows[i].jws), &jws, NULL),
		    SG_OK);
		assert_string_equal(
		    sg_json_get_text(jws->header, "alg"), "RS256");
		assert_string_equal(
		    sg_buf_str(jws->signing_input), rows[i].input);
		assert_int_equal(jws->signature->len, 256);
		assert_memory_equal(jws->signature->data, sig->data, 256);
	}
}

static void
the_payload_may_hold_any_byte(void **state)
{
	SG_AUTO(sg_buf) text = sg_buf_new(4096);
	SG_AUTO(sg_jws) jws = NULL;
	uint8_t payload[256];
	int i;

	(void)state;
	for (i = 0; i < 256; i++)
		payload[i] = (uint8_t)i;
	sg_jws_signing_input(text, "{}", 2, payload, sizeof(payload));
	sg_buf_add_str(text, ".AQ");
	assert_int_equal(
	    sg_jws_parse(sg_buf_str(text), text->len, &jws, NULL), SG_OK);
	assert_int_equal(jws->payload->len, 256);
	assert_memory_equal(jws->payload->data, payload, 256);
}

static void
the_length_is_known_before_the_jws_is(void **state)
{
	static const char bytes[64] = {0};
	size_t h;
	size_t p;
	size_t s;

	(void)state;
	for (h = 0; h < 8; h++)
		for (p = 0; p < 8; p++)
			for (s = 0; s < 8; s++) {
				SG_AUTO(sg_buf) text = sg_buf_new(4096);

				sg_jws_signing_input(text, bytes, h, bytes, p);
				sg_buf_add_byte(text, '.');
				sg_b64url_encode(text, bytes, s);
				assert_int_equal(
				    sg_jws_compact_len(h, p, s), text->len);
			}
	assert_int_equal(sg_jws_compact_len(15, 70, 256), strlen(RFC7515_JWS));
}

static void
check_refused(const char *text, size_t len)
{
	struct sg_jws *jws = NULL;
	struct sg_err err = {0};

	if (sg_jws_parse(text, len, &jws, &err) != SG_E_INVALID)
		fail_msg("\"%.*s\" is taken", (int)len, text);
	assert_null(jws);
	assert_int_equal(err.rc, SG_E_INVALID);
	assert_int_not_equal(err.text[0], '\0');
}

#define EMPTY	"e30"		     /* {} */
#define ARRAY	"W10"		     /* [] */
#define TEXT	"ImEi"		     /* "a" */
#define NUMBER	"MQ"		     /* 1 */
#define NO_JSON "e30gMQ"	     /* {} 1 */
#define TWICE	"eyJhIjoxLCJhIjoyfQ" /* {"a":1,"a":2} */
#define LATIN	"eyJhIjoi6SJ9"	     /* {"a":"\xe9"} */

static void
what_is_not_strictly_a_jws_is_refused(void **state)
{
	static const char *const bad[] = {"", ".", "..", "...", EMPTY,
	    EMPTY "." EMPTY, EMPTY "." EMPTY ".AQ.AQ", EMPTY "." EMPTY ".AQ.",
	    "." EMPTY ".AQ", EMPTY "=." EMPTY ".AQ", EMPTY "." EMPTY "=.AQ",
	    EMPTY "." EMPTY ".AQ==", EMPTY "." EMPTY ".A",
	    EMPTY "." EMPTY ".AR", EMPTY "." EMPTY ".A+", EMPTY "." EMPTY ".A/",
	    EMPTY "." EMPTY ".AQ\n", " " EMPTY "." EMPTY ".AQ",
	    EMPTY "." EMPTY " .AQ", EMPTY "." EMPTY ".A Q",
	    ARRAY "." EMPTY ".AQ", TEXT "." EMPTY ".AQ", NUMBER "." EMPTY ".AQ",
	    NO_JSON "." EMPTY ".AQ", TWICE "." EMPTY ".AQ",
	    LATIN "." EMPTY ".AQ", EMPTY "." EMPTY ".\xc3\xa9"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(bad); i++)
		check_refused(bad[i], strlen(bad[i]));
	check_refused(EMPTY "." EMPTY ".A\0Q", strlen(EMPTY) * 2 + 5);
}

static void
two_and_four_parts_are_told_as_that(void **state)
{
	static const char *const bad[] = {
	    EMPTY "." EMPTY, EMPTY "." EMPTY ".AQ.AQ"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(bad); i++) {
		struct sg_jws *jws = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    sg_jws_parse(bad[i], strlen(bad[i]), &jws, &err),
		    SG_E_INVALID);
		assert_non_null(strstr(err.text, "three parts"));
	}
}

static void
the_header_must_be_strict_the_payload_is_not_read(void **state)
{
	static const char *const good[] = {EMPTY "." EMPTY ".AQ", EMPTY "..AQ",
	    EMPTY "." EMPTY ".", EMPTY "." TWICE ".AQ",
	    EMPTY "." NO_JSON ".AQ"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(good); i++) {
		SG_AUTO(sg_jws) jws = NULL;

		assert_int_equal(
		    sg_jws_parse(good[i], strlen(good[i]), &jws, NULL), SG_OK);
	}
}

/* Only the length counts: what lies behind it is not the JWS's. */
static void
no_byte_behind_the_length_is_read(void **state)
{
	static const char text[] = EMPTY "." EMPTY ".AQ.more";
	size_t len = strlen(EMPTY "." EMPTY ".AQ");
	SG_AUTO(sg_jws) jws = NULL;
	size_t i;

	(void)state;
	assert_int_equal(sg_jws_parse(text, len, &jws, NULL), SG_OK);
	assert_int_equal(jws->signature->len, 1);
	for (i = 0; i <= strlen(EMPTY "." EMPTY); i++)
		check_refused(text, i);
}

static void
the_longest_is_read_and_the_next_is_not(void **state)
{
	static const char front[] = EMPTY ".";
	char *text = malloc(SG_JWS_MAX + 2);
	struct sg_jws *jws = NULL;
	struct sg_err err = {0};

	(void)state;
	memset(text, 'A', SG_JWS_MAX + 2);
	memcpy(text, front, strlen(front));
	text[SG_JWS_MAX - 5] = '.';
	assert_int_equal(sg_jws_parse(text, SG_JWS_MAX, &jws, NULL), SG_OK);
	sg_jws_free(&jws);
	assert_int_equal(
	    sg_jws_parse(text, SG_JWS_MAX + 1, &jws, &err), SG_E_INVALID);
	assert_non_null(strstr(err.text, "longer than 65536"));
	free(text);
}

static void
free_leaves_null(void **state)
{
	struct sg_jws *jws = calloc(1, sizeof(*jws));

	(void)state;
	sg_jws_free(&jws);
	assert_null(jws);
	sg_jws_free(&jws);
	sg_jws_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_input_is_that_of_rfc_7515),
	    cmocka_unit_test(the_jws_of_the_rfcs_are_taken_apart),
	    cmocka_unit_test(the_payload_may_hold_any_byte),
	    cmocka_unit_test(the_length_is_known_before_the_jws_is),
	    cmocka_unit_test(what_is_not_strictly_a_jws_is_refused),
	    cmocka_unit_test(two_and_four_parts_are_told_as_that),
	    cmocka_unit_test(the_header_must_be_strict_the_payload_is_not_read),
	    cmocka_unit_test(no_byte_behind_the_length_is_read),
	    cmocka_unit_test(the_longest_is_read_and_the_next_is_not),
	    cmocka_unit_test(free_leaves_null),
	};

	return cmocka_run_group_tests_name("jws", tests, NULL, NULL);
}
