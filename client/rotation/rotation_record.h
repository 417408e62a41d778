/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_ROTATION_ROTATION_RECORD_H
#define SG_CLIENT_ROTATION_ROTATION_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_json;
struct sg_jsonw;

/** How the configuration comes to its key. */
enum sg_rotation_mode {
	SG_ROTATION_BY_KEY,  /* publicKey: a second configuration overlaps */
	SG_ROTATION_BY_JWKS, /* jwksUri: both keys are published for a while */
};

/** Each may be taken twice: it finds out what is done already. */
enum sg_rotation_step {
	SG_ROTATION_GENERATE,  /* the new key, in the token */
	SG_ROTATION_CONFIGURE, /* a second configuration, for the new key */
	SG_ROTATION_PUBLISH,   /* the key set, with both keys */
	SG_ROTATION_CHECK,     /* both keys are in the published set */
	SG_ROTATION_TRY,       /* both keys sign in */
	SG_ROTATION_SWITCH,    /* the settings name the new key */
	SG_ROTATION_WAIT,      /* until no JWT of the key that was left lives */
	SG_ROTATION_DISABLE,   /* the old configuration */
	SG_ROTATION_DELETE,    /* the old configuration */
	SG_ROTATION_RETIRE,    /* the old key, from the published set */
	SG_ROTATION_DROP_OLD,  /* the old key, from the token */
	SG_ROTATION_ENABLE,    /* way back: the old configuration */
	SG_ROTATION_TRY_OLD,   /* way back: the old key signs in */
	SG_ROTATION_SWITCH_BACK, /* way back: the settings name the old key */
	SG_ROTATION_UNCONFIGURE, /* way back: delete the new configuration */
	SG_ROTATION_UNPUBLISH,	 /* way back: the new key, from the set */
	SG_ROTATION_DROP_NEW,	 /* way back: the new key, from the token */
	SG_ROTATION_DONE,
};

/* Most steps of one way. */
#define SG_ROTATION_STEPS_MAX 12

/* Bytes of a new key's CKA_ID. */
#define SG_ROTATION_ID_SIZE 16

/** One rotation: what was decided, what was made, and where it stands. Owns its
 * strings; NULL is not known (yet), or does not apply. */
struct sg_rotation {
	enum sg_rotation_mode mode;
	char *config_id; /* of the old configuration */
	char *config_name;
	char *jwks_uri;
	char *jwks_output;	/* file that the key set is written to */
	struct sg_list targets; /* where both keys must sign in */
	char *settings_file;	/* that is switched; NULL: by the user's hand */
	char *key_setting;	/* names of what is switched, as they stand */
	char *issuer_setting;	/* there; NULL where it stays */
	char *kid_setting;
	char *old_setting; /* SIGNET_KEY before the switch */
	char *old_uri;
	char *old_thumbprint;
	char *old_issuer;
	char *new_label;
	char *new_id;	   /* hex */
	char *new_setting; /* SIGNET_KEY after the switch */
	char *new_uri;
	char *new_thumbprint;
	char *new_pem;
	char *new_name;
	char *new_issuer;
	char *new_config_id;
	char *copied; /* the new configuration as it was made, in JSON */
	int64_t begun_s;
	int64_t switched_s; /* 0 while no setting was touched */
	int64_t wait_s;
	int64_t publish_s; /* longest time until a published set counts */
	int64_t bits;
	bool drop_old;
	bool keep_new;
	bool published; /* the new key, in a set or configuration; or maybe */

	bool back; /* on the way back */
	enum sg_rotation_step step;
	bool in_step; /* it was begun, and may be done */
};

/** An empty one. Free with sg_rotation_free(); NULL when out of memory. */
struct sg_rotation *sg_rotation_new(void);

/** Takes NULL; leaves NULL. */
void sg_rotation_free(struct sg_rotation **rotation);

/** Write it as an object. None of it is secret. */
void sg_rotation_write(
    struct sg_jsonw *w, const char *name, const struct sg_rotation *rotation);

/**
 * Read what sg_rotation_write() wrote.
 *
 * @param out_rotation  Free with sg_rotation_free().
 * @return SG_OK; SG_E_INVALID when a member is missing or malformed;
 *         SG_E_CONFIG when a newer version of signet wrote it; SG_E_NOMEM.
 */
enum sg_rc sg_rotation_read(const struct sg_json *json,
    struct sg_rotation **out_rotation, struct sg_err *err) SG_WARN_UNUSED;

/** The name of a step, such as "switch-back"; never NULL. */
const char *sg_rotation_step_name(enum sg_rotation_step step);

#ifdef __cplusplus
}
#endif

#endif
