/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/jwks_server.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/listen.h"
#include "agent/mhd.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

/* Longest wait between two looks at the connections' age. */
#define TICK_MS 1000

/* Half of a SHA-256 digest in hex, its quotes and its NUL. */
#define ETAG_SIZE 35

/* A connection that is open: libmicrohttpd bounds its silence, not its life. */
struct guest {
	int fd;
	int64_t since_ms;
	bool is_here;
};

struct sg_jwks_server {
	struct sg_mhd mhd;
	struct MHD_Daemon *daemon;
	struct MHD_Response *set;
	struct MHD_Response *no_method;
	struct MHD_Response *no_path;
	int fd;
	bool is_daemons; /* the fd: closed by it */
	char etag[ETAG_SIZE];
	char url[SG_LISTEN_SIZE + sizeof("http://" SG_JWKS_SERVER_PATH)];
	struct guest guests[SG_JWKS_SERVER_CONNECTIONS];
};

/* One entity tag, at the start of a list; a weak one compares alike.
 * RFC 9110 §8.8.3.2. */
static bool
starts_with_tag(const char *list, const char *etag)
{
	size_t len = strlen(etag);

	if (sg_text_starts(list, "W/"))
		list += 2;
	return strncmp(list, etag, len) == 0 &&
	       strchr(" \t,", list[len]) != NULL;
}

/* RFC 9110 §13.1.2. A tag may hold commas; ours does not. */
static bool
names_tag(const char *list, const char *etag)
{
	while (*list != '\0') {
		list += strspn(list, " \t,");
		if (*list == '*' || starts_with_tag(list, etag))
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

struct asked {
	const char *etag;
	bool has_it;
};

static enum MHD_Result
look_at_header(
    void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct asked *asked = ctx;

	(void)kind;
	if (strcasecmp(name, MHD_HTTP_HEADER_IF_NONE_MATCH) == 0 &&
	    value != NULL)
		asked->has_it |= names_tag(value, asked->etag);
	return MHD_YES;
}

static bool
has_it(const struct sg_jwks_server *server, struct MHD_Connection *connection)
{
	struct asked asked = {.etag = server->etag};

	(void)server->mhd.get_connection_values(
	    connection, MHD_HEADER_KIND, look_at_header, &asked);
	return asked.has_it;
}

/* Answered at its first call, before any body is read. */
static enum MHD_Result
answer(void *ctx, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data,
    size_t *data_size, void **request)
{
	const struct sg_jwks_server *server = ctx;

	(void)version;
	(void)data;
	(void)data_size;
	(void)request;
	if (strcmp(path, SG_JWKS_SERVER_PATH) != 0)
		return server->mhd.queue_response(
		    connection, MHD_HTTP_NOT_FOUND, server->no_path);
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return server->mhd.queue_response(
		    connection, MHD_HTTP_METHOD_NOT_ALLOWED, server->no_method);
	/* Of a 304, libmicrohttpd leaves the body out and its length in. */
	return server->mhd.queue_response(connection,
	    has_it(server, connection) ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
	    server->set);
}

static void
guest_comes(struct sg_jwks_server *server, struct MHD_Connection *connection,
    void **context)
{
	const union MHD_ConnectionInfo *info = server->mhd.get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	size_t i;

	for (i = 0; info != NULL && i < SG_COUNT(server->guests); i++) {
		struct guest *guest = &server->guests[i];

		if (guest->is_here)
			continue;
		guest->fd = info->connect_fd;
		guest->since_ms = sg_clock_mono_ms();
		guest->is_here = true;
		*context = guest;
		return;
	}
}

static void
guest_moves(void *ctx, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct guest *guest = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		guest_comes(ctx, connection, context);
	else if (guest != NULL)
		guest->is_here = false;
}

/* Who sends an octet now and then must not keep others out. */
static void
show_out(struct sg_jwks_server *server)
{
	int64_t now_ms = sg_clock_mono_ms();
	size_t i;

	for (i = 0; i < SG_COUNT(server->guests); i++) {
		struct guest *guest = &server->guests[i];

		if (guest->is_here &&
		    now_ms - guest->since_ms >= SG_JWKS_SERVER_LIFE_MS)
			(void)shutdown(guest->fd, SHUT_RDWR);
	}
}

/* libmicrohttpd would accept one more and hang up. */
static bool
is_full(const struct sg_jwks_server *server)
{
	size_t i;

	for (i = 0; i < SG_COUNT(server->guests); i++)
		if (!server->guests[i].is_here)
			return false;
	return true;
}

static struct MHD_Response *
make_response(const struct sg_jwks_server *server, const char *type,
    const char *text, size_t len)
{
	struct MHD_Response *response;
	union {
		const char *text;
		void *data;
	} body = {.text = text}; /* copied, not written to */

	response = server->mhd.create_response_from_buffer(
	    len, body.data, MHD_RESPMEM_MUST_COPY);
	if (response != NULL)
		(void)server->mhd.add_response_header(
		    response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (response != NULL && type != NULL)
		(void)server->mhd.add_response_header(
		    response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	return response;
}

/* RFC 9110 §15.4.5: a 304 has them too. */
static void
add_validators(
    const struct sg_jwks_server *server, struct MHD_Response *response)
{
	char control[48];

	(void)snprintf(control, sizeof(control), "public, max-age=%d",
	    SG_JWKS_SERVER_MAX_AGE_S);
	(void)server->mhd.add_response_header(
	    response, MHD_HTTP_HEADER_CACHE_CONTROL, control);
	(void)server->mhd.add_response_header(
	    response, MHD_HTTP_HEADER_ETAG, server->etag);
}

static enum sg_rc
make_refusals(struct sg_jwks_server *server, struct sg_err *err)
{
	static const char no_path[] = "there is only " SG_JWKS_SERVER_PATH "\n";
	static const char no_method[] = "only GET and HEAD\n";

	server->no_path =
	    make_response(server, "text/plain", no_path, sizeof(no_path) - 1);
	server->no_method = make_response(
	    server, "text/plain", no_method, sizeof(no_method) - 1);
	if (server->no_path == NULL || server->no_method == NULL)
		return sg_fail_nomem(err);
	(void)server->mhd.add_response_header(
	    server->no_method, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	return SG_OK;
}

static enum sg_rc
make_etag(struct sg_jwks_server *server, const char *text, size_t len,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) etag = sg_buf_new(ETAG_SIZE);
	uint8_t digest[SG_SHA256_SIZE];
	enum sg_rc rc;

	sg_sha256(text, len, digest);
	sg_buf_add_byte(etag, '"');
	sg_hex_encode(etag, digest, sizeof(digest) / 2);
	sg_buf_add_byte(etag, '"');
	rc = sg_buf_check(etag, "an ETag", err);
	if (rc == SG_OK)
		memcpy(server->etag, etag->data, ETAG_SIZE);
	return rc;
}

static void
free_response(
    const struct sg_jwks_server *server, struct MHD_Response *response)
{
	if (response != NULL)
		server->mhd.destroy_response(response);
}

/* Who is being sent the set before holds a reference to it. */
enum sg_rc
sg_jwks_server_set(struct sg_jwks_server *server, const char *text, size_t len,
    struct sg_err *err)
{
	struct MHD_Response *set;
	enum sg_rc rc;

	set = make_response(server, "application/jwk-set+json", text, len);
	if (set == NULL)
		return sg_fail_nomem(err);
	rc = make_etag(server, text, len, err);
	if (rc != SG_OK) {
		free_response(server, set);
		return rc;
	}
	add_validators(server, set);
	free_response(server, server->set);
	server->set = set;
	return SG_OK;
}

static enum sg_rc
start(struct sg_jwks_server *server, struct sg_err *err)
{
	server->daemon = server->mhd.start_daemon(MHD_NO_FLAG, 0, NULL, NULL,
	    answer, server, MHD_OPTION_LISTEN_SOCKET, server->fd,
	    MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned int)SG_JWKS_SERVER_CONNECTIONS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SG_JWKS_SERVER_MEMORY,
	    MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned int)(SG_JWKS_SERVER_LIFE_MS / 1000),
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION,
	    guest_moves, server, MHD_OPTION_END);
	if (server->daemon == NULL)
		return sg_fail(err, SG_E_INTERNAL, "start libmicrohttpd");
	server->is_daemons = true;
	return SG_OK;
}

enum sg_rc
sg_jwks_server_open(const char *where, const char *text, size_t len,
    struct sg_jwks_server **out_server, struct sg_err *err)
{
	SG_AUTO(sg_jwks_server) server = calloc(1, sizeof(*server));
	char real[SG_LISTEN_SIZE];
	enum sg_rc rc;

	if (server == NULL)
		return sg_fail_nomem(err);
	server->fd = -1;
	rc = sg_mhd_load(&server->mhd, err);
	if (rc == SG_OK)
		rc = make_refusals(server, err);
	if (rc == SG_OK)
		rc = sg_jwks_server_set(server, text, len, err);
	if (rc == SG_OK)
		rc = sg_listen_tcp(where, &server->fd, real, err);
	if (rc == SG_OK)
		rc = start(server, err);
	if (rc != SG_OK)
		return rc;
	(void)snprintf(server->url, sizeof(server->url),
	    "http://%s" SG_JWKS_SERVER_PATH, real);
	*out_server = server;
	server = NULL; /* now the caller's */
	return SG_OK;
}

const char *
sg_jwks_server_url(const struct sg_jwks_server *server)
{
	return server->url;
}

static struct timeval
wait_time(const struct sg_jwks_server *server)
{
	MHD_UNSIGNED_LONG_LONG due_ms = 0;

	if (server->mhd.get_timeout(server->daemon, &due_ms) != MHD_YES ||
	    due_ms > TICK_MS)
		due_ms = TICK_MS;
	return (struct timeval){.tv_sec = (time_t)(due_ms / 1000),
	    .tv_usec = (suseconds_t)(due_ms % 1000 * 1000)};
}

/* select(), since libmicrohttpd waits with epoll for an edge that does not
 * come when a guest sends the rest of what it sends and hangs up at once. */
static enum sg_rc
serve_once(struct sg_jwks_server *server, int stop_fd, bool *out_stopped,
    struct sg_err *err)
{
	struct timeval wait = wait_time(server);
	int max = stop_fd;
	fd_set readable;
	fd_set writable;
	fd_set broken;

	FD_ZERO(&readable);
	FD_ZERO(&writable);
	FD_ZERO(&broken);
	FD_SET(stop_fd, &readable);
	if (server->mhd.get_fdset(server->daemon, &readable, &writable, &broken,
		&max, FD_SETSIZE) != MHD_YES)
		return sg_fail(err, SG_E_INTERNAL, "wait for connections");
	if (is_full(server))
		FD_CLR(server->fd, &readable); /* who comes may wait */
	if (select(max + 1, &readable, &writable, &broken, &wait) < 0) {
		if (errno == EINTR)
			return SG_OK;
		return sg_fail_errno(err, SG_E_IO, "wait for connections");
	}
	*out_stopped = FD_ISSET(stop_fd, &readable);
	show_out(server);
	if (server->mhd.run_from_select(
		server->daemon, &readable, &writable, &broken) != MHD_YES)
		return sg_fail(err, SG_E_INTERNAL, "serve");
	return SG_OK;
}

static bool
is_time(const struct sg_jwks_server_end *end)
{
	return end->at_s != 0 &&
	       end->clock->now_s(end->clock->ctx) >= end->at_s;
}

enum sg_rc
sg_jwks_server_run(struct sg_jwks_server *server,
    const struct sg_jwks_server_end *end, bool *out_stopped, struct sg_err *err)
{
	bool is_stopped = false;
	enum sg_rc rc = SG_OK;

	if (end->stop_fd >= FD_SETSIZE)
		return sg_fail(err, SG_E_INTERNAL,
		    "too many files are open to wait for connections");
	while (rc == SG_OK && !is_stopped && !is_time(end))
		rc = serve_once(server, end->stop_fd, &is_stopped, err);
	if (rc == SG_OK)
		*out_stopped = is_stopped;
	return rc;
}

void
sg_jwks_server_free(struct sg_jwks_server **server)
{
	struct sg_jwks_server *s;

	if (server == NULL || *server == NULL)
		return;
	s = *server;
	if (s->daemon != NULL)
		s->mhd.stop_daemon(s->daemon);
	if (s->fd >= 0 && !s->is_daemons)
		(void)close(s->fd);
	free_response(s, s->set);
	free_response(s, s->no_method);
	free_response(s, s->no_path);
	free(s);
	*server = NULL;
}
