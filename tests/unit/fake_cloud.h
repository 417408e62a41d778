/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_CLOUD_H
#define SG_TESTS_FAKE_CLOUD_H

/* A Cloud Manager with one configuration, and a pod, as steps of a script. */
#include "fake_signer.h"

#define TCM	  "https://tcm.test"
#define POD	  "https://pod.test"
#define CONFIGS	  TCM "/api/v1/uat-configurations"
#define CONFIG_ID "d06c826a-1111-4222-8333-944444444444"
#define ISSUER	  "https://signet.example.com"

#define SHOWN(id, issuer) \
	"{\"configId\":\"" id "\",\"tenantId\":\"" TENANT "\",\"name\":\"n\"," \
	"\"issuer\":\"" issuer "\",\"usernameClaim\":\"email\"," \
	"\"jwksUri\":\"https://keys.test/jwks.json\",\"resourceIds\":[\"" TENANT \
	"\"],\"scopes\":[\"tableau:content:read\"],\"enabled\":true}"

#define SIGN_IN(way, answer, tenant) \
	{ \
		.method = "POST", .url = TCM "/api/v1/" way "/login", \
		.status = answer, .date_s = NOW, \
		.reply = \
		    "{\"sessionToken\":\"t0ken\",\"tenantId\":\"" tenant "\"}" \
	}
#define LIST(answer) \
	{ \
		.method = "GET", .url = CONFIGS, \
		.header = "x-tableau-session-token", .auth = "t0ken", \
		.status = 200, .date_s = NOW, .reply = answer \
	}
#define SIGN_OUT \
	{ \
		.method = "DELETE", .url = TCM "/api/v2/sessions", \
		.header = "x-tableau-session-token", .auth = "t0ken", \
		.status = 204 \
	}

/* Open a run of uat check with a key at hand; PLAY comes first. */
static inline void
open_check(struct bench *b, struct fake_key *key, const char *const *words)
{
	set_claims();
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
	assert_ok(b, bench_open(b, words));
	if (key != NULL)
		bench_give_key(b, key);
}

#define CHECK(b, key, ...) open_check(b, key, LINE("uat", "check", __VA_ARGS__))

#endif
