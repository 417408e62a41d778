/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/jwt_input.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/app.h"
#include "signer/jws.h"
#include "signer/jwt.h"

enum sg_rc
jwt_input_read(const char *path, struct sg_jwt **out_jwt, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = NULL;
	enum sg_rc rc;
	size_t len;

	if (sg_text_starts(path, "eyJ") && strchr(path, '.') != NULL)
		return sg_fail(err, SG_E_USAGE,
		    "a JWT on the command line can be read by every process; "
		    "give it on stdin or in a file");
	rc = app_read_input(path, "the JWT", SG_JWS_MAX + 2, &text, err);
	if (rc != SG_OK)
		return rc;
	len = text->len;
	while (len > 0 &&
	       (text->data[len - 1] == '\n' || text->data[len - 1] == '\r'))
		len--;
	return sg_jwt_parse(sg_buf_str(text), len, out_jwt, err);
}
