/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_POINTS_SHOW_H
#define SG_CLI_POINTS_SHOW_H

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_points;

/**
 * Add the points of a check to the product: as lines or, with --json, as the
 * members "result" and "points" of the object that is being written.
 */
void points_show(struct app *app, const struct sg_points *points);

#ifdef __cplusplus
}
#endif

#endif
