/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_UAT_APP_H
#define SG_TESTS_FAKE_UAT_APP_H

/* Commands on UAT configurations, with a Cloud Manager that follows a script.
 */
#include "fake_app.h"

#define TCM    "https://tcm.test"
#define ALL    TCM "/api/v1/uat-configurations"
#define ID     "d06c826a-1111-4222-8333-944444444444"
#define ONE    ALL "/" ID
#define ISSUER "https://signet.example.com"
#define PEM    "-----BEGIN PUBLIC KEY-----\\nMIIB\\n-----END PUBLIC KEY-----"

#define RSA_PEM(nl) \
	"-----BEGIN PUBLIC KEY-----" nl \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj" nl \
	"NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz" nl \
	"P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo" nl \
	"9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB" nl \
	"EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX" nl \
	"FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp" nl \
	"oQIDAQAB" nl "-----END PUBLIC KEY-----" nl
#define EC_PEM \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6wntBZW7irAj7bBuoKRRjVCilG11\n" \
	"1IqCwP0xWh9yGNImywsdgF0ewo/Ikc6fhtIaU3iOeSWvXcs1V5FIUfjlRw==\n" \
	"-----END PUBLIC KEY-----\n"

#define SHOWN \
	"{\"id\":\"UatConfigurationId{x}\",\"configId\":\"" ID \
	"\",\"name\":\"n\",\"issuer\":\"" ISSUER "\"," \
	"\"publicKeyActive\":\"" PEM "\",\"usernameClaim\":\"email\"," \
	"\"resourceIds\":[\"" TENANT "\",\"" SITE "\"]," \
	"\"scopes\":[\"tableau:content:read\"],\"enabled\":true}"

/* How every door begins here, where no session is kept. */
#define SIGN_IN \
	{ \
		.method = "POST", .url = TCM "/api/v1/pat/login", \
		.body = "{\"token\":\"s3cret\"}", .status = 200, \
		.reply = "{\"sessionToken\":\"tok\"}" \
	}
#define SIGN_OUT \
	{ \
		CALL("DELETE", TCM "/api/v2/sessions", NO_BODY), .status = 204 \
	}
#define CALL(what, where, sent) \
	.method = what, .url = where, .body = sent, \
	.header = "x-tableau-session-token", .auth = "tok"

static inline void
set_tcm(void)
{
	(void)setenv("CLOUD_MANAGER_TENANT_ID", TENANT, 1);
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
	(void)setenv("SIGNET_ISSUER", ISSUER, 1);
	(void)setenv("SIGNET_SCOPES", "tableau:content:read", 1);
	(void)setenv("SIGNET_MODULE", MODULE, 1);
}

#define UAT(b, ...) RUN(b, "uat", __VA_ARGS__, "--pat", "--no-cache")

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

#endif
