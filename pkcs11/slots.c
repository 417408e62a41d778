/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "pkcs11/call.h"
#include "pkcs11/quirks.h"
#include "pkcs11/uri.h"

#define MAX_CANDIDATES 8
#define MAX_SLOTS      4096 /* more is no answer */

void
sg_slots_free(struct sg_slots **slots)
{
	struct sg_slots *s;
	size_t i;

	if (slots == NULL || *slots == NULL)
		return;
	s = *slots;
	for (i = 0; i < s->count; i++)
		free(s->items[i].uri);
	free(s->items);
	free(s->asked);
	sg_modules_free(&s->modules);
	free(s);
	*slots = NULL;
}

static void
copy_padded(char *to, const CK_UTF8CHAR *from, size_t len)
{
	while (len > 0 && from[len - 1] == ' ')
		len--;
	memcpy(to, from, len);
	to[len] = '\0';
	sg_utf8_make_safe(to);
}

static void
describe_flags(struct sg_slot *slot)
{
	struct sg_token_info *d = &slot->description;
	CK_FLAGS flags = slot->info.flags;

	d->initialized = (flags & CKF_TOKEN_INITIALIZED) != 0;
	d->login_required = (flags & CKF_LOGIN_REQUIRED) != 0;
	d->protected_path = (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
	d->pin_set = (flags & CKF_USER_PIN_INITIALIZED) != 0;
	d->pin_count_low = (flags & CKF_USER_PIN_COUNT_LOW) != 0;
	d->pin_final_try = (flags & CKF_USER_PIN_FINAL_TRY) != 0;
	d->pin_locked = (flags & CKF_USER_PIN_LOCKED) != 0;
	d->write_protected = (flags & CKF_WRITE_PROTECTED) != 0;
}

static void
describe(struct sg_slot *slot)
{
	struct sg_token_info *d = &slot->description;
	const CK_TOKEN_INFO *info = &slot->info;

	copy_padded(d->label, info->label, sizeof(info->label));
	copy_padded(d->manufacturer, info->manufacturerID,
	    sizeof(info->manufacturerID));
	copy_padded(d->model, info->model, sizeof(info->model));
	copy_padded(d->serial, info->serialNumber, sizeof(info->serialNumber));
	(void)snprintf(d->firmware, sizeof(d->firmware), "%u.%u",
	    info->firmwareVersion.major, info->firmwareVersion.minor);
	d->module = slot->module->name;
	describe_flags(slot);
}

/* C_GetInfo and C_GetSlotInfo are only asked where the URI speaks of them. */
static bool
module_fits(const struct sg_module *module, P11KitUri *uri)
{
	const char *name = p11_kit_uri_get_module_name(uri);
	const CK_INFO *wanted = p11_kit_uri_get_module_info(uri);
	CK_INFO info;

	if (name != NULL && strcmp(name, module->name) != 0)
		return false;
	if (wanted->libraryDescription[0] == '\0' &&
	    wanted->manufacturerID[0] == '\0' &&
	    wanted->libraryVersion.major == (CK_BYTE)-1)
		return true;
	return sg_call_get_info(module, &info) == CKR_OK &&
	       p11_kit_uri_match_module_info(uri, &info) != 0;
}

static bool
slot_fits(const struct sg_module *module, CK_SLOT_ID id, P11KitUri *uri)
{
	const CK_SLOT_INFO *wanted = p11_kit_uri_get_slot_info(uri);
	CK_SLOT_ID wanted_id = p11_kit_uri_get_slot_id(uri);
	CK_SLOT_INFO info;

	if (wanted_id != (CK_SLOT_ID)-1 && wanted_id != id)
		return false;
	if (wanted->slotDescription[0] == '\0' &&
	    wanted->manufacturerID[0] == '\0')
		return true;
	return sg_call_get_slot_info(module, id, &info) == CKR_OK &&
	       p11_kit_uri_match_slot_info(uri, &info) != 0;
}

/* Asking with NULL first makes a module look for new tokens: §5.5. */
static enum sg_rc
list_slots(const struct sg_module *module, CK_SLOT_ID **out_ids,
    CK_ULONG *out_count, struct sg_err *err)
{
	CK_SLOT_ID *ids = NULL;
	CK_ULONG count = 0;
	CK_ULONG room;
	CK_RV rv;

	rv = sg_call_get_slot_list(module, NULL, &count);
	if (rv == CKR_OK && count > MAX_SLOTS)
		rv = CKR_GENERAL_ERROR; /* a module that lies */
	if (rv == CKR_OK) {
		count += 4; /* one may appear between the two calls */
		room = count;
		ids = calloc(room, sizeof(*ids));
		if (ids == NULL)
			return sg_fail_nomem(err);
		rv = sg_call_get_slot_list(module, ids, &count);
		if (rv == CKR_OK && count > room)
			rv = CKR_GENERAL_ERROR; /* a module that lies */
	}
	if (rv != CKR_OK) {
		free(ids);
		return sg_fail_ckr(
		    err, rv, "list the slots of %s", module->name);
	}
	*out_ids = ids;
	*out_count = count;
	return SG_OK;
}

/* Fields are padded with blanks: §3.2; a sloppy module pads with NULs, which
 * would get into the token's URI, and there they are refused. */
static void
blank_padding(CK_UTF8CHAR *field, size_t len)
{
	while (len > 0 && (field[len - 1] == ' ' || field[len - 1] == '\0'))
		field[--len] = ' ';
}

static void
mend_padding(CK_TOKEN_INFO *info)
{
	blank_padding(info->label, sizeof(info->label));
	blank_padding(info->manufacturerID, sizeof(info->manufacturerID));
	blank_padding(info->model, sizeof(info->model));
	blank_padding(info->serialNumber, sizeof(info->serialNumber));
}

static enum sg_rc
add_slot(struct sg_slots *s, struct sg_module *module, CK_SLOT_ID id,
    const CK_TOKEN_INFO *info, struct sg_err *err)
{
	struct sg_slot *grown;
	struct sg_slot *slot;

	grown = reallocarray(s->items, s->count + 1, sizeof(*grown));
	if (grown == NULL)
		return sg_fail_nomem(err);
	s->items = grown;
	slot = &s->items[s->count++];
	memset(slot, 0, sizeof(*slot));
	slot->module = module;
	slot->id = id;
	slot->info = *info;
	describe(slot);
	return SG_OK;
}

static enum sg_rc
scan_module(struct sg_slots *s, struct sg_module *module, P11KitUri *uri,
    struct sg_err *err)
{
	CK_SLOT_ID *ids = NULL;
	CK_ULONG count = 0;
	CK_TOKEN_INFO info;
	enum sg_rc rc;
	CK_ULONG i;

	if (uri != NULL && !module_fits(module, uri))
		return SG_OK;
	rc = list_slots(module, &ids, &count, err);
	for (i = 0; rc == SG_OK && i < count; i++) {
		if (uri != NULL && !slot_fits(module, ids[i], uri))
			continue;
		memset(&info, 0, sizeof(info));
		if (sg_call_get_token_info(module, ids[i], &info) != CKR_OK)
			continue; /* taken out in between, or a dead reader */
		mend_padding(&info);
		if (uri == NULL || p11_kit_uri_match_token_info(uri, &info))
			rc = add_slot(s, module, ids[i], &info, err);
	}
	free(ids);
	return rc;
}

static bool
is_same_token(const CK_TOKEN_INFO *a, const CK_TOKEN_INFO *b)
{
	return memcmp(a->label, b->label, sizeof(a->label)) == 0 &&
	       memcmp(a->manufacturerID, b->manufacturerID,
		   sizeof(a->manufacturerID)) == 0 &&
	       memcmp(a->model, b->model, sizeof(a->model)) == 0 &&
	       memcmp(a->serialNumber, b->serialNumber,
		   sizeof(a->serialNumber)) == 0;
}

enum sg_rc
sg_slot_refresh(struct sg_slot *slot, struct sg_err *err)
{
	CK_TOKEN_INFO info = {0};
	CK_RV rv;

	rv = sg_call_get_token_info(slot->module, slot->id, &info);
	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv, "ask token \"%s\" for its flags",
		    slot->description.label);
	mend_padding(&info);
	if (!is_same_token(&info, &slot->info))
		return sg_fail_ckr(err, CKR_TOKEN_NOT_PRESENT,
		    "another token is in the slot of token \"%s\"",
		    slot->description.label);
	slot->info.flags = info.flags;
	describe_flags(slot); /* other threads read the rest */
	return SG_OK;
}

/* Where several look alike, the slot that it was in decides. */
static enum sg_rc
take_match(struct sg_slot *slot, const CK_SLOT_ID *ids, CK_ULONG count,
    struct sg_err *err)
{
	CK_TOKEN_INFO found = {0};
	CK_TOKEN_INFO info;
	CK_SLOT_ID id = slot->id;
	size_t matches = 0;
	CK_ULONG i;

	for (i = 0; i < count && !(matches > 0 && id == slot->id); i++) {
		memset(&info, 0, sizeof(info));
		if (sg_call_get_token_info(slot->module, ids[i], &info) !=
		    CKR_OK)
			continue;
		mend_padding(&info);
		if (!is_same_token(&info, &slot->info))
			continue;
		matches = ids[i] == slot->id ? 1 : matches + 1;
		id = ids[i];
		found = info;
	}
	if (matches == 0)
		return sg_fail_ckr(err, CKR_TOKEN_NOT_PRESENT,
		    "find token \"%s\" again", slot->description.label);
	if (matches > 1)
		return sg_fail(err, SG_E_AMBIGUOUS,
		    "token \"%s\" left its slot, and more than one now looks "
		    "like it",
		    slot->description.label);
	slot->id = id;
	slot->info = found;
	describe(slot);
	return SG_OK;
}

enum sg_rc
sg_slot_find_again(struct sg_slot *slot, struct sg_err *err)
{
	CK_SLOT_ID *ids = NULL;
	CK_ULONG count = 0;
	enum sg_rc rc;

	rc = list_slots(slot->module, &ids, &count, err);
	if (rc == SG_OK)
		rc = take_match(slot, ids, count, err);
	free(ids);
	return rc;
}

static bool
look_alike(const struct sg_slot *a, const struct sg_slot *b)
{
	return strcmp(a->description.label, b->description.label) == 0 &&
	       strcmp(a->description.serial, b->description.serial) == 0;
}

/* Its twin is then not among those that fit, and yet is there. */
static bool
names_a_slot(P11KitUri *uri)
{
	const CK_SLOT_INFO *wanted = p11_kit_uri_get_slot_info(uri);

	return p11_kit_uri_get_slot_id(uri) != (CK_SLOT_ID)-1 ||
	       wanted->slotDescription[0] != '\0' ||
	       wanted->manufacturerID[0] != '\0';
}

static enum sg_rc
name_slots(struct sg_slots *s, P11KitUri *uri, struct sg_err *err)
{
	enum sg_rc rc;
	size_t i;
	size_t k;

	for (i = 0; i < s->count; i++) {
		struct sg_slot *slot = &s->items[i];

		slot->has_twin = uri != NULL && names_a_slot(uri);
		for (k = 0; k < s->count; k++)
			if (k != i && look_alike(slot, &s->items[k]))
				slot->has_twin = true;
		rc = sg_uri_format(&slot->info,
		    slot->has_twin ? &slot->id : NULL, NULL, &slot->uri, err);
		if (rc != SG_OK)
			return rc;
		slot->description.uri = slot->uri;
	}
	return SG_OK;
}

static const char *
module_path(const struct sg_token_opts *opts)
{
	if (opts->module_path != NULL || opts->uri == NULL)
		return opts->module_path;
	return sg_uri_module_path(opts->uri);
}

enum sg_rc
sg_slots_scan(const struct sg_token_opts *opts, struct sg_slots **out_slots,
    struct sg_err *err)
{
	SG_AUTO(sg_slots) s = calloc(1, sizeof(*s));
	P11KitUri *p11 = opts->uri != NULL ? sg_uri_p11(opts->uri) : NULL;
	enum sg_rc rc;
	size_t i;

	if (s == NULL)
		return sg_fail_nomem(err);
	rc = sg_modules_open(module_path(opts), opts->module_args, opts->hooks,
	    &s->modules, err);
	if (rc != SG_OK)
		return rc;
	for (i = 0; i < s->modules->count; i++) {
		rc = scan_module(s, &s->modules->items[i], p11, err);
		/* One broken driver of many must not hide the token. */
		if (rc != SG_OK && s->modules->registry == NULL)
			return rc;
		if (rc != SG_OK)
			sg_err_clear(err);
	}
	rc = name_slots(s, p11, err);
	if (rc != SG_OK)
		return rc;
	if (p11 != NULL && p11_kit_uri_format(p11, P11_KIT_URI_FOR_TOKEN,
			       &s->asked) != P11_KIT_URI_OK)
		return sg_fail_nomem(err);
	*out_slots = s;
	s = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
none_found(const struct sg_slots *slots, struct sg_err *err)
{
	const char *asked = slots->asked != NULL ? slots->asked : "pkcs11:";

	if (slots->count > 0)
		return sg_fail(err, SG_E_NOT_FOUND,
		    "the token \"%s\" is not initialised; set it up with its "
		    "own tool",
		    asked);
	return sg_fail(err, SG_E_NOT_FOUND,
	    "no token is \"%s\"; see what is there with: signet token list",
	    asked);
}

static enum sg_rc
many_found(const struct sg_slots *slots, size_t found, struct sg_err *err)
{
	SG_AUTO(sg_buf) list = sg_buf_new(SG_ERR_TEXT_MAX);
	size_t named = 0;
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < slots->count && named < MAX_CANDIDATES; i++) {
		if (!slots->items[i].description.initialized)
			continue;
		sg_buf_addf(
		    list, "%s %s", named > 0 ? "," : "", slots->items[i].uri);
		named++;
	}
	rc = sg_buf_check(list, "the list of tokens", err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_AMBIGUOUS,
	    "%zu tokens fit; name one with --key or SIGNET_KEY:%s%s", found,
	    sg_buf_str(list), found > named ? ", and more" : "");
}

enum sg_rc
sg_slots_pick(
    const struct sg_slots *slots, size_t *out_index, struct sg_err *err)
{
	size_t found = 0;
	size_t i;

	for (i = 0; i < slots->count; i++) {
		if (!slots->items[i].description.initialized)
			continue;
		*out_index = i;
		found++;
	}
	if (found == 0)
		return none_found(slots, err);
	if (found > 1)
		return many_found(slots, found, err);
	return SG_OK;
}

static bool
may_be_hidden(const struct sg_modules *modules)
{
	size_t i;

	for (i = 0; i < modules->count; i++)
		if (sg_quirk_in(&modules->items[i], SG_QUIRK_HIDES_TOKENS))
			return true;
	return false;
}

enum sg_rc
sg_slots_find(const struct sg_token_opts *opts, struct sg_slots **out_slots,
    size_t *out_index, int64_t *out_look_ms, struct sg_err *err)
{
	SG_AUTO(sg_slots) slots = NULL;
	bool hides;
	enum sg_rc rc;

	rc = sg_slots_scan(opts, &slots, err);
	hides = rc == SG_OK && may_be_hidden(slots->modules);
	if (rc == SG_OK)
		rc = sg_slots_pick(slots, out_index, err);
	if (rc == SG_E_NOT_FOUND)
		*out_look_ms = hides ? SG_SLOTS_HIDDEN_MS : SG_SLOTS_PAUSE_MS;
	if (rc != SG_OK)
		return rc;
	*out_slots = slots;
	slots = NULL; /* now the caller's */
	return SG_OK;
}
