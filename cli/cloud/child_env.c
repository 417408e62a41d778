/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/child_env.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

struct child_env {
	char **vars; /* ends with NULL */
	size_t count;
	char **own; /* those of them that were set here */
	size_t own_count;
};

enum sg_rc
child_env_new(char *const *from, struct child_env **out_env, struct sg_err *err)
{
	SG_AUTO(child_env) env = calloc(1, sizeof(*env));

	if (env == NULL)
		return sg_fail_nomem(err);
	while (from[env->count] != NULL)
		env->count++;
	env->vars = calloc(env->count + 1, sizeof(*env->vars));
	if (env->vars == NULL)
		return sg_fail_nomem(err);
	if (env->count > 0)
		memcpy(env->vars, from, env->count * sizeof(*env->vars));
	*out_env = env;
	env = NULL; /* now the caller's */
	return SG_OK;
}

static bool
is_named(const char *variable, const char *name)
{
	size_t len = strlen(name);

	return strncmp(variable, name, len) == 0 && variable[len] == '=';
}

void
child_env_unset(struct child_env *env, const char *name)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < env->count; i++)
		if (!is_named(env->vars[i], name))
			env->vars[kept++] = env->vars[i];
	env->vars[kept] = NULL;
	env->count = kept;
}

/* Append a variable, which becomes the environment's. */
static enum sg_rc
append(struct child_env *env, char *variable, struct sg_err *err)
{
	char **longer;

	longer = reallocarray(env->own, env->own_count + 1, sizeof(*env->own));
	if (longer == NULL) {
		explicit_bzero(variable, strlen(variable));
		free(variable);
		return sg_fail_nomem(err);
	}
	env->own = longer;
	env->own[env->own_count++] = variable;
	longer = reallocarray(env->vars, env->count + 2, sizeof(*env->vars));
	if (longer == NULL)
		return sg_fail_nomem(err);
	env->vars = longer;
	env->vars[env->count++] = variable;
	env->vars[env->count] = NULL;
	return SG_OK;
}

enum sg_rc
child_env_set(struct child_env *env, const char *name, const char *value,
    struct sg_err *err)
{
	char *variable = NULL;

	child_env_unset(env, name);
	if (value == NULL)
		return SG_OK;
	if (asprintf(&variable, "%s=%s", name, value) < 0)
		return sg_fail_nomem(err);
	return append(env, variable, err);
}

enum sg_rc
child_env_set_secret(struct child_env *env, const char *name,
    const struct sg_secret *secret, struct sg_err *err)
{
	return child_env_set(env, name, sg_secret_reveal(secret), err);
}

char *const *
child_env_vars(const struct child_env *env)
{
	return env->vars;
}

void
child_env_free(struct child_env **env)
{
	size_t i;

	if (env == NULL || *env == NULL)
		return;
	for (i = 0; i < (*env)->own_count; i++) {
		explicit_bzero((*env)->own[i], strlen((*env)->own[i]));
		free((*env)->own[i]);
	}
	free((*env)->own);
	free((*env)->vars);
	free(*env);
	*env = NULL;
}
