/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_SESSION_IDENTITY_H
#define SG_CLIENT_SESSION_IDENTITY_H

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "client/session/session.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_json;
struct sg_jsonw;

/* Characters of an identity's name with their NUL. */
#define SG_IDENTITY_NAME_SIZE (2 * SG_SHA256_SIZE + 1)

/**
 * What a session was made with and for: two that differ in any of it never
 * share a session. Not secret. All borrowed; NULL where it does not apply.
 */
struct sg_identity {
	enum sg_service service;
	enum sg_session_kind kind;
	const char *base_url;
	const char *tenant_id;
	const char *site; /* content URL */
	const char *user; /* user name of the JWT, or name of the PAT */
	const char *key_uri;
	const char *claims; /* digest of what else it was bought with */
	const struct sg_list *scopes; /* neither order nor repeats matter */
};

/**
 * The name of an identity: SHA-256, in hex, of all that it is made of.
 *
 * @return SG_OK or SG_E_NOMEM; SG_E_USAGE when it is absurdly long.
 */
enum sg_rc sg_identity_name(const struct sg_identity *identity,
    char out_name[SG_IDENTITY_NAME_SIZE], struct sg_err *err) SG_WARN_UNUSED;

/** Is this text such a name? Then it is safe in a path. */
bool sg_identity_is_name(const char *text);

/** Write it as an object. */
void sg_identity_write(
    struct sg_jsonw *w, const char *name, const struct sg_identity *identity);

/**
 * Read what sg_identity_write() wrote.
 *
 * @param out_identity  Borrows from @p json and @p out_scopes.
 * @param out_scopes    Empty before; to be cleared by the caller even when
 *                      this fails.
 * @return SG_OK; SG_E_INVALID for what it did not write; SG_E_NOMEM.
 */
enum sg_rc sg_identity_read(const struct sg_json *json,
    struct sg_identity *out_identity, struct sg_list *out_scopes,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
