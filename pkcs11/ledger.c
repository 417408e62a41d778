/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/secret.h"
#include "base/text.h"
#include "pkcs11/token.h"

#define SALT_SIZE 16
#define HEX_MAX	  128
#define MOST	  16 /* PINs remembered; the oldest goes first */
#define FILE_MAX  (16 * 1024)
#define STATE_LEN 24 /* of the ".state" file */

/*
 * What the last process that sent a PIN left in the ".state" file, and when. It
 * has had its length since it was made, so that a full disk cannot keep a
 * change from it. A process that is killed leaves it as it is; for a host that
 * loses its power, what must not be lost waits for the disk (0.1 ms on an SSD).
 */
enum state {
	IDLE = '-',	  /* the answer was written down */
	SENDING = 's',	  /* cut off before that */
	UNRECORDED = '!', /* refused, and it could not be written down */
};

struct sg_ledger {
	struct sg_lock *lock;
	char *path;
	char *label;
	int state_fd;
	enum state state;
	int64_t state_us; /* when it was so, by the clock below */
	uint8_t salt[SALT_SIZE];
	/* Each a digest in hex and the time, by sg_clock_mono_us(); oldest
	 * first. */
	struct sg_list refused;
};

void
sg_ledger_free(struct sg_ledger **ledger)
{
	struct sg_ledger *l;

	if (ledger == NULL || *ledger == NULL)
		return;
	l = *ledger;
	if (l->state_fd >= 0)
		(void)close(l->state_fd);
	sg_lock_free(&l->lock);
	sg_list_clear(&l->refused);
	free(l->path);
	free(l->label);
	free(l);
	*ledger = NULL;
}

static bool
write_state(struct sg_ledger *ledger, enum state state)
{
	int64_t now_us = sg_clock_mono_us();
	char text[STATE_LEN + 1];

	(void)snprintf(text, sizeof(text), "%c %*lld\n", (char)state,
	    STATE_LEN - 3, (long long)now_us);
	if (pwrite(ledger->state_fd, text, STATE_LEN, 0) != STATE_LEN ||
	    (state != IDLE && fdatasync(ledger->state_fd) != 0))
		return false;
	ledger->state = state;
	ledger->state_us = now_us;
	return true;
}

static void
read_state(struct sg_ledger *ledger, const char *text)
{
	ledger->state = text[0] == SENDING	? SENDING
			: text[0] == UNRECORDED ? UNRECORDED
						: IDLE;
	ledger->state_us = strtoll(text + 1, NULL, 10);
}

static enum sg_rc
open_state(struct sg_ledger *ledger, const char *path, struct sg_err *err)
{
	char text[STATE_LEN + 1] = {IDLE};
	ssize_t len;

	ledger->state_fd =
	    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (ledger->state_fd < 0)
		return sg_fail_errno(err, SG_E_CONFIG, "open %s", path);
	len = pread(ledger->state_fd, text, STATE_LEN, 0);
	read_state(ledger, text);
	if (len == STATE_LEN || write_state(ledger, ledger->state))
		return SG_OK;
	return sg_fail_errno(err, SG_E_CONFIG, "write to %s", path);
}

/* A ledger that cannot be read remembers nothing, and must not pass for one
 * that has nothing to remember. */
static enum sg_rc
fail_malformed(const struct sg_ledger *ledger, struct sg_err *err)
{
	return sg_fail(err, SG_E_INVALID,
	    "%s is no PIN ledger; check the PIN, then remove it", ledger->path);
}

static enum sg_rc
take_entries(
    struct sg_ledger *ledger, const struct sg_json *json, struct sg_err *err)
{
	const struct sg_json *refused = sg_json_get(json, "refused");
	const char *hex = sg_json_get_text(json, "salt");
	SG_AUTO(sg_buf) salt = sg_buf_new(SALT_SIZE);
	enum sg_rc rc = SG_OK;
	size_t i;

	if (hex == NULL || sg_hex_decode(salt, hex, NULL) != SG_OK ||
	    salt == NULL || salt->len != SALT_SIZE ||
	    !sg_json_is_array(refused))
		return fail_malformed(ledger, err);
	memcpy(ledger->salt, salt->data, SALT_SIZE);
	for (i = 0; rc == SG_OK && i < sg_json_count(refused); i++) {
		hex = sg_json_text(sg_json_at(refused, i));
		rc = hex != NULL ? sg_list_add(&ledger->refused, hex, err)
				 : fail_malformed(ledger, err);
	}
	return rc;
}

static enum sg_rc
read_entries(struct sg_ledger *ledger, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	SG_AUTO(sg_buf) text = NULL;
	enum sg_rc rc;

	if (access(ledger->path, F_OK) != 0 && errno == ENOENT) {
		const struct sg_clock *clock = sg_clock_system();

		return clock->random(clock->ctx, ledger->salt, SALT_SIZE, err);
	}
	rc = sg_file_read(
	    ledger->path, SG_FILE_SECRET, FILE_MAX, NULL, &text, err);
	if (rc == SG_OK &&
	    sg_json_parse(text->data, text->len, &json, NULL) != SG_OK)
		rc = fail_malformed(ledger, err);
	if (rc == SG_OK)
		rc = take_entries(ledger, json, err);
	return rc;
}

/* One file a token, and none that its strings could lead out of the folder. */
static enum sg_rc
name_file(const char *dir, const struct sg_token_info *token,
    struct sg_buf *path, struct sg_err *err)
{
	SG_AUTO(sg_buf) name = sg_buf_new(1024);
	uint8_t digest[SG_SHA256_SIZE];
	enum sg_rc rc;

	sg_buf_add_counted(name, token->manufacturer);
	sg_buf_add_counted(name, token->model);
	sg_buf_add_counted(name, token->serial);
	sg_buf_add_counted(name, token->label);
	rc = sg_buf_check(name, "the name of a token", err);
	if (rc != SG_OK)
		return rc;
	sg_sha256(name->data, name->len, digest);
	sg_buf_addf(path, "%s/pin-", dir);
	sg_hex_encode(path, digest, 16);
	return sg_buf_check(path, "the path of a PIN ledger", err);
}

static enum sg_rc
open_files(struct sg_ledger *ledger, const char *base, int64_t timeout_ms,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) lock = sg_buf_new(8192);
	SG_AUTO(sg_buf) state = sg_buf_new(8192);
	SG_AUTO(sg_buf) path = sg_buf_new(8192);
	enum sg_rc rc;

	sg_buf_addf(lock, "%s.lock", base);
	sg_buf_addf(state, "%s.state", base);
	sg_buf_addf(path, "%s.json", base);
	rc = sg_buf_check(lock, "a path", err);
	if (rc == SG_OK)
		rc = sg_buf_check(state, "a path", err);
	if (rc == SG_OK)
		rc = sg_buf_check(path, "a path", err);
	if (rc == SG_OK)
		rc = sg_str_copy(sg_buf_str(path), &ledger->path, err);
	if (rc == SG_OK)
		rc = sg_lock_take(
		    sg_buf_str(lock), timeout_ms, &ledger->lock, err);
	if (rc == SG_OK)
		rc = open_state(ledger, sg_buf_str(state), err);
	if (rc == SG_OK)
		rc = read_entries(ledger, err);
	return rc;
}

enum sg_rc
sg_ledger_open(const char *dir, const struct sg_token_info *token,
    int64_t timeout_ms, struct sg_ledger **out_ledger, struct sg_err *err)
{
	SG_AUTO(sg_ledger) ledger = calloc(1, sizeof(*ledger));
	SG_AUTO(sg_buf) base = sg_buf_new(4096);
	enum sg_rc rc;

	if (ledger == NULL)
		return sg_fail_nomem(err);
	ledger->state_fd = -1;
	rc = sg_file_make_dir(dir, err);
	if (rc == SG_OK)
		rc = name_file(dir, token, base, err);
	if (rc == SG_OK)
		rc = sg_str_copy(token->label, &ledger->label, err);
	if (rc == SG_OK)
		rc = open_files(ledger, sg_buf_str(base), timeout_ms, err);
	if (rc == SG_E_IO || rc == SG_E_INVALID || rc == SG_E_USAGE)
		rc = sg_recast(err, SG_E_CONFIG);
	if (rc != SG_OK)
		return sg_context(err, rc,
		    "remember PINs that token \"%s\" refuses in %s "
		    "(SIGNET_STATE_DIR)",
		    token->label, dir);
	*out_ledger = ledger;
	ledger = NULL; /* now the caller's */
	return SG_OK;
}

/* Where among the refused; their count when it is not there. */
static size_t
find(const struct sg_ledger *ledger, const char *hex)
{
	size_t len = strlen(hex);
	size_t i;

	for (i = 0; i < ledger->refused.count; i++)
		if (strncmp(ledger->refused.items[i], hex, len) == 0)
			break;
	return i;
}

/*
 * Was it while the run that asks was under way? What is later than now is from
 * before the host was started again. The clock is one for all processes, and
 * is never set.
 */
static bool
is_since(int64_t at_us, int64_t start_us)
{
	return at_us >= start_us && at_us <= sg_clock_mono_us();
}

static enum sg_rc
check_cut_off(const struct sg_ledger *ledger,
    const struct sg_ledger_try *attempt, struct sg_err *err)
{
	bool withholds =
	    ledger->state == UNRECORDED ||
	    (ledger->state == SENDING && attempt->may_have_counted);

	if (!withholds || (attempt->is_retry &&
			      !is_since(ledger->state_us, attempt->start_us)))
		return SG_OK;
	return sg_fail(err, SG_E_PIN_WITHHELD,
	    "an earlier run sent token \"%s\" a PIN, and it is not known "
	    "which was refused; check the PIN, then run once with --retry-pin",
	    ledger->label);
}

static enum sg_rc
check_refused(const struct sg_ledger *ledger, const char *hex,
    const struct sg_ledger_try *attempt, struct sg_err *err)
{
	size_t index = find(ledger, hex);
	const char *entry;

	if (index == ledger->refused.count)
		return SG_OK;
	if (!attempt->is_retry)
		return sg_fail(err, SG_E_PIN_WITHHELD,
		    "token \"%s\" refused this PIN before, so it was not sent "
		    "again; put the right one in its source, or send it once "
		    "more with --retry-pin",
		    ledger->label);
	entry = ledger->refused.items[index];
	if (!is_since(
		strtoll(entry + strlen(hex), NULL, 10), attempt->start_us))
		return SG_OK;
	return sg_fail(err, SG_E_PIN_WITHHELD,
	    "token \"%s\" refused this PIN to another run just now, so it was "
	    "not sent again in spite of --retry-pin",
	    ledger->label);
}

enum sg_rc
sg_ledger_check(struct sg_ledger *ledger, const struct sg_secret *pin,
    const struct sg_ledger_try *attempt, struct sg_err *err)
{
	SG_AUTO(sg_buf) hex = NULL;
	enum sg_rc rc;

	rc = check_cut_off(ledger, attempt, err);
	if (rc != SG_OK || ledger->refused.count == 0)
		return rc;
	hex = sg_buf_new(HEX_MAX);
	rc = sg_secret_digest(pin, ledger->salt, SALT_SIZE, hex, err);
	if (rc == SG_OK)
		rc = check_refused(ledger, sg_buf_str(hex), attempt, err);
	return rc;
}

enum sg_rc
sg_ledger_begin(struct sg_ledger *ledger, struct sg_err *err)
{
	/* What was not written down is not forgotten by a try that says nothing
	 * of it. */
	if (write_state(
		ledger, ledger->state == UNRECORDED ? UNRECORDED : SENDING))
		return SG_OK;
	return sg_fail_errno(err, SG_E_CONFIG,
	    "note that a PIN is sent, beside %s", ledger->path);
}

static enum sg_rc
write_entries(struct sg_ledger *ledger)
{
	SG_AUTO(sg_buf) text = sg_buf_new(FILE_MAX);
	SG_AUTO(sg_buf) salt = sg_buf_new(SALT_SIZE * 2);
	struct sg_jsonw w = {.out = text};
	const struct sg_list *refused = &ledger->refused;
	size_t i = refused->count > MOST ? refused->count - MOST : 0;
	enum sg_rc rc;

	sg_hex_encode(salt, ledger->salt, SALT_SIZE);
	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "token", ledger->label);
	sg_jsonw_str(&w, "salt", sg_buf_str(salt));
	sg_jsonw_array(&w, "refused");
	for (; i < refused->count; i++)
		sg_jsonw_str(&w, NULL, refused->items[i]);
	sg_jsonw_array_end(&w);
	sg_jsonw_object_end(&w);
	sg_buf_add_byte(text, '\n');
	rc = sg_buf_check(salt, "the salt", NULL);
	if (rc == SG_OK)
		rc = sg_jsonw_check(&w, "the PIN ledger", NULL);
	if (rc == SG_OK)
		rc = sg_file_keep(ledger->path, text->data, text->len, NULL);
	return rc;
}

/* Only after --retry-pin can it be among them. */
static bool
forget(struct sg_ledger *ledger, const char *hex)
{
	size_t index = find(ledger, hex);
	struct sg_list kept = {0};
	size_t i;

	for (i = 0; i < ledger->refused.count; i++)
		if (i != index && sg_list_add(&kept, ledger->refused.items[i],
				      NULL) != SG_OK) {
			sg_list_clear(&kept);
			return false; /* rather one too many than too few */
		}
	sg_list_clear(&ledger->refused);
	ledger->refused = kept;
	return true;
}

static bool
add_refused(struct sg_ledger *ledger, const struct sg_secret *pin)
{
	SG_AUTO(sg_buf) entry = sg_buf_new(HEX_MAX + STATE_LEN);

	if (sg_secret_digest(pin, ledger->salt, SALT_SIZE, entry, NULL) !=
		SG_OK ||
	    !forget(ledger, sg_buf_str(entry)))
		return false;
	sg_buf_addf(entry, " %lld", (long long)sg_clock_mono_us());
	return sg_buf_check(entry, "a refused PIN", NULL) == SG_OK &&
	       sg_list_add(&ledger->refused, sg_buf_str(entry), NULL) == SG_OK;
}

void
sg_ledger_refused(struct sg_ledger *ledger, const struct sg_secret *pin)
{
	/* The refused PIN that was not written down may be another one. */
	bool was_unrecorded = ledger->state == UNRECORDED;

	(void)write_state(ledger, UNRECORDED);
	if (add_refused(ledger, pin) && write_entries(ledger) == SG_OK &&
	    !was_unrecorded)
		(void)write_state(ledger, IDLE);
}

void
sg_ledger_accepted(struct sg_ledger *ledger, const struct sg_secret *pin)
{
	SG_AUTO(sg_buf) hex = NULL;

	(void)write_state(ledger, IDLE);
	if (ledger->refused.count == 0)
		return;
	hex = sg_buf_new(HEX_MAX);
	if (sg_secret_digest(pin, ledger->salt, SALT_SIZE, hex, NULL) ==
		SG_OK &&
	    find(ledger, sg_buf_str(hex)) < ledger->refused.count &&
	    forget(ledger, sg_buf_str(hex)))
		(void)write_entries(ledger);
}

void
sg_ledger_unjudged(struct sg_ledger *ledger)
{
	if (ledger->state == SENDING)
		(void)write_state(ledger, IDLE);
}
