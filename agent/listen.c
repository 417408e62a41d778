/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/listen.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections that wait to be accepted. */
#define BACKLOG 64

static enum sg_rc
bad_address(const char *where, struct sg_err *err)
{
	return sg_fail(err, SG_E_USAGE,
	    "\"%s\" is no address to listen at; write it as 127.0.0.1:8080 or "
	    "[::1]:8080",
	    where);
}

/* getaddrinfo() takes any number, and drops what is beyond 16 bits. */
static bool
is_port(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= 5 && strspn(text, "0123456789") == len &&
	       strtol(text, NULL, 10) <= UINT16_MAX;
}

/* The brackets of IPv6 are the text's, not the address's. RFC 3986 §3.2.2. */
static enum sg_rc
parse(const char *where, struct addrinfo **out_list, struct sg_err *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	const char *colon = strrchr(where, ':');
	const char *start = where;
	char host[SG_LISTEN_SIZE];
	bool in_brackets;
	size_t len;

	if (colon == NULL || colon == where || !is_port(colon + 1))
		return bad_address(where, err);
	len = (size_t)(colon - where);
	in_brackets = where[0] == '[' && colon[-1] == ']';
	if (in_brackets) {
		start++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(host))
		return bad_address(where, err);
	memcpy(host, start, len);
	host[len] = '\0';
	if (in_brackets != (strchr(host, ':') != NULL) ||
	    getaddrinfo(host, colon + 1, &hints, out_list) != 0)
		return bad_address(where, err);
	return SG_OK;
}

/* After listen(): the port is the real one. */
static bool
write_where(int fd, char out_where[SG_LISTEN_SIZE])
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[SG_LISTEN_SIZE];
	char port[8];

	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&address, len, host, 64, port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return false;
	(void)snprintf(out_where, SG_LISTEN_SIZE,
	    address.ss_family == AF_INET6 ? "[%.64s]:%s" : "%.64s:%s", host,
	    port);
	return true;
}

static bool
open_socket(
    const struct addrinfo *a, int *out_fd, char out_where[SG_LISTEN_SIZE])
{
	const int on = 1;
	int fd;

	fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    a->ai_protocol);
	if (fd < 0)
		return false;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, a->ai_addr, a->ai_addrlen) != 0 ||
	    listen(fd, BACKLOG) != 0 || !write_where(fd, out_where)) {
		(void)close(fd);
		return false;
	}
	*out_fd = fd;
	return true;
}

enum sg_rc
sg_listen_tcp(const char *where, int *out_fd, char out_where[SG_LISTEN_SIZE],
    struct sg_err *err)
{
	struct addrinfo *list = NULL;
	bool is_open;
	enum sg_rc rc;

	rc = parse(where, &list, err);
	if (rc != SG_OK)
		return rc;
	is_open = open_socket(list, out_fd, out_where);
	if (!is_open)
		rc = sg_fail_errno(err, SG_E_IO, "listen at %s", where);
	freeaddrinfo(list);
	return rc;
}
