/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pages/paging.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "client/http/http.h"
#include "client/pages/page.h"
#include "client/pages/query.h"
#include "client/reply/reply.h"
#include "client/session/api.h"

#define PATH_MAX_LEN (64 * 1024)
#define NUMBER_MAX   1000000000
#define TOKEN_MAX    16384
#define CIRCLE	     "the service's pages go round in a circle"

/* Nobody cuts a listing into smaller pages than this, unless asked to. */
#define SMALLEST 10

/* What the path of a page names it by. */
static const char *const place_names[] = {"pageToken", "pageNumber"};

/* Where the walk is. */
struct walk {
	const struct sg_paging_request *request;
	struct sg_paging *paging;
	struct sg_list tokens; /* that were followed */
	size_t bytes;
	int64_t number;	      /* of the page that was asked for */
	bool by_number;	      /* the page was asked for by its number */
	bool is_guess;	      /* and nobody told that there is one */
	bool brought_nothing; /* the page holds nothing new */
};

/* How many elements a full page has. */
static int64_t
full_size(const struct sg_paging_request *request)
{
	int64_t other =
	    request->size != 0 ? (int64_t)request->size : SG_PAGING_SIZE;

	other = sg_query_number(request->path, "maxResults", other);
	return sg_query_number(request->path, "pageSize", other);
}

/* Both names of the size: which one is heeded differs by method. */
static void
add_size(struct sg_buf *path, const struct sg_paging_request *request)
{
	static const char *const names[] = {"maxResults", "pageSize"};
	size_t i;

	for (i = 0; request->size != 0 && i < SG_COUNT(names); i++)
		if (!sg_query_has(request->path, names[i]))
			sg_query_add_number(
			    path, names[i], (int64_t)request->size);
}

/* --- one page ------------------------------------------------------------ */

/* Room for one more page and so many more elements. */
static enum sg_rc
make_room(struct sg_paging *paging, size_t more, struct sg_err *err)
{
	struct sg_json **pages;
	const struct sg_json **items;

	pages =
	    reallocarray(paging->pages, paging->page_count + 1, sizeof(*pages));
	if (pages == NULL)
		return sg_fail_nomem(err);
	paging->pages = pages;
	items = reallocarray(
	    paging->items, paging->count + more + 1, sizeof(*items));
	if (items == NULL)
		return sg_fail_nomem(err);
	paging->items = items;
	return SG_OK;
}

/* Is it the first page once more, or the one before? Of a page that nobody
 * told of: is all of it there already? */
static enum sg_rc
look_for_news(struct walk *walk, const struct sg_json *list, struct sg_err *err)
{
	const struct sg_paging *paging = walk->paging;
	const char *member = walk->request->member;
	const struct sg_json *first;
	const struct sg_json *last;

	walk->brought_nothing = false;
	if (paging->page_count == 0)
		return SG_OK;
	if (walk->is_guess)
		return sg_page_adds_nothing(list, paging->items, paging->count,
		    &walk->brought_nothing, err);
	first = sg_page_list(paging->pages[0], member);
	last = sg_page_list(paging->pages[paging->page_count - 1], member);
	walk->brought_nothing = sg_json_count(list) == 0 ||
				sg_json_equal(list, first) ||
				sg_json_equal(list, last);
	return SG_OK;
}

static enum sg_rc
fail_cut(const struct walk *walk, const char *why, struct sg_err *err)
{
	return sg_fail(err, SG_E_REFUSED,
	    "%s: %s, so the list would not be whole", walk->request->what, why);
}

/* Is this a page like the first? The REST API leaves an empty list out. */
static bool
is_alike(const struct sg_json *first, const struct sg_json *page,
    const struct sg_json *list)
{
	if (list == NULL && sg_json_get(page, "pagination") == NULL)
		return false;
	return sg_json_is_object(first) == sg_json_is_object(page);
}

/* Take a page over, and add its elements unless they are there already. */
static enum sg_rc
add_page(struct walk *walk, struct sg_json **page, struct sg_err *err)
{
	struct sg_paging *paging = walk->paging;
	const struct sg_json *list = sg_page_list(*page, walk->request->member);
	size_t count = sg_json_count(list);
	enum sg_rc rc;
	size_t i;

	if (list == NULL && walk->request->member != NULL && !walk->is_guess)
		return sg_fail(err, SG_E_REFUSED,
		    "%s: the service's answer holds no list of %s",
		    walk->request->what, walk->request->member);
	if (paging->page_count > 0 && !walk->is_guess &&
	    !is_alike(paging->pages[0], *page, list))
		return fail_cut(walk, "a later page is none of the list", err);
	rc = look_for_news(walk, list, err);
	if (rc == SG_OK)
		rc = make_room(paging, count, err);
	if (rc != SG_OK)
		return rc;
	paging->pages[paging->page_count++] = *page;
	*page = NULL; /* now the listing's */
	if (walk->brought_nothing && walk->is_guess)
		return SG_OK;
	for (i = 0; i < count; i++)
		paging->items[paging->count++] = sg_json_at(list, i);
	return SG_OK;
}

static enum sg_rc
check_bounds(const struct walk *walk, struct sg_err *err)
{
	if (walk->paging->page_count >= SG_PAGING_PAGES_MAX)
		return sg_fail(err, SG_E_REFUSED,
		    "%s: there are more than %d pages; ask for larger pages "
		    "or for less",
		    walk->request->what, SG_PAGING_PAGES_MAX);
	if (walk->bytes > SG_PAGING_BYTES_MAX)
		return sg_fail(err, SG_E_REFUSED,
		    "%s: the pages hold more than %d bytes; ask for less",
		    walk->request->what, SG_PAGING_BYTES_MAX);
	return SG_OK;
}

/* How a service may refuse a page behind the last one, or the parameter. */
static bool
is_beyond(enum sg_rc rc, const struct sg_err *fault)
{
	return rc == SG_E_REFUSED &&
	       (fault->native == 400 || fault->native == 404);
}

static enum sg_rc
read_page(struct walk *walk, const struct sg_buf *path, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_json) page = NULL;
	const char *what = walk->request->what;
	struct sg_api_request request = {.method = "GET"};
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = sg_buf_check(path, "the path of a page", err);
	if (rc == SG_OK)
		rc = check_bounds(walk, err);
	if (rc != SG_OK)
		return rc;
	request.path = sg_buf_str(path);
	rc = sg_api_call(walk->request->api, &request, what, &reply, &fault);
	if (walk->is_guess && is_beyond(rc, &fault))
		return SG_OK; /* the page before was the last */
	if (rc != SG_OK)
		return sg_fail_again(err, rc, &fault);
	walk->bytes += reply->body->len;
	walk->paging->status = reply->status;
	if (reply->body->len == 0 && reply->status == 204)
		return SG_OK; /* the last, and nothing in it */
	rc = sg_reply_json(reply, what, &page, err);
	if (rc != SG_OK)
		return rc;
	return add_page(walk, &page, err);
}

/* --- from page to page --------------------------------------------------- */

/* The REST API writes its numbers as strings. */
static bool
read_number(const struct sg_json *json, const char *name, int64_t *out)
{
	const struct sg_json *value = sg_json_get(json, name);
	const char *text = sg_json_text(value);
	char *end = NULL;

	if (text == NULL)
		return sg_json_int(value, out) && *out >= 0 &&
		       *out <= NUMBER_MAX;
	if (*text < '0' || *text > '9' || strlen(text) > 9)
		return false;
	*out = strtoll(text, &end, 10);
	return *end == '\0';
}

/* What to send back for the next page; NULL when the token ends the list. */
static enum sg_rc
token_text(const struct walk *walk, const struct sg_json *token,
    char **out_text, struct sg_err *err)
{
	const char *text = sg_json_text(token);
	int64_t number;

	if (sg_json_is_null(token) || (text != NULL && *text == '\0'))
		return SG_OK;
	if (text != NULL && strlen(text) <= TOKEN_MAX)
		return sg_str_copy(text, out_text, err);
	if (text != NULL || !sg_json_int(token, &number))
		return fail_cut(walk, "the next page's token is none", err);
	if (asprintf(out_text, "%" PRId64, number) >= 0)
		return SG_OK;
	*out_text = NULL;
	return sg_fail_nomem(err);
}

static enum sg_rc
next_by_token(struct walk *walk, const struct sg_json *token,
    struct sg_buf *path, bool *out_more, struct sg_err *err)
{
	const struct sg_paging *paging = walk->paging;
	const struct sg_json *last = paging->pages[paging->page_count - 1];
	SG_AUTO_STR text = NULL;
	enum sg_rc rc;

	rc = token_text(walk, token, &text, err);
	if (rc != SG_OK || text == NULL)
		return rc;
	/* An empty page with a token is a service that filters as it goes. */
	if (sg_list_has(&walk->tokens, text) ||
	    (walk->brought_nothing &&
		sg_json_count(sg_page_list(last, walk->request->member)) > 0))
		return fail_cut(walk, CIRCLE, err);
	rc = sg_list_add(&walk->tokens, text, err);
	if (rc != SG_OK)
		return rc;
	add_size(path, walk->request);
	sg_query_add(path, "pageToken", text);
	*out_more = true;
	return SG_OK;
}

static void
ask_number(struct walk *walk, int64_t number, struct sg_buf *path)
{
	walk->number = number;
	walk->by_number = true;
	add_size(path, walk->request);
	sg_query_add_number(path, "pageNumber", number);
}

static enum sg_rc
next_by_pagination(struct walk *walk, const struct sg_json *place,
    struct sg_buf *path, bool *out_more, struct sg_err *err)
{
	int64_t number = 0;
	int64_t size = 0;
	int64_t total = 0;

	if (!read_number(place, "pageNumber", &number) ||
	    !read_number(place, "pageSize", &size) ||
	    !read_number(place, "totalAvailable", &total))
		return sg_fail(err, SG_E_REFUSED,
		    "%s: the service's pagination cannot be read",
		    walk->request->what);
	if (number * size >= total)
		return SG_OK;
	if (size == 0 || walk->brought_nothing ||
	    (walk->by_number && number != walk->number))
		return fail_cut(walk, CIRCLE, err);
	ask_number(walk, number + 1, path);
	*out_more = true;
	return SG_OK;
}

/* Can a page of so many elements be one that was cut off? */
static bool
may_be_full(const struct walk *walk, size_t count)
{
	const struct sg_json *first =
	    sg_page_list(walk->paging->pages[0], walk->request->member);

	if (walk->paging->page_count > 1) /* all but the last have one size */
		return count >= sg_json_count(first);
	return count >= SMALLEST || (int64_t)count == full_size(walk->request);
}

/*
 * No word of the service on where the listing ends. The page numbered 1 may be
 * the one that comes without a number, hence one more try.
 */
static void
next_by_number(
    struct walk *walk, size_t count, struct sg_buf *path, bool *out_more)
{
	const char *given = walk->request->path;

	if (count == 0 || !may_be_full(walk, count))
		return;
	if (!walk->by_number)
		ask_number(
		    walk, sg_query_number(given, "pageNumber", 0) + 1, path);
	else if (!walk->brought_nothing || walk->number == 1)
		ask_number(walk, walk->number + 1, path);
	else
		return;
	walk->is_guess = true;
	*out_more = true;
}

/* Make the path of the next page, if there is to be one. */
static enum sg_rc
next_page(
    struct walk *walk, struct sg_buf *path, bool *out_more, struct sg_err *err)
{
	const struct sg_paging *paging = walk->paging;
	const struct sg_json *page;
	const struct sg_json *token;
	const struct sg_json *place;
	const struct sg_json *list;

	if (paging->page_count == 0)
		return SG_OK;
	page = paging->pages[paging->page_count - 1];
	sg_query_add_path_without(
	    path, walk->request->path, place_names, SG_COUNT(place_names));
	token = sg_json_get(page, "nextPageToken");
	if (token == NULL)
		token = sg_json_get(page, "pageToken");
	if (token != NULL)
		return next_by_token(walk, token, path, out_more, err);
	list = sg_page_list(page, walk->request->member);
	place = sg_json_get(page, "pagination");
	if (place != NULL)
		return next_by_pagination(walk, place, path, out_more, err);
	if (walk->tokens.count == 0 &&
	    walk->request->api->service == SG_SERVICE_TCM)
		next_by_number(walk, sg_json_count(list), path, out_more);
	return SG_OK;
}

static enum sg_rc
walk_all(struct walk *walk, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(PATH_MAX_LEN);
	bool more = true;
	enum sg_rc rc;

	sg_buf_add_str(path, walk->request->path);
	add_size(path, walk->request);
	while (more) {
		size_t before = walk->paging->page_count;

		rc = read_page(walk, path, err);
		if (rc != SG_OK)
			return rc;
		sg_buf_reset(path);
		more = false;
		if (walk->paging->page_count > before)
			rc = next_page(walk, path, &more, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

enum sg_rc
sg_paging_read(const struct sg_paging_request *request,
    struct sg_paging **out_paging, struct sg_err *err)
{
	SG_AUTO(sg_paging) paging = calloc(1, sizeof(*paging));
	struct walk walk = {.request = request, .paging = paging};
	enum sg_rc rc;

	if (paging == NULL)
		return sg_fail_nomem(err);
	paging->member = request->member;
	rc = walk_all(&walk, err);
	sg_list_clear(&walk.tokens);
	if (rc != SG_OK)
		return rc;
	*out_paging = paging;
	paging = NULL; /* now the caller's */
	return SG_OK;
}

void
sg_paging_free(struct sg_paging **paging)
{
	size_t i;

	if (paging == NULL || *paging == NULL)
		return;
	for (i = 0; i < (*paging)->page_count; i++)
		sg_json_free(&(*paging)->pages[i]);
	free((*paging)->pages);
	free((*paging)->items);
	free(*paging);
	*paging = NULL;
}

void
sg_paging_write(
    struct sg_jsonw *w, const char *name, const struct sg_paging *paging)
{
	const struct sg_json *page;

	if (paging->page_count == 0) {
		sg_jsonw_str(w, name, NULL);
		return;
	}
	page = paging->pages[0];
	sg_page_write(w, name, page, sg_page_list(page, paging->member),
	    paging->items, paging->count);
}
