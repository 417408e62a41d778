/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_UAT_H
#define SG_TESTS_FAKE_UAT_H

/* UAT configurations behind a door whose service follows a script. */
#include "fake_http.h"

#include "base/text.h"
#include "client/session/api.h"
#include "client/uat/uat.h"

#define NOW    1800000000
#define HOST   "https://tcm.test"
#define ALL    HOST "/api/v1/uat-configurations"
#define ID     "d06c826a-0000-4000-8000-000000000001"
#define ONE    ALL "/" ID
#define UUID_1 "36a9d526-0000-4000-8000-000000000001"
#define PEM    "-----BEGIN PUBLIC KEY-----"

#define STEP(method, url, body) \
	method, url, body, "x-tableau-session-token", "tok"

#define SENT \
	"{\"name\":\"n\",\"issuer\":\"i\",\"publicKey\":\"" PEM "\"," \
	"\"usernameClaim\":\"email\",\"resourceIds\":[\"" UUID_1 "\"]," \
	"\"enabled\":true}"

#define SHOWN \
	"{\"configId\":\"" ID "\",\"name\":\"n\",\"issuer\":\"i\"," \
	"\"publicKeyActive\":\"" PEM "\",\"publicKey\":null," \
	"\"usernameClaim\":\"email\",\"resourceIds\":[\"" UUID_1 "\"]," \
	"\"enabled\":true}"

static char uuid[] = UUID_1;
static char *uuids[] = {uuid};
static const struct sg_list ids = {uuids, 1};

static const struct sg_uat_spec spec = {
    .name = "n",
    .issuer = "i",
    .public_key_pem = PEM,
    .username_claim = "email",
    .resource_ids = &ids,
    .enabled = true,
};

static inline enum sg_rc
login(void *ctx, struct sg_session **out_session, struct sg_err *err)
{
	enum sg_rc rc;

	(void)ctx;
	rc = sg_session_new(
	    SG_SERVICE_TCM, SG_SESSION_PAT, "tok", NOW, out_session, err);
	(*out_session)->base_url = strdup(HOST);
	return rc;
}

/* The service by a script. */
struct door {
	struct test_clock clock;
	struct sg_http *http;
	struct sg_api api;
	struct sg_uat uat;
};

static inline void
door_open(struct door *door, struct fake *fake)
{
	memset(door, 0, sizeof(*door));
	test_clock_set(&door->clock, NOW);
	door->http = fake_http(fake);
	door->api.service = SG_SERVICE_TCM;
	door->api.http = door->http;
	door->api.clock = &door->clock.clock;
	door->api.login = login;
	door->uat.api = &door->api;
}

static inline void
door_close(struct door *door, struct fake *fake)
{
	sg_api_close(&door->api);
	fake_end(fake, &door->http);
}

#endif
