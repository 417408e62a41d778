/* SPDX-License-Identifier: Apache-2.0 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/buf.h"
#include "base/text.h"
#include "pkcs11/door.h"

#ifndef OPENSSL_NO_ENGINE
#include <dlfcn.h>
#include <openssl/engine.h>
#include <stdlib.h>
#include <string.h>

/* Longest id that libp11's engine takes apart, and longest text of it. */
#define ENGINE_ID_MAX	100
#define ENGINE_NAME_MAX 1024

/* A bit of the engine's flags that OpenSSL does not use: ours, while a token
 * is open through it, for it has one module and one set of slots. */
#define ENGINE_IN_USE 0x40000000

struct engine {
	ENGINE *engine;
	bool works; /* ENGINE_init() was called */
	struct sg_door_at at;
};

static void
close_engine(void *impl)
{
	struct engine *door = impl;

	if (door->works) {
		(void)ENGINE_ctrl_cmd(
		    door->engine, "SET_USER_INTERFACE", 0, NULL, NULL, 0);
		(void)ENGINE_ctrl_cmd(
		    door->engine, "SET_CALLBACK_DATA", 0, NULL, NULL, 0);
		(void)ENGINE_finish(door->engine);
		(void)ENGINE_set_flags(door->engine,
		    ENGINE_get_flags(door->engine) & ~ENGINE_IN_USE);
	}
	(void)ENGINE_free(door->engine);
	free(door);
}

/* The one that was loaded before, with a reference of its own. */
static ENGINE *
find_loaded(void)
{
	ENGINE *engine = ENGINE_get_first();

	while (engine != NULL && strcmp(ENGINE_get_id(engine), "pkcs11") != 0)
		engine = ENGINE_get_next(engine); /* releases the one before */
	return engine;
}

static bool
command(ENGINE *engine, const char *name, const char *value)
{
	return ENGINE_ctrl_cmd_string(engine, name, value, 0) == 1;
}

/* It must never be unloaded: it leaves what runs at fork, and methods that
 * only its own variables point to. */
static void
pin(const char *path)
{
	void *handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);

	if (handle != NULL)
		(void)dlclose(handle);
}

/*
 * Loaded once and never let go of: OpenSSL's list keeps it. libp11 0.4.12
 * leaves dangling pointers to a second load. By path, so that the environment
 * does not choose what is loaded.
 */
static enum sg_rc
load_plugin(struct engine *door, const char *path, struct sg_err *err)
{
	door->engine = find_loaded();
	if (door->engine != NULL)
		return SG_OK;
	pin(path);
	ENGINE_load_dynamic();
	door->engine = ENGINE_by_id("dynamic");
	if (door->engine == NULL || !command(door->engine, "SO_PATH", path) ||
	    !command(door->engine, "ID", "pkcs11") ||
	    !command(door->engine, "LIST_ADD", "1") ||
	    !command(door->engine, "LOAD", NULL))
		return sg_door_failed(err, "load the engine %s", path);
	/* Else libcurl would make it the one for every RSA key. */
	(void)ENGINE_set_flags(door->engine,
	    ENGINE_get_flags(door->engine) | ENGINE_FLAGS_NO_REGISTER_ALL);
	return SG_OK;
}

static enum sg_rc
start(struct engine *door, struct sg_err *err)
{
	ENGINE *engine = door->engine;
	int flags = ENGINE_get_flags(engine);

	if ((flags & ENGINE_IN_USE) != 0)
		return sg_fail(err, SG_E_CONFIG,
		    "SIGNET_BACKEND=engine serves one token at a time, and "
		    "serves another one in this process; use native or libp11");
	/* QUIET: else it writes to stderr. */
	if (!command(engine, "MODULE_PATH", door->at.module_path) ||
	    !command(engine, "QUIET", NULL) ||
	    ENGINE_ctrl_cmd(
		engine, "SET_USER_INTERFACE", 0, door->at.ui, NULL, 0) != 1 ||
	    ENGINE_init(engine) != 1)
		return sg_door_failed(err, "start the engine");
	(void)ENGINE_set_flags(engine, flags | ENGINE_IN_USE);
	door->works = true;
	return SG_OK;
}

static enum sg_rc
open_engine(const struct sg_door_at *at, void **out_impl, struct sg_err *err)
{
	SG_AUTO_STR path = NULL;
	struct engine *door;
	enum sg_rc rc;

	rc = sg_door_plugin(OPENSSL_INFO_ENGINES_DIR, SG_BACKEND_ENGINE,
	    "libengine-pkcs11-openssl", &path, err);
	if (rc != SG_OK)
		return rc;
	door = calloc(1, sizeof(*door));
	if (door == NULL)
		return sg_fail_nomem(err);
	ERR_clear_error();
	door->at = *at;
	rc = load_plugin(door, path, err);
	if (rc == SG_OK)
		rc = start(door, err);
	if (rc != SG_OK) {
		close_engine(door);
		return rc;
	}
	*out_impl = door;
	return SG_OK;
}

/* The engine's own name of a key, which alone names a slot by its number. */
static enum sg_rc
name_key(const struct engine *door, const struct sg_key_info *want,
    struct sg_buf *name, struct sg_err *err)
{
	if (want->id_len > ENGINE_ID_MAX || door->at.slot > INT32_MAX)
		return sg_fail(err, SG_E_CONFIG,
		    "the engine takes no slot number or key id as long as that "
		    "of %s; use native",
		    want->uri);
	sg_buf_addf(name, "slot_%lu-", door->at.slot);
	sg_buf_add_str(name, want->id_len > 0 ? "id_" : "label_");
	if (want->id_len > 0)
		sg_hex_encode(name, want->id, want->id_len);
	else
		sg_buf_add_str(name, want->label);
	return sg_buf_check(name, "the engine's name of the key", err);
}

static enum sg_rc
find_in_engine(void *impl, const struct sg_key_info *want, EVP_PKEY **out_pkey,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) name = sg_buf_new(ENGINE_NAME_MAX);
	struct engine *door = impl;
	EVP_PKEY *pkey;
	enum sg_rc rc;

	rc = name_key(door, want, name, err);
	if (rc != SG_OK)
		return rc;
	ERR_clear_error();
	pkey = ENGINE_load_private_key(
	    door->engine, sg_buf_str(name), door->at.ui, NULL);
	if (pkey == NULL)
		return SG_OK;
	/* libp11 keeps the key as long as the engine is in use, and the key
	 * keeps the engine in use: else neither would ever end. */
	(void)EVP_PKEY_set1_engine(pkey, NULL);
	if (!sg_door_is_key(pkey, want)) {
		EVP_PKEY_free(pkey);
		return SG_OK;
	}
	*out_pkey = pkey;
	return SG_OK;
}

const struct sg_door_ops sg_engine_ops = {
    .open = open_engine,
    .find = find_in_engine,
    .close = close_engine,
};

#else

static enum sg_rc
open_engine(const struct sg_door_at *at, void **out_impl, struct sg_err *err)
{
	(void)at;
	(void)out_impl;
	return sg_fail(err, SG_E_CONFIG,
	    "SIGNET_BACKEND=engine: this OpenSSL has no engines, nor the "
	    "package libengine-pkcs11-openssl; use native");
}

const struct sg_door_ops sg_engine_ops = {.open = open_engine};

#endif
