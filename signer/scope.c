/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/scope.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define PREFIX	   "tableau:"
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"

/* Longest text whose spelling is compared, and how far apart is alike. */
#define SPELL_MAX  64
#define SPELL_NEAR 4

enum sg_rc
sg_scope_check(const char *scope, struct sg_err *err)
{
	const char *resource = scope + strlen(PREFIX);
	const char *action;
	size_t len;

	if (!sg_text_starts(scope, PREFIX))
		return sg_fail(err, SG_E_USAGE,
		    "the scope \"%s\" must have the form "
		    "tableau:<resource>:<action>",
		    scope);
	len = strspn(resource, NAME_CHARS);
	if (resource[0] == '*')
		return sg_fail(err, SG_E_USAGE,
		    "the scope \"%s\": '*' may stand for an action only, as in "
		    "tableau:users:*",
		    scope);
	if (len == 0 || resource[len] != ':')
		return sg_fail(err, SG_E_USAGE,
		    "the scope \"%s\" must have the form "
		    "tableau:<resource>:<action>",
		    scope);
	action = resource + len + 1;
	if (strcmp(action, "*") == 0)
		return SG_OK;
	len = strspn(action, NAME_CHARS);
	if (len == 0 || action[len] != '\0')
		return sg_fail(err, SG_E_USAGE,
		    "the scope \"%s\" must end in an action, such as read, "
		    "or '*'",
		    scope);
	return SG_OK;
}

bool
sg_scope_is_known(const char *scope)
{
	bool wildcard = sg_text_ends(scope, ":*");
	size_t len = strlen(scope) - (wildcard ? 1 : 0);
	size_t i;

	for (i = 0; i < sg_scope_known_count; i++) {
		const char *known = sg_scope_known[i];

		if (wildcard && strncmp(known, scope, len) == 0)
			return true;
		if (!wildcard && strcmp(known, scope) == 0)
			return true;
	}
	return false;
}

static size_t
least(size_t a, size_t b, size_t c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Levenshtein distance, one row at a time; SIZE_MAX for what is too long. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[SPELL_MAX + 1];
	size_t b_len = strlen(b);
	size_t i;
	size_t k;

	if (strlen(a) > SPELL_MAX || b_len > SPELL_MAX)
		return SIZE_MAX;
	for (k = 0; k <= b_len; k++)
		row[k] = k;
	for (i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (k = 1; k <= b_len; k++) {
			size_t above = row[k];

			row[k] = least(above + 1, row[k - 1] + 1,
			    diagonal + (a[i - 1] == b[k - 1] ? 0 : 1));
			diagonal = above;
		}
	}
	return row[b_len];
}

const char *
sg_scope_nearest(const char *scope)
{
	const char *nearest = NULL;
	size_t best = SPELL_NEAR + 1;
	size_t i;

	for (i = 0; i < sg_scope_known_count; i++) {
		size_t d = distance(scope, sg_scope_known[i]);

		if (d >= best)
			continue;
		best = d;
		nearest = sg_scope_known[i];
	}
	return nearest;
}
