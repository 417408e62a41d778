/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/login.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>

#include "tests/unit/fake_dir.h"
#include "tests/unit/fake_token.h"

static int
set_up(void **state)
{
	(void)fake_set_up(state);
	fake->right_pin = "831920";
	fake->wants_login = true;
	fake_make_dir();
	return 0;
}

static int
tear_down(void **state)
{
	fake_remove_dir();
	return fake_tear_down(state);
}

static struct sg_token *
open_token(bool retry_pin)
{
	const struct sg_token_opts opts = {
	    .module_path = fake_path,
	    .ledger_dir = fake_dir,
	    .retry_pin = retry_pin,
	    .timeout_ms = 600000, /* twenty write one after the other */
	};
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	if (sg_token_open(&opts, &token, &err) != SG_OK)
		fail_msg("%s", err.text);
	return token;
}

static enum sg_rc
log_in_and_end(struct sg_token *token, const char *text, struct sg_err *err)
{
	struct fake_pin pin = {.pin = text};
	enum sg_rc rc;

	rc = fake_login(token, &pin, err);
	sg_token_free(&token);
	return rc;
}

/* What a run of its own does: open, log in, end. */
static enum sg_rc
run_once(const char *text, bool retry_pin, struct sg_err *err)
{
	return log_in_and_end(open_token(retry_pin), text, err);
}

static enum sg_rc
log_in_again(struct sg_token *token, struct sg_err *err)
{
	return sg_login_user(
	    sg_token_login_of(token), sg_token_p11(token), NULL, err);
}

static void
a_refused_pin_is_withheld_by_the_next_run(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(run_once("000000", false, NULL), SG_E_PIN_WRONG);
	assert_int_equal(run_once("000000", false, &err), SG_E_PIN_WITHHELD);
	assert_null(strstr(err.text, "000000"));
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	assert_int_equal(run_once("111111", false, NULL), SG_E_PIN_WRONG);
	assert_int_equal(run_once("831920", false, NULL), SG_OK);
	assert_int_equal(run_once("111111", false, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_LOGIN], 3);
}

static void
retry_pin_sends_it_and_forgets_it_when_it_is_taken(void **state)
{
	(void)state;
	assert_int_equal(run_once("000000", false, NULL), SG_E_PIN_WRONG);
	assert_int_equal(run_once("000000", true, NULL), SG_E_PIN_WRONG);
	assert_int_equal(run_once("000000", false, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_LOGIN], 2);
	fake->right_pin = "000000";
	assert_int_equal(run_once("000000", true, NULL), SG_OK);
	assert_int_equal(run_once("000000", false, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 4);
}

/* Even then no run spends two tries. */
static void
retry_pin_sends_it_once(void **state)
{
	struct fake_pin pin = {.pin = "000000"};
	struct sg_token *token = open_token(true);

	(void)state;
	assert_int_equal(fake_login(token, &pin, NULL), SG_E_PIN_WRONG);
	assert_int_equal(fake_login(token, &pin, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	sg_token_free(&token);
}

/* A token that is logged in already says nothing of the PIN. */
static void
a_pin_that_was_not_judged_is_not_held_to_be_right(void **state)
{
	(void)state;
	assert_int_equal(run_once("000000", false, NULL), SG_E_PIN_WRONG);
	fake->faults[FAKE_LOGIN].rv = CKR_USER_ALREADY_LOGGED_IN;
	assert_int_equal(run_once("000000", true, NULL), SG_OK);
	fake->faults[FAKE_LOGIN].rv = CKR_OK;
	assert_int_equal(run_once("000000", false, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_LOGIN], 2);
}

static void
no_pin_is_sent_where_nothing_can_be_kept(void **state)
{
	char path[PATH_MAX];
	struct sg_err err = {0};
	int fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "%.2000s", fake_dir);
	fake_remove_dir();
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(run_once("831920", false, &err), SG_E_CONFIG);
	assert_int_equal(run_once("831920", true, &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "SIGNET_STATE_DIR"));
	assert_int_equal(fake->calls[FAKE_LOGIN], 0);
}

/* The device was unplugged in C_Login: nobody knows what it counted. */
static void
a_try_without_an_answer_withholds_while_the_count_is_low(void **state)
{
	CK_FLAGS *flags = &fake->slots[0].info.flags;

	(void)state;
	fake->faults[FAKE_LOGIN].rv = CKR_DEVICE_REMOVED;
	assert_true(run_once("000000", false, NULL) != SG_OK);
	fake->faults[FAKE_LOGIN].rv = CKR_OK;
	*flags |= CKF_USER_PIN_COUNT_LOW;
	assert_int_equal(run_once("000000", false, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(run_once("831920", false, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	assert_int_equal(run_once("831920", true, NULL), SG_OK);
	assert_int_equal(run_once("831920", false, NULL), SG_OK);
}

/* As run by a process of its own; its exit status tells how often it sent the
 * PIN and what came of it. */
static pid_t
run_in_child(
    const char *text, bool retry_pin, const int ready[2], const int gate[2])
{
	pid_t child = fork();
	struct sg_token *token;
	enum sg_rc rc;
	char byte;

	assert_true(child >= 0);
	if (child != 0)
		return child;
	(void)close(gate[1]);
	token = open_token(retry_pin);
	(void)!write(ready[1], "", 1);
	(void)!read(gate[0], &byte, 1); /* until the parent closes it */
	rc = log_in_and_end(token, text, NULL);
	_exit((int)fake->calls[FAKE_LOGIN] * 10 + (rc == SG_E_PIN_WRONG ? 1
						      : rc == SG_E_PIN_WITHHELD
							  ? 2
							  : 3));
}

static void
try_in_many(bool retry_pin)
{
	enum { PROCESSES = 20 };
	pid_t children[PROCESSES];
	int ready[2];
	int gate[2];
	char byte;
	int sent = 0;
	int refused = 0;
	int status;
	int i;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(gate), 0);
	for (i = 0; i < PROCESSES; i++)
		children[i] = run_in_child("000000", retry_pin, ready, gate);
	for (i = 0; i < PROCESSES; i++)
		assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	(void)close(gate[0]);
	(void)close(gate[1]); /* all start now */
	for (i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		sent += WEXITSTATUS(status) / 10;
		refused += WEXITSTATUS(status) % 10 == 1;
		assert_in_range(WEXITSTATUS(status) % 10, 1, 2);
	}
	assert_int_equal(sent, 1);
	assert_int_equal(refused, 1);
	assert_int_equal(run_once("000000", false, NULL), SG_E_PIN_WITHHELD);
}

static void
twenty_processes_with_one_wrong_pin_spend_one_try(void **state)
{
	(void)state;
	try_in_many(false);
	try_in_many(true); /* one more, for having been told to */
	assert_int_equal(fake->calls[FAKE_LOGIN], 0);
}

/* A module that never says that the count is low. */
static void
a_try_without_an_answer_withholds_where_no_flags_tell(void **state)
{
	char real[PATH_MAX];
	int len;

	(void)state;
	memcpy(real, fake_path, sizeof(real));
	len = snprintf(
	    fake_path, sizeof(fake_path), "%.2000s/tpm2_pkcs11.so", fake_dir);
	assert_true(len > 0 && symlink(real, fake_path) == 0);
	fake->faults[FAKE_LOGIN].rv = CKR_DEVICE_REMOVED;
	assert_true(run_once("000000", false, NULL) != SG_OK);
	fake->faults[FAKE_LOGIN].rv = CKR_OK;
	assert_int_equal(run_once("831920", false, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(run_once("831920", true, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 2);
	memcpy(fake_path, real, sizeof(real));
}

static void
after_a_failed_login_of_any_kind_none_follows(void **state)
{
	static const CK_RV rows[] = {
	    CKR_PIN_INCORRECT,
	    CKR_PIN_LOCKED,
	    CKR_PIN_EXPIRED,
	    CKR_DEVICE_ERROR,
	    CKR_DEVICE_REMOVED,
	    CKR_SESSION_HANDLE_INVALID,
	    CKR_FUNCTION_FAILED,
	    CKR_HOST_MEMORY,
	    CKR_CRYPTOKI_NOT_INITIALIZED,
	    CKR_USER_TOO_MANY_TYPES,
	    CKR_VENDOR_DEFINED | 1,
	};
	struct sg_err err = {0};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct fake_pin pin = {.pin = "831920"};
		struct sg_token *token;

		fake_remove_dir();
		fake->calls[FAKE_LOGIN] = 0;
		token = open_token(false);
		assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
		fake->is_logged_in = false;
		fake->faults[FAKE_LOGIN].rv = rows[i];
		assert_true(log_in_again(token, NULL) != SG_OK);
		fake->faults[FAKE_LOGIN].rv = CKR_OK;
		sg_err_clear(&err);
		assert_int_equal(log_in_again(token, &err), SG_E_PIN_WITHHELD);
		assert_non_null(strstr(err.text, sg_ckr_name(rows[i])));
		assert_int_equal(
		    fake_login(token, &pin, NULL), SG_E_PIN_WITHHELD);
		assert_int_equal(
		    sg_login_check_key(sg_token_login_of(token), NULL),
		    SG_E_PIN_WITHHELD);
		assert_int_equal(fake->calls[FAKE_LOGIN], 2);
		sg_token_free(&token);
	}
}

static void
logging_in_again_sends_the_pin_that_was_taken(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = open_token(false);

	(void)state;
	/* Who was not logged in is not now. */
	assert_int_equal(log_in_again(token, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 0);
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	fake->is_logged_in = false;
	memset(fake->pin, 0, sizeof(fake->pin));
	assert_int_equal(log_in_again(token, NULL), SG_OK);
	assert_true(fake->is_logged_in);
	assert_memory_equal(fake->pin, "831920", 6);
	assert_int_equal(fake->calls[FAKE_LOGIN], 2);
	assert_int_equal(pin.asked, 1);
	sg_token_free(&token);
}

static void
a_login_that_is_still_good_is_not_made_again(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = open_token(false);

	(void)state;
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	assert_int_equal(log_in_again(token, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	/* A module that cannot tell is sent the PIN. */
	fake->is_logged_in = false;
	fake->faults[FAKE_GET_SESSION_INFO].rv = CKR_FUNCTION_NOT_SUPPORTED;
	assert_int_equal(log_in_again(token, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 2);
	sg_token_free(&token);
}

/* It would fail, and be the last: the login after it would be withheld. */
static void
a_session_that_is_gone_is_sent_no_pin(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = open_token(false);
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	fake_lose_sessions();
	assert_true(log_in_again(token, &err) != SG_OK);
	assert_int_equal(err.native, CKR_SESSION_HANDLE_INVALID);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	assert_false(sg_token_login_of(token)->failed);
	sg_token_free(&token);
}

static void
another_token_in_the_slot_is_sent_no_pin(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = open_token(false);
	struct sg_err err = {0};

	(void)state;
	fake_pad(fake->slots[0].info.serialNumber, 16, "0002");
	assert_true(fake_login(token, &pin, &err) != SG_OK);
	assert_int_equal(err.native, CKR_TOKEN_NOT_PRESENT);
	assert_non_null(strstr(err.text, "another token"));
	assert_int_equal(fake->calls[FAKE_LOGIN], 0);
	sg_token_free(&token);
}

static void
a_last_try_is_not_spent_on_logging_in_again(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = open_token(false);

	(void)state;
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	fake->is_logged_in = false;
	fake->slots[0].info.flags |= CKF_USER_PIN_FINAL_TRY;
	assert_int_equal(log_in_again(token, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	sg_token_free(&token);
}

/* The flags that are known may be from before others spent their tries. */
static void
no_pin_is_sent_to_a_token_that_does_not_tell_its_flags(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = open_token(false);
	struct sg_err err = {0};

	(void)state;
	fake->slots[0].info_rv = CKR_DEVICE_ERROR;
	assert_int_equal(fake_login(token, &pin, &err), SG_E_TOKEN);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
	assert_int_equal(fake->calls[FAKE_LOGIN], 0);
	fake->slots[0].info_rv = CKR_OK;
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	sg_token_free(&token);
}

static void
a_login_that_is_made_to_see_its_answer_keeps_the_rules(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = open_token(false);
	struct sg_login *login = sg_token_login_of(token);
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	CK_RV rv = CKR_CANCEL;

	(void)state;
	assert_int_equal(
	    sg_login_for_probe(login, p11, &rv, NULL), SG_E_PIN_MISSING);
	assert_int_equal(rv, CKR_CANCEL);
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	assert_int_equal(sg_login_for_probe(login, p11, &rv, NULL), SG_OK);
	assert_int_equal(rv, CKR_USER_ALREADY_LOGGED_IN);
	fake->right_pin = "000000"; /* changed by another */
	assert_int_equal(sg_login_for_probe(login, p11, &rv, NULL), SG_OK);
	assert_int_equal(rv, CKR_PIN_INCORRECT);
	assert_int_equal(
	    sg_login_for_probe(login, p11, &rv, NULL), SG_E_PIN_WITHHELD);
	sg_token_free(&token);
	assert_int_equal(run_once("831920", false, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_LOGIN], 3);
}

/* One thread that signs with a key that wants its PIN each time. */
struct signer {
	struct sg_token *token;
	enum sg_rc rc;
};

static struct sg_key *shared_key;

static void *
sign_in_thread(void *ctx)
{
	struct signer *signer = ctx;
	SG_AUTO(sg_buf) sig = NULL;

	signer->rc =
	    sg_key_sign(shared_key, (const uint8_t *)"abc", 3, &sig, NULL);
	return NULL;
}

/* The PIN was changed by another, after this run logged in. */
static void
threads_that_sign_with_a_wrong_pin_spend_one_try(void **state)
{
	enum { THREADS = 8 };
	struct fake_object *object = fake_add_key("uat", fake_id, 2);
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = open_token(false);
	struct signer signers[THREADS];
	pthread_t threads[THREADS];
	int refused = 0;
	int i;

	(void)state;
	fake_put_flag(object, CKA_ALWAYS_AUTHENTICATE, true);
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	assert_int_equal(sg_key_find(token, NULL, &shared_key, NULL), SG_OK);
	fake->right_pin = "000000";
	for (i = 0; i < THREADS; i++) {
		signers[i].token = token;
		assert_int_equal(pthread_create(&threads[i], NULL,
				     sign_in_thread, &signers[i]),
		    0);
	}
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		refused += signers[i].rc == SG_E_PIN_WRONG;
		assert_true(signers[i].rc == SG_E_PIN_WRONG ||
			    signers[i].rc == SG_E_PIN_WITHHELD);
	}
	assert_int_equal(refused, 1);
	assert_int_equal(fake->context_logins, 1);
	assert_int_equal(fake->calls[FAKE_SIGN], 0);
	sg_key_free(&shared_key);
	sg_token_free(&token);
	/* Nor does the next run. */
	assert_int_equal(run_once("831920", false, NULL), SG_E_PIN_WITHHELD);
}

static void *
log_in_in_thread(void *ctx)
{
	struct signer *signer = ctx;
	struct fake_pin pin = {.pin = "000000"};

	signer->rc = fake_login(signer->token, &pin, NULL);
	return NULL;
}

static void
threads_that_log_in_with_a_wrong_pin_spend_one_try(void **state)
{
	enum { THREADS = 8 };
	struct sg_token *token = open_token(false);
	struct signer signers[THREADS];
	pthread_t threads[THREADS];
	int refused = 0;
	int i;

	(void)state;
	for (i = 0; i < THREADS; i++) {
		signers[i].token = token;
		assert_int_equal(pthread_create(&threads[i], NULL,
				     log_in_in_thread, &signers[i]),
		    0);
	}
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		refused += signers[i].rc == SG_E_PIN_WRONG;
	}
	assert_int_equal(refused, 1);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	sg_token_free(&token);
}

#define LOGIN_TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LOGIN_TEST(a_refused_pin_is_withheld_by_the_next_run),
	    LOGIN_TEST(retry_pin_sends_it_and_forgets_it_when_it_is_taken),
	    LOGIN_TEST(retry_pin_sends_it_once),
	    LOGIN_TEST(a_pin_that_was_not_judged_is_not_held_to_be_right),
	    LOGIN_TEST(no_pin_is_sent_where_nothing_can_be_kept),
	    LOGIN_TEST(
		a_try_without_an_answer_withholds_while_the_count_is_low),
	    LOGIN_TEST(a_try_without_an_answer_withholds_where_no_flags_tell),
	    LOGIN_TEST(twenty_processes_with_one_wrong_pin_spend_one_try),
	    LOGIN_TEST(after_a_failed_login_of_any_kind_none_follows),
	    LOGIN_TEST(logging_in_again_sends_the_pin_that_was_taken),
	    LOGIN_TEST(a_login_that_is_still_good_is_not_made_again),
	    LOGIN_TEST(a_session_that_is_gone_is_sent_no_pin),
	    LOGIN_TEST(another_token_in_the_slot_is_sent_no_pin),
	    LOGIN_TEST(a_last_try_is_not_spent_on_logging_in_again),
	    LOGIN_TEST(no_pin_is_sent_to_a_token_that_does_not_tell_its_flags),
	    LOGIN_TEST(a_login_that_is_made_to_see_its_answer_keeps_the_rules),
	    LOGIN_TEST(threads_that_sign_with_a_wrong_pin_spend_one_try),
	    LOGIN_TEST(threads_that_log_in_with_a_wrong_pin_spend_one_try),
	};

	return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
