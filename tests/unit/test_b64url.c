/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/b64url.h"
#include "base/buf.h"

/* RFC 4648 §10, without the padding, and the bytes that RFC 7515 §2 changes. */
static const struct {
	const char *bytes;
	size_t len;
	const char *text;
} vectors[] = {
    {"", 0, ""},
    {"f", 1, "Zg"},
    {"fo", 2, "Zm8"},
    {"foo", 3, "Zm9v"},
    {"foob", 4, "Zm9vYg"},
    {"fooba", 5, "Zm9vYmE"},
    {"foobar", 6, "Zm9vYmFy"},
    {"\x03\xec\xff\xe0\xc1", 5, "A-z_4ME"}, /* RFC 7515 appendix C */
    {"\xfb\xff\xbf", 3, "-_-_"},
    {"\0\0\0", 3, "AAAA"},
    {"\xff\xff\xff\xff", 4, "_____w"},
};

static void
the_vectors_encode(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(vectors); i++) {
		SG_AUTO(sg_buf) buf = sg_buf_new(100);

		sg_b64url_encode(buf, vectors[i].bytes, vectors[i].len);
		assert_int_equal(sg_buf_check(buf, "it", NULL), SG_OK);
		assert_string_equal(sg_buf_str(buf), vectors[i].text);
	}
}

static void
the_vectors_decode(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(vectors); i++) {
		SG_AUTO(sg_buf) buf = sg_buf_new(100);

		assert_int_equal(sg_b64url_decode(buf, vectors[i].text,
				     strlen(vectors[i].text), NULL),
		    SG_OK);
		assert_int_equal(buf->len, vectors[i].len);
		assert_memory_equal(
		    sg_buf_str(buf), vectors[i].bytes, vectors[i].len);
	}
}

static void
every_byte_comes_back_at_every_length(void **state)
{
	uint8_t bytes[256];
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(bytes); len++)
		bytes[len] = (uint8_t)(len * 167 + 13);
	for (len = 0; len <= sizeof(bytes); len++) {
		SG_AUTO(sg_buf) text = sg_buf_new(1000);
		SG_AUTO(sg_buf) back = sg_buf_new(1000);

		sg_b64url_encode(text, bytes, len);
		assert_int_equal(text->len, (len * 4 + 2) / 3);
		assert_int_equal(
		    sg_b64url_decode(back, sg_buf_str(text), text->len, NULL),
		    SG_OK);
		assert_int_equal(back->len, len);
		assert_memory_equal(sg_buf_str(back), bytes, len);
	}
}

static void
assert_refused(const char *text, size_t len)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(100);
	struct sg_err err = {0};

	assert_int_equal(sg_b64url_decode(buf, text, len, &err), SG_E_INVALID);
	assert_int_equal(err.rc, SG_E_INVALID);
	assert_string_not_equal(err.text, "");
}

static void
padding_is_refused(void **state)
{
	(void)state;
	assert_refused("Zg==", 4);
	assert_refused("Zm8=", 4);
	assert_refused("====", 4);
	assert_refused("Zg=", 3);
}

static void
white_space_is_refused(void **state)
{
	(void)state;
	assert_refused(" Zm9v", 5);
	assert_refused("Zm9v\n", 5);
	assert_refused("Zm 9", 4);
	assert_refused("Zm\r\n", 4);
	assert_refused("Zm\t9", 4);
}

static void
plain_base64_is_refused(void **state)
{
	(void)state;
	assert_refused("+/+/", 4);
	assert_refused("AAA+", 4);
	assert_refused("AAA/", 4);
}

static void
each_byte_outside_the_alphabet_is_refused(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789-_";
	unsigned int byte;

	(void)state;
	for (byte = 0; byte < 256; byte++) {
		const char text[4] = {'A', (char)byte, 'A', 'A'};
		SG_AUTO(sg_buf) buf = sg_buf_new(100);

		if (byte != 0 && strchr(alphabet, (int)byte) != NULL)
			assert_int_equal(
			    sg_b64url_decode(buf, text, 4, NULL), SG_OK);
		else
			assert_refused(text, 4);
	}
}

static void
a_length_no_byte_string_encodes_to_is_refused(void **state)
{
	(void)state;
	assert_refused("A", 1);
	assert_refused("Zm9vA", 5);
	assert_refused("Zm9vZm9vA", 9);
}

static void
left_over_bits_are_refused(void **state)
{
	static const char last[] = "BCDEFGHIJKLMNOP"; /* 1 to 15 */
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(last) - 1; i++) {
		const char two[2] = {'Z', last[i]};

		assert_refused(two, 2);
	}
	assert_refused("Zm9", 3);
	assert_refused("Zm-", 3);
	assert_refused("Zm9vYh", 6);
}

static void
a_nul_inside_is_refused(void **state)
{
	(void)state;
	assert_refused("Zm\0v", 4);
}

static void
a_refusal_does_not_quote_the_text(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(100);
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    sg_b64url_decode(buf, "hunter2=", 8, &err), SG_E_INVALID);
	assert_null(strstr(err.text, "hunter2"));
}

static void
the_buffer_tells_what_does_not_fit(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(2);

	(void)state;
	assert_int_equal(sg_b64url_decode(buf, "Zm9v", 4, NULL), SG_OK);
	assert_int_equal(sg_buf_check(buf, "it", NULL), SG_E_USAGE);
	assert_int_equal(sg_b64url_decode(NULL, "Zm9v", 4, NULL), SG_OK);
	sg_b64url_encode(NULL, "foo", 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_vectors_encode),
	    cmocka_unit_test(the_vectors_decode),
	    cmocka_unit_test(every_byte_comes_back_at_every_length),
	    cmocka_unit_test(padding_is_refused),
	    cmocka_unit_test(white_space_is_refused),
	    cmocka_unit_test(plain_base64_is_refused),
	    cmocka_unit_test(each_byte_outside_the_alphabet_is_refused),
	    cmocka_unit_test(a_length_no_byte_string_encodes_to_is_refused),
	    cmocka_unit_test(left_over_bits_are_refused),
	    cmocka_unit_test(a_nul_inside_is_refused),
	    cmocka_unit_test(a_refusal_does_not_quote_the_text),
	    cmocka_unit_test(the_buffer_tells_what_does_not_fit),
	};

	return cmocka_run_group_tests_name("b64url", tests, NULL, NULL);
}
