/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_UAT_UAT_DIFF_H
#define SG_CLIENT_UAT_UAT_DIFF_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_json;
struct sg_uat_config;
struct sg_uat_spec;

/** What two configurations can differ in: bits of one number. */
enum sg_uat_part {
	SG_UAT_PART_NAME = 1 << 0,
	SG_UAT_PART_KEY = 1 << 1, /* public key or jwksUri */
	SG_UAT_PART_ISSUER = 1 << 2,
	SG_UAT_PART_CLAIM = 1 << 3,
	SG_UAT_PART_RESOURCES = 1 << 4,
	SG_UAT_PART_SCOPES = 1 << 5,
	SG_UAT_PART_ENABLED = 1 << 6,
};

/**
 * In what does a configuration differ from what was asked for?
 *
 * Keys are compared as keys, however their PEM is written; resources and
 * scopes as sets, since the service keeps an order of its own.
 *
 * @return Bits of enum sg_uat_part; 0 when they are the same.
 */
unsigned int sg_uat_diff(
    const struct sg_uat_spec *spec, const struct sg_uat_config *config);

/** Append the names of the parts, such as "key, scopes". */
void sg_uat_diff_add(unsigned int parts, struct sg_buf *out);

/** Is it the same public key, in two PEM texts? NULL is no key. */
bool sg_uat_diff_same_key(const char *pem, const char *other);

/**
 * Did a configuration stay as it was, between two answers of the service?
 *
 * The members that we know count, except the ids; of others nobody knows
 * whether they move by themselves. The order of resources and scopes does not.
 */
bool sg_uat_diff_unchanged(
    const struct sg_json *before, const struct sg_json *after);

/**
 * Is what was sent what the service shows? The public key that is sent as
 * publicKey is shown as publicKeyActive. What it does not show is not judged,
 * nor are members that we do not know.
 *
 * @param out_part  A member that is not, where the answer is no.
 */
bool sg_uat_diff_arrived(const struct sg_json *sent,
    const struct sg_json *shown, const char **out_part);

#ifdef __cplusplus
}
#endif

#endif
