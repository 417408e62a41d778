/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_CHECK_JWKS_ANSWER_H
#define SG_CLIENT_CHECK_JWKS_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sg_http_reply;
struct sg_points;

/**
 * The longest that any cache may keep an answer, in seconds. RFC 9111 §5.2.2:
 * the larger of max-age and s-maxage; 0 with no-store or no-cache.
 *
 * @param cache_control  Fields joined by commas; NULL for none.
 * @return -1 when it is not told.
 */
int64_t sg_jwks_max_age(const char *cache_control);

/**
 * Look at how a JWK Set is answered, apart from the set itself: the points
 * answer, status, type, cache and size of sg_jwks_check().
 *
 * @param took_ms  From the request to the end of the answer.
 * @return false when there is no set: the status is another than 200.
 */
bool sg_jwks_check_answer(const struct sg_http_reply *reply, int64_t took_ms,
    struct sg_points *points);

#ifdef __cplusplus
}
#endif

#endif
