/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/curl_lazy.h"

/* The plain prototypes: its macros would not do for definitions. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

#define LIBRARY "libcurl.so.4"

/* libcurl's own functions by name, once it is loaded. */
static struct {
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_header) *easy_header;
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_perform) *easy_perform;
	__typeof__(curl_easy_reset) *easy_reset;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_free) *free_text;
	__typeof__(curl_getdate) *getdate;
	__typeof__(curl_global_cleanup) *global_cleanup;
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
	__typeof__(curl_url) *url;
	__typeof__(curl_url_cleanup) *url_cleanup;
	__typeof__(curl_url_get) *url_get;
	__typeof__(curl_url_set) *url_set;
	__typeof__(curl_version_info) *version_info;
} real;

static const struct {
	const char *name;
	void *slot;
} symbols[] = {
    {"curl_easy_cleanup", &real.easy_cleanup},
    {"curl_easy_getinfo", &real.easy_getinfo},
    {"curl_easy_header", &real.easy_header},
    {"curl_easy_init", &real.easy_init},
    {"curl_easy_perform", &real.easy_perform},
    {"curl_easy_reset", &real.easy_reset},
    {"curl_easy_setopt", &real.easy_setopt},
    {"curl_easy_strerror", &real.easy_strerror},
    {"curl_free", &real.free_text},
    {"curl_getdate", &real.getdate},
    {"curl_global_cleanup", &real.global_cleanup},
    {"curl_global_init", &real.global_init},
    {"curl_slist_append", &real.slist_append},
    {"curl_slist_free_all", &real.slist_free_all},
    {"curl_url", &real.url},
    {"curl_url_cleanup", &real.url_cleanup},
    {"curl_url_get", &real.url_get},
    {"curl_url_set", &real.url_set},
    {"curl_version_info", &real.version_info},
};

static bool loaded;

/* Never unloaded: TLS libraries do not take that well. */
static void
load_once(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	size_t i;

	for (i = 0; library != NULL && i < SG_COUNT(symbols); i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (symbol == NULL)
			return;
		memcpy(symbols[i].slot, &symbol, sizeof(symbol));
	}
	loaded = library != NULL;
}

static bool
load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, load_once);
	return loaded;
}

enum sg_rc
sg_curl_lazy_load(struct sg_err *err)
{
	if (load())
		return SG_OK;
	return sg_fail(err, SG_E_NETWORK,
	    LIBRARY " cannot be loaded, without which there is no network; "
		    "install it, on Debian with: apt install libcurl4");
}

/*
 * From here on: what <curl/curl.h> declares. Only what makes a first object
 * can be called before anything else; what takes an object has one.
 */

CURLcode
curl_global_init(long flags)
{
	return load() ? real.global_init(flags) : CURLE_FAILED_INIT;
}

void
curl_global_cleanup(void)
{
	if (load())
		real.global_cleanup();
}

CURL *
curl_easy_init(void)
{
	return load() ? real.easy_init() : NULL;
}

CURLU *
curl_url(void)
{
	return load() ? real.url() : NULL;
}

struct curl_slist *
curl_slist_append(struct curl_slist *list, const char *text)
{
	return load() ? real.slist_append(list, text) : NULL;
}

time_t
curl_getdate(const char *text, const time_t *unused)
{
	return load() ? real.getdate(text, unused) : -1;
}

const char *
curl_easy_strerror(CURLcode code)
{
	return load() ? real.easy_strerror(code) : "no libcurl";
}

/* The value's type follows from the option's number: <curl/curl.h>. */
CURLcode
curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
	CURLcode code;
	va_list args;

	va_start(args, option);
	if (option < CURLOPTTYPE_OBJECTPOINT)
		code = real.easy_setopt(curl, option, va_arg(args, long));
	else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
		code = real.easy_setopt(curl, option, va_arg(args, curl_off_t));
	else
		code = real.easy_setopt(curl, option, va_arg(args, void *));
	va_end(args);
	return code;
}

CURLcode
curl_easy_getinfo(CURL *curl, CURLINFO info, ...)
{
	CURLcode code;
	va_list args;

	va_start(args, info);
	code = real.easy_getinfo(curl, info, va_arg(args, void *));
	va_end(args);
	return code;
}

CURLHcode
curl_easy_header(CURL *curl, const char *name, size_t index,
    unsigned int origin, int request, struct curl_header **out)
{
	return real.easy_header(curl, name, index, origin, request, out);
}

CURLcode
curl_easy_perform(CURL *curl)
{
	return real.easy_perform(curl);
}

void
curl_easy_reset(CURL *curl)
{
	real.easy_reset(curl);
}

void
curl_easy_cleanup(CURL *curl)
{
	if (curl != NULL)
		real.easy_cleanup(curl);
}

void
curl_slist_free_all(struct curl_slist *list)
{
	if (list != NULL)
		real.slist_free_all(list);
}

/* A const that came with libcurl 8. */
#if LIBCURL_VERSION_NUM >= 0x080000
typedef const CURLU url_read;
#else
typedef CURLU url_read;
#endif

CURLUcode
curl_url_get(url_read *url, CURLUPart part, char **out, unsigned int flags)
{
	return real.url_get(url, part, out, flags);
}

CURLUcode
curl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned int flags)
{
	return real.url_set(url, part, text, flags);
}

void
curl_url_cleanup(CURLU *url)
{
	if (url != NULL)
		real.url_cleanup(url);
}

void
curl_free(void *text)
{
	if (text != NULL)
		real.free_text(text);
}

/* Asked only where sg_curl_lazy_load() went well. */
curl_version_info_data *
curl_version_info(CURLversion version)
{
	return real.version_info(version);
}
