/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_ROTATE_H
#define SG_TESTS_FAKE_ROTATE_H

/* A run of uat rotate with a rotation on record, in a place of its own. */
#include "fake_uat_app.h"

#include "cli/rotate/rotate.h"
#include "cli/rotate/rotate_settings.h"
#include "client/rotation/rotation.h"

#define OLD_URI	   "pkcs11:token=t;object=old"
#define NEW_URI	   "pkcs11:token=t;object=new;id=%02"
#define NEW_ISSUER ISSUER "/key-2"
#define SETTINGS   "SIGNET_KEY=\"" OLD_URI "\"\n# why\nSIGNET_ISSUER=" ISSUER "\n"

static inline void
set_text(char **member, const char *text)
{
	sg_str_free(member);
	assert_int_equal(sg_str_copy(text, member, NULL), SG_OK);
}

/* As it stands when the new key and its configuration are made. */
static inline struct sg_rotation *
fake_rotation(void)
{
	struct sg_rotation *r = sg_rotation_new();

	assert_non_null(r);
	r->wait_s = 330;
	r->publish_s = 0;
	r->bits = 2048;
	set_text(&r->config_id, ID);
	set_text(&r->config_name, "n");
	set_text(&r->key_setting, "SIGNET_KEY");
	set_text(&r->issuer_setting, "SIGNET_ISSUER");
	set_text(&r->old_setting, OLD_URI);
	set_text(&r->old_uri, OLD_URI);
	set_text(&r->old_thumbprint, "old-thumbprint");
	set_text(&r->old_issuer, ISSUER);
	set_text(&r->new_label, "new");
	set_text(&r->new_id, "02");
	set_text(&r->new_setting, NEW_URI);
	set_text(&r->new_uri, NEW_URI);
	set_text(&r->new_thumbprint, "new-thumbprint");
	set_text(&r->new_name, "n-new");
	set_text(&r->new_issuer, NEW_ISSUER);
	return r;
}

/* A run whose settings are in a file, or, without a text, in the environment.
 */
static inline void
open_rotate(struct bench *b, struct rotate *rotate, const char *settings)
{
	set_tcm();
	if (settings != NULL) {
		(void)unsetenv("SIGNET_ISSUER");
		put("it.env", 0600, settings);
		(void)setenv("SIGNET_CONFIG", "it.env", 1);
	} else {
		(void)setenv("SIGNET_KEY", OLD_URI, 1);
	}
	assert_ok(b, OPEN(b, "uat", "rotate", "--pat", "--no-cache"));
	*rotate = (struct rotate){.app = &b->app};
	assert_ok(b, rotate_settings_read(rotate, &b->err));
	rotate->rotation = fake_rotation();
}

/* The run borrows from the rotation, and ends first. */
static inline void
close_rotate(struct bench *b, struct rotate *rotate)
{
	bench_close(b);
	rotate_clear(rotate);
}

#endif
