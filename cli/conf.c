/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/conf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/dotenv.h"

#define FILE_MAX   (256 * 1024)
#define LOCAL_FILE "./.env"

static const struct {
	const char *name;
	const char *alias; /* tableau-mcp's name, read where ours is unset */
} conf_names[CONF_COUNT] = {
    [CONF_TENANT_ID] = {"CLOUD_MANAGER_TENANT_ID", "UAT_TENANT_ID"},
    [CONF_PAT_NAME] = {"CLOUD_MANAGER_PAT_NAME", NULL},
    [CONF_PAT_SECRET] = {"CLOUD_MANAGER_PAT_SECRET", NULL},
    [CONF_PAT_SECRET_FILE] = {"CLOUD_MANAGER_PAT_SECRET_FILE", NULL},
    [CONF_TCM_URL] = {"CLOUD_MANAGER_URL", NULL},
    [CONF_PAT_LOGIN_URL] = {"CLOUD_MANAGER_PAT_LOGIN_URL", NULL},
    [CONF_JWT_LOGIN_URL] = {"CLOUD_MANAGER_JWT_LOGIN_URL", NULL},
    [CONF_UAT_CONFIGS_URL] = {"CLOUD_MANAGER_UAT_CONFIGS_URL", NULL},
    [CONF_POD_URL] = {"TABLEAU_CLOUD_POD_URL", NULL},
    [CONF_SITE_ID] = {"TABLEAU_CLOUD_SITE_ID", NULL},
    [CONF_SITE_LUID] = {"TABLEAU_CLOUD_SITE_LUID", NULL},
    [CONF_USERNAME] = {"TABLEAU_CLOUD_USERNAME", "UAT_USERNAME_CLAIM"},
    [CONF_KEY] = {"SIGNET_KEY", NULL},
    [CONF_MODULE] = {"SIGNET_MODULE", NULL},
    [CONF_MODULE_ARGS] = {"SIGNET_MODULE_ARGS", NULL},
    [CONF_MODULES_ALLOW] = {"SIGNET_MODULES_ALLOW", NULL},
    [CONF_PIN_SOURCE] = {"SIGNET_PIN_SOURCE", NULL},
    [CONF_BACKEND] = {"SIGNET_BACKEND", NULL},
    [CONF_ALLOW] = {"SIGNET_ALLOW", NULL},
    [CONF_ISSUER] = {"SIGNET_ISSUER", "UAT_ISSUER"},
    [CONF_SCOPES] = {"SIGNET_SCOPES", NULL},
    [CONF_USERNAME_CLAIM] = {"SIGNET_USERNAME_CLAIM",
	"UAT_USERNAME_CLAIM_NAME"},
    [CONF_KID] = {"SIGNET_KID", "UAT_KEY_ID"},
    [CONF_JWT_LIFETIME] = {"SIGNET_JWT_LIFETIME", NULL},
    [CONF_JWT_BACKDATE] = {"SIGNET_JWT_BACKDATE", NULL},
    [CONF_TIMEOUT] = {"SIGNET_TIMEOUT", NULL},
    [CONF_CA_FILE] = {"SIGNET_CA_FILE", NULL},
    [CONF_CLIENT_CERT] = {"SIGNET_CLIENT_CERT", NULL},
    [CONF_CLIENT_KEY] = {"SIGNET_CLIENT_KEY", NULL},
    [CONF_REVOKE_METHOD] = {"SIGNET_REVOKE_METHOD", NULL},
    [CONF_REVOKE_PATH] = {"SIGNET_REVOKE_PATH", NULL},
    [CONF_REVOKE_BODY] = {"SIGNET_REVOKE_BODY", NULL},
    [CONF_STATE_DIR] = {"SIGNET_STATE_DIR", NULL},
    [CONF_CACHE_DIR] = {"SIGNET_CACHE_DIR", NULL},
};

struct conf_set {
	struct dotenv *file;
	char *path;
	bool is_local;
	const char *overrides[CONF_COUNT];
};

const char *
conf_name(enum conf name)
{
	return conf_names[name].name;
}

const char *
conf_path(const struct conf_set *conf)
{
	return conf->path;
}

void
conf_override(struct conf_set *conf, enum conf name, const char *value)
{
	conf->overrides[name] = value;
}

void
conf_set_free(struct conf_set **conf)
{
	if (conf == NULL || *conf == NULL)
		return;
	dotenv_free(&(*conf)->file);
	free((*conf)->path);
	free(*conf);
	*conf = NULL;
}

/* A misspelt name of ours would otherwise be silently without effect. */
static enum sg_rc
check_names(const struct conf_set *conf, struct sg_err *err)
{
	size_t i;
	size_t k;

	for (i = 0; i < conf->file->count; i++) {
		const struct dotenv_entry *entry = &conf->file->entries[i];

		if (!sg_text_starts(entry->name, "SIGNET_"))
			continue;
		if (strcmp(entry->name, conf_name(CONF_MODULES_ALLOW)) == 0)
			return sg_fail(err, SG_E_CONFIG,
			    "%s, line %d: %s counts from the environment "
			    "alone; set it there, or write "
			    "/etc/signet/modules.allow",
			    conf->path, entry->line, entry->name);
		for (k = 0; k < CONF_COUNT; k++)
			if (strcmp(entry->name, conf_names[k].name) == 0)
				break;
		if (k == CONF_COUNT)
			return sg_fail(err, SG_E_CONFIG,
			    "%s, line %d: there is no setting %s; see "
			    "signet-config(5)",
			    conf->path, entry->line, entry->name);
	}
	return SG_OK;
}

static enum sg_rc
check_secret_in_file(
    const struct conf_set *conf, bool others_read, struct sg_err *err)
{
	const char *secret = dotenv_get(conf->file, "CLOUD_MANAGER_PAT_SECRET");

	if (!others_read || secret == NULL || secret[0] == '\0')
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "%s holds CLOUD_MANAGER_PAT_SECRET and others can read it; run: "
	    "chmod 600 %s",
	    conf->path, conf->path);
}

static enum sg_rc
read_file(struct conf_set *conf, const char *path, struct sg_err *err)
{
	SG_AUTO(sg_buf) bytes = NULL;
	bool others_read = false;
	enum sg_rc rc;

	conf->path = strdup(path);
	if (conf->path == NULL)
		return sg_fail_nomem(err);
	rc = sg_file_read(
	    path, SG_FILE_CONFIG, FILE_MAX, &others_read, &bytes, err);
	if (rc == SG_OK)
		rc = dotenv_parse(&bytes, path, &conf->file, err);
	if (rc == SG_OK)
		rc = check_secret_in_file(conf, others_read, err);
	if (rc == SG_OK)
		rc = check_names(conf, err);
	if (rc == SG_OK || rc == SG_E_NOMEM)
		return rc;
	/* whatever kept it from being read */
	return sg_context(
	    err, sg_recast(err, SG_E_CONFIG), "read the configuration");
}

static enum sg_rc
user_file(char **out_path, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(4096);
	const char *xdg = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	enum sg_rc rc;

	if (xdg != NULL && xdg[0] == '/')
		sg_buf_addf(path, "%s/signet/config.env", xdg);
	else if (home != NULL && home[0] == '/')
		sg_buf_addf(path, "%s/.config/signet/config.env", home);
	rc = sg_buf_check(path, "the path of the configuration", err);
	if (rc != SG_OK)
		return rc;
	*out_path = strdup(sg_buf_str(path));
	return *out_path != NULL ? SG_OK : sg_fail_nomem(err);
}

static enum sg_rc
find_file(struct conf_set *conf, struct sg_err *err)
{
	SG_AUTO_STR user = NULL;
	struct stat st; /* a folder of that name is some Python's */
	const char *named = getenv("SIGNET_CONFIG");
	enum sg_rc rc;

	if (named != NULL && named[0] != '\0')
		return read_file(conf, named, err);
	if (stat(LOCAL_FILE, &st) == 0 && !S_ISDIR(st.st_mode)) {
		conf->is_local = true;
		return read_file(conf, LOCAL_FILE, err);
	}
	rc = user_file(&user, err);
	if (rc != SG_OK)
		return rc;
	if (user[0] != '\0' && access(user, F_OK) == 0)
		return read_file(conf, user, err);
	if (access("/etc/signet/config.env", F_OK) == 0)
		return read_file(conf, "/etc/signet/config.env", err);
	return SG_OK;
}

enum sg_rc
conf_load(const char *path, struct conf_set **out_conf, struct sg_err *err)
{
	SG_AUTO(conf_set) conf = calloc(1, sizeof(*conf));
	enum sg_rc rc;

	if (conf == NULL)
		return sg_fail_nomem(err);
	if (path != NULL)
		rc = read_file(conf, path, err);
	else
		rc = find_file(conf, err);
	if (rc != SG_OK)
		return rc;
	*out_conf = conf;
	conf = NULL; /* now the caller's */
	return SG_OK;
}

static const char *
not_empty(const char *value)
{
	return value != NULL && value[0] != '\0' ? value : NULL;
}

static const char *
look_up(
    const struct conf_set *conf, const char *name, enum conf_origin *out_origin)
{
	const char *value = not_empty(getenv(name));

	*out_origin = CONF_ENVIRONMENT;
	if (value != NULL)
		return value;
	*out_origin = conf->is_local ? CONF_LOCAL_FILE : CONF_FILE;
	if (conf->file != NULL)
		value = not_empty(dotenv_get(conf->file, name));
	if (value == NULL)
		*out_origin = CONF_NOWHERE;
	return value;
}

static const char *
find_beneath(
    const struct conf_set *conf, enum conf name, enum conf_origin *out_origin)
{
	const char *value;

	value = look_up(conf, conf_names[name].name, out_origin);
	if (value == NULL && conf_names[name].alias != NULL)
		value = look_up(conf, conf_names[name].alias, out_origin);
	return value;
}

const char *
conf_written_name(const struct conf_set *conf, enum conf name)
{
	const char *alias = conf_names[name].alias;
	enum conf_origin origin;

	if (alias != NULL &&
	    look_up(conf, conf_names[name].name, &origin) == NULL &&
	    look_up(conf, alias, &origin) != NULL)
		return alias;
	return conf_names[name].name;
}

static const char *
find_value(
    const struct conf_set *conf, enum conf name, enum conf_origin *out_origin)
{
	if (conf->overrides[name] == NULL)
		return find_beneath(conf, name, out_origin);
	*out_origin = CONF_COMMAND_LINE;
	return conf->overrides[name];
}

enum conf_origin
conf_origin_of(const struct conf_set *conf, enum conf name)
{
	enum conf_origin origin;

	(void)find_value(conf, name, &origin);
	return origin;
}

/* The examples of the article and of tableau-mcp: YOUR-…, braces in a URL, and
 * the setting's own name with dashes. */
static bool
is_placeholder(const char *name, const char *value, bool is_form)
{
	size_t i;

	if (strstr(value, "YOUR-") != NULL || strstr(value, "YOUR_") != NULL)
		return true;
	if (!is_form && sg_text_starts(value, "http") &&
	    strchr(value, '{') != NULL && strchr(value, '}') != NULL)
		return true;
	for (i = 0; name[i] != '\0'; i++)
		if (value[i] != (name[i] == '_' ? '-' : name[i]))
			return false;
	return value[i] == '\0';
}

/* What has braces of its own: {jti} and the like are filled in. */
static bool
is_form(enum conf name)
{
	return name == CONF_REVOKE_PATH || name == CONF_REVOKE_BODY;
}

/* A secret may hold any character: only the exact examples are told. */
static bool
is_secret(enum conf name)
{
	return name == CONF_PAT_SECRET;
}

static enum sg_rc
check_example(const struct conf_set *conf, enum conf name, const char *value,
    enum conf_origin origin, struct sg_err *err)
{
	bool in_file = origin == CONF_FILE || origin == CONF_LOCAL_FILE;
	bool example;

	if (value == NULL)
		return SG_OK;
	if (is_secret(name))
		example = strcmp(value, "CLOUD-MANAGER-PAT-SECRET") == 0 ||
			  sg_text_starts(value, "YOUR-");
	else
		example =
		    is_placeholder(conf_names[name].name, value, is_form(name));
	if (!example)
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "%s is still the placeholder of an example; put your own value "
	    "there%s%s",
	    conf_names[name].name, in_file ? ", in " : "",
	    in_file ? conf->path : "");
}

enum sg_rc
conf_get(const struct conf_set *conf, enum conf name, const char **out_value,
    struct sg_err *err)
{
	enum conf_origin origin;
	const char *value = find_value(conf, name, &origin);
	enum sg_rc rc;

	rc = check_example(conf, name, value, origin, err);
	if (rc != SG_OK)
		return rc;
	*out_value = value;
	return SG_OK;
}

enum sg_rc
conf_get_beneath(const struct conf_set *conf, enum conf name,
    const char **out_value, enum conf_origin *out_origin, struct sg_err *err)
{
	const char *value = find_beneath(conf, name, out_origin);
	enum sg_rc rc;

	rc = check_example(conf, name, value, *out_origin, err);
	if (rc != SG_OK)
		return rc;
	*out_value = value;
	return SG_OK;
}

enum sg_rc
conf_blame(const struct conf_set *conf, enum conf name, const char *option,
    enum sg_rc rc, struct sg_err *err)
{
	if (rc != SG_E_USAGE)
		return rc;
	if (conf_origin_of(conf, name) == CONF_COMMAND_LINE)
		return sg_context(err, rc, "read %s", option);
	return sg_context(
	    err, sg_recast(err, SG_E_CONFIG), "read %s", conf_name(name));
}

enum sg_rc
conf_need(const struct conf_set *conf, enum conf name, const char **out_value,
    struct sg_err *err)
{
	const char *value = NULL;
	enum sg_rc rc;

	rc = conf_get(conf, name, &value, err);
	if (rc != SG_OK)
		return rc;
	if (value == NULL)
		return sg_fail(err, SG_E_CONFIG,
		    "%s is not set; see signet-config(5)",
		    conf_names[name].name);
	*out_value = value;
	return SG_OK;
}
