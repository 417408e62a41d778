/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_SESSION_SESSION_H
#define SG_CLIENT_SESSION_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_json;
struct sg_jsonw;
struct sg_secret;

/* A TCM session ends after so long without a request. */
#define SG_SESSION_IDLE_S (30 * 60)

/* Whole life of a TCM session, when the service's own word is unreadable. */
#define SG_SESSION_TCM_S (4 * 3600)

/* Whole life that we trust a Tableau session with: none is documented. */
#define SG_SESSION_TABLEAU_S (2 * 3600)

/** The service that a session is for. */
enum sg_service {
	SG_SERVICE_TCM,	    /* Tableau Cloud Manager */
	SG_SERVICE_TABLEAU, /* the REST API of a site */
};

/** What the session was bought with. */
enum sg_session_kind {
	SG_SESSION_JWT, /* a JWT that the token signed */
	SG_SESSION_PAT, /* a personal access token of TCM */
};

/** "tcm" or "tableau". */
const char *sg_service_name(enum sg_service service);

/** "jwt" or "pat". */
const char *sg_session_kind_name(enum sg_session_kind kind);

/** What became of one that was no use after its sign-in, for the error. */
const char *sg_session_end_text(bool is_out);

/** What the two names of service and kind stand for; false for other text or
 * NULL. */
bool sg_service_parse(const char *name, enum sg_service *out_service);
bool sg_session_kind_parse(const char *name, enum sg_session_kind *out_kind);

/** A sign-in that succeeded. Owns what it points to; NULL means unknown. */
struct sg_session {
	enum sg_service service;
	enum sg_session_kind kind;
	char *base_url; /* without the API's path; after redirects */
	char *tenant_id;
	char *user_id;
	char *site_id; /* UUID */
	char *site_content_url;
	char *api_version; /* of the Tableau REST API: "3.27"; not TCM */
	int64_t made_s;
	int64_t used_s;	   /* last request */
	int64_t expires_s; /* 0 when the service did not say */
	struct sg_secret *token;
};

/**
 * Make a session that has a token and no more.
 *
 * @param token_text  As the service sent it. SG_E_REFUSED when it is NULL,
 *                    empty, or holds what a header cannot carry.
 * @param now_s       Becomes made_s and used_s.
 */
enum sg_rc sg_session_new(enum sg_service service, enum sg_session_kind kind,
    const char *token_text, int64_t now_s, struct sg_session **out_session,
    struct sg_err *err) SG_WARN_UNUSED;

/** Wipe the token and release. Takes NULL; leaves NULL. */
void sg_session_free(struct sg_session **session);

/** The request header that carries the token to that service. */
const char *sg_session_header(const struct sg_session *session);

/**
 * When will it end, if it is not used again? Never 0.
 *
 * TCM: its expiry or 30 idle minutes. Tableau, which states neither: its
 * expiry, or two hours from when it was made.
 */
int64_t sg_session_ends(const struct sg_session *session);

/** May it be used now? Not when it was made in the future of our clock. */
bool sg_session_is_valid(const struct sg_session *session, int64_t now_s);

/** Do both carry the same token? */
bool sg_session_is_same(const struct sg_session *a, const struct sg_session *b);

/** Write it, token included, as an object. The buffer must be wiped. */
void sg_session_write(
    struct sg_jsonw *w, const char *name, const struct sg_session *session);

/**
 * Read what sg_session_write() wrote.
 *
 * @return SG_OK; SG_E_INVALID when a member is missing or malformed;
 *         SG_E_NOMEM.
 */
enum sg_rc sg_session_read(const struct sg_json *json,
    struct sg_session **out_session, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
