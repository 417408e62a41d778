/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_BUF_H
#define SG_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Growable bytes with a hard maximum.
 *
 * Adding never fails at the call: a buffer that ran out of memory or passed
 * its maximum remembers that and ignores what follows, so that a run of adds
 * is checked once, with sg_buf_check(). The bytes are always followed by a
 * NUL that len does not count. Old storage is wiped on growth and release,
 * since buffers carry JWTs and replies. Not for two threads at once.
 */
struct sg_buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	size_t max;
	bool too_large;
	bool out_of_memory;
};

/**
 * Make an empty buffer.
 *
 * @param max  Most bytes it will ever hold.
 * @return NULL when out of memory: every sg_buf_ function takes that, and
 *         sg_buf_check() reports it. Free with sg_buf_free().
 */
struct sg_buf *sg_buf_new(size_t max);

/** Wipe and release. Takes NULL; leaves NULL. */
void sg_buf_free(struct sg_buf **buf);

void sg_buf_add(struct sg_buf *buf, const void *data, size_t len);
void sg_buf_add_str(struct sg_buf *buf, const char *text);
void sg_buf_add_byte(struct sg_buf *buf, uint8_t byte);
void sg_buf_addf(struct sg_buf *buf, const char *format, ...) SG_PRINTF(2, 3);

/**
 * Add a string with its length in front, so that no two rows of strings make
 * the same bytes: what is to be told apart by a digest. NULL is not "".
 */
void sg_buf_add_counted(struct sg_buf *buf, const char *text);

/** Make it empty again, wiping what it held; clears a remembered failure. */
void sg_buf_reset(struct sg_buf *buf);

/** The bytes as a string; "" for NULL. Valid until the next add. */
const char *sg_buf_str(const struct sg_buf *buf);

/**
 * Did every add so far succeed?
 *
 * @param what  Named in the error, e.g. "the reply".
 * @return SG_OK; SG_E_NOMEM; SG_E_USAGE when the maximum was passed.
 */
enum sg_rc sg_buf_check(const struct sg_buf *buf, const char *what,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
