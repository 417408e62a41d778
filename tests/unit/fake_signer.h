/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_SIGNER_H
#define SG_TESTS_FAKE_SIGNER_H

/* A run of the program whose key is at hand: no token is opened. */
#include "fake_app.h"
#include "fake_key.h"

#include "signer/signer.h"

/* The key must live as long as the run. */
static inline void
bench_give_key(struct bench *b, struct fake_key *key)
{
	b->app.key = fake_key_new(key);
	assert_ok(b,
	    sg_signer_new(b->app.key, b->app.clock, &b->app.signer, &b->err));
}

#endif
