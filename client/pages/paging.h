/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_PAGES_PAGING_H
#define SG_CLIENT_PAGES_PAGING_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_api;
struct sg_json;
struct sg_jsonw;

/* Elements of a page that we ask for: what every known client asks for. */
#define SG_PAGING_SIZE 100

/* A listing with more is refused, never cut off. */
#define SG_PAGING_PAGES_MAX 1000
#define SG_PAGING_BYTES_MAX (64 * 1024 * 1024)

/** A listing to read. All borrowed. Valid when api, path and what are set. */
struct sg_paging_request {
	struct sg_api *api;
	const char *path;   /* as of struct sg_api_request, query included */
	const char *member; /* that holds the list; NULL: any */
	const char *what;   /* what we are doing, for the errors */
	size_t size;	    /* asked of the service; 0 asks for none */
};

/** A listing that was read, all of its pages. */
struct sg_paging {
	const struct sg_json **items; /* borrowed from the pages */
	size_t count;
	struct sg_json **pages; /* as they came; none after a 204 */
	size_t page_count;
	int status; /* HTTP, of the last page */
	const char *member;
};

/**
 * Read a listing to its end, in whichever way the service cuts it.
 *
 * Understood, told apart by the answer:
 * - nextPageToken or pageToken: sent back as pageToken until it is missing,
 *   null or empty (TCM);
 * - pagination{pageNumber, pageSize, totalAvailable}: pageNumber counts up
 *   (Tableau REST API);
 * - no token at all and a page as long as was asked for, or of ten elements
 *   and more, for a service may have a bound of its own: pageNumber counts up
 *   until a page is shorter, is refused as beyond the end (400, 404) or brings
 *   nothing new, for the pages may be numbered from 0 or 1, and a service that
 *   heeds no pageNumber sends the same page again (TCM).
 * Which of them a TCM method heeds is not established. The query of the path
 * is kept, but for pageToken and pageNumber after the first page.
 *
 * The list in a page is what sg_page_list() says. A page without any is a
 * listing without elements, but SG_E_REFUSED where @c member is named.
 *
 * @param out_paging  Free with sg_paging_free().
 * @return SG_OK; as sg_api_call(); SG_E_REFUSED when a page is no JSON, goes
 *         round in a circle, or the listing passes the bounds above.
 */
enum sg_rc sg_paging_read(const struct sg_paging_request *request,
    struct sg_paging **out_paging, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Write the listing as one page: the first, with every element in its list and
 * without its tokens and pagination. Null when there is no page.
 */
void sg_paging_write(
    struct sg_jsonw *w, const char *name, const struct sg_paging *paging);

/** Takes NULL; leaves NULL. */
void sg_paging_free(struct sg_paging **paging);

#ifdef __cplusplus
}
#endif

#endif
