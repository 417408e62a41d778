/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static const struct {
	enum sg_rc rc;
	int exit_status;
	const char *name;
} codes[] = {
    {SG_OK, 0, "SG_OK"},
    {SG_E_NOMEM, 1, "SG_E_NOMEM"},
    {SG_E_IO, 1, "SG_E_IO"},
    {SG_E_INTERNAL, 1, "SG_E_INTERNAL"},
    {SG_E_INVALID, 1, "SG_E_INVALID"},
    {SG_E_USAGE, 2, "SG_E_USAGE"},
    {SG_E_PIN_MISSING, 3, "SG_E_PIN_MISSING"},
    {SG_E_PIN_WRONG, 3, "SG_E_PIN_WRONG"},
    {SG_E_PIN_WITHHELD, 3, "SG_E_PIN_WITHHELD"},
    {SG_E_PIN_LOCKED, 3, "SG_E_PIN_LOCKED"},
    {SG_E_MODULE, 4, "SG_E_MODULE"},
    {SG_E_TOKEN, 4, "SG_E_TOKEN"},
    {SG_E_NOT_FOUND, 4, "SG_E_NOT_FOUND"},
    {SG_E_AMBIGUOUS, 4, "SG_E_AMBIGUOUS"},
    {SG_E_MECHANISM, 4, "SG_E_MECHANISM"},
    {SG_E_REFUSED, 5, "SG_E_REFUSED"},
    {SG_E_SESSION, 5, "SG_E_SESSION"},
    {SG_E_NETWORK, 6, "SG_E_NETWORK"},
    {SG_E_TIMEOUT, 6, "SG_E_TIMEOUT"},
    {SG_E_POLICY, 7, "SG_E_POLICY"},
    {SG_E_CONFIG, 8, "SG_E_CONFIG"},
};

static enum sg_rc SG_PRINTF(4, 0) record(struct sg_err *err, enum sg_rc rc,
    long native, const char *format, va_list args)
{
	if (err == NULL || err->rc != SG_OK)
		return rc;
	err->rc = rc;
	err->native = native;
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	sg_utf8_make_safe(err->text);
	return rc;
}

enum sg_rc
sg_fail(struct sg_err *err, enum sg_rc rc, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)record(err, rc, 0, format, args);
	va_end(args);
	return rc;
}

enum sg_rc
sg_fail_native(
    struct sg_err *err, enum sg_rc rc, long native, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)record(err, rc, native, format, args);
	va_end(args);
	return rc;
}

enum sg_rc
sg_fail_again(struct sg_err *err, enum sg_rc rc, const struct sg_err *failure)
{
	if (rc == SG_OK)
		return rc;
	return sg_fail_native(err, rc, failure->native, "%s", failure->text);
}

enum sg_rc
sg_fail_errno(struct sg_err *err, enum sg_rc rc, const char *format, ...)
{
	int saved = errno;
	va_list args;
	size_t len;

	if (err == NULL || err->rc != SG_OK)
		return rc;
	va_start(args, format);
	(void)record(err, rc, saved, format, args);
	va_end(args);
	len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %s",
	    strerrordesc_np(saved) != NULL ? strerrordesc_np(saved)
					   : "unknown error");
	return rc;
}

enum sg_rc
sg_fail_nomem(struct sg_err *err)
{
	return sg_fail(err, SG_E_NOMEM, "out of memory");
}

enum sg_rc
sg_context(struct sg_err *err, enum sg_rc rc, const char *format, ...)
{
	char front[SG_ERR_TEXT_MAX / 4];
	va_list args;
	size_t len;
	size_t room;

	if (err == NULL || err->rc == SG_OK)
		return rc;
	va_start(args, format);
	(void)vsnprintf(front, sizeof(front) - 2, format, args);
	va_end(args);
	memcpy(front + strlen(front), ": ", sizeof(": "));
	len = strlen(front);
	room = sizeof(err->text) - len - 1;
	memmove(err->text + len, err->text, room);
	memcpy(err->text, front, len);
	err->text[sizeof(err->text) - 1] = '\0';
	sg_utf8_make_safe(err->text);
	return rc;
}

enum sg_rc
sg_recast(struct sg_err *err, enum sg_rc rc)
{
	if (err != NULL && err->rc != SG_OK)
		err->rc = rc;
	return rc;
}

void
sg_err_clear(struct sg_err *err)
{
	if (err == NULL)
		return;
	err->rc = SG_OK;
	err->native = 0;
	err->text[0] = '\0';
}

int
sg_rc_exit_status(enum sg_rc rc)
{
	size_t i;

	for (i = 0; i < SG_COUNT(codes); i++)
		if (codes[i].rc == rc)
			return codes[i].exit_status;
	return 1;
}

const char *
sg_rc_name(enum sg_rc rc)
{
	size_t i;

	for (i = 0; i < SG_COUNT(codes); i++)
		if (codes[i].rc == rc)
			return codes[i].name;
	return "unknown code";
}
