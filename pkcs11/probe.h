/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_PROBE_H
#define SG_PKCS11_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pkcs11/key.h"
#include "pkcs11/quirks.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_token;
struct sg_uri;

#define SG_PROBE_MECHANISMS 32

/** What a module says of one RSA mechanism. */
struct sg_probe_mechanism {
	unsigned long type;
	bool is_listed;	   /* by C_GetMechanismList, where there is a list */
	bool is_described; /* by C_GetMechanismInfo */
	bool signs;
	bool generates;
	unsigned long min_bits; /* as told: some tell bytes, some 0 */
	unsigned long max_bits;
};

/** The name of a CK_RV, or "hangs", "crashes" or "not tried". */
struct sg_probe_answer {
	char text[48];
};

/** How a module behaves. */
struct sg_probe {
	/* C_GetInfo; without padding, safe to show */
	char manufacturer[33];
	char description[33];
	char library_version[16];
	char cryptoki_version[16];
	struct sg_probe_mechanism mechanisms[SG_PROBE_MECHANISMS];
	size_t mechanism_count;
	bool login_required;
	/* Most sessions: 0 for no limit, -1 when it does not tell. */
	int64_t max_sessions;
	int64_t max_rw_sessions;
	struct sg_probe_answer second_login;	/* after one that went well */
	enum sg_fact login_is_shared;		/* by a session opened later */
	enum sg_fact last_session_logs_out;	/* closing it does */
	struct sg_probe_answer handle_in_child; /* C_GetSessionInfo */
	struct sg_probe_answer init_in_child;	/* C_Initialize */
	bool quirks[SG_QUIRK_COUNT];		/* known or seen */
	/* With a key: medians, in microseconds; -1 when not measured. */
	int64_t find_us;
	int64_t sign_us;
	struct sg_probe_answer sha256_rsa_pkcs; /* signing with each */
	struct sg_probe_answer rsa_pkcs;
	/* and do both give the same bytes? */
	enum sg_fact mechanisms_agree;
	enum sg_fact verifies; /* are the signatures the public key's? */
	char key_uri[1024];    /* "" without a key */
	char key_problem[512]; /* why there is none, or why it did not sign */
};

/** Who verifies has the public key's arithmetic, which is not this layer's. */
typedef bool sg_probe_verify(const struct sg_key_info *key, const void *msg,
    size_t len, const struct sg_buf *sig);

/**
 * Find out how a module behaves.
 *
 * What it signs is a fixed text that is no JWT, and with a key that keeps the
 * policy or is allowed not to. The right PIN is sent once more, by the rules of
 * any login, and for each signature of a key that wants it. Afterwards no
 * session is left, so nothing but freeing should be done with the token.
 *
 * @param token    Logged in.
 * @param uri      Of the key; without one, or with one that does not sign, the
 *                 rest is found out all the same.
 * @param allowed  Rules of the policy that the key may break.
 * @param verify   Is this signature the key's? What signs is not believed.
 * @return SG_OK; SG_E_TOKEN when the module does not even answer C_GetInfo;
 *         SG_E_NOMEM.
 *
 * Forks a child to see what the module does there, and gives it 5 seconds. One
 * thread.
 */
enum sg_rc sg_probe_run(struct sg_token *token, const struct sg_uri *uri,
    unsigned int allowed, sg_probe_verify *verify, struct sg_probe *out_probe,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
