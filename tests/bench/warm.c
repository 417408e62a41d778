/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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
 *   warm MODULE KEY_URI PIN_FILE jwt THREADS MS   prints how many a second
 *   warm MODULE KEY_URI PIN_FILE pool SESSIONS MS the same of bare signatures
 *   warm MODULE KEY_URI PIN_FILE count 1 N        makes so many JWTs
 *
 * pool: twice as many threads as sessions, and one message, so that a token
 * that recalls it takes no time of this host's.
 */

#define MAX_THREADS 256

struct bench {
	struct sg_key *key;
	struct sg_signer *signer;
	void (*make)(const struct bench *bench);
};

/* One of its threads. */
struct worker {
	const struct bench *bench;
	unsigned long count;
	pthread_t thread;
};

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
mint(const struct bench *bench)
{
	SG_AUTO(sg_secret) jwt = NULL;
	struct sg_err err = {0};

	must(sg_signer_mint(bench->signer, &claims, NULL, &jwt, &err), &err);
}

static void
sign(const struct bench *bench)
{
	static const uint8_t message[] = "always the same";
	SG_AUTO(sg_buf) sig = NULL;
	struct sg_err err = {0};

	must(sg_key_sign(bench->key, message, sizeof(message), &sig, &err),
	    &err);
}

static double
now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static atomic_bool is_over;

static void *
work_until_over(void *ctx)
{
	struct worker *worker = ctx;

	while (!is_over) {
		worker->bench->make(worker->bench);
		worker->count++;
	}
	return NULL;
}

static void
work_for_a_time(
    const struct bench *bench, unsigned long threads, unsigned long ms)
{
	static struct worker workers[MAX_THREADS];
	unsigned long total = 0;
	unsigned long i;
	double from;

	bench->make(bench); /* what is done once is done now */
	from = now_s();
	for (i = 0; i < threads; i++) {
		workers[i].bench = bench;
		if (pthread_create(&workers[i].thread, NULL, work_until_over,
			&workers[i]) != 0)
			exit(1);
	}
	(void)usleep((useconds_t)(ms * 1000));
	is_over = true;
	for (i = 0; i < threads; i++) {
		(void)pthread_join(workers[i].thread, NULL);
		total += workers[i].count;
	}
	(void)printf("%.3f\n", (double)total / (now_s() - from));
}

static void
run(struct bench *bench, const char *what, unsigned long many,
    unsigned long number)
{
	unsigned long i;

	bench->make = strcmp(what, "pool") == 0 ? sign : mint;
	if (strcmp(what, "count") != 0)
		work_for_a_time(
		    bench, bench->make == sign ? 2 * many : many, number);
	else
		for (i = 0; i < number; i++)
			mint(bench);
}

int
main(int argc, char **argv)
{
	SG_AUTO(sg_uri) uri = NULL;
	SG_AUTO(sg_token) token = NULL;
	SG_AUTO(sg_key) key = NULL;
	SG_AUTO(sg_signer) signer = NULL;
	struct bench bench = {0};
	unsigned long many = argc == 7 ? strtoul(argv[5], NULL, 10) : 0;
	struct sg_token_opts opts = {0};
	struct sg_pin_source pin = {.get = read_pin};
	struct sg_err err = {0};

	if (many == 0 || 2 * many > MAX_THREADS) {
		(void)fprintf(stderr, "usage: see the head of warm.c\n");
		return 2;
	}
	must(sg_uri_parse(argv[2], &uri, &err), &err);
	opts.module_path = argv[1];
	opts.uri = uri;
	if (strcmp(argv[4], "pool") == 0)
		opts.max_sessions = many;
	pin.ctx = argv[3];
	must(sg_token_open(&opts, &token, &err), &err);
	must(sg_token_login(token, &pin, &err), &err);
	must(sg_key_find(token, uri, &key, &err), &err);
	must(sg_signer_new(key, sg_clock_system(), &signer, &err), &err);
	bench.key = key;
	bench.signer = signer;
	run(&bench, argv[4], many, strtoul(argv[6], NULL, 10));
	return 0;
}
