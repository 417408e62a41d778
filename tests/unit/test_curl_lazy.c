/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/curl_lazy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "client/http/url.h"

static int
is_loaded(void)
{
	char line[4096];
	FILE *maps = fopen("/proc/self/maps", "r");
	int found = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, "libcurl") != NULL)
			found = 1;
	(void)fclose(maps);
	return found;
}

static void *
load(void *ctx)
{
	return sg_curl_lazy_load(NULL) == SG_OK ? ctx : NULL;
}

/* First of all: later nothing is left to load. */
static void
it_is_loaded_when_it_is_called_and_by_threads_once(void **state)
{
	pthread_t threads[4];
	void *result;
	size_t i;

	(void)state;
	assert_false(is_loaded());
	for (i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, load, threads), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_non_null(result);
	}
	assert_true(is_loaded());
}

/* One option of each kind that libcurl knows; what is not taken as it was
 * meant does not come back as it was. */
static void
each_kind_of_value_arrives(void **state)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *list;
	char mark[] = "mark";
	char *private = NULL;
	long code = -1;

	(void)state;
	assert_non_null(curl);
	assert_int_equal(
	    curl_easy_setopt(curl, CURLOPT_PRIVATE, mark), CURLE_OK);
	assert_int_equal(
	    curl_easy_getinfo(curl, CURLINFO_PRIVATE, &private), CURLE_OK);
	assert_ptr_equal(private, mark);
	assert_int_equal(curl_easy_setopt(curl, CURLOPT_MAXREDIRS, -2L),
	    CURLE_BAD_FUNCTION_ARGUMENT);
	assert_int_equal(
	    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L), CURLE_OK);
	assert_int_equal(
	    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)-2),
	    CURLE_BAD_FUNCTION_ARGUMENT);
	assert_int_equal(
	    curl_easy_setopt(curl, CURLOPT_URL, "nosuch://x"), CURLE_OK);
	assert_int_equal(curl_easy_perform(curl), CURLE_UNSUPPORTED_PROTOCOL);
	assert_int_equal(
	    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code), CURLE_OK);
	assert_int_equal(code, 0);
	assert_non_null(
	    strstr(curl_easy_strerror(CURLE_UNSUPPORTED_PROTOCOL), "protocol"));
	list = curl_slist_append(NULL, "a");
	assert_string_equal(list->data, "a");
	curl_slist_free_all(list);
	curl_easy_reset(curl);
	curl_easy_cleanup(curl);
}

static void
what_was_never_made_can_be_released(void **state)
{
	(void)state;
	curl_easy_cleanup(NULL);
	curl_slist_free_all(NULL);
	curl_url_cleanup(NULL);
	curl_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		it_is_loaded_when_it_is_called_and_by_threads_once),
	    cmocka_unit_test(each_kind_of_value_arrives),
	    cmocka_unit_test(what_was_never_made_can_be_released),
	};

	return cmocka_run_group_tests_name("curl_lazy", tests, NULL, NULL);
}
