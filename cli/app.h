/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_APP_H
#define SG_CLI_APP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "cli/conf.h"
#include "cli/opt.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One run of the program: what was asked, and what it opened so far. */
struct app {
	struct args args;
	struct conf_set *conf;
	const struct sg_clock *clock;
	struct sg_buf *out;   /* the product; printed when all went well */
	bool out_stands;      /* the product is printed though we fail: the
			       * failure is the answer */
	struct sg_jsonw json; /* writes into out */
	bool is_stopping; /* uat stop: may sign (stopped.h), waits for nobody */
	mode_t inherited_umask;
	bool has_exit_status; /* of its own, the command has: */
	int exit_status;

	/* keys.c */
	struct sg_uri *key_uri;	       /* the key that is meant */
	struct sg_uri *configured_uri; /* SIGNET_KEY, beneath --key */
	enum conf_origin configured_origin;
	struct sg_buf *ledger_dir;
	struct watch *watch; /* over the token's module */
	struct sg_token *token;
	struct sg_key *key;
	struct sg_signer *signer;

	/* client_key.c */
	struct sg_uri *client_uri;
	struct sg_token *client_token; /* NULL when it is the one above */
	struct sg_tls_key *tls_key;

	/* mint.c */
	struct sg_list scopes;
	bool scopes_hinted;

	/* sign_in.c: what is done with the PAT or JWT in hand, before it is
	 * sent; NULL: nothing */
	void (*before_sign_in)(void);

	/* services.c */
	struct sg_http *http;
	struct sg_cache *cache;
	struct sg_tcm_endpoints *endpoints;
};

/** Make what every command needs. */
enum sg_rc app_open(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/** Read the configuration, and the options that stand in for settings. */
enum sg_rc app_configure(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/** Release configuration and product; after keys_ and services_close(). */
void app_close(struct app *app);

/** Was this option given? */
bool app_given(const struct app *app, enum opt opt);

/** The value of an option; NULL when it was not given. */
const char *app_value(const struct app *app, enum opt opt);

/** The file of --output; NULL when the product goes to stdout. */
const char *app_output(const struct app *app);

/** Tell the user something useful on stderr; silent with --quiet. */
void app_hint(const struct app *app, const char *format, ...) SG_PRINTF(2, 3);

/** Tell what is being done on stderr; only with --verbose. Never a secret. */
void app_trace(const struct app *app, const char *format, ...) SG_PRINTF(2, 3);

/**
 * The longest time of one call, of --timeout or SIGNET_TIMEOUT.
 *
 * @param out_ms  0 when none is set.
 */
enum sg_rc app_timeout(struct app *app, int64_t *out_ms, struct sg_err *err)
    SG_WARN_UNUSED;

/** Is the product to be JSON? */
bool app_json(const struct app *app);

/** Begin the one JSON object of a command, with its version. */
void app_json_begin(struct app *app);

/** End it, and check that it could be written. */
enum sg_rc app_json_end(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/** Begin a list: with --json, the one object and this array in it. */
void app_list_begin(struct app *app, const char *name);

/**
 * End it, and check that it could be written.
 *
 * @param if_empty  Told to the user when there is no line; NULL tells nothing.
 */
enum sg_rc app_list_end(
    struct app *app, const char *if_empty, struct sg_err *err) SG_WARN_UNUSED;

/** Add a line "name  value" to the product; no value, no line. */
void app_field(struct app *app, const char *name, const char *value);

/** Add text to the product as sg_utf8_make_safe() leaves it. */
void app_text(struct app *app, const char *text);

/** The same of so many bytes, none of which is 0. */
void app_text_of(struct app *app, const char *text, size_t len);

/**
 * Write the product to stdout now. Once a run, by main() when the command is
 * done, unless the command goes on after its product: it then empties the
 * buffer.
 *
 * @return SG_OK or SG_E_IO; a stdout that nobody reads any more ends the
 *         process by SIGPIPE.
 */
enum sg_rc app_give(const struct sg_buf *out, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Read a file that the user named; "-" is stdin.
 *
 * @param what  Named in the error.
 * @return SG_OK, SG_E_USAGE or SG_E_IO.
 */
enum sg_rc app_read_input(const char *path, const char *what, size_t max,
    struct sg_buf **out_buf, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
