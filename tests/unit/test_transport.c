/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "client/http/transport.h"

/*
 * The other end is on the loopback, on a port that the kernel picked: a bare
 * TCP thread where TLS must fail, else openssl s_server, which shows what it
 * received and sends what it is told.
 */

static char top[] = "/tmp/transport.XXXXXX";
static char cert[64];	    /* for 127.0.0.1 */
static char other_cert[64]; /* for another host */
static bool has_openssl;

/* Refuses connections, and nobody else is given its port; a server that is
 * told the port, and sets SO_REUSEADDR too, can take it. */
static int
bound_socket(uint16_t *out_port)
{
	const int yes = 1;
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), 0);
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*out_port = ntohs(address.sin_port);
	return fd;
}

/* Accepts one connection, sends a text, and holds on until it is closed. */
struct tcp {
	int fd;
	uint16_t port;
	const char *text; /* NULL closes at once */
	pthread_t thread;
};

static void *
tcp_run(void *ctx)
{
	struct tcp *tcp = ctx;
	char got[4096];
	int fd = accept(tcp->fd, NULL, NULL);

	if (fd < 0)
		return NULL;
	if (tcp->text != NULL) {
		(void)!write(fd, tcp->text, strlen(tcp->text));
		while (read(fd, got, sizeof(got)) > 0)
			continue;
	}
	(void)close(fd);
	return NULL;
}

static void
tcp_start(struct tcp *tcp, const char *text)
{
	tcp->text = text;
	tcp->fd = bound_socket(&tcp->port);
	assert_int_equal(listen(tcp->fd, 1), 0);
	assert_int_equal(pthread_create(&tcp->thread, NULL, tcp_run, tcp), 0);
}

static void
tcp_end(struct tcp *tcp)
{
	(void)shutdown(tcp->fd, SHUT_RDWR);
	assert_int_equal(pthread_join(tcp->thread, NULL), 0);
	(void)close(tcp->fd);
}

/* A TLS server of one connection. */
struct tls {
	int held;
	uint16_t port;
	pid_t pid;
	int to;	  /* its input: sent to the client */
	int from; /* its output: what the client sent */
};

static void
tls_exec(const struct tls *tls, const char *cert_file)
{
	char where[32];

	(void)snprintf(where, sizeof(where), "127.0.0.1:%u", tls->port);
	(void)execlp("openssl", "openssl", "s_server", "-quiet", "-naccept",
	    "1", "-accept", where, "-cert", cert_file, (char *)NULL);
	_exit(127);
}

static bool
is_listening(uint16_t port)
{
	char line[256];
	char want[32];
	bool found = false;
	FILE *table = fopen("/proc/net/tcp", "r");

	assert_non_null(table);
	(void)snprintf(want, sizeof(want), ":%04X 00000000:0000 0A", port);
	while (!found && fgets(line, sizeof(line), table) != NULL)
		found = strstr(line, want) != NULL;
	(void)fclose(table);
	return found;
}

static void
tls_start(struct tls *tls, const char *cert_file, const char *answer)
{
	int to[2];
	int from[2];
	bool listens = false;
	int i;

	tls->held = bound_socket(&tls->port);
	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	/* room for an answer that is written before it is asked for */
	assert_true(fcntl(to[1], F_SETPIPE_SZ, 1 << 18) >= 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	tls->pid = fork();
	assert_true(tls->pid >= 0);
	if (tls->pid == 0) {
		(void)dup2(to[0], 0);
		(void)dup2(from[1], 1);
		(void)dup2(open("/dev/null", O_WRONLY), 2);
		tls_exec(tls, cert_file);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	tls->to = to[1];
	tls->from = from[0];
	for (i = 0; i < 6000 && !listens; i++) {
		(void)usleep(10000);
		listens = is_listening(tls->port);
	}
	assert_true(listens);
	assert_int_equal(
	    write(tls->to, answer, strlen(answer)), strlen(answer));
}

/* It ends with its connection; what it received is for the test to look at. */
static void
tls_end(struct tls *tls, char *out_got, size_t size)
{
	struct pollfd more = {.fd = tls->from, .events = POLLIN};
	char rest[4096];
	size_t len = 0;
	ssize_t got;

	do {
		assert_int_equal(poll(&more, 1, 60000), 1);
		got = read(tls->from, rest, sizeof(rest));
		assert_true(got >= 0);
		if (out_got != NULL) {
			assert_true(len + (size_t)got < size);
			memcpy(out_got + len, rest, (size_t)got);
			len += (size_t)got;
			out_got[len] = '\0';
		}
	} while (got > 0);
	(void)close(tls->to);
	(void)close(tls->from);
	(void)close(tls->held);
	assert_int_equal(waitpid(tls->pid, NULL, 0), tls->pid);
}

/* A self-signed certificate and its key, in one file. */
static bool
make_cert(const char *path, const char *san)
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(open("/dev/null", O_WRONLY), 2);
		(void)execlp("openssl", "openssl", "req", "-x509", "-newkey",
		    "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
		    "-addext", san, "-keyout", path, "-out", path,
		    (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, &status, 0);
	return status == 0;
}

static int
set_up(void **state)
{
	(void)state;
	/* the loopback must not be asked for through a proxy */
	(void)setenv("no_proxy", "*", 1);
	assert_non_null(mkdtemp(top));
	(void)snprintf(cert, sizeof(cert), "%s/good.pem", top);
	(void)snprintf(other_cert, sizeof(other_cert), "%s/other.pem", top);
	has_openssl = make_cert(cert, "subjectAltName=IP:127.0.0.1") &&
		      make_cert(other_cert, "subjectAltName=DNS:other.test");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return remove_tree(top);
}

static void
need_openssl(void)
{
	if (!has_openssl)
		skip();
}

/* One request to the loopback; the reply is the caller's. */
static enum sg_rc
ask(const struct sg_transport_opts *opts, uint16_t port, const char *method,
    struct sg_http_reply **out_reply, struct sg_err *err)
{
	struct sg_http *http = NULL;
	struct sg_secret *auth = secret_of("hush+hush==");
	char url[64];
	struct sg_http_request request = {
	    .method = method,
	    .url = url,
	    .auth_header = "X-Tableau-Auth",
	    .auth = auth,
	    .if_match = "\"a6\"",
	    .max_reply = 1000,
	};
	enum sg_rc rc;

	if (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0) {
		request.content_type = "application/json";
		request.body = "{\"a\":1}";
		request.body_len = 7;
	}
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/path?q=1", port);
	assert_int_equal(sg_transport_open(opts, &http, NULL), SG_OK);
	rc = sg_http_send(http, &request, out_reply, err);
	assert_int_equal(rc == SG_OK, *out_reply != NULL);
	sg_http_free(&http);
	sg_secret_free(&auth);
	return rc;
}

static void
plain_http_is_refused(void **state)
{
	const struct sg_http_request request = {
	    .method = "GET", .url = "http://127.0.0.1:1/"};
	struct sg_http *http = NULL;
	struct sg_http_reply *reply = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_transport_open(NULL, &http, NULL), SG_OK);
	assert_int_equal(
	    sg_http_send(http, &request, &reply, &err), SG_E_CONFIG);
	assert_has(err.text, "use https");
	sg_http_free(&http);
}

static void
refused_connection_was_not_sent(void **state)
{
	static const char *const methods[] = {"GET", "POST"};
	struct sg_http_reply *reply = NULL;
	uint16_t port;
	int held = bound_socket(&port);
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(methods); i++) {
		struct sg_err err = {0};

		assert_int_equal(
		    ask(NULL, port, methods[i], &reply, &err), SG_E_NETWORK);
		assert_int_equal(err.native, SG_HTTP_NOT_SENT);
		assert_has(err.text, methods[i]);
		assert_has(err.text, "https://127.0.0.1:");
		assert_has_not(err.text, "q=1");
		assert_has_not(err.text, "hush");
	}
	(void)close(held);
}

static void
silent_server_is_a_timeout(void **state)
{
	const struct sg_transport_opts opts = {.http = {.timeout_ms = 300}};
	struct sg_http_reply *reply = NULL;
	struct sg_err err = {0};
	struct tcp tcp = {0};

	(void)state;
	tcp_start(&tcp, "");
	assert_int_equal(
	    ask(&opts, tcp.port, "POST", &reply, &err), SG_E_TIMEOUT);
	assert_int_equal(err.native, SG_HTTP_NOT_SENT);
	tcp_end(&tcp);
}

static void
connecting_has_a_deadline_of_its_own(void **state)
{
	const struct sg_transport_opts opts = {
	    .connect_timeout_ms = 200, .http = {.timeout_ms = 600000}};
	struct sg_http_reply *reply = NULL;
	struct tcp tcp = {0};
	int64_t start_ms = sg_clock_mono_ms();

	(void)state;
	tcp_start(&tcp, "");
	assert_int_equal(
	    ask(&opts, tcp.port, "POST", &reply, NULL), SG_E_TIMEOUT);
	assert_true(sg_clock_mono_ms() - start_ms < 120000);
	tcp_end(&tcp);
}

static void
server_without_tls_gets_nothing(void **state)
{
	static const char *const texts[] = {
	    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++) {
		struct sg_http_reply *reply = NULL;
		struct sg_err err = {0};
		struct tcp tcp = {0};

		tcp_start(&tcp, texts[i]);
		assert_int_equal(
		    ask(NULL, tcp.port, "POST", &reply, &err), SG_E_NETWORK);
		assert_int_equal(err.native, SG_HTTP_NOT_SENT);
		tcp_end(&tcp);
	}
}

static void
unknown_ca_is_refused_before_anything_is_sent(void **state)
{
	struct sg_http_reply *reply = NULL;
	struct sg_err err = {0};
	struct tls tls;
	char got[4096];

	(void)state;
	need_openssl();
	tls_start(&tls, cert, "");
	assert_int_equal(
	    ask(NULL, tls.port, "POST", &reply, &err), SG_E_NETWORK);
	tls_end(&tls, got, sizeof(got));
	assert_int_equal(err.native, SG_HTTP_BARRED);
	assert_has(err.text, "127.0.0.1");
	assert_has(err.text, "set SIGNET_CA_FILE");
	assert_string_equal(got, "");
}

static void
certificate_of_another_host_is_refused(void **state)
{
	const struct sg_transport_opts opts = {.ca_file = other_cert};
	struct sg_http_reply *reply = NULL;
	struct sg_err err = {0};
	struct tls tls;
	char got[4096];

	(void)state;
	need_openssl();
	tls_start(&tls, other_cert, "");
	assert_int_equal(
	    ask(&opts, tls.port, "GET", &reply, &err), SG_E_NETWORK);
	tls_end(&tls, got, sizeof(got));
	assert_int_equal(err.native, SG_HTTP_BARRED);
	assert_string_equal(got, "");
}

static void
request_and_answer_are_whole(void **state)
{
	const struct sg_transport_opts opts = {
	    .ca_file = cert, .user_agent = "signet/9.9"};
	struct sg_http_reply *reply = NULL;
	struct tls tls;
	char got[4096];

	(void)state;
	need_openssl();
	tls_start(&tls, cert,
	    "HTTP/1.1 307 Go\r\nContent-Type: application/json\r\n"
	    "Location: https://evil.test/\r\nRetry-After: 7\r\n"
	    "Cache-Control: public\r\nETag: \"e\"\r\nAge: 12\r\n"
	    "cache-control: max-age=5\r\n"
	    "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n"
	    "Content-Length: 4\r\n\r\nbody");
	assert_int_equal(ask(&opts, tls.port, "POST", &reply, NULL), SG_OK);
	tls_end(&tls, got, sizeof(got));
	assert_int_equal(reply->status, 307);
	assert_string_equal(reply->content_type, "application/json");
	assert_string_equal(reply->location, "https://evil.test/");
	assert_int_equal(reply->retry_after_s, 7);
	assert_int_equal(reply->date_s, 784887151);
	assert_string_equal(reply->cache_control, "public, max-age=5");
	assert_string_equal(reply->etag, "\"e\"");
	assert_int_equal(reply->age_s, 12);
	assert_string_equal(sg_buf_str(reply->body), "body");
	sg_http_reply_free(&reply);
	assert_has(got, "POST /path?q=1 HTTP/1.1\r\n");
	assert_has(got, "X-Tableau-Auth: hush+hush==\r\n");
	assert_has(got, "If-Match: \"a6\"\r\n");
	assert_has(got, "User-Agent: signet/9.9\r\n");
	assert_has(got, "Accept: application/json\r\n");
	assert_has(got, "Content-Type: application/json\r\n");
	assert_has(got, "Content-Length: 7\r\n");
	assert_has(got, "\r\n\r\n{\"a\":1}");
	assert_has(got, "Accept-Encoding: identity\r\n");
	assert_has_not(got, "Expect");
}

static void
each_method_is_sent_as_it_is(void **state)
{
	static const char *const methods[] = {
	    "GET", "HEAD", "DELETE", "PUT", "PATCH"};
	const struct sg_transport_opts opts = {.ca_file = cert};
	size_t i;

	(void)state;
	need_openssl();
	for (i = 0; i < SG_COUNT(methods); i++) {
		struct sg_http_reply *reply = NULL;
		struct tls tls;
		char got[4096];
		char line[32];

		tls_start(&tls, cert, "HTTP/1.1 204 Done\r\n\r\n");
		assert_int_equal(
		    ask(&opts, tls.port, methods[i], &reply, NULL), SG_OK);
		tls_end(&tls, got, sizeof(got));
		assert_int_equal(reply->status, 204);
		assert_int_equal(reply->body->len, 0);
		assert_null(reply->location);
		(void)snprintf(line, sizeof(line), "%s /path", methods[i]);
		assert_int_equal(strncmp(got, line, strlen(line)), 0);
		sg_http_reply_free(&reply);
	}
}

static void
answer_beyond_the_bound_is_cut_off(void **state)
{
	const struct sg_transport_opts opts = {.ca_file = cert};
	struct sg_http_reply *reply = NULL;
	struct sg_err err = {0};
	struct tls tls;
	char answer[4096];
	int len;

	(void)state;
	need_openssl();
	len = snprintf(answer, sizeof(answer),
	    "HTTP/1.1 200 OK\r\nContent-Length: 20971520\r\n\r\n");
	memset(answer + len, 'x', 2000);
	answer[len + 2000] = '\0';
	tls_start(&tls, cert, answer);
	assert_int_equal(
	    ask(&opts, tls.port, "GET", &reply, &err), SG_E_NETWORK);
	tls_end(&tls, NULL, 0);
	assert_has(err.text, "larger than 1000 bytes");
	assert_int_equal(err.native, SG_HTTP_BROKEN);
}

/* One header line of so many bytes, beyond our bound and beyond libcurl's. */
static void
headers_beyond_the_bound_are_cut_off(void **state)
{
	static const size_t sizes[] = {90000, 200000};
	const struct sg_transport_opts opts = {.ca_file = cert};
	size_t i;

	(void)state;
	need_openssl();
	for (i = 0; i < SG_COUNT(sizes); i++) {
		SG_AUTO(sg_buf) answer = sg_buf_new(sizes[i] + 100);
		struct sg_http_reply *reply = NULL;
		struct sg_err err = {0};
		struct tls tls;
		size_t n;

		sg_buf_add_str(answer, "HTTP/1.1 200 OK\r\nCache-Control: ");
		for (n = 0; n < sizes[i]; n++)
			sg_buf_add_byte(answer, 'x');
		sg_buf_add_str(answer, "\r\nContent-Length: 0\r\n\r\n");
		tls_start(&tls, cert, sg_buf_str(answer));
		assert_int_equal(
		    ask(&opts, tls.port, "POST", &reply, &err), SG_E_NETWORK);
		tls_end(&tls, NULL, 0);
		assert_has(err.text, "headers are larger than 65536 bytes");
		assert_int_equal(err.native, SG_HTTP_BROKEN);
	}
}

static void
an_answer_that_is_no_http_is_the_networks(void **state)
{
	static const char *const answers[] = {
	    "status 000\r\nhello\r\n\r\n", "HTTP/9.9 abc def\r\n\r\n"};
	const struct sg_transport_opts opts = {.ca_file = cert};
	size_t i;

	(void)state;
	need_openssl();
	for (i = 0; i < SG_COUNT(answers); i++) {
		struct sg_http_reply *reply = NULL;
		struct sg_err err = {0};
		struct tls tls;

		tls_start(&tls, cert, answers[i]);
		assert_int_equal(
		    ask(&opts, tls.port, "POST", &reply, &err), SG_E_NETWORK);
		tls_end(&tls, NULL, 0);
		assert_has(err.text, "speaks no HTTP");
		assert_int_equal(err.native, SG_HTTP_BROKEN);
	}
}

static void
compressed_answer_is_not_taken_for_text(void **state)
{
	static const struct {
		const char *head;
		enum sg_rc rc;
		int status;
		size_t body_len;
	} rows[] = {
	    {"200 OK\r\nContent-Encoding: gzip", SG_E_NETWORK, 0, 0},
	    {"200 OK\r\nContent-Encoding: br", SG_E_NETWORK, 0, 0},
	    {"200 OK\r\nContent-Encoding: Identity", SG_OK, 200, 4},
	    {"503 Busy\r\nContent-Encoding: gzip", SG_OK, 503, 0},
	};
	const struct sg_transport_opts opts = {.ca_file = cert};
	size_t i;

	(void)state;
	need_openssl();
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_http_reply *reply = NULL;
		struct sg_err err = {0};
		struct tls tls;
		char answer[256];

		(void)snprintf(answer, sizeof(answer),
		    "HTTP/1.1 %s\r\nContent-Length: 4\r\n\r\nabcd",
		    rows[i].head);
		tls_start(&tls, cert, answer);
		assert_int_equal(
		    ask(&opts, tls.port, "POST", &reply, &err), rows[i].rc);
		tls_end(&tls, NULL, 0);
		if (rows[i].rc != SG_OK) {
			assert_has(err.text, "compressed");
			assert_int_equal(err.native, SG_HTTP_BROKEN);
			continue;
		}
		assert_int_equal(reply->status, rows[i].status);
		assert_int_equal(reply->body->len, rows[i].body_len);
		sg_http_reply_free(&reply);
	}
}

/* Longer where the host stood still before anything was sent. */
static void
answer_that_never_comes_is_lost(void **state)
{
	struct sg_transport_opts opts = {.ca_file = cert};
	struct sg_http_reply *reply = NULL;
	struct sg_err err = {.native = SG_HTTP_NOT_SENT};
	struct tls tls;
	char got[4096];
	int64_t limit_ms;

	(void)state;
	need_openssl();
	for (limit_ms = 3000;
	     err.native == SG_HTTP_NOT_SENT && limit_ms < 100000;
	     limit_ms *= 3) {
		sg_err_clear(&err);
		opts.http.timeout_ms = limit_ms;
		tls_start(&tls, cert, "");
		assert_int_equal(
		    ask(&opts, tls.port, "POST", &reply, &err), SG_E_TIMEOUT);
		tls_end(&tls, got, sizeof(got));
	}
	assert_int_equal(err.native, SG_HTTP_LOST);
	assert_has(got, "POST /path");
}

static void
secret_cannot_add_a_header(void **state)
{
	struct sg_http *http = NULL;
	struct sg_secret *auth = secret_of("a\r\nX-Evil: b");
	const struct sg_http_request request = {
	    .method = "GET",
	    .url = "https://127.0.0.1:1/",
	    .auth_header = "X-Tableau-Auth",
	    .auth = auth,
	};
	struct sg_http_reply *reply = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_transport_open(NULL, &http, NULL), SG_OK);
	assert_int_equal(
	    sg_http_send(http, &request, &reply, &err), SG_E_USAGE);
	assert_has(err.text, "X-Tableau-Auth");
	assert_has_not(err.text, "X-Evil");
	sg_http_free(&http);
	sg_secret_free(&auth);
}

static void
bad_options_are_named(void **state)
{
	const struct sg_transport_opts cases[] = {
	    {.ca_file = "/nowhere/ca.pem"},
	    {.client_cert = "/nowhere/cert.pem"},
	    {.client_key = "/nowhere/key.pem"},
	    {.client_key = "pkcs11:token=a;object=b"},
	};
	static const char *const says[] = {"SIGNET_CA_FILE",
	    "SIGNET_CLIENT_CERT", "SIGNET_CLIENT_KEY", "SIGNET_CLIENT_KEY"};
	struct sg_http *http = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_err err = {0};

		assert_int_equal(
		    sg_transport_open(&cases[i], &http, &err), SG_E_CONFIG);
		assert_has(err.text, says[i]);
	}
	assert_null(http);
}

static void
ca_file_without_certificates_is_named(void **state)
{
	char path[64];
	struct sg_transport_opts opts = {.ca_file = path};
	struct sg_http_reply *reply = NULL;
	struct sg_err err = {0};
	struct tcp tcp = {0};

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/empty.pem", top);
	assert_int_equal(sg_file_replace(path, "x", 1, 0600, NULL), SG_OK);
	tcp_start(&tcp, "");
	assert_int_equal(
	    ask(&opts, tcp.port, "POST", &reply, &err), SG_E_CONFIG);
	assert_has(err.text, "SIGNET_CA_FILE");
	tcp_end(&tcp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_http_is_refused),
	    cmocka_unit_test(refused_connection_was_not_sent),
	    cmocka_unit_test(silent_server_is_a_timeout),
	    cmocka_unit_test(connecting_has_a_deadline_of_its_own),
	    cmocka_unit_test(server_without_tls_gets_nothing),
	    cmocka_unit_test(unknown_ca_is_refused_before_anything_is_sent),
	    cmocka_unit_test(certificate_of_another_host_is_refused),
	    cmocka_unit_test(request_and_answer_are_whole),
	    cmocka_unit_test(each_method_is_sent_as_it_is),
	    cmocka_unit_test(answer_beyond_the_bound_is_cut_off),
	    cmocka_unit_test(headers_beyond_the_bound_are_cut_off),
	    cmocka_unit_test(an_answer_that_is_no_http_is_the_networks),
	    cmocka_unit_test(compressed_answer_is_not_taken_for_text),
	    cmocka_unit_test(answer_that_never_comes_is_lost),
	    cmocka_unit_test(secret_cannot_add_a_header),
	    cmocka_unit_test(bad_options_are_named),
	    cmocka_unit_test(ca_file_without_certificates_is_named),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
