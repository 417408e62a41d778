/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/key.h"

#include <stdlib.h>

#include "pkcs11/policy.h"

struct sg_key {
	const struct sg_key_ops *ops;
	void *impl;
	unsigned int broken; /* rules of the policy */
	unsigned int allowed;
};

enum sg_rc
sg_key_new(const struct sg_key_ops *ops, void *impl, struct sg_key **out_key,
    struct sg_err *err)
{
	struct sg_key *key = calloc(1, sizeof(*key));

	if (key == NULL) {
		ops->release(impl);
		return sg_fail_nomem(err);
	}
	key->ops = ops;
	key->impl = impl;
	key->broken = sg_policy_broken(ops->info(impl));
	*out_key = key;
	return SG_OK;
}

void
sg_key_allow(struct sg_key *key, unsigned int rules)
{
	key->allowed |= rules;
}

enum sg_rc
sg_key_sign(struct sg_key *key, const uint8_t *msg, size_t len,
    struct sg_buf **out_sig, struct sg_err *err)
{
	if (len > SG_MSG_MAX)
		return sg_fail(err, SG_E_USAGE,
		    "a message of %zu bytes is too long to sign", len);
	if ((key->broken & ~key->allowed) != 0)
		return sg_policy_check(sg_key_info(key), key->allowed, err);
	return key->ops->sign(key->impl, msg, len, out_sig, err);
}

const struct sg_key_info *
sg_key_info(const struct sg_key *key)
{
	return key->ops->info(key->impl);
}

void
sg_key_free(struct sg_key **key)
{
	if (key == NULL || *key == NULL)
		return;
	(*key)->ops->release((*key)->impl);
	free(*key);
	*key = NULL;
}
