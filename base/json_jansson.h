/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_JSON_JANSSON_H
#define SG_BASE_JSON_JANSSON_H

/* Between json.c and jsonw.c alone: what a struct sg_json is. */
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sg_json;

/** The Jansson value behind ours. Borrowed; must not be changed. */
json_t *sg_json_to_jansson(const struct sg_json *json);

#ifdef __cplusplus
}
#endif

#endif
