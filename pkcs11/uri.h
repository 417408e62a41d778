/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_URI_H
#define SG_PKCS11_URI_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A PKCS#11 URI (RFC 7512) that names tokens and keys. Immutable. */
struct sg_uri;

/**
 * Read a PKCS#11 URI.
 *
 * Stricter than p11-kit, which ignores what it does not know: an attribute
 * given twice or unknown, raw white space, and a PIN in the URI (pin-value,
 * which any process list shows) are refused with the reason.
 *
 * @return SG_OK, SG_E_NOMEM or SG_E_USAGE.
 */
enum sg_rc sg_uri_parse(const char *text, struct sg_uri **out_uri,
    struct sg_err *err) SG_WARN_UNUSED;

void sg_uri_free(struct sg_uri **uri);

/** The module-path attribute, or NULL. Borrowed. */
const char *sg_uri_module_path(const struct sg_uri *uri);

/** The pin-source attribute, or NULL. Borrowed. */
const char *sg_uri_pin_source(const struct sg_uri *uri);

/** Does it say which key, by label or id, or only which token? */
bool sg_uri_names_key(const struct sg_uri *uri);

/**
 * Name another key in the words of a URI: token, module path and PIN source
 * stay as they are written; object, id and type become those of @p key_uri.
 *
 * @param out_text  Free with sg_str_free().
 * @return SG_OK; SG_E_USAGE when either is no PKCS#11 URI; SG_E_NOMEM.
 */
enum sg_rc sg_uri_rename(const char *uri, const char *key_uri, char **out_text,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
