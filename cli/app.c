/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/key/allow.h"

#define OUT_MAX	   (64 * 1024 * 1024)
#define FIELD_NAME 12

bool
app_given(const struct app *app, enum opt opt)
{
	return app->args.given[opt];
}

const char *
app_value(const struct app *app, enum opt opt)
{
	return app->args.value[opt];
}

const char *
app_output(const struct app *app)
{
	const char *path = app_value(app, OPT_OUTPUT);

	if (path == NULL || strcmp(path, "-") == 0 ||
	    strcmp(path, "/dev/stdout") == 0)
		return NULL;
	return path;
}

/* Options that stand in for a setting. */
static const struct {
	enum opt opt;
	enum conf conf;
} overrides[] = {
    {OPT_MODULE_PATH, CONF_MODULE},
    {OPT_PIN_SOURCE, CONF_PIN_SOURCE},
    {OPT_TIMEOUT, CONF_TIMEOUT},
    {OPT_LIFETIME, CONF_JWT_LIFETIME},
    {OPT_BACKDATE, CONF_JWT_BACKDATE},
    {OPT_USER, CONF_USERNAME},
    {OPT_ISSUER, CONF_ISSUER},
    {OPT_KID, CONF_KID},
    {OPT_USERNAME_CLAIM, CONF_USERNAME_CLAIM},
    {OPT_SITE, CONF_SITE_ID},
};

enum sg_rc
app_open(struct app *app, struct sg_err *err)
{
	app->out = sg_buf_new(OUT_MAX);
	app->json.out = app->out;
	app->clock = sg_clock_system();
	return sg_buf_check(app->out, "the output", err);
}

enum sg_rc
app_configure(struct app *app, struct sg_err *err)
{
	enum sg_rc rc;
	size_t i;

	rc = allow_check(app, err);
	if (rc == SG_OK)
		rc = conf_load(app_value(app, OPT_CONFIG), &app->conf, err);
	if (rc != SG_OK)
		return rc;
	for (i = 0; i < SG_COUNT(overrides); i++)
		if (app_given(app, overrides[i].opt))
			conf_override(app->conf, overrides[i].conf,
			    app_value(app, overrides[i].opt));
	/* jwt verify also takes a file there */
	if (app_given(app, OPT_KEY))
		conf_override(app->conf, CONF_KEY, app_value(app, OPT_KEY));
	if (conf_path(app->conf) != NULL)
		app_trace(app, "configuration: %s", conf_path(app->conf));
	/* Before a PIN is spent, or anything changed, for nothing. */
	return app_output(app) != NULL
		   ? sg_file_check_replace(app_output(app), err)
		   : SG_OK;
}

void
app_close(struct app *app)
{
	sg_list_clear(&app->scopes);
	conf_set_free(&app->conf);
	args_clear(&app->args);
	sg_buf_free(&app->out);
}

/* stderr is the user's terminal as often as not. */
static void SG_PRINTF(1, 0) print_line(const char *format, va_list args)
{
	char line[SG_ERR_TEXT_MAX];

	(void)vsnprintf(line, sizeof(line), format, args);
	sg_utf8_make_safe(line);
	(void)fprintf(stderr, "signet: %s\n", line);
}

void
app_hint(const struct app *app, const char *format, ...)
{
	va_list args;

	if (app_given(app, OPT_QUIET))
		return;
	va_start(args, format);
	print_line(format, args);
	va_end(args);
}

void
app_trace(const struct app *app, const char *format, ...)
{
	va_list args;

	if (!app_given(app, OPT_VERBOSE))
		return;
	va_start(args, format);
	print_line(format, args);
	va_end(args);
}

enum sg_rc
app_timeout(struct app *app, int64_t *out_ms, struct sg_err *err)
{
	const char *text = NULL;
	int64_t timeout_s = 0;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_TIMEOUT, &text, err);
	if (rc != SG_OK || text == NULL)
		return rc;
	rc = sg_duration_parse(text, &timeout_s, err);
	if (rc == SG_OK && timeout_s == 0)
		rc = sg_fail(err, SG_E_USAGE, "a timeout must be at least 1s");
	if (rc != SG_OK)
		return conf_blame(
		    app->conf, CONF_TIMEOUT, "--timeout", rc, err);
	*out_ms = timeout_s * 1000;
	return SG_OK;
}

bool
app_json(const struct app *app)
{
	return app_given(app, OPT_JSON);
}

void
app_json_begin(struct app *app)
{
	sg_jsonw_object(&app->json, NULL);
	sg_jsonw_int(&app->json, "version", 1);
}

enum sg_rc
app_json_end(struct app *app, struct sg_err *err)
{
	sg_jsonw_object_end(&app->json);
	sg_buf_add_byte(app->out, '\n');
	return sg_jsonw_check(&app->json, "the output", err);
}

void
app_list_begin(struct app *app, const char *name)
{
	if (!app_json(app))
		return;
	app_json_begin(app);
	sg_jsonw_array(&app->json, name);
}

enum sg_rc
app_list_end(struct app *app, const char *if_empty, struct sg_err *err)
{
	if (app_json(app)) {
		sg_jsonw_array_end(&app->json);
		return app_json_end(app, err);
	}
	if (if_empty != NULL && app->out != NULL && app->out->len == 0)
		app_hint(app, "%s", if_empty);
	return sg_buf_check(app->out, "the output", err);
}

void
app_text(struct app *app, const char *text)
{
	app_text_of(app, text, strlen(text));
}

void
app_text_of(struct app *app, const char *text, size_t len)
{
	size_t before = app->out != NULL ? app->out->len : 0;

	sg_buf_add(app->out, text, len);
	if (app->out != NULL && app->out->len > before)
		sg_utf8_make_safe((char *)app->out->data + before);
}

void
app_field(struct app *app, const char *name, const char *value)
{
	if (value == NULL)
		return;
	sg_buf_addf(app->out, "%-*s ", FIELD_NAME, name);
	app_text(app, value);
	sg_buf_add_byte(app->out, '\n');
}

enum sg_rc
app_read_input(const char *path, const char *what, size_t max,
    struct sg_buf **out_buf, struct sg_err *err)
{
	enum sg_rc rc;

	if (strcmp(path, "-") == 0)
		rc = sg_file_read_fd(
		    STDIN_FILENO, "stdin", max, 0, out_buf, err);
	else
		rc = sg_file_read(path, SG_FILE_ANY, max, NULL, out_buf, err);
	return sg_context(err, rc, "read %s", what);
}

static enum sg_rc
write_output(const uint8_t *data, size_t len, struct sg_err *err)
{
	struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};

	while (len > 0) {
		ssize_t done = write(STDOUT_FILENO, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && errno == EAGAIN && poll(&ready, 1, -1) >= 0)
			continue;
		if (done < 0)
			return sg_fail_errno(err, SG_E_IO, "write to stdout");
		data += done;
		len -= (size_t)done;
	}
	return SG_OK;
}

/* A reader of the product that has seen enough ends signet, as it ends any
 * filter; the other end of a module's or a trace's pipe does not. */
enum sg_rc
app_give(const struct sg_buf *out, struct sg_err *err)
{
	enum sg_rc rc;

	(void)signal(SIGPIPE, SIG_DFL);
	rc = write_output(out->data, out->len, err);
	(void)signal(SIGPIPE, SIG_IGN);
	return rc;
}
