/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_LADDER_H
#define SG_PKCS11_LADDER_H

#include "pkcs11/p11.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What may mend a failure, the least first. */
enum sg_rung {
	SG_RUNG_NONE,	 /* nothing does: the failure is the answer */
	SG_RUNG_SESSION, /* a new session */
	SG_RUNG_LOGIN,	 /* log in again */
	SG_RUNG_KEY,	 /* find the key again */
	SG_RUNG_MODULE,	 /* finalize, initialize, and all of the above */
};

/** How far a piece of work has climbed. */
struct sg_ladder {
	enum sg_rung last;
	int64_t end_ms; /* of sg_clock_mono_ms(): no step begins after it */
	int64_t look_end_ms; /* of the looks for a token that is gone */
	int64_t pause_ms;    /* before the next look */
	bool has_looked_last;
};

/** Is a session to be given up after this failure? One that is logged out, or
 * does not know a key, is as good as another. */
bool sg_ladder_ends_session(CK_RV rv);

struct sg_ladder sg_ladder_start(int64_t timeout_ms);

/**
 * Choose the step after a failure: never a lower one than before, and each
 * once, but for a token that is gone, which is looked for until 3 s are over,
 * or the timeout where that is less, and then once more. Sleeps between two
 * such looks.
 *
 * @param rv  What failed; 0 for a failure that was not the module's.
 */
enum sg_rung sg_ladder_next(struct sg_ladder *ladder, CK_RV rv);

#ifdef __cplusplus
}
#endif

#endif
