/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/secret_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/run_command.h"
#include "cli/terminal.h"

#define SOURCE_MAX 4096
/* A human being may be asked. */
#define LIMIT_MS 300000

/* What stands in no secret, and costs one of few tries when it is sent as one.
 * Blanks do stand in some. */
static enum sg_rc
check_bytes(
    const char *name, const uint8_t *data, size_t len, struct sg_err *err)
{
	if (len == 0)
		return SG_OK; /* and data may be NULL */
	if (memchr(data, '\0', len) != NULL)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "%s holds a NUL byte, as UTF-16 does, and is not sent; "
		    "write it as plain text",
		    name);
	if (len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "%s begins with a byte order mark and is not sent; write "
		    "it without one",
		    name);
	if (memchr(data, '\n', len) != NULL || memchr(data, '\r', len) != NULL)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "%s holds more than one line and is not sent; leave the "
		    "secret alone in it",
		    name);
	return SG_OK;
}

/* Texts that come from elsewhere end with a newline that nobody means. */
static enum sg_rc
finish(const char *name, struct sg_buf *bytes, struct sg_secret **out_secret,
    struct sg_err *err)
{
	size_t len = bytes->len;
	enum sg_rc rc;

	if (len > 0 && bytes->data[len - 1] == '\n')
		len--;
	if (len > 0 && len < bytes->len && bytes->data[len - 1] == '\r')
		len--;
	rc = check_bytes(name, bytes->data, len, err);
	if (rc != SG_OK)
		return rc;
	return sg_secret_new(bytes->data, len, out_secret, err);
}

/* What cannot be read, or is too long, is no secret that is to be had. */
static enum sg_rc
unreadable(enum sg_rc rc, struct sg_err *err)
{
	if (rc == SG_E_IO || rc == SG_E_USAGE)
		return sg_recast(err, SG_E_PIN_MISSING);
	return rc;
}

static enum sg_rc
read_end(int fd, const char *name, int64_t limit_ms,
    struct sg_secret **out_secret, struct sg_err *err)
{
	SG_AUTO(sg_buf) bytes = NULL;
	struct sg_err failed = {0};
	enum sg_rc rc;

	rc = sg_file_read_fd(fd, name, SOURCE_MAX, limit_ms, &bytes, &failed);
	if (rc == SG_E_TIMEOUT)
		return sg_fail(err, rc, "%s; it may have longer with --timeout",
		    failed.text);
	if (rc != SG_OK)
		return unreadable(sg_fail_again(err, rc, &failed), err);
	return finish(name, bytes, out_secret, err);
}

static enum sg_rc
from_file(const char *path, int64_t limit_ms, struct sg_secret **out_secret,
    struct sg_err *err)
{
	enum sg_rc rc;
	int fd = -1;

	rc = sg_file_open(path, SG_FILE_SECRET, &fd, err);
	if (rc != SG_OK)
		return unreadable(rc, err);
	rc = read_end(fd, path, limit_ms, out_secret, err);
	(void)close(fd);
	return rc;
}

static enum sg_rc
from_fd(const char *number, int64_t limit_ms, struct sg_secret **out_secret,
    struct sg_err *err)
{
	char *end = NULL;
	long fd;

	errno = 0;
	fd = strtol(number, &end, 10);
	if (end == number || *end != '\0' || fd < 0 || fd > 65535)
		return sg_fail(err, SG_E_CONFIG,
		    "fd: needs the number of an open file descriptor");
	/* What signet itself has open closes on exec; what it was given does
	 * not. */
	if (fcntl((int)fd, F_GETFD) != 0)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "file descriptor %ld is not open, or was not given to "
		    "signet",
		    fd);
	return read_end((int)fd, "the descriptor", limit_ms, out_secret, err);
}

static enum sg_rc
from_env(const char *name, int64_t limit_ms, struct sg_secret **out_secret,
    struct sg_err *err)
{
	const char *value = getenv(name);
	SG_AUTO(sg_buf) bytes = NULL;
	enum sg_rc rc;

	(void)limit_ms;
	if (value == NULL)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "the environment variable %s is not set", name);
	bytes = sg_buf_new(SOURCE_MAX);
	sg_buf_add_str(bytes, value);
	rc = sg_buf_check(bytes, name, err);
	if (rc != SG_OK)
		return unreadable(rc, err);
	return finish(name, bytes, out_secret, err);
}

static enum sg_rc
from_command(const char *command, int64_t limit_ms,
    struct sg_secret **out_secret, struct sg_err *err)
{
	SG_AUTO(sg_buf) bytes = NULL;
	enum sg_rc rc;

	rc = run_command(command, SOURCE_MAX, limit_ms, &bytes, err);
	if (rc != SG_OK)
		return rc;
	return finish("the command's output", bytes, out_secret, err);
}

/* systemd.exec(5), LoadCredential= */
static enum sg_rc
from_credential(const char *name, int64_t limit_ms,
    struct sg_secret **out_secret, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(SOURCE_MAX);
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	enum sg_rc rc;

	if (dir == NULL)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "cred:%s needs a service that systemd gave credentials to "
		    "(CREDENTIALS_DIRECTORY is not set)",
		    name);
	if (strchr(name, '/') != NULL || name[0] == '.' || name[0] == '\0')
		return sg_fail(err, SG_E_CONFIG,
		    "\"%s\" is no name of a credential", name);
	sg_buf_addf(path, "%s/%s", dir, name);
	rc = sg_buf_check(path, "the path of a credential", err);
	if (rc != SG_OK)
		return rc;
	return from_file(sg_buf_str(path), limit_ms, out_secret, err);
}

static const struct {
	const char *prefix;
	enum sg_rc (*read)(const char *rest, int64_t limit_ms,
	    struct sg_secret **out_secret, struct sg_err *err);
} sources[] = {
    {"file:", from_file},
    {"fd:", from_fd},
    {"env:", from_env},
    {"cmd:", from_command},
    {"cred:", from_credential},
    {"/", from_file},
};

bool
secret_source_runs_command(const char *source)
{
	return sg_text_starts(source, "cmd:") || source[0] == '|';
}

enum sg_rc
secret_source_read(const char *source, const char *what, int64_t limit_ms,
    struct sg_secret **out_secret, struct sg_err *err)
{
	enum sg_rc rc;
	size_t i;

	if (source == NULL || strcmp(source, "prompt") == 0)
		return terminal_ask_secret(what, out_secret, err);
	for (i = 0; i < SG_COUNT(sources); i++) {
		const char *prefix = sources[i].prefix;
		bool path_alone = prefix[0] == '/';

		if (!sg_text_starts(source, prefix))
			continue;
		rc = sources[i].read(
		    path_alone ? source : source + strlen(prefix),
		    limit_ms > 0 ? limit_ms : LIMIT_MS, out_secret, err);
		if (rc != SG_OK)
			return sg_context(err, rc, "get the %s", what);
		return SG_OK;
	}
	return sg_fail(err, SG_E_CONFIG,
	    "the source of the %s must be prompt, file:PATH, fd:N, env:NAME, "
	    "cmd:COMMAND or cred:NAME",
	    what);
}
