/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/secret.h"
#include "pkcs11/key.h"
#include "pkcs11/token.h"
#include "pkcs11/uri.h"
#include "signer/claims.h"
#include "signer/signer.h"

/*
 * JWTs from one signer that stays: what an agent does. Each is built, signed
 * by the token and verified.
 *
 *   warm MODULE KEY_URI PIN_FILE ms MS       prints how many a second
 *   warm MODULE KEY_URI PIN_FILE count N     makes so many
 */

static char *scope_texts[] = {"tableau:users:read"};
static const struct sg_list scopes = {scope_texts, 1};
static const struct sg_claims claims = {
    .issuer = "https://signet.example.com",
    .tenant_id = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    .username = "admin@example.com",
    .scopes = &scopes,
};

static void
must(enum sg_rc rc, const struct sg_err *err)
{
	if (rc == SG_OK)
		return;
	(void)fprintf(stderr, "warm: %s\n", err->text);
	exit(1);
}

static enum sg_rc
read_pin(void *ctx, const struct sg_token_info *token,
    struct sg_secret **out_pin, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = NULL;
	enum sg_rc rc;

	(void)token;
	rc = sg_file_read(ctx, SG_FILE_ANY, 256, NULL, &text, err);
	if (rc != SG_OK)
		return rc;
	return sg_secret_new(
	    text->data, strcspn(sg_buf_str(text), "\r\n"), out_pin, err);
}

static void
mint(struct sg_signer *signer)
{
	SG_AUTO(sg_secret) jwt = NULL;
	struct sg_err err = {0};

	must(sg_signer_mint(signer, &claims, NULL, &jwt, &err), &err);
}

static double
now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
mint_for_a_time(struct sg_signer *signer, unsigned long ms)
{
	double from = now_s();
	double took = 0;
	unsigned long count;

	for (count = 0; took * 1000 < (double)ms; count++) {
		mint(signer);
		took = now_s() - from;
	}
	(void)printf("%.3f\n", (double)count / took);
}

static void
run(struct sg_signer *signer, const char *what, unsigned long number)
{
	unsigned long i;

	if (strcmp(what, "ms") == 0)
		mint_for_a_time(signer, number);
	else
		for (i = 0; i < number; i++)
			mint(signer);
}

int
main(int argc, char **argv)
{
	SG_AUTO(sg_uri) uri = NULL;
	SG_AUTO(sg_token) token = NULL;
	SG_AUTO(sg_key) key = NULL;
	SG_AUTO(sg_signer) signer = NULL;
	struct sg_token_opts opts = {0};
	struct sg_pin_source pin = {.get = read_pin};
	struct sg_err err = {0};

	if (argc != 6) {
		(void)fprintf(stderr, "usage: see the head of warm.c\n");
		return 2;
	}
	must(sg_uri_parse(argv[2], &uri, &err), &err);
	opts.module_path = argv[1];
	opts.uri = uri;
	pin.ctx = argv[3];
	must(sg_token_open(&opts, &token, &err), &err);
	must(sg_token_login(token, &pin, &err), &err);
	must(sg_key_find(token, uri, &key, &err), &err);
	must(sg_signer_new(key, sg_clock_system(), &signer, &err), &err);
	run(signer, argv[4], strtoul(argv[5], NULL, 10));
	return 0;
}
