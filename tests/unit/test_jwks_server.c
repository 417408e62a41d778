/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/jwks_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define TEXT "{\"keys\":[]}\n"
#define LINE "GET " SG_JWKS_SERVER_PATH " HTTP/1.1\r\nHost: x\r\n"

/* A server that runs in a thread of its own. */
struct place {
	struct sg_jwks_server *server;
	uint16_t port;
	int stop[2];
	pthread_t thread;
	enum sg_rc rc;
	bool is_stopped;
};

static void *
run(void *ctx)
{
	struct place *place = ctx;

	const struct sg_jwks_server_end end = {.stop_fd = place->stop[0]};

	place->rc =
	    sg_jwks_server_run(place->server, &end, &place->is_stopped, NULL);
	return NULL;
}

static void
begin(struct place *place)
{
	struct sg_err err = {0};

	assert_int_equal(pipe(place->stop), 0);
	if (sg_jwks_server_open("127.0.0.1:0", TEXT, strlen(TEXT),
		&place->server, &err) != SG_OK)
		fail_msg("%s", err.text);
	place->port = (uint16_t)strtoul(
	    sg_jwks_server_url(place->server) + strlen("http://127.0.0.1:"),
	    NULL, 10);
}

static void
start(struct place *place)
{
	assert_int_equal(pthread_create(&place->thread, NULL, run, place), 0);
}

static void
stop(struct place *place)
{
	char octet;

	assert_int_equal(write(place->stop[1], "", 1), 1);
	assert_int_equal(pthread_join(place->thread, NULL), 0);
	assert_int_equal(place->rc, SG_OK);
	assert_true(place->is_stopped);
	assert_int_equal(read(place->stop[0], &octet, 1), 1);
}

static void
end_all(struct place *place)
{
	(void)close(place->stop[0]);
	(void)close(place->stop[1]);
	sg_jwks_server_free(&place->server);
	assert_null(place->server);
}

static int
setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	if (place == NULL)
		return -1;
	begin(place);
	start(place);
	*state = place;
	return 0;
}

static int
teardown(void **state)
{
	struct place *place = *state;

	stop(place);
	end_all(place);
	free(place);
	return 0;
}

static int
reach(const struct place *place)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_port = htons(place->port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Send a text and read to the end; the next call overwrites it. */
static const char *
ask(const struct place *place, const char *text)
{
	static char got[65536];
	size_t len = 0;
	ssize_t more;
	int fd = reach(place);

	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	while (len < sizeof(got) - 1 &&
	       (more = recv(fd, got + len, sizeof(got) - 1 - len, 0)) > 0)
		len += (size_t)more;
	got[len] = '\0';
	(void)close(fd);
	return got;
}

static void
answers(const struct place *place, const char *text, const char *status)
{
	const char *got = ask(place, text);

	if (strncmp(got, status, strlen(status)) != 0)
		fail_msg("%s\n-> %s", text, got);
}

static void
the_set_is_served(void **state)
{
	const char *got = ask(*state, LINE "\r\n");

	assert_non_null(strstr(got, "HTTP/1.1 200 "));
	assert_non_null(
	    strstr(got, "\r\nContent-Type: application/jwk-set+json\r\n"));
	assert_non_null(
	    strstr(got, "\r\nCache-Control: public, max-age=300\r\n"));
	assert_non_null(strstr(got, "\r\nETag: \""));
	assert_non_null(strstr(got, "\r\nContent-Length: 12\r\n"));
	assert_non_null(strstr(got, "\r\n\r\n" TEXT));
}

static void
head_has_all_but_the_set(void **state)
{
	const char *got = ask(
	    *state, "HEAD " SG_JWKS_SERVER_PATH " HTTP/1.1\r\nHost: x\r\n\r\n");

	assert_non_null(strstr(got, "HTTP/1.1 200 "));
	assert_non_null(strstr(got, "\r\nContent-Length: 12\r\n"));
	assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n");
}

static void
who_has_it_gets_no_copy(void **state)
{
	static const char *const has[] = {
	    "%s", "W/%s", "\"a\", %s", "\"a\",W/%s , \"b\"", "*"};
	static const char *const has_not[] = {
	    "\"a\"", "%sx", "x%s", "W/ %s-", "", "\"\""};
	const char *got = ask(*state, LINE "\r\n");
	char tag[64] = "";
	char value[128];
	char text[512];
	size_t i;

	assert_int_equal(
	    sscanf(strstr(got, "\r\nETag: "), "\r\nETag: %63s", tag), 1);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	for (i = 0; i < SG_COUNT(has) + SG_COUNT(has_not); i++) {
		bool is_known = i < SG_COUNT(has);

		(void)snprintf(value, sizeof(value),
		    is_known ? has[i] : has_not[i - SG_COUNT(has)], tag);
		(void)snprintf(text, sizeof(text),
		    LINE "if-none-match: %s\r\n\r\n", value);
		answers(
		    *state, text, is_known ? "HTTP/1.1 304 " : "HTTP/1.1 200 ");
	}
#pragma GCC diagnostic pop
	(void)snprintf(
	    text, sizeof(text), LINE "If-None-Match: %s\r\n\r\n", tag);
	got = ask(*state, text);
	assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n");
	assert_non_null(strstr(got, tag));
}

static void
nothing_else_is_served(void **state)
{
	static const char *const paths[] = {"/", "//", "/.well-known/",
	    "/.well-known/jwks.json/", "/.well-known/jwks.jso",
	    "/.well-known/../.well-known/jwks.json", "/x/../../etc/passwd",
	    "*"};
	static const char *const methods[] = {
	    "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "X"};
	char text[256];
	size_t i;

	for (i = 0; i < SG_COUNT(paths); i++) {
		(void)snprintf(text, sizeof(text),
		    "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", paths[i]);
		answers(*state, text, "HTTP/1.1 404 ");
	}
	for (i = 0; i < SG_COUNT(methods); i++) {
		(void)snprintf(text, sizeof(text),
		    "%s " SG_JWKS_SERVER_PATH " HTTP/1.1\r\nHost: x\r\n\r\n",
		    methods[i]);
		answers(*state, text, "HTTP/1.1 405 ");
	}
	assert_non_null(strstr(ask(*state, text), "\r\nAllow: GET, HEAD\r\n"));
}

/* Whatever comes, it ends, and the next one is served. */
static void
bad_requests_do_no_harm(void **state)
{
	static const char *const bad[] = {"\r\n\r\n\r\n", "GET\r\n\r\n",
	    "GET /\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
	    "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
	    LINE ": x\r\n\r\n", LINE "a\r\n\r\n", LINE " folded: x\r\n\r\n",
	    LINE "Content-Length: -1\r\n\r\n",
	    LINE "Content-Length: 99999999999999999999\r\n\r\n",
	    LINE "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
	    LINE "Transfer-Encoding: x\r\nContent-Length: 3\r\n\r\n",
	    "POST " SG_JWKS_SERVER_PATH
	    " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx"};
	struct place *place = *state;
	size_t i;
	int fd;

	for (i = 0; i < SG_COUNT(bad); i++) {
		fd = reach(place);
		(void)send(fd, bad[i], strlen(bad[i]), MSG_NOSIGNAL);
		(void)shutdown(fd, SHUT_WR);
		(void)recv(fd, (char[512]){0}, 512, 0);
		(void)close(fd);
		answers(place, LINE "\r\n", "HTTP/1.1 200 ");
	}
}

static void
a_long_request_is_cut_off(void **state)
{
	struct place *place = *state;
	char junk[1024];
	size_t sent = 0;
	ssize_t more;
	int fd = reach(place);

	memset(junk, 'a', sizeof(junk));
	(void)send(fd, LINE "X: ", strlen(LINE "X: "), MSG_NOSIGNAL);
	while (sent < 8 * SG_JWKS_SERVER_MEMORY &&
	       (more = send(fd, junk, sizeof(junk), MSG_NOSIGNAL)) > 0)
		sent += (size_t)more;
	/* It was told, or the connection is gone: not read on for ever. */
	assert_true(
	    poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 60000) == 1);
	(void)close(fd);
	answers(place, LINE "\r\n", "HTTP/1.1 200 ");
}

/* Each sends an octet now and then, so that none is ever silent for long; all
 * places are taken until their time is over. */
static void
slow_guests_are_shown_out(void **state)
{
	struct place *place = *state;
	int fds[SG_JWKS_SERVER_CONNECTIONS];
	size_t gone = 0;
	size_t i;
	int round;

	for (i = 0; i < SG_COUNT(fds); i++)
		fds[i] = reach(place);
	for (round = 0; round < 360 && gone < SG_COUNT(fds); round++) {
		for (gone = 0, i = 0; i < SG_COUNT(fds); i++)
			if (send(fds[i], "G", 1, MSG_NOSIGNAL) != 1)
				gone++;
		(void)usleep(500 * 1000);
	}
	assert_int_equal(gone, SG_COUNT(fds));
	answers(place, LINE "\r\n", "HTTP/1.1 200 ");
	for (i = 0; i < SG_COUNT(fds); i++)
		(void)close(fds[i]);
}

static void
a_place_that_is_taken_is_told(void **state)
{
	struct place *place = *state;
	struct sg_jwks_server *other = NULL;
	struct sg_err err = {0};
	char where[64];

	(void)snprintf(where, sizeof(where), "127.0.0.1:%u", place->port);
	assert_int_equal(
	    sg_jwks_server_open(where, TEXT, 1, &other, &err), SG_E_IO);
	assert_null(other);
	assert_non_null(strstr(err.text, where));
}

/* A clock that goes on by ten minutes with each look at it. */
static int64_t
hurried(void *ctx)
{
	int64_t *now_s = ctx;

	return *now_s += 600;
}

static void
a_time_ends_it_and_another_set_is_served_then(void **state)
{
	int64_t now_s = 1000;
	const struct sg_clock clock = {.now_s = hurried, .ctx = &now_s};
	struct sg_jwks_server_end end = {.clock = &clock, .at_s = 2000};
	struct place place = {0};
	bool is_stopped = true;
	char tag[64] = "";
	const char *got;

	(void)state;
	begin(&place);
	end.stop_fd = place.stop[0];
	assert_int_equal(
	    sg_jwks_server_run(place.server, &end, &is_stopped, NULL), SG_OK);
	assert_false(is_stopped);
	assert_int_equal(now_s, 2200);
	start(&place);
	got = ask(&place, LINE "\r\n");
	assert_non_null(strstr(got, "\r\n\r\n" TEXT));
	assert_int_equal(
	    sscanf(strstr(got, "\r\nETag: "), "\r\nETag: %63s", tag), 1);
	stop(&place);

	assert_int_equal(
	    sg_jwks_server_set(place.server, "other", 5, NULL), SG_OK);
	start(&place);
	got = ask(&place, LINE "\r\n");
	assert_non_null(strstr(got, "\r\n\r\nother"));
	assert_null(strstr(got, tag));
	stop(&place);
	end_all(&place);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_set_is_served),
	    TEST(head_has_all_but_the_set),
	    TEST(who_has_it_gets_no_copy),
	    TEST(nothing_else_is_served),
	    TEST(bad_requests_do_no_harm),
	    TEST(a_long_request_is_cut_off),
	    TEST(slow_guests_are_shown_out),
	    TEST(a_place_that_is_taken_is_told),
	    cmocka_unit_test(a_time_ends_it_and_another_set_is_served_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
