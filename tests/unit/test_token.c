/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "pkcs11/call.h"
#include "pkcs11/login.h"
#include "pkcs11/object.h"
#include "pkcs11/search.h"
#include "tests/unit/fake_dir.h"
#include "tests/unit/fake_token.h"

static void
set_flags(CK_FLAGS more, CK_FLAGS less)
{
	CK_FLAGS *flags = &fake->slots[0].info.flags;

	*flags = (*flags | more) & ~less;
}

static void
a_login_sends_the_pin_once(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = fake_open(NULL);

	(void)state;
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	assert_int_equal(pin.asked, 1);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	assert_int_equal(fake->pin_len, 6);
	assert_memory_equal(fake->pin, "831920", 6);
	assert_int_equal(sg_secret_len(sg_token_login_of(token)->pin), 6);
	sg_token_free(&token);
}

static void
a_token_without_pin_asks_none(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token;

	(void)state;
	set_flags(0, CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED);
	token = fake_open(NULL);
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	assert_int_equal(pin.asked, 0);
	assert_int_equal(fake->calls[FAKE_LOGIN], 0);
	sg_token_free(&token);
}

static void
a_pin_pad_is_given_no_pin(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token;

	(void)state;
	set_flags(CKF_PROTECTED_AUTHENTICATION_PATH, 0);
	token = fake_open(NULL);
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	assert_int_equal(pin.asked, 0);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	assert_true(fake->pin_was_null);
	assert_int_equal(fake->pin_len, 0);
	sg_token_free(&token);
}

/* Neither is the source asked: a prompt would be for nothing. */
static void
what_the_flags_forbid_is_not_tried(void **state)
{
	static const struct {
		CK_FLAGS more;
		CK_FLAGS less;
		enum sg_rc rc;
		const char *text;
	} rows[] = {
	    {CKF_USER_PIN_LOCKED, 0, SG_E_PIN_LOCKED, "is locked"},
	    {CKF_USER_PIN_LOCKED | CKF_USER_PIN_FINAL_TRY, 0, SG_E_PIN_LOCKED,
		"is locked"},
	    {CKF_USER_PIN_FINAL_TRY, 0, SG_E_PIN_WITHHELD, "one PIN try left"},
	    {CKF_USER_PIN_FINAL_TRY | CKF_PROTECTED_AUTHENTICATION_PATH, 0,
		SG_E_PIN_WITHHELD, "one PIN try left"},
	    {0, CKF_USER_PIN_INITIALIZED, SG_E_PIN_MISSING, "no user PIN yet"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct fake_pin pin = {.pin = "831920"};
		struct sg_err err = {0};
		struct sg_token *token;

		(void)fake_set_up(NULL);
		set_flags(rows[i].more, rows[i].less);
		token = fake_open(NULL);
		assert_int_equal(fake_login(token, &pin, &err), rows[i].rc);
		assert_int_equal(err.rc, rows[i].rc);
		assert_non_null(strstr(err.text, rows[i].text));
		assert_non_null(strstr(err.text, "\"dev\""));
		assert_int_equal(pin.asked, 0);
		assert_int_equal(fake->calls[FAKE_LOGIN], 0);
		sg_token_free(&token);
	}
}

static void
a_low_count_is_still_tried(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token;

	(void)state;
	set_flags(CKF_USER_PIN_COUNT_LOW, 0);
	token = fake_open(NULL);
	assert_true(sg_token_info(token)->pin_count_low);
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	sg_token_free(&token);
}

static void
a_refused_pin_is_not_sent_again(void **state)
{
	static const struct {
		CK_RV rv;
		enum sg_rc rc;
	} rows[] = {
	    {CKR_PIN_INCORRECT, SG_E_PIN_WRONG},
	    {CKR_PIN_INVALID, SG_E_PIN_WRONG},
	    {CKR_PIN_LEN_RANGE, SG_E_PIN_WRONG},
	    {CKR_PIN_LOCKED, SG_E_PIN_LOCKED},
	    {CKR_PIN_EXPIRED, SG_E_PIN_LOCKED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct fake_pin pin = {.pin = "831920"};
		struct sg_err err = {0};
		struct sg_token *token;

		(void)fake_set_up(NULL);
		fake->faults[FAKE_LOGIN].rv = rows[i].rv;
		token = fake_open(NULL);
		assert_int_equal(fake_login(token, &pin, &err), rows[i].rc);
		assert_int_equal(err.native, rows[i].rv);
		assert_null(strstr(err.text, "831920"));
		sg_err_clear(&err);
		fake->faults[FAKE_LOGIN].rv = CKR_OK;
		assert_int_equal(
		    fake_login(token, &pin, &err), SG_E_PIN_WITHHELD);
		assert_non_null(strstr(err.text, "none is tried again"));
		assert_int_equal(pin.asked, 1);
		assert_int_equal(fake->calls[FAKE_LOGIN], 1);
		assert_null(sg_token_login_of(token)->pin);
		sg_token_free(&token);
	}
}

static void
a_refusal_at_the_pin_pad_is_remembered_too(void **state)
{
	struct fake_pin pin = {0};
	struct sg_token *token;

	(void)state;
	set_flags(CKF_PROTECTED_AUTHENTICATION_PATH, 0);
	fake->faults[FAKE_LOGIN].rv = CKR_PIN_INCORRECT;
	token = fake_open(NULL);
	assert_int_equal(fake_login(token, &pin, NULL), SG_E_PIN_WRONG);
	assert_int_equal(fake_login(token, &pin, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	sg_token_free(&token);
}

/* A device that was busy does not say whether it counted a try. */
static void
after_a_failed_login_of_any_kind_none_follows(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = fake_open(NULL);

	(void)state;
	fake->faults[FAKE_LOGIN].rv = CKR_DEVICE_ERROR;
	assert_int_equal(fake_login(token, &pin, NULL), SG_E_TOKEN);
	fake->faults[FAKE_LOGIN].rv = CKR_OK;
	assert_int_equal(fake_login(token, &pin, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	sg_token_free(&token);
}

static void
a_user_who_is_logged_in_already_is_fine(void **state)
{
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = fake_open(NULL);

	(void)state;
	fake->faults[FAKE_LOGIN].rv = CKR_USER_ALREADY_LOGGED_IN;
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	sg_token_free(&token);
}

static void
a_source_without_pin_sends_none(void **state)
{
	struct fake_pin pin = {0};
	struct sg_err err = {0};
	struct sg_token *token = fake_open(NULL);

	(void)state;
	assert_int_equal(fake_login(token, &pin, &err), SG_E_PIN_MISSING);
	assert_string_equal(err.text, "no PIN here");
	assert_int_equal(fake->calls[FAKE_LOGIN], 0);
	sg_token_free(&token);
}

static void
an_absent_token_is_looked_for_once_more(void **state)
{
	const struct sg_token_opts opts = {.module_path = fake_path};
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	(void)state;
	fake->slot_count = 0;
	assert_int_equal(sg_token_open(&opts, &token, &err), SG_E_NOT_FOUND);
	assert_null(token);
	assert_int_equal(err.rc, SG_E_NOT_FOUND);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 2);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 2);
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 0);
}

static void
a_token_that_shows_up_late_is_found(void **state)
{
	struct sg_token *token;

	(void)state;
	fake->faults[FAKE_GET_TOKEN_INFO].rv = CKR_TOKEN_NOT_PRESENT;
	fake->faults[FAKE_GET_TOKEN_INFO].times = 1;
	token = fake_open(NULL);
	assert_string_equal(sg_token_info(token)->label, "dev");
	sg_token_free(&token);
}

/* As SoftHSM does when another process logs in. */
static void
a_token_that_its_module_hides_is_looked_for_longer(void **state)
{
	struct sg_token_opts opts = {0};
	struct sg_token *token = NULL;
	char path[sizeof(fake_dir) + 16];
	struct sg_err err = {0};
	enum sg_rc rc;

	(void)state;
	fake_make_dir();
	(void)snprintf(path, sizeof(path), "%s/libsofthsm.so", fake_dir);
	assert_int_equal(symlink(fake_path, path), 0);
	opts.module_path = path;
	fake->faults[FAKE_GET_TOKEN_INFO].rv = CKR_TOKEN_NOT_PRESENT;
	fake->faults[FAKE_GET_TOKEN_INFO].times = 4;
	rc = sg_token_open(&opts, &token, &err);
	assert_int_equal(rc, SG_OK);
	assert_int_equal(err.rc, SG_OK);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 5);
	sg_token_free(&token);
	/* Seen by the look at the slots, and not as the session was opened. */
	fake->faults[FAKE_GET_TOKEN_INFO].rv = CKR_GENERAL_ERROR;
	fake->faults[FAKE_GET_TOKEN_INFO].skip =
	    fake->calls[FAKE_GET_TOKEN_INFO] + 1;
	fake->faults[FAKE_GET_TOKEN_INFO].times = 1;
	rc = sg_token_open(&opts, &token, &err);
	fake_remove_dir();
	assert_int_equal(rc, SG_OK);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 7);
	sg_token_free(&token);
}

/* It saw the file empty as it started, and the flags are read anew. */
static void
a_module_that_hides_the_pin_is_started_again(void **state)
{
	static const struct {
		enum fake_call call;
		CK_RV rv;
		unsigned int times; /* 0: always */
		enum sg_rc rc;
	} rows[] = {
	    {FAKE_LOGIN, CKR_USER_PIN_NOT_INITIALIZED, 1, SG_OK},
	    {FAKE_LOGIN, CKR_GENERAL_ERROR, 1, SG_OK},
	    {FAKE_GET_TOKEN_INFO, CKR_GENERAL_ERROR, 1, SG_OK},
	    {FAKE_LOGIN, CKR_USER_PIN_NOT_INITIALIZED, 0, SG_E_PIN_MISSING},
	};
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token_opts opts = {0};
	struct sg_token *token = NULL;
	char path[sizeof(fake_dir) + 16];
	struct sg_err err = {0};
	enum sg_rc rc;
	size_t i;

	(void)state;
	fake->wants_login = true;
	fake->right_pin = "831920";
	fake_make_dir();
	(void)snprintf(path, sizeof(path), "%s/libsofthsm.so", fake_dir);
	assert_int_equal(symlink(fake_path, path), 0);
	opts.module_path = path;
	for (i = 0; i < SG_COUNT(rows); i++) {
		assert_int_equal(sg_token_open(&opts, &token, &err), SG_OK);
		memset(fake->calls, 0, sizeof(fake->calls));
		memset(fake->faults, 0, sizeof(fake->faults));
		fake->faults[rows[i].call].rv = rows[i].rv;
		fake->faults[rows[i].call].times = rows[i].times;
		rc = fake_login(token, &pin, &err);
		fake->faults[rows[i].call].rv = CKR_OK;
		assert_int_equal(rc, rows[i].rc);
		/* With pauses between: each asks for the PIN anew. */
		assert_in_range(
		    fake->calls[FAKE_INITIALIZE], 1, rc == SG_OK ? 1 : 7);
		sg_token_free(&token);
	}
	assert_non_null(strstr(err.text, "no user PIN was set"));
	fake->left_open = 0; /* C_Finalize ends what is open */
	fake_remove_dir();
}

static void
a_token_without_pin_is_asked_once(void **state)
{
	const struct sg_token_opts opts = {.module_path = fake_path};
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token = NULL;

	(void)state;
	fake->wants_login = true;
	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_OK);
	fake->faults[FAKE_LOGIN].rv = CKR_USER_PIN_NOT_INITIALIZED;
	assert_int_equal(fake_login(token, &pin, NULL), SG_E_PIN_MISSING);
	assert_int_equal(fake_login(token, &pin, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 1);
	sg_token_free(&token);
}

static void
an_ambiguous_token_is_not_looked_for_again(void **state)
{
	const struct sg_token_opts opts = {.module_path = fake_path};
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_slot(8, "b", "2");
	assert_int_equal(sg_token_open(&opts, &token, &err), SG_E_AMBIGUOUS);
	assert_null(token);
	assert_non_null(strstr(err.text, "pkcs11:serial=0001;token=dev"));
	assert_non_null(strstr(err.text, "pkcs11:serial=2;token=b"));
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 1);
}

static void
twins_are_opened_by_their_slot(void **state)
{
	struct sg_token *token;

	(void)state;
	(void)fake_add_slot(8, "dev", "0001");
	token = fake_open("pkcs11:token=dev;slot-id=8");
	assert_int_equal(fake->session_slot, 8);
	assert_non_null(sg_token_p11(token)->uri_slot);
	assert_int_equal(*sg_token_p11(token)->uri_slot, 8);
	sg_token_free(&token);
}

static void
a_session_is_read_only_unless_keys_are_made(void **state)
{
	struct sg_token_opts opts = {.module_path = fake_path};
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_OK);
	assert_int_equal(fake->session_flags, CKF_SERIAL_SESSION);
	sg_token_free(&token);
	opts.writable = true;
	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_OK);
	assert_int_equal(
	    fake->session_flags, CKF_SERIAL_SESSION | CKF_RW_SESSION);
	sg_token_free(&token);
	set_flags(CKF_WRITE_PROTECTED, 0);
	assert_int_equal(sg_token_open(&opts, &token, &err), SG_E_TOKEN);
	assert_null(token);
	assert_non_null(strstr(err.text, "write-protected"));
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 2);
	opts.writable = false;
	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_OK);
	sg_token_free(&token);
}

static void
a_session_that_cannot_be_had_is_told(void **state)
{
	const struct sg_token_opts opts = {.module_path = fake_path};
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	(void)state;
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_SESSION_COUNT;
	assert_int_equal(sg_token_open(&opts, &token, &err), SG_E_TOKEN);
	assert_null(token);
	assert_int_equal(err.native, CKR_SESSION_COUNT);
	assert_int_equal(fake->calls[FAKE_CLOSE_SESSION], 0);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 1);
}

static void
free_closes_the_session_and_then_the_module(void **state)
{
	struct sg_token *token = fake_open(NULL);

	(void)state;
	sg_token_free(&token);
	assert_null(token);
	assert_int_equal(fake->calls[FAKE_CLOSE_SESSION], 1);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 1);
	assert_true(
	    fake->order[FAKE_CLOSE_SESSION] < fake->order[FAKE_FINALIZE]);
	sg_token_free(&token);
	sg_token_free(NULL);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 1);
}

static void
the_modules_path_may_come_from_the_uri(void **state)
{
	char text[PATH_MAX + 64];
	SG_AUTO(sg_uri) uri = NULL;
	struct sg_token_opts opts = {0};
	struct sg_token *token = NULL;

	(void)state;
	(void)snprintf(
	    text, sizeof(text), "pkcs11:token=dev?module-path=%s", fake_path);
	uri = fake_uri(text);
	opts.uri = uri;
	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 1);
	sg_token_free(&token);
	/* Who calls may have checked another path than the URI's. */
	opts.module_path = "/nowhere/p11.so";
	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_E_MODULE);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 1);
}

struct seen {
	char labels[4][33];
	bool rs256[4];
	size_t count;
	enum sg_rc rc;
};

static enum sg_rc
see(void *ctx, const struct sg_token_info *token, struct sg_err *err)
{
	struct seen *seen = ctx;

	(void)err;
	memcpy(seen->labels[seen->count], token->label, 33);
	seen->rs256[seen->count++] = token->signs_rs256;
	return seen->rc;
}

static void
a_list_shows_empty_tokens_too_and_opens_nothing(void **state)
{
	const struct sg_token_opts opts = {.module_path = fake_path};
	struct seen seen = {0};

	(void)state;
	fake_add_slot(8, "", "")->info.flags = 0;
	fake_add_slot(9, "b", "2")->mechanism_count = 0;
	assert_int_equal(sg_token_list(&opts, see, &seen, NULL), SG_OK);
	assert_int_equal(seen.count, 3);
	assert_string_equal(seen.labels[0], "dev");
	assert_true(seen.rs256[0]);
	assert_string_equal(seen.labels[1], "");
	assert_string_equal(seen.labels[2], "b");
	assert_false(seen.rs256[2]);
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 0);
	assert_int_equal(fake->calls[FAKE_LOGIN], 0);
}

static void
a_list_ends_when_it_is_told_to(void **state)
{
	const struct sg_token_opts opts = {.module_path = fake_path};
	struct seen seen = {.rc = SG_E_IO};

	(void)state;
	(void)fake_add_slot(8, "b", "2");
	assert_int_equal(sg_token_list(&opts, see, &seen, NULL), SG_E_IO);
	assert_int_equal(seen.count, 1);
	fake->slot_count = 0;
	assert_int_equal(sg_token_list(&opts, see, &seen, NULL), SG_OK);
}

/* A source that takes its time, in which others spend tries. */
static enum sg_rc
slow_pin_get(void *ctx, const struct sg_token_info *info,
    struct sg_secret **out_pin, struct sg_err *err)
{
	const CK_FLAGS *more = ctx;

	(void)info;
	set_flags(*more, 0);
	return sg_secret_new("831920", 6, out_pin, err);
}

static void
flags_are_read_again_before_a_pin_is_sent(void **state)
{
	static const struct {
		CK_FLAGS more;
		enum sg_rc rc;
	} rows[] = {
	    {0, SG_OK},
	    {CKF_USER_PIN_COUNT_LOW, SG_OK},
	    {CKF_USER_PIN_FINAL_TRY, SG_E_PIN_WITHHELD},
	    {CKF_USER_PIN_LOCKED, SG_E_PIN_LOCKED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		CK_FLAGS more = rows[i].more;
		const struct sg_pin_source source = {
		    .get = slow_pin_get, .ctx = &more};
		struct sg_token *token;
		unsigned int before;

		(void)fake_set_up(NULL);
		token = fake_open(NULL);
		before = fake->calls[FAKE_GET_TOKEN_INFO];
		assert_int_equal(
		    sg_token_login(token, &source, NULL), rows[i].rc);
		assert_int_equal(fake->calls[FAKE_GET_TOKEN_INFO], before + 1);
		assert_int_equal(
		    fake->calls[FAKE_LOGIN], rows[i].rc == SG_OK ? 1 : 0);
		sg_token_free(&token);
	}
}

static void
a_pin_that_cannot_be_right_is_not_sent(void **state)
{
	static const struct {
		CK_ULONG min;
		CK_ULONG max;
		const char *pin;
		enum sg_rc rc;
	} rows[] = {
	    {4, 8, "1234", SG_OK},
	    {4, 8, "12345678", SG_OK},
	    {4, 8, "123", SG_E_PIN_WITHHELD},
	    {4, 8, "123456789", SG_E_PIN_WITHHELD},
	    {6, 6, "12345", SG_E_PIN_WITHHELD},
	    {6, 6, "123456", SG_OK},
	    {4, 8, "", SG_E_PIN_MISSING},
	    {1, 0, "", SG_E_PIN_MISSING},
	    {0, 0, "", SG_E_PIN_MISSING},
	    {0, 128, "", SG_E_PIN_MISSING},
	    /* Limits that cannot be are none. */
	    {4, 0, "123", SG_OK},
	    {0, 0, "123", SG_OK},
	    {8, 4, "123", SG_OK},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct fake_pin pin = {.pin = rows[i].pin};
		struct sg_err err = {0};
		struct sg_token *token;

		(void)fake_set_up(NULL);
		fake->slots[0].info.ulMinPinLen = rows[i].min;
		fake->slots[0].info.ulMaxPinLen = rows[i].max;
		token = fake_open(NULL);
		if (fake_login(token, &pin, &err) != rows[i].rc)
			fail_msg("row %zu: %s", i, err.text);
		assert_int_equal(
		    fake->calls[FAKE_LOGIN], rows[i].rc == SG_OK ? 1 : 0);
		if (rows[i].rc != SG_OK) {
			assert_non_null(strstr(err.text, "it was not sent"));
			assert_null(sg_token_login_of(token)->pin);
		}
		sg_token_free(&token);
	}
}

/* Work that signs nothing: the fake is told how C_SignInit fares. */
struct job {
	struct sg_token *token;
	struct sg_object *object;
	unsigned int runs;
	unsigned int finds;
	CK_RV rv;	     /* each run ends with it, if not CKR_OK */
	unsigned int until;  /* runs that fail; 0: all */
	enum sg_rc rc_other; /* a failure that is not the module's */
	int number_other;
	void (*before)(struct job *job); /* each run */
	pthread_t thread;
	enum sg_rc rc;
	struct sg_err err;
};

static enum sg_rc
run_job(void *ctx, const struct sg_token_p11 *p11, struct sg_err *err)
{
	struct job *job = ctx;
	CK_RV rv;

	job->runs++;
	if (job->before != NULL)
		job->before(job);
	if (job->rc_other != SG_OK)
		return sg_fail_native(
		    err, job->rc_other, job->number_other, "no luck");
	if (job->rv != CKR_OK && (job->until == 0 || job->runs <= job->until))
		return sg_fail_ckr(err, job->rv, "work");
	rv = sg_call_sign_init(p11->module, p11->session, CKM_RSA_PKCS,
	    job->object != NULL ? job->object->handle : 1);
	return rv == CKR_OK ? SG_OK : sg_fail_ckr(err, rv, "work");
}

static enum sg_rc
find_job(void *ctx, const struct sg_token_p11 *p11, struct sg_err *err)
{
	struct job *job = ctx;

	job->finds++;
	if (job->object == NULL)
		return SG_OK;
	return sg_search_again(p11, job->object, err);
}

static enum sg_rc
do_job(struct job *job)
{
	const struct sg_work work = {
	    .run = run_job, .find_again = find_job, .ctx = job};

	sg_err_clear(&job->err);
	return sg_token_run(job->token, &work, &job->err);
}

/* Of a token that is there, nothing takes as long. */
#define TIMEOUT_MS 60000

static struct sg_token *
open_limited(size_t sessions, int64_t timeout_ms)
{
	const struct sg_token_opts opts = {
	    .module_path = fake_path,
	    .max_sessions = sessions,
	    .timeout_ms = timeout_ms,
	};
	struct sg_token *token = NULL;

	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_OK);
	return token;
}

/* Logged in, with a key, at a token that hides keys without a login. */
static void
set_up_job(struct job *job, size_t sessions)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct fake_pin pin = {.pin = "831920"};

	memset(job, 0, sizeof(*job));
	fake->wants_login = true;
	fake->right_pin = "831920";
	job->token = open_limited(sessions, TIMEOUT_MS);
	assert_int_equal(fake_login(job->token, &pin, NULL), SG_OK);
	assert_int_equal(sg_object_read(sg_token_p11(job->token), key->handle,
			     &job->object, NULL),
	    SG_OK);
	memset(fake->calls, 0, sizeof(fake->calls));
}

static void
clear_job(struct job *job)
{
	sg_object_free(&job->object);
	sg_token_free(&job->token);
}

static void
work_that_goes_well_costs_nothing_more(void **state)
{
	struct job job;
	unsigned int before;

	(void)state;
	set_up_job(&job, 0);
	before = fake->now;
	assert_int_equal(do_job(&job), SG_OK);
	assert_int_equal(fake->now - before, 1);
	assert_int_equal(job.runs, 1);
	clear_job(&job);
}

static void
each_rung_is_tried_before_a_failure_is_told(void **state)
{
	struct job job;

	(void)state;
	set_up_job(&job, 0);
	job.rv = CKR_DEVICE_ERROR;
	assert_int_equal(do_job(&job), SG_E_TOKEN);
	assert_int_equal(job.err.native, CKR_DEVICE_ERROR);
	assert_int_equal(job.runs, 5);
	assert_int_equal(job.finds, 2);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 1);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 1);
	/* Once, after the restart: until then the login was good. */
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	fake->left_open = 0;
	clear_job(&job);
}

/* opencryptoki: see quirks.c. */
static void
a_module_that_closes_twice_is_not_started_again(void **state)
{
	CK_TOKEN_INFO *info = &fake->slots[0].info;
	struct job job;

	(void)state;
	fake_pad(info->manufacturerID, sizeof(info->manufacturerID), "IBM");
	fake_pad(info->model, sizeof(info->model), "IBM SoftTok");
	set_up_job(&job, 0);
	job.rv = CKR_DEVICE_ERROR;
	assert_int_equal(do_job(&job), SG_E_TOKEN);
	assert_non_null(strstr(job.err.text, "run again"));
	assert_int_equal(job.runs, 4);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 0);
	clear_job(&job);
}

static void
a_failure_is_mended_by_the_lowest_rung_that_helps(void **state)
{
	static const struct {
		unsigned int until;
		unsigned int finds;
		unsigned int restarts;
	} rows[] = {{1, 0, 0}, {2, 0, 0}, {3, 1, 0}, {4, 2, 1}};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct job job;

		(void)fake_set_up(NULL);
		set_up_job(&job, 0);
		job.rv = CKR_DEVICE_ERROR;
		job.until = rows[i].until;
		assert_int_equal(do_job(&job), SG_OK);
		assert_int_equal(job.runs, rows[i].until + 1);
		assert_int_equal(job.finds, rows[i].finds);
		assert_int_equal(fake->calls[FAKE_FINALIZE], rows[i].restarts);
		fake->left_open = 0;
		clear_job(&job);
	}
}

static void
an_answer_is_not_asked_for_again(void **state)
{
	static const CK_RV rows[] = {CKR_MECHANISM_INVALID, CKR_PIN_INCORRECT,
	    CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_DATA_LEN_RANGE};
	struct job job;
	size_t i;

	(void)state;
	set_up_job(&job, 0);
	for (i = 0; i < SG_COUNT(rows); i++) {
		job.runs = 0;
		job.rv = rows[i];
		assert_true(do_job(&job) != SG_OK);
		assert_int_equal(job.err.native, rows[i]);
		assert_int_equal(job.runs, 1);
	}
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 0);
	clear_job(&job);
}

/* EIO is 5, and so is CKR_GENERAL_ERROR. */
static void
an_errno_is_not_taken_for_an_answer_of_the_module(void **state)
{
	struct job job;

	(void)state;
	set_up_job(&job, 0);
	job.rc_other = SG_E_CONFIG;
	job.number_other = EIO;
	assert_int_equal(do_job(&job), SG_E_CONFIG);
	assert_int_equal(job.runs, 1);
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 0);
	clear_job(&job);
}

static void
after_all_sessions_are_lost_the_work_is_done(void **state)
{
	struct job job;

	(void)state;
	set_up_job(&job, 0);
	fake_lose_sessions();
	assert_int_equal(do_job(&job), SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 0);
	/* And all is as before. */
	assert_int_equal(do_job(&job), SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	clear_job(&job);
}

static void
after_a_logout_by_another_the_work_is_done(void **state)
{
	struct job job;

	(void)state;
	set_up_job(&job, 0);
	fake->is_logged_in = false;
	fake->objects[0].handle += 100;
	assert_int_equal(do_job(&job), SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 0);
	clear_job(&job);
}

/* One session is all that some tokens allow. */
static void
with_one_session_a_loss_is_mended_as_well(void **state)
{
	static const CK_RV rows[] = {CKR_SESSION_HANDLE_INVALID,
	    CKR_DEVICE_ERROR, CKR_KEY_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct job job;
		int64_t start_ms = sg_clock_mono_ms();

		(void)fake_set_up(NULL);
		fake->session_limit = 1;
		set_up_job(&job, 1);
		job.rv = rows[i];
		job.until = 2;
		assert_int_equal(do_job(&job), SG_OK);
		assert_true(sg_clock_mono_ms() - start_ms < TIMEOUT_MS);
		clear_job(&job);
	}
}

static void
a_failure_leaves_the_token_fit_for_the_next_work(void **state)
{
	struct job job;

	(void)state;
	fake->session_limit = 1;
	set_up_job(&job, 1);
	job.rv = CKR_DEVICE_ERROR;
	assert_int_equal(do_job(&job), SG_E_TOKEN);
	job.rv = CKR_OK;
	assert_int_equal(do_job(&job), SG_OK);
	fake->left_open = 0;
	clear_job(&job);
}

static void
a_token_that_is_put_back_is_used_again(void **state)
{
	struct job job;

	(void)state;
	set_up_job(&job, 0);
	fake_lose_sessions();
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_TOKEN_NOT_PRESENT;
	fake->faults[FAKE_OPEN_SESSION].times = 3;
	fake->faults[FAKE_GET_TOKEN_INFO].rv = CKR_TOKEN_NOT_PRESENT;
	fake->faults[FAKE_GET_TOKEN_INFO].times = 3;
	assert_int_equal(do_job(&job), SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 4);
	clear_job(&job);
}

static void
a_token_that_stays_away_is_told_at_the_deadline(void **state)
{
	struct job job;
	int64_t start_ms = sg_clock_mono_ms();

	(void)state;
	set_up_job(&job, 0);
	fake->slots[0].info_rv = CKR_TOKEN_NOT_PRESENT;
	fake_lose_sessions();
	assert_int_equal(do_job(&job), SG_E_NOT_FOUND);
	assert_int_equal(job.err.native, CKR_TOKEN_NOT_PRESENT);
	assert_true(sg_clock_mono_ms() - start_ms >= 1000);
	assert_true(sg_clock_mono_ms() - start_ms < TIMEOUT_MS);
	assert_int_equal(fake->calls[FAKE_LOGIN], 0);
	clear_job(&job);
}

static void
a_token_in_another_slot_is_used_there(void **state)
{
	struct job job;

	(void)state;
	set_up_job(&job, 0);
	fake->slots[0].id = 9;
	fake_lose_sessions();
	assert_int_equal(do_job(&job), SG_OK);
	assert_int_equal(fake->session_slot, 9);
	assert_int_equal(sg_token_p11(job.token)->slot, 9);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	fake->left_open = 0;
	clear_job(&job);
}

/* For recovery; grows where the host stood still in it. */
static int64_t short_ms;

static void
sleep_in_first_run(struct job *job)
{
	const struct timespec pause = sg_clock_timespec(short_ms * 3 / 2);

	if (job->runs == 1)
		(void)nanosleep(&pause, NULL);
}

/* What failed took longer than recovery may. */
static void
a_slow_failure_is_mended_too(void **state)
{
	enum sg_rc rc = SG_E_TOKEN;
	struct job job = {0};

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	for (short_ms = 100; rc != SG_OK && short_ms <= 10000; short_ms *= 10) {
		job = (struct job){.rv = CKR_SESSION_HANDLE_INVALID};
		job.token = open_limited(0, short_ms);
		job.until = 1;
		job.before = sleep_in_first_run;
		rc = do_job(&job);
		clear_job(&job);
	}
	assert_int_equal(rc, SG_OK);
	assert_int_equal(job.runs, 2);
}

static void
a_wrong_pin_is_not_sent_again_by_the_ladder(void **state)
{
	struct job job;

	(void)state;
	set_up_job(&job, 0);
	fake->right_pin = "000000"; /* changed by another */
	fake_lose_sessions();
	assert_int_equal(do_job(&job), SG_E_PIN_WRONG);
	assert_true(do_job(&job) != SG_OK);
	assert_true(do_job(&job) != SG_OK);
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	fake->left_open = 0;
	clear_job(&job);
}

static void
a_child_starts_the_module_for_itself(void **state)
{
	struct job job;
	int status = 0;
	pid_t child;

	(void)state;
	set_up_job(&job, 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		/* PKCS#11 v2.40 §5.4: nothing of the parent's is there. */
		fake_lose_sessions();
		fake->is_initialized = false;
		if (do_job(&job) != SG_OK)
			_exit(1);
		if (fake->calls[FAKE_INITIALIZE] != 1 ||
		    fake->calls[FAKE_FINALIZE] != 0 ||
		    fake->calls[FAKE_CLOSE_SESSION] != 0)
			_exit(2);
		if (fake->calls[FAKE_LOGIN] != 1 || job.finds != 1)
			_exit(3);
		if (do_job(&job) != SG_OK || fake->calls[FAKE_INITIALIZE] != 1)
			_exit(4);
		sg_token_free(&job.token);
		_exit(fake->open_sessions == 0 ? 0 : 5);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	/* The parent noticed nothing. */
	assert_int_equal(do_job(&job), SG_OK);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 0);
	clear_job(&job);
}

static void
a_child_that_does_nothing_closes_no_session(void **state)
{
	struct job job;
	int status = 0;
	pid_t child;

	(void)state;
	set_up_job(&job, 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		sg_token_free(&job.token);
		_exit(fake->calls[FAKE_CLOSE_SESSION] == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	clear_job(&job);
}

static void *
job_in_thread(void *ctx)
{
	struct job *job = ctx;
	int i;

	for (i = 0; i < 50 && job->rc == SG_OK; i++)
		job->rc = do_job(job);
	return NULL;
}

/* Each thread has a key of its own, and one mending finds one key. */
static void
threads_with_keys_of_their_own_survive_a_loss(void **state)
{
	enum { THREADS = 6 };
	struct job jobs[THREADS] = {{0}};
	struct fake_pin pin = {.pin = "831920"};
	struct sg_token *token;
	int round;
	uint8_t i;

	(void)state;
	fake->wants_login = true;
	fake->right_pin = "831920";
	fake->session_limit = 3;
	for (i = 0; i < THREADS; i++)
		(void)fake_add_key("uat", &i, 1);
	token = open_limited(0, TIMEOUT_MS);
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	for (i = 0; i < THREADS; i++) {
		jobs[i].token = token;
		assert_int_equal(
		    sg_object_read(sg_token_p11(token), fake->objects[i].handle,
			&jobs[i].object, NULL),
		    SG_OK);
	}
	for (round = 0; round < 20; round++) {
		fake_lose_sessions();
		if (round % 2 == 1)
			fake->slots[0].id++;
		for (i = 0; i < THREADS; i++)
			assert_int_equal(pthread_create(&jobs[i].thread, NULL,
					     job_in_thread, &jobs[i]),
			    0);
		for (i = 0; i < THREADS; i++) {
			(void)pthread_join(jobs[i].thread, NULL);
			if (jobs[i].rc != SG_OK)
				fail_msg("round %d, thread %d: %s", round,
				    (int)i, jobs[i].err.text);
		}
	}
	for (i = 0; i < THREADS; i++)
		sg_object_free(&jobs[i].object);
	fake->left_open = 0;
	sg_token_free(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(a_login_sends_the_pin_once),
	    FAKE_TEST(a_token_without_pin_asks_none),
	    FAKE_TEST(a_pin_pad_is_given_no_pin),
	    FAKE_TEST(what_the_flags_forbid_is_not_tried),
	    FAKE_TEST(a_low_count_is_still_tried),
	    FAKE_TEST(a_refused_pin_is_not_sent_again),
	    FAKE_TEST(a_refusal_at_the_pin_pad_is_remembered_too),
	    FAKE_TEST(after_a_failed_login_of_any_kind_none_follows),
	    FAKE_TEST(a_user_who_is_logged_in_already_is_fine),
	    FAKE_TEST(a_source_without_pin_sends_none),
	    FAKE_TEST(an_absent_token_is_looked_for_once_more),
	    FAKE_TEST(a_token_that_its_module_hides_is_looked_for_longer),
	    FAKE_TEST(a_module_that_hides_the_pin_is_started_again),
	    FAKE_TEST(a_token_without_pin_is_asked_once),
	    FAKE_TEST(a_token_that_shows_up_late_is_found),
	    FAKE_TEST(an_ambiguous_token_is_not_looked_for_again),
	    FAKE_TEST(twins_are_opened_by_their_slot),
	    FAKE_TEST(a_session_is_read_only_unless_keys_are_made),
	    FAKE_TEST(a_session_that_cannot_be_had_is_told),
	    FAKE_TEST(free_closes_the_session_and_then_the_module),
	    FAKE_TEST(the_modules_path_may_come_from_the_uri),
	    FAKE_TEST(a_list_shows_empty_tokens_too_and_opens_nothing),
	    FAKE_TEST(a_list_ends_when_it_is_told_to),
	    FAKE_TEST(flags_are_read_again_before_a_pin_is_sent),
	    FAKE_TEST(a_pin_that_cannot_be_right_is_not_sent),
	    FAKE_TEST(work_that_goes_well_costs_nothing_more),
	    FAKE_TEST(each_rung_is_tried_before_a_failure_is_told),
	    FAKE_TEST(a_module_that_closes_twice_is_not_started_again),
	    FAKE_TEST(a_failure_is_mended_by_the_lowest_rung_that_helps),
	    FAKE_TEST(an_answer_is_not_asked_for_again),
	    FAKE_TEST(an_errno_is_not_taken_for_an_answer_of_the_module),
	    FAKE_TEST(after_all_sessions_are_lost_the_work_is_done),
	    FAKE_TEST(after_a_logout_by_another_the_work_is_done),
	    FAKE_TEST(with_one_session_a_loss_is_mended_as_well),
	    FAKE_TEST(a_failure_leaves_the_token_fit_for_the_next_work),
	    FAKE_TEST(a_token_that_is_put_back_is_used_again),
	    FAKE_TEST(a_token_that_stays_away_is_told_at_the_deadline),
	    FAKE_TEST(a_token_in_another_slot_is_used_there),
	    FAKE_TEST(a_slow_failure_is_mended_too),
	    FAKE_TEST(a_wrong_pin_is_not_sent_again_by_the_ladder),
	    FAKE_TEST(a_child_starts_the_module_for_itself),
	    FAKE_TEST(a_child_that_does_nothing_closes_no_session),
	    FAKE_TEST(threads_with_keys_of_their_own_survive_a_loss),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
