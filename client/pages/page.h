/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_PAGES_PAGE_H
#define SG_CLIENT_PAGES_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_json;
struct sg_jsonw;

/**
 * The list in a page of a listing, whose envelope is not always established.
 *
 * The page itself, if it is an array; its member @p member; else the first
 * array of objects in a member or, where no @p member is named, one level
 * deeper, as the REST API has it ("users":{"user":[...]}); else the first
 * empty array there.
 *
 * @param member  May be NULL.
 * @return Borrowed from @p page; NULL when there is none.
 */
const struct sg_json *sg_page_list(
    const struct sg_json *page, const char *member);

/**
 * Is every element of a list among these already?
 *
 * Where both have one, elements are compared by the name that they go by (such
 * as configId or siteUUID), since the rest may differ from answer to answer.
 *
 * @return SG_OK or SG_E_NOMEM.
 */
enum sg_rc sg_page_adds_nothing(const struct sg_json *list,
    const struct sg_json *const *items, size_t count, bool *out_nothing,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Write a page with other elements in its list, and without what tells its
 * place in the listing: nextPageToken, pageToken, pagination.
 *
 * @param list  From sg_page_list(); NULL: the page has none.
 */
void sg_page_write(struct sg_jsonw *w, const char *name,
    const struct sg_json *page, const struct sg_json *list,
    const struct sg_json *const *items, size_t count);

#ifdef __cplusplus
}
#endif

#endif
