/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/ladder.h"

#include <time.h>

#include "base/clock.h"

#define FIRST_PAUSE_MS 50
#define MOST_PAUSE_MS  400

/* How long a token that was lost is waited for. */
#define LOOK_MS 3000

/* The lowest rung that may mend a failure. What is not here is an answer: a
 * mechanism that the key has not, a PIN that is wrong. */
static const struct {
	CK_RV rv;
	enum sg_rung rung;
} mends[] = {
    {CKR_SESSION_HANDLE_INVALID, SG_RUNG_SESSION},
    {CKR_SESSION_CLOSED, SG_RUNG_SESSION},
    {CKR_OPERATION_ACTIVE, SG_RUNG_SESSION},
    {CKR_OPERATION_NOT_INITIALIZED, SG_RUNG_SESSION},
    {CKR_GENERAL_ERROR, SG_RUNG_SESSION},
    {CKR_FUNCTION_FAILED, SG_RUNG_SESSION},
    {CKR_HOST_MEMORY, SG_RUNG_SESSION},
    {CKR_DEVICE_MEMORY, SG_RUNG_SESSION},
    {CKR_DEVICE_ERROR, SG_RUNG_SESSION},
    {CKR_DEVICE_REMOVED, SG_RUNG_SESSION},
    {CKR_TOKEN_NOT_PRESENT, SG_RUNG_SESSION},
    {CKR_TOKEN_NOT_RECOGNIZED, SG_RUNG_SESSION},
    {CKR_SLOT_ID_INVALID, SG_RUNG_SESSION},
    {CKR_MUTEX_BAD, SG_RUNG_SESSION},
    {CKR_MUTEX_NOT_LOCKED, SG_RUNG_SESSION},
    {CKR_USER_NOT_LOGGED_IN, SG_RUNG_LOGIN},
    /* A private key is not there without a login: its handle dies with it. */
    {CKR_OBJECT_HANDLE_INVALID, SG_RUNG_LOGIN},
    {CKR_KEY_HANDLE_INVALID, SG_RUNG_LOGIN},
    {CKR_CRYPTOKI_NOT_INITIALIZED, SG_RUNG_MODULE},
};

static enum sg_rung
lowest_for(CK_RV rv)
{
	size_t i;

	for (i = 0; i < SG_COUNT(mends); i++)
		if (mends[i].rv == rv)
			return mends[i].rung;
	return rv >= CKR_VENDOR_DEFINED ? SG_RUNG_SESSION : SG_RUNG_NONE;
}

bool
sg_ladder_ends_session(CK_RV rv)
{
	enum sg_rung rung = lowest_for(rv);

	return rung == SG_RUNG_SESSION || rung == SG_RUNG_MODULE;
}

/* It may be put back. */
static bool
is_absent(CK_RV rv)
{
	return rv == CKR_DEVICE_REMOVED || rv == CKR_TOKEN_NOT_PRESENT ||
	       rv == CKR_SLOT_ID_INVALID;
}

struct sg_ladder
sg_ladder_start(int64_t timeout_ms)
{
	int64_t now_ms = sg_clock_mono_ms();
	struct sg_ladder ladder = {
	    .end_ms = now_ms + timeout_ms,
	    .look_end_ms =
		now_ms + (timeout_ms < LOOK_MS ? timeout_ms : LOOK_MS),
	    .pause_ms = FIRST_PAUSE_MS,
	};

	return ladder;
}

/* The last look is at the end, and also where a host that stood still made it
 * late: the token may be back. */
static bool
pause_before_look(struct sg_ladder *ladder)
{
	int64_t left_ms = ladder->look_end_ms - sg_clock_mono_ms();
	struct timespec pause;

	if (ladder->has_looked_last)
		return false;
	ladder->has_looked_last = left_ms <= ladder->pause_ms;
	if (ladder->has_looked_last)
		ladder->pause_ms = left_ms > 0 ? left_ms : 0;
	pause = sg_clock_timespec(ladder->pause_ms);
	(void)nanosleep(&pause, NULL);
	if (ladder->pause_ms < MOST_PAUSE_MS)
		ladder->pause_ms *= 2;
	return true;
}

enum sg_rung
sg_ladder_next(struct sg_ladder *ladder, CK_RV rv)
{
	enum sg_rung rung = lowest_for(rv);

	if (rung == SG_RUNG_NONE || sg_clock_mono_ms() >= ladder->end_ms)
		return SG_RUNG_NONE;
	if (ladder->last == SG_RUNG_MODULE)
		return is_absent(rv) && pause_before_look(ladder)
			   ? SG_RUNG_MODULE
			   : SG_RUNG_NONE;
	if (rung <= ladder->last)
		rung = (enum sg_rung)(ladder->last + 1);
	ladder->last = rung;
	return rung;
}
