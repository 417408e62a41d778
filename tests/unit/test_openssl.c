/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/openssl.h"

#include <sys/wait.h>

#define BACKEND SG_BACKEND_LIBP11
#include "tests/unit/fake_door.h"

static void
each_backend_is_known_by_its_name(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < SG_BACKEND_COUNT; i++) {
		enum sg_backend backend = SG_BACKEND_COUNT;
		const char *name = sg_backend_name((enum sg_backend)i);

		assert_int_equal(sg_backend_parse(name, &backend, NULL), SG_OK);
		assert_int_equal(backend, i);
	}
}

static void
other_names_are_refused_with_those_there_are(void **state)
{
	static const char *const names[] = {"", "Native", "libp11 ", "nss"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(names); i++) {
		enum sg_backend backend = SG_BACKEND_COUNT;
		struct sg_err err = {0};

		assert_int_equal(
		    sg_backend_parse(names[i], &backend, &err), SG_E_CONFIG);
		assert_int_equal(backend, SG_BACKEND_COUNT);
		assert_non_null(
		    strstr(err.text, "native, libp11, engine and provider"));
	}
}

static void
native_opens_no_door(void **state)
{
	struct sg_token *token;
	struct sg_key *key = NULL;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = open_logged_in("1234");
	assert_int_equal(
	    sg_openssl_key_find(token, NULL, SG_BACKEND_NATIVE, &key, NULL),
	    SG_OK);
	assert_null(*sg_token_doors(token));
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
what_is_not_found_natively_opens_no_door(void **state)
{
	struct sg_token *token = open_logged_in("1234");
	struct sg_key *key = NULL;

	(void)state;
	assert_int_equal(find_by_backend(token, &key, NULL), SG_E_NOT_FOUND);
	assert_null(key);
	assert_null(*sg_token_doors(token));
	sg_token_free(&token);
}

static void
a_child_process_is_told_to_open_its_own(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	struct sg_buf *sig = NULL;
	struct sg_err err = {0};
	int status = -1;
	pid_t pid;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = open_logged_in("1234");
	key = must_find(token);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		bool told = sign_abc(key, &sig, &err) == SG_E_TOKEN &&
			    strstr(err.text, "in a child process") != NULL &&
			    fake->calls[FAKE_SIGN_INIT] == 0;

		_exit(told ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	sg_buf_free(&sig);
	sg_key_free(&key);
	sg_token_free(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_backend_is_known_by_its_name),
	    cmocka_unit_test(other_names_are_refused_with_those_there_are),
	    FAKE_TEST(native_opens_no_door),
	    FAKE_TEST(what_is_not_found_natively_opens_no_door),
	    FAKE_TEST(a_child_process_is_told_to_open_its_own),
	};

	return cmocka_run_group_tests_name("openssl", tests, NULL, NULL);
}
