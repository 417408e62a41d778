/* SPDX-License-Identifier: Apache-2.0 */
#include "client/rotation/rotation_record.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"

#define VERSION 1

/* The members of the record, where each is, and whether it must be there. */
static const struct {
	const char *name;
	size_t at;
	bool needed;
} texts[] = {
#define TEXT(name, member, needed) \
	{ \
		name, offsetof(struct sg_rotation, member), needed \
	}
    TEXT("configId", config_id, true),
    TEXT("configName", config_name, false),
    TEXT("jwksUri", jwks_uri, false),
    TEXT("jwksOutput", jwks_output, false),
    TEXT("settingsFile", settings_file, false),
    TEXT("keySetting", key_setting, true),
    TEXT("issuerSetting", issuer_setting, false),
    TEXT("kidSetting", kid_setting, false),
    TEXT("oldSetting", old_setting, true),
    TEXT("oldUri", old_uri, true),
    TEXT("oldThumbprint", old_thumbprint, true),
    TEXT("oldIssuer", old_issuer, true),
    TEXT("newLabel", new_label, true),
    TEXT("newId", new_id, true),
    TEXT("newSetting", new_setting, false),
    TEXT("newUri", new_uri, false),
    TEXT("newThumbprint", new_thumbprint, false),
    TEXT("newPublicKey", new_pem, false),
    TEXT("newName", new_name, false),
    TEXT("newIssuer", new_issuer, false),
    TEXT("newConfigId", new_config_id, false),
    TEXT("copied", copied, false),
#undef TEXT
};

static const struct {
	const char *name;
	size_t at;
} numbers[] = {
    {"begunAt", offsetof(struct sg_rotation, begun_s)},
    {"switchedAt", offsetof(struct sg_rotation, switched_s)},
    {"waitSeconds", offsetof(struct sg_rotation, wait_s)},
    {"publishSeconds", offsetof(struct sg_rotation, publish_s)},
    {"bits", offsetof(struct sg_rotation, bits)},
};

static const struct {
	const char *name;
	size_t at;
} flags[] = {
    {"dropOld", offsetof(struct sg_rotation, drop_old)},
    {"keepNew", offsetof(struct sg_rotation, keep_new)},
    {"published", offsetof(struct sg_rotation, published)},
    {"back", offsetof(struct sg_rotation, back)},
    {"inStep", offsetof(struct sg_rotation, in_step)},
};

static const char *const modes[] = {
    [SG_ROTATION_BY_KEY] = "key",
    [SG_ROTATION_BY_JWKS] = "jwks",
};

static const char *const names[] = {
    [SG_ROTATION_GENERATE] = "generate",
    [SG_ROTATION_CONFIGURE] = "configure",
    [SG_ROTATION_PUBLISH] = "publish",
    [SG_ROTATION_CHECK] = "check",
    [SG_ROTATION_TRY] = "try",
    [SG_ROTATION_SWITCH] = "switch",
    [SG_ROTATION_WAIT] = "wait",
    [SG_ROTATION_DISABLE] = "disable",
    [SG_ROTATION_DELETE] = "delete",
    [SG_ROTATION_RETIRE] = "retire",
    [SG_ROTATION_DROP_OLD] = "drop-old",
    [SG_ROTATION_ENABLE] = "enable",
    [SG_ROTATION_TRY_OLD] = "try-old",
    [SG_ROTATION_SWITCH_BACK] = "switch-back",
    [SG_ROTATION_UNCONFIGURE] = "unconfigure",
    [SG_ROTATION_UNPUBLISH] = "unpublish",
    [SG_ROTATION_DROP_NEW] = "drop-new",
    [SG_ROTATION_DONE] = "done",
};

const char *
sg_rotation_step_name(enum sg_rotation_step step)
{
	return names[step];
}

static bool
parse_step(const char *name, enum sg_rotation_step *out_step)
{
	size_t i;

	for (i = 0; name != NULL && i < SG_COUNT(names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*out_step = (enum sg_rotation_step)i;
		return true;
	}
	return false;
}

struct sg_rotation *
sg_rotation_new(void)
{
	return calloc(1, sizeof(struct sg_rotation));
}

static void *
member_at(struct sg_rotation *rotation, size_t at)
{
	return (char *)rotation + at;
}

static const void *
const_member_at(const struct sg_rotation *rotation, size_t at)
{
	return (const char *)rotation + at;
}

void
sg_rotation_free(struct sg_rotation **rotation)
{
	size_t i;

	if (rotation == NULL || *rotation == NULL)
		return;
	for (i = 0; i < SG_COUNT(texts); i++)
		sg_str_free(member_at(*rotation, texts[i].at));
	sg_list_clear(&(*rotation)->targets);
	free(*rotation);
	*rotation = NULL;
}

void
sg_rotation_write(
    struct sg_jsonw *w, const char *name, const struct sg_rotation *rotation)
{
	size_t i;

	sg_jsonw_object(w, name);
	sg_jsonw_int(w, "version", VERSION);
	sg_jsonw_str(w, "mode", modes[rotation->mode]);
	sg_jsonw_str(w, "step", sg_rotation_step_name(rotation->step));
	for (i = 0; i < SG_COUNT(flags); i++)
		sg_jsonw_bool(w, flags[i].name,
		    *(const bool *)const_member_at(rotation, flags[i].at));
	for (i = 0; i < SG_COUNT(numbers); i++)
		sg_jsonw_int(w, numbers[i].name,
		    *(const int64_t *)const_member_at(rotation, numbers[i].at));
	for (i = 0; i < SG_COUNT(texts); i++)
		sg_jsonw_str(w, texts[i].name,
		    *(char *const *)const_member_at(rotation, texts[i].at));
	sg_jsonw_strs(
	    w, "targets", rotation->targets.items, rotation->targets.count);
	sg_jsonw_object_end(w);
}

static enum sg_rc
malformed(const char *member, struct sg_err *err)
{
	return sg_fail(err, SG_E_INVALID,
	    "the record of a rotation has no usable member \"%s\"", member);
}

static enum sg_rc
check_version(const struct sg_json *json, struct sg_err *err)
{
	int64_t version = 0;

	if (!sg_json_int(sg_json_get(json, "version"), &version) ||
	    version < VERSION)
		return malformed("version", err);
	if (version > VERSION)
		return sg_fail(err, SG_E_CONFIG,
		    "a newer version of signet wrote it; finish the rotation "
		    "or take it back with that version; nothing was changed");
	return SG_OK;
}

static enum sg_rc
read_mode(const struct sg_json *json, struct sg_rotation *r, struct sg_err *err)
{
	const char *text = sg_json_get_text(json, "mode");
	size_t i;

	for (i = 0; text != NULL && i < SG_COUNT(modes); i++) {
		if (strcmp(text, modes[i]) != 0)
			continue;
		r->mode = (enum sg_rotation_mode)i;
		return SG_OK;
	}
	return malformed("mode", err);
}

static enum sg_rc
read_texts(
    const struct sg_json *json, struct sg_rotation *r, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < SG_COUNT(texts); i++) {
		const char *text = sg_json_get_text(json, texts[i].name);

		if (text == NULL && texts[i].needed)
			return malformed(texts[i].name, err);
		rc = sg_str_copy(text, member_at(r, texts[i].at), err);
	}
	return rc;
}

static enum sg_rc
read_values(
    const struct sg_json *json, struct sg_rotation *r, struct sg_err *err)
{
	size_t i;

	for (i = 0; i < SG_COUNT(flags); i++)
		if (!sg_json_bool(sg_json_get(json, flags[i].name),
			member_at(r, flags[i].at)))
			return malformed(flags[i].name, err);
	for (i = 0; i < SG_COUNT(numbers); i++)
		if (!sg_json_int(sg_json_get(json, numbers[i].name),
			member_at(r, numbers[i].at)))
			return malformed(numbers[i].name, err);
	if (!parse_step(sg_json_get_text(json, "step"), &r->step))
		return malformed("step", err);
	return SG_OK;
}

/* "tcm", or a site as UUID=CONTENT-URL. */
static bool
is_target(const char *text)
{
	return text != NULL &&
	       (strcmp(text, "tcm") == 0 || strchr(text, '=') != NULL);
}

static enum sg_rc
read_targets(
    const struct sg_json *json, struct sg_rotation *r, struct sg_err *err)
{
	const struct sg_json *list = sg_json_get(json, "targets");
	enum sg_rc rc = SG_OK;
	size_t i;

	if (!sg_json_is_array(list))
		return malformed("targets", err);
	for (i = 0; rc == SG_OK && i < sg_json_count(list); i++) {
		const char *text = sg_json_text(sg_json_at(list, i));

		rc = is_target(text) ? sg_list_add(&r->targets, text, err)
				     : malformed("targets", err);
	}
	return rc;
}

enum sg_rc
sg_rotation_read(const struct sg_json *json, struct sg_rotation **out_rotation,
    struct sg_err *err)
{
	SG_AUTO(sg_rotation) r = sg_rotation_new();
	enum sg_rc rc;

	if (r == NULL)
		return sg_fail_nomem(err);
	rc = check_version(json, err);
	if (rc == SG_OK)
		rc = read_mode(json, r, err);
	if (rc == SG_OK)
		rc = read_texts(json, r, err);
	if (rc == SG_OK)
		rc = read_values(json, r, err);
	if (rc == SG_OK)
		rc = read_targets(json, r, err);
	if (rc != SG_OK)
		return rc;
	*out_rotation = r;
	r = NULL; /* now the caller's */
	return SG_OK;
}
