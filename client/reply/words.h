/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_REPLY_WORDS_H
#define SG_CLIENT_REPLY_WORDS_H

#include <stdbool.h>

#include "client/reply/reply.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_http_reply;
struct sg_secret;

/**
 * What the body of a refusal says, in whichever shape it says it.
 *
 * Understood: JSON objects with message, errorCode, summary, detail and the
 * like, alone, nested or in an array; the error element of Tableau's XML; the
 * title of an HTML page; plain text. One line of bounded length; the secret
 * that was sent is struck out, and so is what else looks like a token.
 */
struct sg_words {
	const struct sg_secret *sent;  /* borrowed; NULL: none was */
	char code[SG_REPLY_CODE_SIZE]; /* "" when there is none */
	struct sg_buf *text;	       /* empty or NULL when there is none */
	bool is_html;
	bool
	    is_own; /* a shape of the services' own: not HTML, not plain text */
};

/**
 * Read them. Release with sg_words_clear().
 *
 * @param sent  The secret that the request carried; NULL for none. Borrowed
 *              until then.
 */
void sg_words_read(const struct sg_http_reply *reply,
    const struct sg_secret *sent, struct sg_words *out_words);

void sg_words_clear(struct sg_words *words);

/** Is the body an HTML page, by its type or its first tag? */
bool sg_words_is_html(const struct sg_http_reply *reply);

#ifdef __cplusplus
}
#endif

#endif
