/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_CHILD_ENV_H
#define SG_CLI_CLOUD_CHILD_ENV_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_secret;

/** The environment of a program to be run; wiped when freed. */
struct child_env;

/**
 * Begin with the variables of another environment.
 *
 * @param from     Ends with NULL; its strings are borrowed.
 * @param out_env  Free with child_env_free().
 */
enum sg_rc child_env_new(char *const *from, struct child_env **out_env,
    struct sg_err *err) SG_WARN_UNUSED;

/** Take a variable away, as often as it is there. */
void child_env_unset(struct child_env *env, const char *name);

/** Set a variable; what is NULL is unset. */
enum sg_rc child_env_set(struct child_env *env, const char *name,
    const char *value, struct sg_err *err) SG_WARN_UNUSED;

enum sg_rc child_env_set_secret(struct child_env *env, const char *name,
    const struct sg_secret *secret, struct sg_err *err) SG_WARN_UNUSED;

/** All of them, for execve(). Borrowed until the next change. */
char *const *child_env_vars(const struct child_env *env);

/** Takes NULL; leaves NULL. */
void child_env_free(struct child_env **env);

#ifdef __cplusplus
}
#endif

#endif
