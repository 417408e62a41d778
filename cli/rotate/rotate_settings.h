/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_ROTATE_ROTATE_SETTINGS_H
#define SG_CLI_ROTATE_ROTATE_SETTINGS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rotate;

/*
 * The settings that select the signing key: SIGNET_KEY, the issuer where each
 * configuration has its own, and a kid that is the thumbprint in words.
 */

/** Read them; once a run, before any other of these. */
enum sg_rc rotate_settings_read(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

/** Record the file that holds all that is to be switched, if there is one that
 * can be changed, and the names of what is switched. */
enum sg_rc rotate_settings_plan(struct rotate *rotate, bool issuer_changes,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Do the settings fit to what was recorded? Where the file cannot be changed
 * any more, the switch becomes one by hand.
 *
 * @return SG_OK; SG_E_CONFIG when another file was read than the one to be
 *         switched, or something counts before it.
 */
enum sg_rc rotate_settings_check(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

/** Sign with the new key, or the old one, from now on in this run. */
enum sg_rc rotate_settings_use(
    struct rotate *rotate, bool new_key, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Let the settings select the new key, or the old one, for every run.
 *
 * @return SG_OK when they do; SG_E_CONFIG, with what to set, when that is not
 *         ours to do; what conf_edit() returned.
 */
enum sg_rc rotate_settings_switch(
    struct rotate *rotate, bool to_new, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Do the settings still select the new key, or the old one? Read them once
 * more: a file may have been written meanwhile. To be asked right before the
 * other key can sign in no more.
 *
 * @return SG_OK when they do, or nothing was made that they could select;
 *         SG_E_CONFIG, with what to set, when they do not or cannot be read.
 */
enum sg_rc rotate_settings_confirm(
    struct rotate *rotate, bool new_key, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
