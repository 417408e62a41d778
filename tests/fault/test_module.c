/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/harness.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

/* The fault module does what it is told, and else what the real one does. */

#define LABEL "fault"

static struct sg_fault *fault;
static CK_FUNCTION_LIST *fn;
static CK_SLOT_ID slot;
static CK_SESSION_HANDLE session;

static CK_BYTE message[] = "what is signed";
static CK_BYTE signature[512];
static CK_ULONG signature_len;

static CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY;
static CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY;

static void
told(const char *rules)
{
	const char *wrong = fault->script(rules);

	if (wrong != NULL)
		fail_msg("%s: %s", rules, wrong);
}

static struct sg_fault_counts
counts(void)
{
	struct sg_fault_counts now;

	fault->counts(&now);
	return now;
}

static long
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The slot of the token: the first, as the other holds none. */
static CK_SLOT_ID
find_slot(void)
{
	CK_SLOT_ID slots[8];
	CK_ULONG count = SG_COUNT(slots);
	CK_TOKEN_INFO info;
	CK_ULONG i;

	assert_int_equal(fn->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
	for (i = 0; i < count; i++) {
		assert_int_equal(fn->C_GetTokenInfo(slots[i], &info), CKR_OK);
		if ((info.flags & CKF_TOKEN_INITIALIZED) != 0)
			return slots[i];
	}
	fail_msg("no token");
	return 0;
}

static CK_RV
open_session_at(CK_SLOT_ID where, CK_SESSION_HANDLE *out)
{
	return fn->C_OpenSession(
	    where, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, out);
}

static CK_RV
log_in_with(const char *pin)
{
	CK_BYTE bytes[64];

	memcpy(bytes, pin, strlen(pin));
	return fn->C_Login(session, CKU_USER, bytes, strlen(pin));
}

static CK_RV
log_in_rightly(void)
{
	SG_AUTO(sg_buf) pin = read_file(pin_path());
	char text[64] = {0};

	memcpy(text, pin->data, strcspn(sg_buf_str(pin), "\r\n"));
	return log_in_with(text);
}

static CK_ULONG
find_keys(CK_OBJECT_CLASS *class, CK_OBJECT_HANDLE out[4])
{
	CK_BYTE label[] = LABEL;
	CK_ATTRIBUTE wanted[] = {
	    {CKA_CLASS, class, sizeof(*class)},
	    {CKA_LABEL, label, strlen(LABEL)},
	};
	CK_ULONG count = 0;

	assert_int_equal(
	    fn->C_FindObjectsInit(session, wanted, SG_COUNT(wanted)), CKR_OK);
	assert_int_equal(fn->C_FindObjects(session, out, 4, &count), CKR_OK);
	assert_int_equal(fn->C_FindObjectsFinal(session), CKR_OK);
	return count;
}

static CK_RV
begin_sign(void)
{
	CK_MECHANISM how = {.mechanism = CKM_SHA256_RSA_PKCS};
	CK_OBJECT_HANDLE keys[4];

	assert_true(find_keys(&private_class, keys) >= 1);
	return fn->C_SignInit(session, &how, keys[0]);
}

static CK_RV
sign(void)
{
	CK_RV rv = begin_sign();

	if (rv != CKR_OK)
		return rv;
	signature_len = sizeof(signature);
	return fn->C_Sign(
	    session, message, sizeof(message), signature, &signature_len);
}

static CK_RV
verify(void)
{
	CK_MECHANISM how = {.mechanism = CKM_SHA256_RSA_PKCS};
	CK_OBJECT_HANDLE keys[4];

	assert_true(find_keys(&public_class, keys) >= 1);
	assert_int_equal(fn->C_VerifyInit(session, &how, keys[0]), CKR_OK);
	return fn->C_Verify(session, message, sizeof(message), signature, 256);
}

static CK_RV
ask(void)
{
	CK_INFO info;

	return fn->C_GetInfo(&info);
}

static CK_RV
ask_session(void)
{
	CK_SESSION_INFO info;

	return fn->C_GetSessionInfo(session, &info);
}

static int
start(void **state)
{
	CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};

	(void)state;
	fault->reset();
	assert_int_equal(fn->C_Initialize(&args), CKR_OK);
	slot = find_slot();
	assert_int_equal(open_session_at(slot, &session), CKR_OK);
	assert_int_equal(log_in_rightly(), CKR_OK);
	fault->reset();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	fault->reset();
	(void)fn->C_Finalize(NULL);
	return 0;
}

static int
make_key(void **state)
{
	struct sg_token *token = log_in();
	char *uri = generate(token, LABEL, "f");
	CK_C_GetFunctionList get_list;

	(void)state;
	free(uri);
	sg_token_free(&token);
	*(void **)&get_list = fault_symbol("C_GetFunctionList");
	fault = fault_control();
	return get_list(&fn) == CKR_OK ? 0 : -1;
}

static void
without_rules_it_hands_on(void **state)
{
	(void)state;
	assert_int_equal(sign(), CKR_OK);
	assert_int_equal(signature_len, 256);
	assert_int_equal(verify(), CKR_OK);
}

static void
it_has_every_function(void **state)
{
	(void)state;
#define ROW(name, ...) assert_non_null(fn->name);
#include "tests/fault/functions.def"
#undef ROW
}

static void
it_counts_the_calls(void **state)
{
	struct sg_fault_counts now;

	(void)state;
	assert_int_equal(sign(), CKR_OK);
	assert_int_equal(sign(), CKR_OK);
	now = counts();
	assert_int_equal(now.calls[SG_FAULT_C_SignInit], 2);
	assert_int_equal(now.calls[SG_FAULT_C_Sign], 2);
	assert_int_equal(now.calls[SG_FAULT_C_FindObjects], 2);
	assert_int_equal(now.calls[SG_FAULT_C_Login], 0);
	assert_int_equal(now.calls[SG_FAULT_ANY], 10);
}

static void
a_call_fails_as_often_as_told(void **state)
{
	(void)state;
	told("C_GetInfo fail=CKR_DEVICE_MEMORY from=2 times=2");
	assert_int_equal(ask(), CKR_OK);
	assert_int_equal(ask(), CKR_DEVICE_MEMORY);
	assert_int_equal(ask(), CKR_DEVICE_MEMORY);
	assert_int_equal(ask(), CKR_OK);
	told("C_GetInfo fail=0x1b8 from=2");
	assert_int_equal(ask(), CKR_OK);
	assert_int_equal(ask(), 0x1b8);
	assert_int_equal(ask(), 0x1b8);
	assert_int_equal(ask_session(), CKR_OK);
}

static void
a_call_that_fails_does_nothing(void **state)
{
	(void)state;
	told("C_SignInit fail=CKR_OK");
	assert_int_equal(begin_sign(), CKR_OK);
	signature_len = sizeof(signature);
	assert_int_equal(fn->C_Sign(session, message, sizeof(message),
			     signature, &signature_len),
	    CKR_OPERATION_NOT_INITIALIZED);
}

static void
a_call_whose_answer_is_lost_is_done(void **state)
{
	(void)state;
	told("C_SignInit lose=CKR_DEVICE_ERROR times=1");
	assert_int_equal(begin_sign(), CKR_DEVICE_ERROR);
	signature_len = sizeof(signature);
	assert_int_equal(fn->C_Sign(session, message, sizeof(message),
			     signature, &signature_len),
	    CKR_OK);
}

static void *
ask_in_a_thread(void *ctx)
{
	*(CK_RV *)ctx = ask();
	return NULL;
}

enum { SLEEPERS = 8, SLEEP_MS = 100 };

static long
ask_in_threads(void)
{
	pthread_t threads[SLEEPERS];
	CK_RV rvs[SLEEPERS];
	long before = now_ms();
	int i;

	for (i = 0; i < SLEEPERS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, ask_in_a_thread, &rvs[i]),
		    0);
	for (i = 0; i < SLEEPERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(rvs[i], CKR_OK);
	}
	return now_ms() - before;
}

/* The host may stand still meanwhile, but not each time. */
static void
sleepers_do_not_wait_for_each_other(void **state)
{
	long took;
	int tries = 0;

	(void)state;
	told("C_GetInfo sleep=100");
	do {
		took = ask_in_threads();
		assert_true(took >= SLEEP_MS);
	} while (took >= SLEEPERS * SLEEP_MS / 2 && ++tries < 50);
	assert_true(took < SLEEPERS * SLEEP_MS / 2);
}

static void
wait_for_calls(enum sg_fault_fn which, unsigned int count)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	long end = now_ms() + 120000;

	while (counts().calls[which] < count && now_ms() < end)
		(void)nanosleep(&pause, NULL);
	assert_int_equal(counts().calls[which], count);
}

static void
a_call_hangs_until_the_reset(void **state)
{
	const struct timespec while_it_hangs = {.tv_nsec = 100000000};
	CK_RV rv = CKR_OK;
	pthread_t thread;

	(void)state;
	told("C_GetInfo hang");
	assert_int_equal(
	    pthread_create(&thread, NULL, ask_in_a_thread, &rv), 0);
	wait_for_calls(SG_FAULT_C_GetInfo, 1);
	(void)nanosleep(&while_it_hangs, NULL);
	assert_int_equal(pthread_tryjoin_np(thread, NULL), EBUSY);
	assert_int_equal(ask_session(), CKR_OK);
	fault->reset();
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(rv, CKR_GENERAL_ERROR);
}

static void
the_process_dies(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	told("C_GetInfo die");
	pid = fork();
	if (pid == 0)
		_exit(ask() == CKR_OK ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void
sessions_are_dropped(void **state)
{
	(void)state;
	assert_int_equal(counts().sessions, 1);
	told("C_GetSessionInfo drop from=2 times=1");
	assert_int_equal(ask_session(), CKR_OK);
	assert_int_equal(ask_session(), CKR_SESSION_HANDLE_INVALID);
	assert_int_equal(counts().sessions, 0);
	assert_int_equal(open_session_at(slot, &session), CKR_OK);
	assert_int_equal(ask_session(), CKR_OK);
}

static void
the_user_is_logged_out(void **state)
{
	CK_SESSION_INFO info;

	(void)state;
	assert_int_equal(fn->C_GetSessionInfo(session, &info), CKR_OK);
	assert_int_equal(info.state, CKS_RW_USER_FUNCTIONS);
	told("C_GetSessionInfo logout times=1");
	assert_int_equal(fn->C_GetSessionInfo(session, &info), CKR_OK);
	assert_int_equal(info.state, CKS_RW_PUBLIC_SESSION);
	assert_int_equal(log_in_rightly(), CKR_OK);
	assert_int_equal(sign(), CKR_OK);
}

static void
the_module_is_restarted(void **state)
{
	(void)state;
	told("C_GetInfo restart times=1");
	assert_int_equal(ask(), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(ask_session(), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(fn->C_Initialize(NULL), CKR_OK);
	assert_int_equal(ask(), CKR_OK);
	assert_int_equal(ask_session(), CKR_SESSION_HANDLE_INVALID);
}

static CK_ULONG
count_tokens(void)
{
	CK_ULONG count = 99;

	assert_int_equal(fn->C_GetSlotList(CK_TRUE, NULL, &count), CKR_OK);
	return count;
}

static void
the_token_is_out_for_some_calls(void **state)
{
	CK_SLOT_INFO info;
	CK_TOKEN_INFO token;

	(void)state;
	told("C_GetInfo remove=5 times=1");
	assert_int_equal(ask(), CKR_OK);
	assert_int_equal(ask_session(), CKR_DEVICE_REMOVED);
	assert_int_equal(count_tokens(), 0);
	assert_int_equal(
	    fn->C_GetTokenInfo(slot, &token), CKR_TOKEN_NOT_PRESENT);
	assert_int_equal(fn->C_GetSlotInfo(slot, &info), CKR_OK);
	assert_int_equal(info.flags & CKF_TOKEN_PRESENT, 0);
	assert_int_equal(ask_session(), CKR_SESSION_HANDLE_INVALID);
	assert_true(count_tokens() > 0);
	assert_int_equal(fn->C_GetSlotInfo(slot, &info), CKR_OK);
	assert_int_not_equal(info.flags & CKF_TOKEN_PRESENT, 0);
}

static void
the_token_is_out_for_a_time(void **state)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	CK_ULONG there = 1;
	char rule[64];
	long before;
	long ms;

	(void)state;
	/* Longer where the host stood still for so long. */
	for (ms = 100; there > 0 && ms <= 10000; ms *= 10) {
		(void)snprintf(
		    rule, sizeof(rule), "C_GetInfo remove-ms=%ld times=1", ms);
		told(rule);
		before = now_ms();
		assert_int_equal(ask(), CKR_OK);
		there = count_tokens();
		while (count_tokens() == 0 && now_ms() - before < 120000)
			(void)nanosleep(&pause, NULL);
		assert_true(count_tokens() > 0);
		assert_true(now_ms() - before >= ms);
	}
	assert_int_equal(there, 0);
}

static void
slot_ids_change_when_initialized_again(void **state)
{
	CK_SLOT_ID before = slot;
	CK_SESSION_INFO info;

	(void)state;
	told("C_Initialize slots=100000 from=2");
	assert_int_equal(fn->C_Finalize(NULL), CKR_OK);
	assert_int_equal(fn->C_Initialize(NULL), CKR_OK);
	assert_int_equal(find_slot(), before);
	assert_int_equal(fn->C_Finalize(NULL), CKR_OK);
	assert_int_equal(fn->C_Initialize(NULL), CKR_OK);
	slot = find_slot();
	assert_int_equal(slot, before + 100000);
	assert_int_equal(
	    open_session_at(before, &session), CKR_SLOT_ID_INVALID);
	assert_int_equal(open_session_at(slot, &session), CKR_OK);
	assert_int_equal(fn->C_GetSessionInfo(session, &info), CKR_OK);
	assert_int_equal(info.slotID, slot);
	fault->reset();
	assert_int_equal(find_slot(), before);
}

static void
lengths_and_counts_are_lies(void **state)
{
	CK_SLOT_ID slots[8];
	CK_MECHANISM_TYPE mechanisms[200];
	CK_OBJECT_HANDLE keys[4];
	CK_ULONG count = SG_COUNT(slots);

	(void)state;
	told("C_GetSlotList lie=77; C_GetMechanismList lie=78");
	told("C_FindObjects lie=79; C_Sign lie=80 from=2");
	assert_int_equal(fn->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
	assert_int_equal(count, 77);
	count = SG_COUNT(mechanisms);
	assert_int_equal(
	    fn->C_GetMechanismList(slot, mechanisms, &count), CKR_OK);
	assert_int_equal(count, 78);
	assert_int_equal(find_keys(&private_class, keys), 79);
	assert_int_equal(sign(), CKR_OK);
	assert_int_equal(signature_len, 256);
	assert_int_equal(sign(), CKR_OK);
	assert_int_equal(signature_len, 80);
}

static void
an_attribute_has_another_length(void **state)
{
	CK_OBJECT_HANDLE keys[4];
	CK_BYTE label[64];
	CK_BYTE id[64];
	CK_ATTRIBUTE attrs[] = {
	    {CKA_LABEL, label, sizeof(label)},
	    {CKA_ID, id, sizeof(id)},
	};

	(void)state;
	assert_int_equal(find_keys(&private_class, keys), 1);
	told("C_GetAttributeValue lie=100000 attr=0x102");
	assert_int_equal(
	    fn->C_GetAttributeValue(session, keys[0], attrs, SG_COUNT(attrs)),
	    CKR_OK);
	assert_int_equal(attrs[0].ulValueLen, strlen(LABEL));
	assert_int_equal(attrs[1].ulValueLen, 100000);
}

static void
a_flipped_bit_spoils_a_signature(void **state)
{
	CK_BYTE right[256];

	(void)state;
	assert_int_equal(sign(), CKR_OK);
	memcpy(right, signature, sizeof(right));
	told("C_Sign flip=2047 times=1");
	assert_int_equal(sign(), CKR_OK);
	assert_int_equal(signature[255] ^ right[255], 0x80);
	assert_memory_equal(signature, right, 255);
	assert_int_equal(verify(), CKR_SIGNATURE_INVALID);
	assert_int_equal(sign(), CKR_OK);
	assert_int_equal(verify(), CKR_OK);
}

static CK_RV
sign_text(CK_BYTE text, CK_BYTE out[256])
{
	CK_BYTE other[] = {'a', text};
	CK_ULONG len = 256;
	CK_RV rv = begin_sign();

	if (rv != CKR_OK)
		return rv;
	return fn->C_Sign(session, other, sizeof(other), out, &len);
}

/* A session that the real module does not know shows who answers. */
static void
what_was_signed_once_is_recalled(void **state)
{
	CK_BYTE first[256];
	CK_BYTE again[256];
	CK_BYTE other[256];
	CK_MECHANISM how = {.mechanism = CKM_SHA256_RSA_PKCS};
	CK_OBJECT_HANDLE keys[4];
	CK_BYTE same[] = {'a', 'b'};
	CK_ULONG len = sizeof(again);

	(void)state;
	told("* recall");
	assert_int_equal(sign_text('b', first), CKR_OK);
	assert_int_equal(sign_text('c', other), CKR_OK);
	assert_memory_not_equal(first, other, 256);
	assert_int_equal(sign_text('b', first), CKR_OK);
	assert_int_equal(find_keys(&private_class, keys), 1);
	assert_int_equal(fn->C_SignInit(4711, &how, keys[0]), CKR_OK);
	assert_int_equal(fn->C_Sign(4711, same, 2, again, &len), CKR_OK);
	assert_int_equal(len, 256);
	assert_memory_equal(first, again, 256);
	assert_int_equal(fn->C_SignInit(4711, &how, keys[0] + 1),
	    CKR_SESSION_HANDLE_INVALID);
	fault->reset();
	assert_int_equal(sign_text('b', again), CKR_OK);
	assert_memory_equal(first, again, 256);
	assert_int_equal(
	    fn->C_SignInit(4711, &how, keys[0]), CKR_SESSION_HANDLE_INVALID);
}

static void
a_key_has_a_twin(void **state)
{
	CK_OBJECT_HANDLE keys[4];
	CK_BYTE label[64];
	CK_ATTRIBUTE attr = {CKA_LABEL, label, sizeof(label)};
	int i;

	(void)state;
	told("C_FindObjects twin times=1; C_FindObjects twice from=2");
	assert_int_equal(find_keys(&private_class, keys), 2);
	assert_int_not_equal(keys[0], keys[1]);
	for (i = 0; i < 2; i++) {
		attr.ulValueLen = sizeof(label);
		assert_int_equal(
		    fn->C_GetAttributeValue(session, keys[i], &attr, 1),
		    CKR_OK);
		assert_int_equal(attr.ulValueLen, strlen(LABEL));
		assert_memory_equal(label, LABEL, strlen(LABEL));
	}
	assert_int_equal(find_keys(&private_class, keys), 2);
	assert_int_equal(keys[0], keys[1]);
}

static void
pin_flags_are_set(void **state)
{
	const CK_FLAGS both = CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;
	CK_TOKEN_INFO info;

	(void)state;
	assert_int_equal(fn->C_GetTokenInfo(slot, &info), CKR_OK);
	assert_int_equal(info.flags & both, 0);
	told("C_GetTokenInfo flags=0x60000");
	assert_int_equal(fn->C_GetTokenInfo(slot, &info), CKR_OK);
	assert_int_equal(info.flags & both, both);
	assert_int_not_equal(info.flags & CKF_TOKEN_INITIALIZED, 0);
}

static void
sessions_are_limited(void **state)
{
	CK_SESSION_HANDLE second;
	CK_SESSION_HANDLE third;
	CK_TOKEN_INFO info;

	(void)state;
	told("C_OpenSession limit=2; C_GetTokenInfo limit=2");
	assert_int_equal(open_session_at(slot, &second), CKR_OK);
	assert_int_equal(open_session_at(slot, &third), CKR_SESSION_COUNT);
	assert_int_equal(fn->C_CloseSession(second), CKR_OK);
	assert_int_equal(open_session_at(slot, &third), CKR_OK);
	assert_int_equal(fn->C_GetTokenInfo(slot, &info), CKR_OK);
	assert_int_equal(info.ulMaxSessionCount, 2);
	assert_int_equal(counts().sessions, 2);
	assert_int_equal(counts().most_sessions, 2);
}

static void
pins_are_counted(void **state)
{
	(void)state;
	assert_int_equal(fn->C_Logout(session), CKR_OK);
	assert_int_equal(
	    fn->C_Login(session, CKU_USER, NULL, 0), CKR_ARGUMENTS_BAD);
	assert_int_equal(counts().pins, 0);
	assert_int_equal(log_in_rightly(), CKR_OK);
	assert_int_equal(log_in_rightly(), CKR_USER_ALREADY_LOGGED_IN);
	assert_int_equal(fn->C_Logout(session), CKR_OK);
	assert_int_equal(counts().pins_after_failure, 0);
	assert_int_equal(log_in_with("000000000000"), CKR_PIN_INCORRECT);
	assert_int_equal(counts().pins_after_failure, 0);
	assert_int_equal(log_in_rightly(), CKR_OK);
	assert_int_equal(counts().pins, 4);
	assert_int_equal(counts().pins_after_failure, 1);
}

static void
a_pin_counts_also_where_the_call_fails(void **state)
{
	(void)state;
	assert_int_equal(fn->C_Logout(session), CKR_OK);
	told("C_Login fail=CKR_DEVICE_ERROR times=1");
	assert_int_equal(log_in_rightly(), CKR_DEVICE_ERROR);
	assert_int_equal(log_in_rightly(), CKR_OK);
	assert_int_equal(counts().pins, 2);
	assert_int_equal(counts().pins_after_failure, 1);
}

static void *
ask_session_in_a_thread(void *ctx)
{
	*(CK_RV *)ctx = ask_session();
	return NULL;
}

static void
a_session_in_two_threads_is_seen(void **state)
{
	pthread_t thread;
	CK_RV rv = CKR_OK;

	(void)state;
	assert_int_equal(ask_session(), CKR_OK);
	assert_int_equal(counts().shared_sessions, 0);
	told("C_GetSessionInfo hang times=1");
	assert_int_equal(
	    pthread_create(&thread, NULL, ask_session_in_a_thread, &rv), 0);
	wait_for_calls(SG_FAULT_C_GetSessionInfo, 2);
	assert_int_equal(ask_session(), CKR_OK);
	assert_int_equal(counts().shared_sessions, 1);
	fault->reset();
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(rv, CKR_GENERAL_ERROR);
}

static void
the_file_has_a_line_a_call(void **state)
{
	char path[PATH_MAX];
	char line[64];
	SG_AUTO(sg_buf) before = read_file(scratch("calls", path));
	SG_AUTO(sg_buf) after = NULL;

	(void)state;
	(void)ask();
	(void)log_in_rightly();
	after = read_file(path);
	(void)snprintf(line, sizeof(line), "%ld C_GetInfo\n%ld C_Login pin\n",
	    (long)getpid(), (long)getpid());
	assert_string_equal(sg_buf_str(after) + before->len, line);
}

static void
a_rule_that_is_none_is_refused(void **state)
{
	static const char *const none[] = {"C_Nothing hang", "C_Sign",
	    "C_Sign explode", "C_Sign fail", "C_Sign fail=CKR_X",
	    "C_Sign hang=1", "C_Sign hang from=x", "C_Sign hang from",
	    "C_Sign fail=5 never=1", "C_Sign=1 hang", "C_Sign fail=5x",
	    "C_Sign fail=", "* hang; oops"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(none); i++)
		if (fault->script(none[i]) == NULL)
			fail_msg("\"%s\" was taken", none[i]);
	assert_null(fault->script(" ;\n ; "));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(without_rules_it_hands_on),
	    CASE(it_has_every_function),
	    CASE(it_counts_the_calls),
	    CASE(a_call_fails_as_often_as_told),
	    CASE(a_call_that_fails_does_nothing),
	    CASE(a_call_whose_answer_is_lost_is_done),
	    CASE(sleepers_do_not_wait_for_each_other),
	    CASE(a_call_hangs_until_the_reset),
	    CASE(the_process_dies),
	    CASE(sessions_are_dropped),
	    CASE(the_user_is_logged_out),
	    CASE(the_module_is_restarted),
	    CASE(the_token_is_out_for_some_calls),
	    CASE(the_token_is_out_for_a_time),
	    CASE(slot_ids_change_when_initialized_again),
	    CASE(lengths_and_counts_are_lies),
	    CASE(an_attribute_has_another_length),
	    CASE(a_flipped_bit_spoils_a_signature),
	    CASE(what_was_signed_once_is_recalled),
	    CASE(a_key_has_a_twin),
	    CASE(pin_flags_are_set),
	    CASE(sessions_are_limited),
	    CASE(pins_are_counted),
	    CASE(a_pin_counts_also_where_the_call_fails),
	    CASE(a_session_in_two_threads_is_seen),
	    CASE(the_file_has_a_line_a_call),
	    CASE(a_rule_that_is_none_is_refused),
	};
	char path[PATH_MAX];

	(void)must_getenv("SIGNET_MODULE");
	(void)setenv("SG_FAULT_COUNT", scratch("calls", path), 1);
	return cmocka_run_group_tests_name("module", tests, make_key, NULL);
}
