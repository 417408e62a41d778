/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_DATA_H
#define SG_CLI_CLOUD_DATA_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_buf;
struct sg_json;

/**
 * Read the body that --data names, and check that it is strict JSON.
 *
 * @param out_data  As it stands there; NULL without --data. Free with
 *                  sg_buf_free().
 * @return SG_OK; SG_E_USAGE when it is no JSON or too large; SG_E_IO.
 */
enum sg_rc data_read(struct app *app, struct sg_buf **out_data,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Give an answer of the service as the product: with --json as a member of
 * that name; else each of its members as a line, what has a structure of its
 * own as JSON.
 *
 * @param json  NULL: the service told nothing. Then there is a null, or no
 *              line.
 */
enum sg_rc data_show(struct app *app, const char *name,
    const struct sg_json *json, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
