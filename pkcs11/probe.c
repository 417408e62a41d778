/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/probe.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/utf8.h"
#include "pkcs11/call.h"
#include "pkcs11/login.h"
#include "pkcs11/mechanisms.h"
#include "pkcs11/object.h"
#include "pkcs11/p11.h"
#include "pkcs11/policy.h"
#include "pkcs11/search.h"
#include "pkcs11/token.h"

#define TRIES	 5
#define CHILD_MS 10000

/* No JWT and no certificate begins like this. */
static const char probe_text[] = "signet: doctor signs this text alone";

static void
answer(struct sg_probe_answer *out, const char *text)
{
	(void)snprintf(out->text, sizeof(out->text), "%s", text);
}

/* A field padded with blanks. */
static void
take_field(char *out, const CK_UTF8CHAR *field, size_t len)
{
	while (len > 0 && (field[len - 1] == ' ' || field[len - 1] == '\0'))
		len--;
	memcpy(out, field, len);
	out[len] = '\0';
	sg_utf8_make_safe(out);
}

static enum sg_rc
probe_info(
    const struct sg_token_p11 *p11, struct sg_probe *probe, struct sg_err *err)
{
	CK_INFO info = {0};
	CK_RV rv = sg_call_get_info(p11->module, &info);

	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv, "ask the module what it is");
	take_field(probe->manufacturer, info.manufacturerID,
	    sizeof(info.manufacturerID));
	take_field(probe->description, info.libraryDescription,
	    sizeof(info.libraryDescription));
	(void)snprintf(probe->library_version, sizeof(probe->library_version),
	    "%u.%u", info.libraryVersion.major, info.libraryVersion.minor);
	(void)snprintf(probe->cryptoki_version, sizeof(probe->cryptoki_version),
	    "%u.%u", info.cryptokiVersion.major, info.cryptokiVersion.minor);
	return SG_OK;
}

static int64_t
count_told(CK_ULONG count)
{
	if (count == CK_UNAVAILABLE_INFORMATION || count > INT32_MAX)
		return -1;
	return (int64_t)count; /* CK_EFFECTIVELY_INFINITE is 0 */
}

/* Every RSA mechanism that is listed or described. */
static void
probe_each_mechanism(const struct sg_token_p11 *p11,
    const CK_MECHANISM_TYPE *list, CK_ULONG count, struct sg_probe *probe)
{
	unsigned long type = 0;
	size_t i;

	for (i = 0; sg_policy_known_mechanism(i, &type); i++) {
		struct sg_probe_mechanism m = {.type = type};
		CK_MECHANISM_INFO info = {0};

		m.is_described = sg_call_get_mechanism_info(p11->module,
				     p11->slot, type, &info) == CKR_OK;
		m.is_listed = list != NULL
				  ? sg_mechanisms_may_have(list, count, type)
				  : m.is_described;
		m.signs = (info.flags & CKF_SIGN) != 0;
		m.generates = (info.flags & CKF_GENERATE_KEY_PAIR) != 0;
		m.min_bits = info.ulMinKeySize;
		m.max_bits = info.ulMaxKeySize;
		if (m.is_described && !m.is_listed)
			probe->quirks[SG_QUIRK_DESCRIBES_REMOVED] = true;
		if ((m.is_described || m.is_listed) &&
		    probe->mechanism_count < SG_PROBE_MECHANISMS)
			probe->mechanisms[probe->mechanism_count++] = m;
	}
}

static void
probe_mechanisms(const struct sg_token_p11 *p11, struct sg_probe *probe)
{
	CK_ULONG count = 0;
	CK_MECHANISM_TYPE *list =
	    sg_mechanisms_list(p11->module, p11->slot, &count);

	probe_each_mechanism(p11, list, count, probe);
	free(list);
}

static enum sg_fact
is_logged_in(const struct sg_token_p11 *p11, CK_SESSION_HANDLE session)
{
	CK_SESSION_INFO info = {0};

	if (sg_call_get_session_info(p11->module, session, &info) != CKR_OK)
		return SG_FACT_UNKNOWN;
	return info.state == CKS_RO_USER_FUNCTIONS ||
		       info.state == CKS_RW_USER_FUNCTIONS
		   ? SG_FACT_YES
		   : SG_FACT_NO;
}

/* What one more session sees, opened and closed again. */
static enum sg_fact
new_session_is_logged_in(const struct sg_token_p11 *p11)
{
	CK_SESSION_HANDLE session = 0;
	enum sg_fact fact;

	if (sg_call_open_session(
		p11->module, p11->slot, CKF_SERIAL_SESSION, &session) != CKR_OK)
		return SG_FACT_UNKNOWN;
	fact = is_logged_in(p11, session);
	(void)sg_call_close_session(p11->module, session);
	return fact;
}

/* The PIN that the token took in this run costs no try, unless it was changed
 * since: so by the rules of any other login. */
static void
probe_second_login(struct sg_token *token, struct sg_probe *probe)
{
	CK_RV rv = CKR_OK;

	answer(&probe->second_login, "not tried");
	if (sg_login_for_probe(sg_token_login_of(token), sg_token_p11(token),
		&rv, NULL) == SG_OK)
		answer(&probe->second_login, sg_ckr_name(rv));
}

/* Last of all, as it takes the sessions away. */
static void
probe_last_session(struct sg_token *token, struct sg_probe *probe)
{
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	enum sg_fact after;

	if (!probe->login_required ||
	    is_logged_in(p11, p11->session) != SG_FACT_YES ||
	    sg_call_close_session(p11->module, p11->session) != CKR_OK)
		return;
	after = new_session_is_logged_in(p11);
	if (after != SG_FACT_UNKNOWN)
		probe->last_session_logs_out =
		    after == SG_FACT_NO ? SG_FACT_YES : SG_FACT_NO;
}

/* A parent that does not read any more needs no answer. */
static void
tell(int fd, CK_RV rv)
{
	if (write(fd, &rv, sizeof(rv)) < 0)
		return;
}

/* The child must run nothing of ours at its end, nor of the module's. */
static void
live_as_child(const struct sg_token_p11 *p11, int fd)
{
	struct sg_module module = *p11->module;
	CK_SESSION_INFO info = {0};

	module.hooks = NULL;			/* their thread is not here */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it has a copy of the PIN */
	tell(fd, sg_call_get_session_info(&module, p11->session, &info));
	tell(fd, sg_module_initialize(&module));
	(void)kill(getpid(), SIGKILL);
}

/* What is there counts, however late this process comes to look. */
static void
hear(int fd, int64_t end_ms, struct sg_probe_answer *out)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	int64_t left_ms = end_ms - sg_clock_mono_ms();
	CK_RV rv = CKR_OK;

	if (poll(&ready, 1, left_ms > 0 ? (int)left_ms : 0) <= 0)
		answer(out, "hangs");
	else if (read(fd, &rv, sizeof(rv)) == (ssize_t)sizeof(rv))
		answer(out, sg_ckr_name(rv));
	else
		answer(out, "crashes");
}

static void
probe_fork(const struct sg_token_p11 *p11, struct sg_probe *probe)
{
	int64_t end_ms = sg_clock_mono_ms() + CHILD_MS;
	int fds[2];
	pid_t pid;

	answer(&probe->handle_in_child, "not tried");
	answer(&probe->init_in_child, "not tried");
	if (pipe(fds) != 0)
		return;
	pid = fork();
	if (pid == 0) {
		(void)close(fds[0]);
		live_as_child(p11, fds[1]);
	}
	(void)close(fds[1]);
	if (pid > 0) {
		hear(fds[0], end_ms, &probe->handle_in_child);
		hear(fds[0], end_ms, &probe->init_in_child);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	(void)close(fds[0]);
}

static int
by_size(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static int64_t
median(int64_t times[TRIES])
{
	qsort(times, TRIES, sizeof(times[0]), by_size);
	return times[TRIES / 2];
}

static enum sg_rc
probe_find(struct sg_token *token, const struct sg_uri *uri,
    struct sg_probe *probe, struct sg_object **out_object, struct sg_err *err)
{
	SG_AUTO(sg_object) object = NULL;
	int64_t times[TRIES];
	enum sg_rc rc;
	int i;

	for (i = 0; i < TRIES; i++) {
		int64_t start_us = sg_clock_mono_us();

		sg_object_free(&object);
		rc = sg_search_one(sg_token_p11(token), uri, &object, err);
		if (rc != SG_OK)
			return rc;
		times[i] = sg_clock_mono_us() - start_us;
	}
	probe->find_us = median(times);
	(void)snprintf(
	    probe->key_uri, sizeof(probe->key_uri), "%s", object->uri);
	*out_object = object;
	object = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
sign_text(struct sg_key *key, struct sg_buf **out_sig, struct sg_err *err)
{
	return sg_key_sign(key, (const uint8_t *)probe_text,
	    sizeof(probe_text) - 1, out_sig, err);
}

static enum sg_rc
time_signatures(struct sg_key *key, struct sg_probe *probe, struct sg_err *err)
{
	int64_t times[TRIES];
	enum sg_rc rc;
	int i;

	for (i = 0; i < TRIES; i++) {
		SG_AUTO(sg_buf) sig = NULL;
		int64_t start_us = sg_clock_mono_us();

		rc = sign_text(key, &sig, err);
		if (rc != SG_OK)
			return rc;
		times[i] = sg_clock_mono_us() - start_us;
	}
	probe->sign_us = median(times);
	return SG_OK;
}

/* A key that signs with the one mechanism that it is told: through sg_key_sign
 * like any other, so that the policy holds for it as well. */
struct fixed_key {
	const struct sg_token_p11 *p11;
	const struct sg_object *object;
	CK_MECHANISM_TYPE mechanism;
};

static enum sg_rc
fixed_sign(void *impl, const uint8_t *msg, size_t len, struct sg_buf **out_sig,
    struct sg_err *err)
{
	const struct fixed_key *key = impl;
	const struct sg_token_p11 *p11 = key->p11;
	SG_AUTO(sg_buf) sig = sg_buf_new(SG_MODULUS_MAX);
	uint8_t info[SG_DIGEST_INFO_SIZE];
	uint8_t bytes[SG_MODULUS_MAX];
	CK_ULONG sig_len = sizeof(bytes);
	enum sg_rc rc;
	CK_RV rv;

	if (key->mechanism == CKM_RSA_PKCS) {
		sg_mechanisms_digest_info(msg, len, info);
		msg = info;
		len = sizeof(info);
	}
	rv = sg_call_sign_init(
	    p11->module, p11->session, key->mechanism, key->object->handle);
	if (rv == CKR_OK)
		rv = sg_call_sign(
		    p11->module, p11->session, msg, len, bytes, &sig_len);
	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv, "sign with one mechanism");
	if (sig_len > sizeof(bytes))
		return sg_fail(err, SG_E_TOKEN,
		    "the token gave a signature of %lu bytes", sig_len);
	sg_buf_add(sig, bytes, sig_len);
	rc = sg_buf_check(sig, "a signature", err);
	if (rc != SG_OK)
		return rc;
	*out_sig = sig;
	sig = NULL; /* now the caller's */
	return SG_OK;
}

static const struct sg_key_info *
fixed_info(void *impl)
{
	return &((const struct fixed_key *)impl)->object->info;
}

static void
fixed_release(void *impl)
{
	(void)impl; /* the caller's */
}

static const struct sg_key_ops fixed_ops = {
    .sign = fixed_sign,
    .info = fixed_info,
    .release = fixed_release,
};

static enum sg_rc
sign_with(struct sg_token *token, const struct sg_object *object,
    CK_MECHANISM_TYPE mechanism, unsigned int allowed, struct sg_buf **out_sig,
    struct sg_probe_answer *out_answer)
{
	struct fixed_key fixed = {sg_token_p11(token), object, mechanism};
	SG_AUTO(sg_key) key = NULL;
	struct sg_err err = {0};
	enum sg_rc rc;

	rc = sg_key_new(&fixed_ops, &fixed, &key, NULL);
	if (rc != SG_OK)
		return rc;
	sg_key_allow(key, allowed);
	rc = sign_text(key, out_sig, &err);
	if (rc == SG_OK || rc == SG_E_TOKEN || err.native != 0)
		answer(out_answer, sg_ckr_name((CK_RV)err.native));
	return rc;
}

/* One that does not verify outweighs any that does. */
static void
judge(const struct sg_object *object, const struct sg_buf *sig,
    sg_probe_verify *verify, struct sg_probe *probe)
{
	if (sig == NULL || probe->verifies == SG_FACT_NO)
		return;
	probe->verifies =
	    verify(&object->info, probe_text, sizeof(probe_text) - 1, sig)
		? SG_FACT_YES
		: SG_FACT_NO;
}

/* A key that wants its PIN each time leaves this unknown, and so does a token
 * that does not do both with it. */
static void
compare_mechanisms(struct sg_token *token, const struct sg_object *object,
    unsigned int allowed, sg_probe_verify *verify, struct sg_probe *probe)
{
	SG_AUTO(sg_buf) hashed = NULL;
	SG_AUTO(sg_buf) raw = NULL;
	enum sg_rc rc_hashed;
	enum sg_rc rc_raw;

	if (object->info.facts[SG_KEY_ALWAYS_AUTHENTICATE] == SG_FACT_YES)
		return;
	rc_hashed = sign_with(token, object, CKM_SHA256_RSA_PKCS, allowed,
	    &hashed, &probe->sha256_rsa_pkcs);
	rc_raw = sign_with(
	    token, object, CKM_RSA_PKCS, allowed, &raw, &probe->rsa_pkcs);
	judge(object, hashed, verify, probe);
	judge(object, raw, verify, probe);
	if (rc_hashed != SG_OK || rc_raw != SG_OK)
		return;
	probe->mechanisms_agree =
	    hashed->len == raw->len &&
		    memcmp(hashed->data, raw->data, raw->len) == 0
		? SG_FACT_YES
		: SG_FACT_NO;
}

static enum sg_rc
probe_key(struct sg_token *token, const struct sg_uri *uri,
    unsigned int allowed, sg_probe_verify *verify, struct sg_probe *probe,
    struct sg_err *err)
{
	SG_AUTO(sg_object) object = NULL;
	SG_AUTO(sg_key) key = NULL;
	enum sg_rc rc;

	rc = probe_find(token, uri, probe, &object, err);
	if (rc == SG_OK)
		rc = sg_key_find(token, uri, &key, err);
	if (rc != SG_OK)
		return rc;
	sg_key_allow(key, allowed);
	rc = time_signatures(key, probe, err);
	if (rc != SG_OK)
		return rc;
	compare_mechanisms(token, object, allowed, verify, probe);
	return SG_OK;
}

enum sg_rc
sg_probe_run(struct sg_token *token, const struct sg_uri *uri,
    unsigned int allowed, sg_probe_verify *verify, struct sg_probe *out_probe,
    struct sg_err *err)
{
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	struct sg_probe probe = {.find_us = -1, .sign_us = -1};
	struct sg_err problem = {0};
	enum sg_rc rc;
	size_t i;

	rc = probe_info(p11, &probe, err);
	if (rc != SG_OK)
		return rc;
	for (i = 0; i < SG_QUIRK_COUNT; i++)
		probe.quirks[i] =
		    sg_quirk_has(sg_token_info(token), (enum sg_quirk)i);
	probe.login_required = sg_token_info(token)->login_required;
	probe.max_sessions = count_told(p11->info.ulMaxSessionCount);
	probe.max_rw_sessions = count_told(p11->info.ulMaxRwSessionCount);
	probe_mechanisms(p11, &probe);
	answer(&probe.sha256_rsa_pkcs, "not tried");
	answer(&probe.rsa_pkcs, "not tried");
	rc = probe_key(token, uri, allowed, verify, &probe, &problem);
	if (rc == SG_E_NOMEM)
		return sg_fail_nomem(err);
	(void)snprintf(probe.key_problem, sizeof(probe.key_problem), "%.500s",
	    problem.text);
	if (probe.login_required)
		probe.login_is_shared = new_session_is_logged_in(p11);
	probe_second_login(token, &probe);
	probe_fork(p11, &probe);
	probe_last_session(token, &probe);
	*out_probe = probe;
	return SG_OK;
}
