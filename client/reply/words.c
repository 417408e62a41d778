/* SPDX-License-Identifier: Apache-2.0 */
#include "client/reply/words.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "client/http/http.h"
#include "client/reply/echo.h"
#include "client/reply/xml.h"

/* How far into a body its words are looked for, how many bytes of a sentence
 * are looked at, and how many are shown. */
#define READ_MAX  (256 * 1024)
#define LOOK_MAX  4096
#define WORDS_MAX 400
#define PLAIN_MAX 120
#define TITLE_MAX 80

/* Nesting of a JSON error that is followed: {"errors":[{"error":{…}}]}. */
#define DEPTH_MAX 4

/* Nobody reads so long a run of letters: it is a token that was echoed. */
#define TOKEN_MIN 40

static bool
is_token_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("_-+/=~", c) != NULL);
}

/* Long and of mixed kinds; SCREAMING_NAMES and ids in hex are let through. */
static bool
looks_secret(const char *run, size_t len)
{
	bool has_lower = false;
	bool has_upper = false;
	bool has_digit = false;
	size_t i;

	for (i = 0; i < len; i++) {
		has_lower = has_lower || (run[i] >= 'a' && run[i] <= 'z');
		has_upper = has_upper || (run[i] >= 'A' && run[i] <= 'Z');
		has_digit = has_digit || (run[i] >= '0' && run[i] <= '9');
	}
	return len >= TOKEN_MIN && has_lower && has_upper && has_digit;
}

/* Add words on one line, without what looks like a token. */
static void
add_words(struct sg_buf *out, const char *text)
{
	const char *end = text + strlen(text);
	bool gap_due = false;

	/* A little more than is shown, so that cut() sees that it is cut. */
	while (text < end && out != NULL && out->len <= WORDS_MAX) {
		size_t run = 0;

		while (text + run < end && is_token_byte(text[run]))
			run++;
		if (run == 0 && (unsigned char)*text <= 0x20) {
			gap_due = out->len > 0;
			text++;
			continue;
		}
		if (gap_due)
			sg_buf_add_byte(out, ' ');
		gap_due = false;
		if (looks_secret(text, run))
			sg_buf_add_str(out, "(hidden)");
		else
			sg_buf_add(out, text, run > 0 ? run : 1);
		text += run > 0 ? run : 1;
	}
}

static void
cut(struct sg_buf *text, size_t max)
{
	if (text == NULL || text->len <= max)
		return;
	/* Not within a UTF-8 sequence. */
	while (max > 0 && (text->data[max] & 0xc0) == 0x80)
		max--;
	text->len = max;
	text->data[max] = '\0';
	sg_buf_add_str(text, "...");
}

/*
 * What reaches terminals and JSON must be UTF-8 without control characters,
 * those of ISO 6429 beyond ASCII included, whatever the body is encoded in.
 */
static void
clean(struct sg_buf *text)
{
	bool is_utf8;
	size_t i;

	if (text == NULL || text->len == 0)
		return;
	is_utf8 = sg_utf8_is_valid(text->data, text->len);
	for (i = 0; i < text->len; i++) {
		uint8_t *c = text->data + i;

		if (*c < 0x20 || *c == 0x7f || (*c >= 0x80 && !is_utf8))
			*c = '?';
		else if (c[0] == 0xc2 && c[1] <= 0x9f)
			c[0] = c[1] = '?';
	}
}

static void
add_sentence(struct sg_words *words, const char *text)
{
	SG_AUTO(sg_buf) struck = NULL;

	if (text == NULL || *text == '\0')
		return;
	struck = sg_buf_new(READ_MAX);
	sg_echo_strike(struck, text, strnlen(text, LOOK_MAX), words->sent);
	if (words->text != NULL && words->text->len > 0)
		sg_buf_add_str(words->text, ": ");
	add_words(words->text, sg_buf_str(struck));
}

static void
set_code(struct sg_words *words, const struct sg_json *value)
{
	const char *text = sg_json_text(value);
	int64_t number;

	if (words->code[0] != '\0')
		return;
	if (text != NULL)
		(void)snprintf(words->code, sizeof(words->code), "%s", text);
	else if (sg_json_int(value, &number))
		(void)snprintf(words->code, sizeof(words->code), "%lld",
		    (long long)number);
}

static void
read_members(struct sg_words *words, const struct sg_json *object)
{
	static const char *const code_names[] = {"errorCode", "code"};
	static const char *const text_names[] = {"message", "summary", "detail",
	    "errorMessage", "error_description", "error"};
	size_t i;

	for (i = 0; i < SG_COUNT(code_names); i++)
		set_code(words, sg_json_get(object, code_names[i]));
	for (i = 0; i < SG_COUNT(text_names); i++)
		add_sentence(words, sg_json_get_text(object, text_names[i]));
}

/* The outermost words count; inner ones only where there are none. */
static void
read_json(
    struct sg_words *words, const struct sg_json *json, unsigned int depth)
{
	const struct sg_json *member = NULL;
	const char *name = NULL;
	size_t i;

	if (depth > DEPTH_MAX || words->text == NULL)
		return;
	add_sentence(words, sg_json_text(json));
	if (sg_json_is_object(json))
		read_members(words, json);
	for (i = 0; i < sg_json_count(json) && words->text->len == 0; i++) {
		if (sg_json_is_object(json))
			name = sg_json_next(json, name, &member);
		else
			member = sg_json_at(json, i);
		if (sg_json_is_object(member) || sg_json_is_array(member) ||
		    sg_json_is_array(json))
			read_json(words, member, depth + 1);
	}
}

static bool
read_xml(struct sg_words *words, const char *body)
{
	SG_AUTO_STR code = sg_xml_attribute(body, "error", "code");
	SG_AUTO_STR summary = sg_xml_text(body, "summary");
	SG_AUTO_STR detail = sg_xml_text(body, "detail");
	SG_AUTO_STR text = sg_xml_text(body, "error");

	if (code == NULL && summary == NULL && text == NULL)
		return false;
	if (code != NULL)
		(void)snprintf(words->code, sizeof(words->code), "%s", code);
	add_sentence(words, summary);
	add_sentence(words, detail);
	if (words->text != NULL && words->text->len == 0)
		add_sentence(words, text);
	return true;
}

bool
sg_words_is_html(const struct sg_http_reply *reply)
{
	static const char *const starts[] = {"<!doctype html", "<html"};
	const char *body = sg_buf_str(reply->body);
	size_t i;

	if (reply->content_type != NULL &&
	    strncasecmp(reply->content_type, "text/html", 9) == 0)
		return true;
	body += strspn(body, " \t\r\n");
	for (i = 0; i < SG_COUNT(starts); i++)
		if (strncasecmp(body, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static void
read_html(struct sg_words *words, const char *body)
{
	SG_AUTO_STR title = sg_xml_text(body, "title");

	words->is_html = true;
	if (title == NULL)
		title = sg_xml_text(body, "TITLE");
	if (title != NULL && strlen(title) <= TITLE_MAX)
		add_sentence(words, title);
}

static void
read_body(struct sg_words *words, const struct sg_http_reply *reply)
{
	SG_AUTO(sg_json) json = NULL;
	const char *body = sg_buf_str(reply->body);

	if (reply->body->len == 0)
		return;
	if (reply->body->len <= READ_MAX &&
	    sg_json_parse(body, reply->body->len, &json, NULL) == SG_OK) {
		read_json(words, json, 0);
		words->is_own = words->code[0] != '\0' ||
				(words->text != NULL && words->text->len > 0);
		return;
	}
	if (sg_words_is_html(reply)) {
		read_html(words, body);
		return;
	}
	words->is_own = strchr(body, '<') != NULL && read_xml(words, body);
	if (words->is_own)
		return;
	add_sentence(words, body);
	cut(words->text, PLAIN_MAX);
}

/* Not what a terminal would obey, nor what may be a secret. */
static bool
is_code(const char *code, const struct sg_secret *sent)
{
	SG_AUTO(sg_buf) struck = sg_buf_new(READ_MAX);
	const char *p;

	for (p = code; *p != '\0'; p++)
		if (*p <= 0x20 || *p >= 0x7f)
			return false;
	sg_echo_strike(struck, code, strlen(code), sent);
	return !looks_secret(code, strlen(code)) &&
	       strcmp(sg_buf_str(struck), code) == 0;
}

void
sg_words_read(const struct sg_http_reply *reply, const struct sg_secret *sent,
    struct sg_words *out_words)
{
	memset(out_words, 0, sizeof(*out_words));
	out_words->sent = sent;
	out_words->text = sg_buf_new(READ_MAX);
	read_body(out_words, reply);
	cut(out_words->text, WORDS_MAX);
	clean(out_words->text);
	if (!is_code(out_words->code, sent))
		out_words->code[0] = '\0';
}

void
sg_words_clear(struct sg_words *words)
{
	sg_buf_free(&words->text);
}
