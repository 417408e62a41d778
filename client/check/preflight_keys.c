/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/preflight_parts.h"

#include <stdio.h>
#include <string.h>

#include "client/uat/uat_config.h"
#include "client/uat/uat_match.h"
#include "signer/jwk.h"
#include "signer/rsa.h"

/* One of them is how Tableau comes to the key; what two mean is not
 * established. */
static void
judge_source(const struct sg_uat_config *config, struct sg_points *points)
{
	bool has_key = config->public_key_active != NULL;
	bool has_uri = config->jwks_uri != NULL;

	if (!has_key && !has_uri) {
		sg_points_add(points, "key-source", SG_RESULT_FAIL,
		    "the configuration shows neither a public key nor a "
		    "jwksUri");
		sg_points_fix(points, "signet uat update %s --token-key",
		    sg_preflight_handle(config));
	} else if (has_key && has_uri) {
		sg_points_add(points, "key-source", SG_RESULT_UNKNOWN,
		    "the configuration shows a public key and a jwksUri; which "
		    "of them counts is not established");
		sg_points_fix(points,
		    "keep one: signet uat update %s --token-key or --jwks-uri",
		    sg_preflight_handle(config));
	} else {
		sg_points_add(points, "key-source", SG_RESULT_PASS,
		    has_key ? "a public key" : "a jwksUri");
	}
}

/* What key the configuration shows, in words. */
static void
describe_other(const struct sg_uat_config *config, char *out, size_t size)
{
	const char *pem = config->public_key_active;
	char thumbprint[SG_THUMBPRINT_SIZE];
	SG_AUTO(sg_rsa) rsa = NULL;

	if (sg_rsa_from_pem(pem, strlen(pem), &rsa, NULL) != SG_OK ||
	    sg_jwk_thumbprint(rsa, thumbprint, NULL) != SG_OK)
		(void)snprintf(out, size, "no RSA key that RS256 can use");
	else
		(void)snprintf(
		    out, size, "the key with the thumbprint %s", thumbprint);
}

static void
judge_public_key(const struct sg_preflight *facts, struct sg_points *points)
{
	const struct sg_uat_config *config = facts->config;
	char ours[SG_THUMBPRINT_SIZE] = "";
	char theirs[128];

	if (config->public_key_active == NULL)
		return;
	if (facts->key == NULL) {
		sg_points_add(points, "public-key", SG_RESULT_UNKNOWN,
		    "there is no key here to compare it with");
		sg_points_fix(points, "see the point key");
		return;
	}
	if (sg_jwk_thumbprint(facts->key, ours, NULL) != SG_OK)
		points->out_of_memory = true;
	if (sg_uat_match_key(config, facts->key)) {
		sg_points_add(points, "public-key", SG_RESULT_PASS,
		    "the token's, with the thumbprint %s", ours);
		return;
	}
	describe_other(config, theirs, sizeof(theirs));
	sg_points_add(points, "public-key", SG_RESULT_FAIL,
	    "the configuration has %s; the token's thumbprint is %s", theirs,
	    ours);
	sg_points_fix(points,
	    "sign with the configuration's key (--key), or put the token's in "
	    "force: signet uat update %s --token-key",
	    sg_preflight_handle(config));
}

static void
judge_kid(const struct sg_preflight *facts, struct sg_points *points)
{
	if (facts->config->jwks_uri == NULL && facts->kid == NULL)
		return;
	if (facts->config->jwks_uri == NULL) {
		sg_points_add(points, "kid", SG_RESULT_PASS,
		    "sent, though no jwksUri asks for it: %s", facts->kid);
	} else if (facts->kid != NULL) {
		sg_points_add(points, "kid", SG_RESULT_PASS, "%s", facts->kid);
	} else if (facts->key == NULL) {
		sg_points_add(points, "kid", SG_RESULT_UNKNOWN,
		    "there is no key here whose thumbprint it could be");
		sg_points_fix(points, "see the point key");
	} else {
		sg_points_add(points, "kid", SG_RESULT_FAIL,
		    "the configuration has a jwksUri, and then the JWT's "
		    "header must name its key");
		sg_points_fix(points,
		    "leave --kid and SIGNET_KID out, or name the kid of the "
		    "published key");
	}
}

/* The first point of that result; NULL when there is none. */
static const struct sg_point *
first_of(const struct sg_points *points, enum sg_result result)
{
	size_t i;

	for (i = 0; i < points->count; i++)
		if (points->items[i].result == result)
			return &points->items[i];
	return NULL;
}

/* The gravest point stands for all: the command for the rest is jwks check. */
static void
tell_of_jwks(const struct sg_preflight *facts, struct sg_points *points)
{
	static const enum sg_result grave[] = {
	    SG_RESULT_FAIL, SG_RESULT_UNKNOWN, SG_RESULT_WARN};
	const char *uri = facts->config->jwks_uri;
	const struct sg_point *point = NULL;
	size_t i;

	for (i = 0; point == NULL && i < SG_COUNT(grave); i++)
		point = first_of(facts->jwks, grave[i]);
	if (point == NULL) {
		sg_points_add(points, "jwks", SG_RESULT_PASS,
		    "the token's key is published under its kid: %s", uri);
		return;
	}
	sg_points_add(points, "jwks", point->result, "%s, %s: %s", uri,
	    point->name, point->found);
	sg_points_fix(points, "%s; see: signet jwks check %s",
	    point->fix != NULL ? point->fix : "look at all of it", uri);
}

static void
judge_jwks(const struct sg_preflight *facts, struct sg_points *points)
{
	if (facts->config->jwks_uri == NULL)
		return;
	if (facts->jwks != NULL) {
		tell_of_jwks(facts, points);
	} else if (facts->key != NULL && facts->kid != NULL) {
		sg_points_add(points, "jwks", SG_RESULT_UNKNOWN,
		    "%s was not looked at", facts->config->jwks_uri);
		sg_points_fix(points, "run this again without --config-file");
	} /* else there is nothing to look for: the points key and kid tell */
}

void
sg_preflight_keys_judge(
    const struct sg_preflight *facts, struct sg_points *points)
{
	if (facts->config == NULL)
		return;
	judge_source(facts->config, points);
	judge_public_key(facts, points);
	judge_kid(facts, points);
	judge_jwks(facts, points);
}
