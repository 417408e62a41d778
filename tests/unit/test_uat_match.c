/* SPDX-License-Identifier: Apache-2.0 */
#include "client/uat/uat_match.h"

#include "fake_preflight.h"

static void
a_key_is_the_same_however_it_is_wrapped(void **state)
{
	struct scene *s = *state;
	SG_AUTO(sg_buf) flat = sg_buf_new(4096);
	SG_AUTO(sg_buf) crlf = sg_buf_new(4096);
	struct sg_rsa *other = fake_rsa(RFC7520_N, RFC7520_E);
	const char *p;

	for (p = sg_buf_str(s->pem); *p != '\0'; p++) {
		if (*p != '\n')
			sg_buf_add_byte(flat, (uint8_t)*p);
		sg_buf_add_str(crlf, *p == '\n' ? "\r\n" : "");
		if (*p != '\n')
			sg_buf_add_byte(crlf, (uint8_t)*p);
	}
	assert_true(sg_uat_match_key(&s->config, s->rsa));
	assert_false(sg_uat_match_key(&s->config, other));
	set_text(&s->config.public_key_active, sg_buf_str(flat));
	assert_true(sg_uat_match_key(&s->config, s->rsa));
	assert_false(sg_uat_match_key(&s->config, other));
	set_text(&s->config.public_key_active, sg_buf_str(crlf));
	assert_true(sg_uat_match_key(&s->config, s->rsa));
	sg_rsa_free(&other);
}

static void
what_is_no_key_is_not_the_key(void **state)
{
	static const char *const texts[] = {NULL, "", "garbage",
	    "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----",
	    "-----END PUBLIC KEY-----MIIB-----BEGIN PUBLIC KEY-----",
	    "-----BEGIN PUBLIC KEY-----!!!!-----END PUBLIC KEY-----"};
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(texts); i++) {
		set_text(&s->config.public_key_active, texts[i]);
		assert_false(sg_uat_match_key(&s->config, s->rsa));
	}
	assert_false(sg_uat_match_key(&s->config, NULL));
}

/* Rows of configurations: issuer, whether it has our key, whether enabled. */
struct row {
	const char *id;
	const char *issuer;
	bool has_key;
	bool enabled;
};

static enum sg_rc
choose(struct scene *s, const struct row *rows, size_t count,
    const char **out_id, struct sg_err *err)
{
	struct sg_uat_config items[4] = {{0}};
	struct sg_uat_config *pointers[4];
	const struct sg_uat_config *found = NULL;
	struct sg_uat_configs configs = {.items = pointers, .count = count};
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < count; i++) {
		items[i].config_id = strdup(rows[i].id);
		items[i].issuer =
		    rows[i].issuer != NULL ? strdup(rows[i].issuer) : NULL;
		items[i].enabled = rows[i].enabled;
		if (rows[i].has_key)
			items[i].public_key_active = strdup(sg_buf_str(s->pem));
		pointers[i] = &items[i];
	}
	rc = sg_uat_match_choose(
	    &configs, s->facts.issuer.value, s->facts.key, &found, err);
	*out_id = NULL;
	for (i = 0; i < count; i++) {
		if (found == &items[i])
			*out_id = rows[i].id;
		free(items[i].config_id);
		free(items[i].issuer);
		free(items[i].public_key_active);
	}
	return rc;
}

#define CHOOSE(s, rows, id, err) choose(s, rows, SG_COUNT(rows), id, err)

static void
the_issuer_picks_then_the_key(void **state)
{
	static const struct row by_issuer[] = {
	    {"a", ISSUER, false, true}, {"b", "https://x", true, true}};
	static const struct row by_key[] = {
	    {"a", "https://y", false, true}, {"b", "https://x", true, true}};
	static const struct row by_both[] = {
	    {"a", ISSUER, false, true}, {"b", ISSUER, true, true}};
	static const struct row enabled_first[] = {
	    {"a", ISSUER, true, false}, {"b", "https://x", true, true}};
	static const struct row disabled[] = {
	    {"a", ISSUER, true, false}, {"b", "https://x", false, false}};
	static const struct row only[] = {{"a", NULL, false, false}};
	struct scene *s = *state;
	const char *id;

	assert_int_equal(CHOOSE(s, by_issuer, &id, NULL), SG_OK);
	assert_string_equal(id, "a");
	assert_int_equal(CHOOSE(s, by_key, &id, NULL), SG_OK);
	assert_string_equal(id, "b");
	assert_int_equal(CHOOSE(s, by_both, &id, NULL), SG_OK);
	assert_string_equal(id, "b");
	assert_int_equal(CHOOSE(s, enabled_first, &id, NULL), SG_OK);
	assert_string_equal(id, "b");
	assert_int_equal(CHOOSE(s, disabled, &id, NULL), SG_OK);
	assert_string_equal(id, "a");
	assert_int_equal(CHOOSE(s, only, &id, NULL), SG_OK);
	assert_string_equal(id, "a");
}

static void
several_that_fit_are_listed(void **state)
{
	static const struct row same[] = {
	    {"a", ISSUER, true, true}, {"b", ISSUER, true, true}};
	static const struct row neither[] = {
	    {"a", "https://x", false, true}, {"b", "https://y", false, true}};
	struct scene *s = *state;
	struct sg_err err = {0};
	const char *id;

	assert_int_equal(CHOOSE(s, same, &id, &err), SG_E_USAGE);
	assert_null(id);
	assert_has(err.text, "a (no name), b (no name)");
	memset(&err, 0, sizeof(err));
	assert_int_equal(CHOOSE(s, neither, &id, &err), SG_E_USAGE);
	memset(&err, 0, sizeof(err));
	s->facts.key = NULL;
	assert_int_equal(CHOOSE(s, same, &id, &err), SG_E_USAGE);
	memset(&err, 0, sizeof(err));
	assert_int_equal(choose(s, same, 0, &id, &err), SG_E_REFUSED);
	assert_int_equal(err.native, 404);
}

static void
what_is_not_known_picks_nothing(void **state)
{
	static const struct row rows[] = {
	    {"a", ISSUER, false, false}, {"b", "https://x", true, true}};
	struct scene *s = *state;
	const char *id;

	s->facts.issuer.value = NULL;
	assert_int_equal(CHOOSE(s, rows, &id, NULL), SG_OK);
	assert_string_equal(id, "b");
	s->facts.issuer.value = ISSUER;
	s->facts.key = NULL;
	assert_int_equal(CHOOSE(s, rows, &id, NULL), SG_OK);
	assert_string_equal(id, "a");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(a_key_is_the_same_however_it_is_wrapped),
	    SCENE(what_is_no_key_is_not_the_key),
	    SCENE(the_issuer_picks_then_the_key),
	    SCENE(several_that_fit_are_listed),
	    SCENE(what_is_not_known_picks_nothing),
	};

	return cmocka_run_group_tests_name("uat_match", tests, NULL, NULL);
}
