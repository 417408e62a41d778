/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_SERVER_H
#define SG_TESTS_FAKE_SERVER_H

/* Behind fake_http.h: a server without TLS, for what uses libcurl itself. */
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* Answers one connection on the loopback with a text, and closes it. */
struct server {
	int fd;
	uint16_t port;
	const char *text;
	pthread_t thread;
};

static void *
serve(void *ctx)
{
	struct server *server = ctx;
	char got[4096];
	int fd = accept(server->fd, NULL, NULL);

	assert_true(fd >= 0);
	(void)!read(fd, got, sizeof(got));
	(void)send(fd, server->text, strlen(server->text), MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_WR);
	while (read(fd, got, sizeof(got)) > 0)
		continue;
	(void)close(fd);
	return NULL;
}

static void
server_start(struct server *server, const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	server->text = text;
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(server->fd >= 0);
	assert_int_equal(
	    bind(server->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(
	    getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(listen(server->fd, 1), 0);
	assert_int_equal(
	    pthread_create(&server->thread, NULL, serve, server), 0);
}

/* After the client has closed its end. */
static void
server_end(struct server *server)
{
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	(void)close(server->fd);
}

#endif
