/* SPDX-License-Identifier: Apache-2.0 */
#include "client/reply/echo.h"

#include <string.h>

#include "base/buf.h"
#include "base/secret.h"

/* How many bytes at the start of a text are a stretch of the secret. */
static size_t
echo_len(const char *text, size_t len, const struct sg_secret *sent)
{
	const char *whole = sg_secret_reveal(sent);
	size_t whole_len = sg_secret_len(sent);
	size_t least = whole_len < SG_ECHO_MIN ? whole_len : SG_ECHO_MIN;
	const char *found;
	size_t same;

	if (least == 0 || len < least)
		return 0;
	found = memmem(whole, whole_len, text, least);
	if (found == NULL)
		return 0;
	whole_len -= (size_t)(found - whole);
	for (same = least; same < len && same < whole_len; same++)
		if (text[same] != found[same])
			break;
	return same;
}

void
sg_echo_strike(struct sg_buf *out, const char *text, size_t len,
    const struct sg_secret *sent)
{
	while (sent != NULL && len > 0) {
		size_t plain = 0;
		size_t echo = 0;

		while (plain < len && echo == 0) {
			echo = echo_len(text + plain, len - plain, sent);
			plain += echo == 0 ? 1 : 0;
		}
		sg_buf_add(out, text, plain);
		if (echo > 0)
			sg_buf_add_str(out, "(hidden)");
		text += plain + echo;
		len -= plain + echo;
	}
	sg_buf_add(out, text, len);
}
