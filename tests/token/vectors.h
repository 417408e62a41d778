/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_VECTORS_H
#define SG_TESTS_VECTORS_H

/*
 * Project Wycheproof's vectors: in $SG_VECTORS, else ../shared/vectors seen
 * from the working folder. Where they are absent the test skips and says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#define VECTORS_MAX (4 * 1024 * 1024)

/* Does not return when the file is absent. */
static inline struct sg_json *
vectors_load(const char *file)
{
	const char *folder = getenv("SG_VECTORS");
	SG_AUTO(sg_buf) text = NULL;
	struct sg_json *json = NULL;
	struct sg_err err = {0};
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s",
	    folder != NULL ? folder : "../shared/vectors", file);
	if (access(path, R_OK) != 0) {
		print_message("%s is not here; set SG_VECTORS\n", path);
		skip();
	}
	if (sg_file_read(path, SG_FILE_ANY, VECTORS_MAX, NULL, &text, &err) !=
		SG_OK ||
	    sg_json_parse(text->data, text->len, &json, &err) != SG_OK)
		fail_msg("%s: %s", path, err.text);
	return json;
}

/* The bytes of a hex member; fails the test when there is none. */
static inline struct sg_buf *
vectors_hex(const struct sg_json *json, const char *name)
{
	struct sg_buf *bytes = sg_buf_new(VECTORS_MAX);
	const char *text = sg_json_get_text(json, name);

	assert_non_null(text);
	assert_int_equal(sg_hex_decode(bytes, text, NULL), SG_OK);
	return bytes;
}

static inline int64_t
vectors_id(const struct sg_json *test)
{
	int64_t id = 0;

	assert_true(sg_json_int(sg_json_get(test, "tcId"), &id));
	return id;
}

#endif
