/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fault/state.h"

/*
 * Rules as text, one a line or between semicolons:
 *
 *   FUNCTION ACTION[=VALUE] [from=N] [times=N] [attr=N]
 *
 *   C_Sign fail=CKR_DEVICE_ERROR from=2 times=1; * sleep=5
 *
 * FUNCTION is a name or * for all; a value is a number, as C writes them, or
 * a CK_RV's name.
 */

#define MAX_TEXT 4096

static const struct {
	const char *name;
	CK_RV rv;
} codes[] = {
#define CODE(name, number) {#name, number},
#include "tests/fault/ckr.def"
#undef CODE
};

static const char *const names[SG_FAULT_FN_COUNT] = {
    [SG_FAULT_ANY] = "*",
    [SG_FAULT_C_GetFunctionList] = "C_GetFunctionList",
#define ROW(name, ...) [SG_FAULT_##name] = #name,
#include "tests/fault/functions.def"
#undef ROW
};

static const struct {
	const char *name;
	bool has_value;
} actions[SG_FAULT_ACT_COUNT] = {
    [SG_FAULT_FAIL] = {"fail", true},
    [SG_FAULT_LOSE] = {"lose", true},
    [SG_FAULT_SLEEP] = {"sleep", true},
    [SG_FAULT_HANG] = {"hang", false},
    [SG_FAULT_DIE] = {"die", false},
    [SG_FAULT_DROP] = {"drop", false},
    [SG_FAULT_LOGOUT] = {"logout", false},
    [SG_FAULT_RESTART] = {"restart", false},
    [SG_FAULT_REMOVE] = {"remove", true},
    [SG_FAULT_REMOVE_MS] = {"remove-ms", true},
    [SG_FAULT_SLOTS] = {"slots", true},
    [SG_FAULT_LIE] = {"lie", true},
    [SG_FAULT_FLIP] = {"flip", true},
    [SG_FAULT_TWIN] = {"twin", false},
    [SG_FAULT_TWICE] = {"twice", false},
    [SG_FAULT_FLAGS] = {"flags", true},
    [SG_FAULT_LIMIT] = {"limit", true},
    [SG_FAULT_RECALL] = {"recall", false},
};

const char *
fault_name(enum sg_fault_fn fn)
{
	return names[fn];
}

static bool
read_value(const char *text, CK_ULONG *out_value)
{
	char *end;
	size_t i;

	for (i = 0; i < COUNT_OF(codes); i++)
		if (strcmp(text, codes[i].name) == 0) {
			*out_value = codes[i].rv;
			return true;
		}
	errno = 0;
	*out_value = strtoul(text, &end, 0);
	return errno == 0 && end != text && *end == '\0';
}

static bool
read_function(const char *text, struct sg_fault_rule *rule)
{
	int i;

	for (i = 0; i < SG_FAULT_FN_COUNT; i++)
		if (strcmp(text, names[i]) == 0) {
			rule->fn = (enum sg_fault_fn)i;
			return true;
		}
	return false;
}

static bool
read_action(const char *text, const char *value, struct sg_fault_rule *rule)
{
	int i;

	for (i = 0; i < SG_FAULT_ACT_COUNT; i++)
		if (strcmp(text, actions[i].name) == 0) {
			rule->act = (enum sg_fault_act)i;
			if (!actions[i].has_value)
				return value == NULL;
			return value != NULL && read_value(value, &rule->value);
		}
	return false;
}

static bool
read_when(const char *text, const char *value, struct sg_fault_rule *rule)
{
	CK_ULONG number;

	if (value == NULL || !read_value(value, &number))
		return false;
	if (strcmp(text, "from") == 0) {
		rule->from = (unsigned int)number;
	} else if (strcmp(text, "times") == 0) {
		rule->times = (unsigned int)number;
	} else if (strcmp(text, "attr") == 0) {
		rule->one_attr = true;
		rule->attr = number;
	} else {
		return false;
	}
	return true;
}

/* Cuts the line into words. */
static const char *
read_rule(char *line, struct sg_fault_rule *rule)
{
	unsigned int count = 0;
	char *rest = NULL;
	char *word;

	for (word = strtok_r(line, " \t", &rest); word != NULL;
	     word = strtok_r(NULL, " \t", &rest)) {
		char *value = count > 0 ? strchr(word, '=') : NULL;

		if (value != NULL)
			*value++ = '\0';
		if (count == 0 && !read_function(word, rule))
			return "a rule begins with a function's name, or *";
		if (count == 1 && !read_action(word, value, rule))
			return "after the function stands what happens";
		if (count > 1 && !read_when(word, value, rule))
			return "a rule ends with from=N, times=N, attr=N";
		count++;
	}
	return count == 1 ? "a rule does not say what happens" : NULL;
}

static bool
is_blank(const char *line)
{
	return line[strspn(line, " \t")] == '\0';
}

const char *
fault_script(const char *text, bool (*add)(const struct sg_fault_rule *rule))
{
	char copy[MAX_TEXT];
	char *rest = NULL;
	char *line;
	int len = snprintf(copy, sizeof(copy), "%s", text);

	if (len < 0 || (size_t)len >= sizeof(copy))
		return "too long";
	for (line = strtok_r(copy, ";\n", &rest); line != NULL;
	     line = strtok_r(NULL, ";\n", &rest)) {
		struct sg_fault_rule rule = {0};
		const char *wrong;

		if (is_blank(line))
			continue;
		wrong = read_rule(line, &rule);
		if (wrong != NULL)
			return wrong;
		if (!add(&rule))
			return "too many rules";
	}
	return NULL;
}
