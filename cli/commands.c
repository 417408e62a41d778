/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/opt.h"

/* What every JWT is made of. */
#define JWT_OPTS \
	OPT_SCOPE, OPT_LIFETIME, OPT_CLAIM, OPT_CLAIMS, OPT_USER, OPT_ISSUER, \
	    OPT_KID

/* How to come to a session of Cloud Manager. */
#define TCM_OPTS OPT_PAT, OPT_JWT, OPT_SCOPE, OPT_NO_CACHE

const struct command commands[] = {
    {"token", "list", "", 0, 0, "list modules and tokens, and what each can do",
	cmd_token_list, {OPT_END}},
    {"key", "generate", "", 0, 0,
	"make a signing key that can never leave the token", cmd_key_generate,
	{OPT_LABEL, OPT_ID, OPT_BITS, OPT_END}},
    {"key", "list", "", 0, 0, "list the private keys as URIs", cmd_key_list,
	{OPT_END}},
    {"key", "show", "[URI]", 0, 1, "show a key and its attributes",
	cmd_key_show, {OPT_END}},
    {"key", "export", "[URI]", 0, 1, "write the public key", cmd_key_export,
	{OPT_FORMAT, OPT_OUTPUT, OPT_KID, OPT_END}},
    {"jwt", "sign", "", 0, 0, "sign one UAT JWT and print it", cmd_jwt_sign,
	{JWT_OPTS, OPT_END}},
    {"jwt", "inspect", "[FILE|-]", 0, 1,
	"show what a JWT says, without verifying it", cmd_jwt_inspect,
	{OPT_END}},
    {"jwt", "verify", "[FILE|-]", 0, 1,
	"verify a JWT with the token's key, or with --key FILE or --jwks",
	cmd_jwt_verify, {OPT_JWKS, OPT_ISSUER, OPT_END}},
    {"uat", "create", "", 0, 0,
	"make a UAT configuration with the token's public key", cmd_uat_create,
	{OPT_NAME, OPT_ISSUER, OPT_USERNAME_CLAIM, OPT_RESOURCE, OPT_PUBLIC_KEY,
	    OPT_JWKS_URI, OPT_DISABLED, TCM_OPTS, OPT_END}},
    {"uat", "list", "", 0, 0, "list the UAT configurations", cmd_uat_list,
	{TCM_OPTS, OPT_END}},
    {"uat", "get", "ID|NAME", 1, 1, "show a UAT configuration", cmd_uat_get,
	{TCM_OPTS, OPT_END}},
    {"uat", "update", "ID|NAME", 1, 1,
	"change what is named of a UAT configuration and nothing else",
	cmd_uat_update,
	{OPT_NAME, OPT_ISSUER, OPT_USERNAME_CLAIM, OPT_RESOURCE, OPT_PUBLIC_KEY,
	    OPT_TOKEN_KEY, OPT_JWKS_URI, TCM_OPTS, OPT_END}},
    {"uat", "enable", "ID|NAME", 1, 1, "enable a UAT configuration",
	cmd_uat_enable, {TCM_OPTS, OPT_END}},
    {"uat", "disable", "ID|NAME", 1, 1,
	"disable a UAT configuration: its JWTs sign in no more",
	cmd_uat_disable, {TCM_OPTS, OPT_END}},
    {"uat", "delete", "ID|NAME", 1, 1, "delete a UAT configuration",
	cmd_uat_delete, {OPT_YES, TCM_OPTS, OPT_END}},
    {"login", "tcm", "", 0, 0, "sign in to Tableau Cloud Manager",
	cmd_login_tcm, {OPT_PAT, OPT_JWT, JWT_OPTS, OPT_END}},
    {"login", "tableau", "", 0, 0, "sign in to a Tableau site",
	cmd_login_tableau, {OPT_SITE, JWT_OPTS, OPT_END}},
    {"logout", NULL, "[tcm|tableau]", 0, 1, "sign out, and forget the session",
	cmd_logout, {OPT_PAT, OPT_JWT, OPT_SITE, OPT_END}},
    {"status", NULL, "", 0, 0, "list the sessions of the cache", cmd_status,
	{OPT_END}},
    {"api", "tcm", "METHOD PATH", 2, 2,
	"call any method of the Cloud Manager API", cmd_api_tcm,
	{OPT_DATA, OPT_OUTPUT, OPT_PAT, OPT_JWT, JWT_OPTS, OPT_NO_CACHE,
	    OPT_END}},
    {"api", "tableau", "METHOD PATH", 2, 2,
	"call any method of the Tableau REST API", cmd_api_tableau,
	{OPT_DATA, OPT_OUTPUT, OPT_SITE, JWT_OPTS, OPT_NO_CACHE, OPT_END}},
    {"version", NULL, "", 0, 0, "print the version", cmd_version, {OPT_END}},
    {"help", NULL, "[COMMAND]", 0, 2, "show what a command does and takes",
	cmd_help, {OPT_END}},
};

const size_t command_count = SG_COUNT(commands);
