/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/folder.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/outfile.h"
#include "cli/conf_trust.h"

static const struct {
	enum conf setting;
	const char *xdg;
	const char *in_home;
	const char *missing;
} folders[] = {
    [FOLDER_CACHE] = {CONF_CACHE_DIR, "XDG_CACHE_HOME", ".cache",
	"no place for the session cache: set HOME or SIGNET_CACHE_DIR, or say "
	"--no-cache where the command takes it"},
    [FOLDER_STATE] = {CONF_STATE_DIR, "XDG_STATE_HOME", ".local/state",
	"no place for what is remembered, such as a refused PIN: set HOME or "
	"SIGNET_STATE_DIR"},
};

#define PATH_LEN 4096

/* What is remembered must be found again from another working folder. */
static enum sg_rc
check_configured(const struct conf_set *conf, enum conf setting,
    const char *path, struct sg_err *err)
{
	enum sg_rc rc;

	rc = conf_trust_folder(conf, setting, err);
	if (rc != SG_OK)
		return rc;
	if (path[0] != '/')
		return sg_fail(err, SG_E_CONFIG,
		    "%s must be a path from the root, not \"%s\"",
		    conf_name(setting), path);
	return SG_OK;
}

enum sg_rc
folder_path(const struct conf_set *conf, enum folder folder,
    struct sg_buf *path, struct sg_err *err)
{
	const char *xdg = getenv(folders[folder].xdg);
	const char *home = getenv("HOME");
	const char *configured = NULL;
	enum sg_rc rc;

	rc = conf_get(conf, folders[folder].setting, &configured, err);
	if (rc != SG_OK)
		return rc;
	if (configured != NULL) {
		rc = check_configured(
		    conf, folders[folder].setting, configured, err);
		if (rc != SG_OK)
			return rc;
		sg_buf_add_str(path, configured);
	} else if (xdg != NULL && xdg[0] == '/')
		sg_buf_addf(path, "%s/signet", xdg);
	else if (home != NULL && home[0] == '/')
		sg_buf_addf(
		    path, "%s/%s/signet", home, folders[folder].in_home);
	else
		return sg_fail(err, SG_E_CONFIG, "%s", folders[folder].missing);
	return sg_buf_check(path, "the path of a folder", err);
}

enum sg_rc
folder_file(const struct conf_set *conf, enum folder folder, const char *name,
    struct sg_buf *path, struct sg_err *err)
{
	enum sg_rc rc;

	rc = folder_path(conf, folder, path, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_addf(path, "/%s", name);
	return sg_buf_check(path, "the path of a file", err);
}

enum sg_rc
folder_lock_path(const struct conf_set *conf, const char *name,
    struct sg_buf *path, struct sg_err *err)
{
	SG_AUTO(sg_buf) dir = sg_buf_new(PATH_LEN);
	enum sg_rc rc;

	rc = folder_path(conf, FOLDER_STATE, dir, err);
	if (rc == SG_OK)
		rc = sg_file_make_dir(sg_buf_str(dir), err);
	if (rc != SG_OK)
		return rc;
	sg_outfile_sweep(sg_buf_str(dir));
	return folder_file(conf, FOLDER_STATE, name, path, err);
}

enum sg_rc
folder_lock(const struct conf_set *conf, const char *name, int64_t timeout_ms,
    struct sg_lock **out_lock, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(PATH_LEN);
	enum sg_rc rc;

	rc = folder_lock_path(conf, name, path, err);
	if (rc != SG_OK)
		return rc;
	return sg_lock_take(sg_buf_str(path), timeout_ms, out_lock, err);
}
