/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_TCM_H
#define SG_TESTS_FAKE_TCM_H

/* A door to a service that follows a script, signed in from the start. */
#include "fake_http.h"

#include "client/session/api.h"

#define TCM	"https://tcm.test"
#define V1	TCM "/api/v1"
#define TENANT	"36a9d526-0000-4000-8000-000000000001"
#define TENANTS V1 "/tenants/" TENANT

/* The first members of a step: a call with the session's token. */
#define CALL(method, url, body) \
	method, url, body, "x-tableau-session-token", "tok"
#define GETS(url) CALL("GET", url, NO_BODY), .status = 200

struct fake_tcm {
	struct test_clock clock;
	struct sg_http *http;
	struct sg_api api;
	const char *tenant_id; /* of the session */
};

static inline enum sg_rc
fake_tcm_login(void *ctx, struct sg_session **out_session, struct sg_err *err)
{
	const struct fake_tcm *tcm = ctx;
	enum sg_rc rc;

	rc = sg_session_new(tcm->api.service, SG_SESSION_PAT, "tok",
	    tcm->clock.now_s, out_session, err);
	assert_int_equal(rc, SG_OK);
	(*out_session)->base_url = strdup(TCM);
	(*out_session)->api_version = strdup("3.27");
	if (tcm->tenant_id != NULL)
		(*out_session)->tenant_id = strdup(tcm->tenant_id);
	return rc;
}

static inline void
fake_tcm_open(struct fake_tcm *tcm, struct fake *fake)
{
	memset(tcm, 0, sizeof(*tcm));
	tcm->tenant_id = TENANT;
	test_clock_set(&tcm->clock, 1800000000);
	tcm->http = fake_http(fake);
	tcm->api.service = SG_SERVICE_TCM;
	tcm->api.http = tcm->http;
	tcm->api.clock = &tcm->clock.clock;
	tcm->api.login = fake_tcm_login;
	tcm->api.login_ctx = tcm;
}

static inline void
fake_tcm_close(struct fake_tcm *tcm, struct fake *fake)
{
	sg_api_close(&tcm->api);
	fake_end(fake, &tcm->http);
}

#endif
