/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_OPT_H
#define SG_CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_buf;

/** Every option of every command; opt_rows[] says what each is. */
enum opt {
	OPT_END, /* ends a command's list */
	/* global, taken by every command */
	OPT_CONFIG,
	OPT_KEY,
	OPT_MODULE_PATH,
	OPT_PIN_SOURCE,
	OPT_RETRY_PIN,
	OPT_TIMEOUT,
	OPT_TRACE,
	OPT_ALLOW,
	OPT_JSON,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_VERSION,
	OPT_HELP,
	OPT_LAST_GLOBAL = OPT_HELP,
	/* of single commands */
	OPT_LABEL,
	OPT_ID,
	OPT_BITS,
	OPT_FORMAT,
	OPT_OUTPUT,
	OPT_SCOPE,
	OPT_LIFETIME,
	OPT_BACKDATE,
	OPT_CLAIM,
	OPT_CLAIMS,
	OPT_USER,
	OPT_ISSUER,
	OPT_KID,
	OPT_JWKS,
	OPT_MERGE,
	OPT_RETIRE,
	OPT_LISTEN,
	OPT_NAME,
	OPT_PUBLIC_KEY,
	OPT_TOKEN_KEY,
	OPT_JWKS_URI,
	OPT_USERNAME_CLAIM,
	OPT_RESOURCE,
	OPT_DISABLED,
	OPT_IF_ABSENT,
	OPT_DRY_RUN,
	OPT_JTI,
	OPT_CONFIGURATION,
	OPT_LIFT,
	OPT_YES,
	OPT_PAT,
	OPT_JWT,
	OPT_SITE,
	OPT_NO_CACHE,
	OPT_DATA,
	OPT_PAGINATE,
	OPT_TCM,
	OPT_TABLEAU,
	OPT_LINK_ID,
	OPT_LINK_ROLE,
	OPT_IDP,
	OPT_PROVIDER,
	OPT_SALESFORCE_DOMAIN,
	OPT_PLAN,
	OPT_RESUME,
	OPT_ROLLBACK,
	OPT_WAIT,
	OPT_CANARY_SITE,
	OPT_JWKS_OUTPUT,
	OPT_PUBLISH_TIMEOUT,
	OPT_DELETE_OLD_KEY,
	OPT_KEEP_NEW_KEY,
	OPT_FORCE,
	OPT_VERIFY,
	OPT_SUBJECT,
	OPT_DNS,
	OPT_DAYS,
	OPT_MODULE,
	OPT_ONLINE,
	OPT_CONFIG_FILE,
	OPT_COUNT,
};

/** One option: parsing, --help and the manual all come from this row. */
struct opt_row {
	const char *name; /* without the dashes */
	char letter;	  /* 0: none */
	const char *arg;  /* what it takes; NULL for a flag */
	bool many;	  /* may be given more than once */
	const char *help;
};

extern const struct opt_row opt_rows[OPT_COUNT];

#define OPT_OPERANDS_MAX 16

/* As operands_max: the operands are another command with its own options, of
 * any number, behind the first word that is no option, or behind "--". */
#define OPT_OPERANDS_REST SIZE_MAX

/** A parsed command line. Strings are borrowed from argv. */
struct args {
	const struct command *command; /* NULL only with --help */
	const char *noun;
	bool given[OPT_COUNT];
	const char *value[OPT_COUNT];	 /* of options that take one */
	struct sg_list lists[OPT_COUNT]; /* of options that take many */
	const char *operands[OPT_OPERANDS_MAX];
	size_t operand_count;
	char *const *rest; /* with OPT_OPERANDS_REST: another command's argv */
};

/** A command: where its words, options and function meet. */
struct command {
	const char *noun;
	const char *verb;     /* NULL for a command of one word */
	const char *operands; /* as in the usage line; "" for none */
	size_t operands_min;
	size_t operands_max;
	const char *summary;
	enum sg_rc (*run)(struct app *app, struct sg_err *err);
	enum opt opts[24]; /* ends with OPT_END */
};

/** All commands, in the order of the help text. */
extern const struct command commands[];
extern const size_t command_count;

/**
 * Read a command line.
 *
 * @return SG_OK, also for --help, which args->given[OPT_HELP] tells;
 *         SG_E_USAGE.
 */
enum sg_rc args_parse(int argc, char **argv, struct args *args,
    struct sg_err *err) SG_WARN_UNUSED;

void args_clear(struct args *args);

/** Find a command by its words; @p verb may be NULL. */
const struct command *command_find(const char *noun, const char *verb);

/** Append a command's words, as they are typed. */
void help_usage(struct sg_buf *out, const struct command *command);

/** Append the list of commands, the commands of a noun (nothing when there are
 * none), or one command's usage and options. */
void help_overview(struct sg_buf *out);
void help_noun(struct sg_buf *out, const char *noun);
void help_command(struct sg_buf *out, const struct command *command);

#ifdef __cplusplus
}
#endif

#endif
