/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/conf_trust.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/secret_source.h"
#include "client/http/url.h"

#define LIST_MAX (256 * 1024)

/* Does path lie at or below dir? A '*' at the end takes any continuation. */
static bool
lies_under(const char *path, const char *dir, size_t len)
{
	bool open_ended = len > 0 && dir[len - 1] == '*';

	if (open_ended)
		len--;
	while (!open_ended && len > 1 && dir[len - 1] == '/')
		len--;
	if (len == 0 || dir[0] != '/' || strncmp(path, dir, len) != 0)
		return false;
	return open_ended || path[len] == '/' || path[len] == '\0';
}

static bool
list_allows(const char *list, const char *gaps, const char *path)
{
	while (*list != '\0') {
		size_t len = strcspn(list, gaps);

		if (lies_under(path, list, len))
			return true;
		list += len;
		list += strspn(list, gaps);
	}
	return false;
}

static bool
file_allows(const char *path)
{
	SG_AUTO(sg_buf) list = NULL;
	struct sg_err ignored = {0};

	if (sg_file_read("/etc/signet/modules.allow", SG_FILE_CONFIG, LIST_MAX,
		NULL, &list, &ignored) != SG_OK)
		return false;
	return list_allows(sg_buf_str(list), "\r\n", path);
}

enum sg_rc
conf_trust_module(enum conf_origin origin, const char *path, struct sg_err *err)
{
	static const char built_in[] = "/usr/lib*:/usr/local/lib*:/opt";
	const char *more = getenv("SIGNET_MODULES_ALLOW");
	SG_AUTO_STR real = NULL;

	if (origin != CONF_LOCAL_FILE || strchr(path, '/') == NULL)
		return SG_OK;
	real = realpath(path, NULL);
	if (real == NULL)
		return SG_OK; /* loading it will say that it is absent */
	if (list_allows(built_in, ":", real) ||
	    (more != NULL && list_allows(more, ":", real)) || file_allows(real))
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "./.env may not load the module %s, since it lies outside the "
	    "system's folders; name it on the command line, or allow it with "
	    "SIGNET_MODULES_ALLOW in the environment or a line in "
	    "/etc/signet/modules.allow",
	    real);
}

enum sg_rc
conf_trust_pin_source(enum conf_origin origin, enum conf setting,
    const char *source, struct sg_err *err)
{
	if (origin != CONF_LOCAL_FILE || source == NULL ||
	    !secret_source_runs_command(source))
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "./.env may not name a command to run as PIN source; set %s in the "
	    "environment or in a file named with --config",
	    conf_name(setting));
}

enum sg_rc
conf_trust_allow(const struct conf_set *conf, struct sg_err *err)
{
	if (conf_origin_of(conf, CONF_ALLOW) != CONF_LOCAL_FILE)
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "./.env may not loosen the policy for keys; set SIGNET_ALLOW in "
	    "the environment or in a file named with --config, or use --allow");
}

enum sg_rc
conf_trust_folder(
    const struct conf_set *conf, enum conf setting, struct sg_err *err)
{
	if (conf_origin_of(conf, setting) != CONF_LOCAL_FILE)
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "./.env may not set %s, as it arrives with any checkout; set it in "
	    "the environment or in a file named with --config",
	    conf_name(setting));
}

enum sg_rc
conf_trust_secret_file(
    enum conf_origin origin, const char *path, struct sg_err *err)
{
	SG_AUTO_STR here = NULL;
	SG_AUTO_STR real = NULL;

	if (origin != CONF_LOCAL_FILE)
		return SG_OK;
	here = realpath(".", NULL);
	real = realpath(path, NULL);
	if (real == NULL)
		return SG_OK; /* reading it will say that it is absent */
	if (here != NULL && lies_under(real, here, strlen(here)))
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "./.env may not have %s sent to a service, since it lies outside "
	    "of this folder; set CLOUD_MANAGER_PAT_SECRET_FILE in the "
	    "environment or in a file named with --config",
	    real);
}

static enum sg_rc
check_url(const struct conf_set *conf, enum conf name, struct sg_err *err)
{
	SG_AUTO_STR origin = NULL;
	const char *url = NULL;
	enum sg_rc rc;

	rc = conf_get(conf, name, &url, err);
	if (rc == SG_OK)
		rc = sg_url_origin(url, &origin, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "read %s", conf_name(name));
	if (sg_text_ends(origin, ".tableau.com"))
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "./.env may not have your PAT sent to %s; set %s in the "
	    "environment or in a file named with --config",
	    origin, conf_name(name));
}

enum sg_rc
conf_trust_service(const struct conf_set *conf, enum conf_origin pat_origin,
    struct sg_err *err)
{
	static const enum conf urls[] = {CONF_TCM_URL, CONF_PAT_LOGIN_URL,
	    CONF_JWT_LOGIN_URL, CONF_UAT_CONFIGS_URL};
	enum sg_rc rc = SG_OK;
	size_t i;

	if (pat_origin == CONF_LOCAL_FILE)
		return SG_OK;
	for (i = 0; rc == SG_OK && i < SG_COUNT(urls); i++)
		if (conf_origin_of(conf, urls[i]) == CONF_LOCAL_FILE)
			rc = check_url(conf, urls[i], err);
	return rc;
}
