/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "pkcs11/p11.h"

#define ROW(name, rc, advice) \
	{ \
		name, #name, rc, advice \
	}

/* Numbers that p11-kit's header lacks or, in 0.24, has wrong. */
enum {
	EXCEEDED_MAX_ITERATIONS = 0x1b5,
	FIPS_SELF_TEST_FAILED,
	LIBRARY_LOAD_FAILED,
	PIN_TOO_WEAK,
	PUBLIC_KEY_INVALID,
};

#define NUMBER_ROW(number, rc, advice) \
	{ \
		number, "CKR_" #number, rc, advice \
	}

/* PKCS#11 v2.40 base §5.1, and what to do about each. */
static const struct {
	CK_RV rv;
	const char *name;
	enum sg_rc rc;
	const char *advice; /* NULL where the name says it all */
} codes[] = {
    /* No failure: a caller that takes it for one must not go on. */
    ROW(CKR_OK, SG_E_INTERNAL, NULL),
    ROW(CKR_CANCEL, SG_E_TOKEN, "the token or its user cancelled"),
    ROW(CKR_HOST_MEMORY, SG_E_NOMEM, "the module ran out of memory"),
    ROW(CKR_SLOT_ID_INVALID, SG_E_TOKEN, "the slot went away; run again"),
    ROW(CKR_GENERAL_ERROR, SG_E_TOKEN,
	"the module does not say why; see its own log"),
    ROW(CKR_FUNCTION_FAILED, SG_E_TOKEN,
	"the module does not say why; see its own log"),
    ROW(CKR_ARGUMENTS_BAD, SG_E_TOKEN,
	"the module may want an init string: SIGNET_MODULE_ARGS"),
    ROW(CKR_NO_EVENT, SG_E_TOKEN, NULL),
    ROW(CKR_NEED_TO_CREATE_THREADS, SG_E_TOKEN, NULL),
    ROW(CKR_CANT_LOCK, SG_E_TOKEN, NULL),
    ROW(CKR_ATTRIBUTE_READ_ONLY, SG_E_TOKEN, NULL),
    ROW(CKR_ATTRIBUTE_SENSITIVE, SG_E_TOKEN, NULL),
    ROW(CKR_ATTRIBUTE_TYPE_INVALID, SG_E_TOKEN,
	"the token does not know one of the attributes"),
    ROW(CKR_ATTRIBUTE_VALUE_INVALID, SG_E_TOKEN,
	"the token does not take one of the values"),
    ROW(CKR_ACTION_PROHIBITED, SG_E_TOKEN,
	"the token's own rules do not allow it"),
    ROW(CKR_DATA_INVALID, SG_E_TOKEN, NULL),
    ROW(CKR_DATA_LEN_RANGE, SG_E_TOKEN,
	"the token does not take a message of this length"),
    ROW(CKR_DEVICE_ERROR, SG_E_TOKEN, "the token has a fault"),
    ROW(CKR_DEVICE_MEMORY, SG_E_TOKEN, "the token is full"),
    ROW(CKR_DEVICE_REMOVED, SG_E_TOKEN, "the token was removed"),
    ROW(CKR_ENCRYPTED_DATA_INVALID, SG_E_TOKEN, NULL),
    ROW(CKR_ENCRYPTED_DATA_LEN_RANGE, SG_E_TOKEN, NULL),
    ROW(CKR_FUNCTION_CANCELED, SG_E_TOKEN, NULL),
    ROW(CKR_FUNCTION_NOT_PARALLEL, SG_E_TOKEN, NULL),
    ROW(CKR_FUNCTION_NOT_SUPPORTED, SG_E_MECHANISM,
	"the module cannot do this"),
    ROW(CKR_KEY_HANDLE_INVALID, SG_E_TOKEN, "the key went away; run again"),
    ROW(CKR_KEY_SIZE_RANGE, SG_E_MECHANISM,
	"the token does not make keys of this size"),
    ROW(CKR_KEY_TYPE_INCONSISTENT, SG_E_MECHANISM,
	"the key is of another type"),
    ROW(CKR_KEY_NOT_NEEDED, SG_E_TOKEN, NULL),
    ROW(CKR_KEY_CHANGED, SG_E_TOKEN, NULL),
    ROW(CKR_KEY_NEEDED, SG_E_TOKEN, NULL),
    ROW(CKR_KEY_INDIGESTIBLE, SG_E_TOKEN, NULL),
    ROW(CKR_KEY_FUNCTION_NOT_PERMITTED, SG_E_MECHANISM,
	"the key may not be used for this; see signet key show"),
    ROW(CKR_KEY_NOT_WRAPPABLE, SG_E_TOKEN, NULL),
    ROW(CKR_KEY_UNEXTRACTABLE, SG_E_TOKEN, NULL),
    ROW(CKR_MECHANISM_INVALID, SG_E_MECHANISM,
	"the token, or this key, does not offer the mechanism"),
    ROW(CKR_MECHANISM_PARAM_INVALID, SG_E_MECHANISM, NULL),
    ROW(CKR_OBJECT_HANDLE_INVALID, SG_E_TOKEN,
	"the object went away; run again"),
    ROW(CKR_OPERATION_ACTIVE, SG_E_TOKEN, NULL),
    ROW(CKR_OPERATION_NOT_INITIALIZED, SG_E_TOKEN, NULL),
    ROW(CKR_PIN_INCORRECT, SG_E_PIN_WRONG,
	"the PIN is wrong; it was sent once and is not tried again"),
    ROW(CKR_PIN_INVALID, SG_E_PIN_WRONG,
	"the PIN has characters that the token does not take"),
    ROW(CKR_PIN_LEN_RANGE, SG_E_PIN_WRONG,
	"the PIN is too short or too long for the token"),
    ROW(CKR_PIN_EXPIRED, SG_E_PIN_LOCKED,
	"the PIN has expired; set a new one with the token's own tool"),
    ROW(CKR_PIN_LOCKED, SG_E_PIN_LOCKED,
	"too many wrong PINs; unlock it with the token's own tool"),
    ROW(CKR_SESSION_CLOSED, SG_E_TOKEN, "the session ended; run again"),
    ROW(CKR_SESSION_COUNT, SG_E_TOKEN,
	"other programs hold all of the token's sessions"),
    ROW(CKR_SESSION_HANDLE_INVALID, SG_E_TOKEN, "the session ended; run again"),
    ROW(CKR_SESSION_PARALLEL_NOT_SUPPORTED, SG_E_TOKEN, NULL),
    ROW(CKR_SESSION_READ_ONLY, SG_E_TOKEN, NULL),
    ROW(CKR_SESSION_EXISTS, SG_E_TOKEN, NULL),
    ROW(CKR_SESSION_READ_ONLY_EXISTS, SG_E_TOKEN, NULL),
    ROW(CKR_SESSION_READ_WRITE_SO_EXISTS, SG_E_TOKEN,
	"the security officer is logged in"),
    ROW(CKR_SIGNATURE_INVALID, SG_E_INVALID, NULL),
    ROW(CKR_SIGNATURE_LEN_RANGE, SG_E_INVALID, NULL),
    ROW(CKR_TEMPLATE_INCOMPLETE, SG_E_TOKEN, NULL),
    ROW(CKR_TEMPLATE_INCONSISTENT, SG_E_TOKEN,
	"the token does not take these attributes together"),
    ROW(CKR_TOKEN_NOT_PRESENT, SG_E_NOT_FOUND, "the token was removed"),
    ROW(CKR_TOKEN_NOT_RECOGNIZED, SG_E_TOKEN,
	"the module does not know this token"),
    ROW(CKR_TOKEN_WRITE_PROTECTED, SG_E_TOKEN, "the token is write-protected"),
    ROW(CKR_UNWRAPPING_KEY_HANDLE_INVALID, SG_E_TOKEN, NULL),
    ROW(CKR_UNWRAPPING_KEY_SIZE_RANGE, SG_E_TOKEN, NULL),
    ROW(CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, SG_E_TOKEN, NULL),
    ROW(CKR_USER_ALREADY_LOGGED_IN, SG_E_TOKEN, NULL),
    ROW(CKR_USER_NOT_LOGGED_IN, SG_E_PIN_MISSING,
	"the token wants a login; name the PIN with SIGNET_PIN_SOURCE"),
    ROW(CKR_USER_PIN_NOT_INITIALIZED, SG_E_PIN_MISSING,
	"no user PIN was set; set one with the token's own tool"),
    ROW(CKR_USER_TYPE_INVALID, SG_E_TOKEN, NULL),
    ROW(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, SG_E_TOKEN,
	"another user is logged in"),
    ROW(CKR_USER_TOO_MANY_TYPES, SG_E_TOKEN, NULL),
    ROW(CKR_WRAPPED_KEY_INVALID, SG_E_TOKEN, NULL),
    ROW(CKR_WRAPPED_KEY_LEN_RANGE, SG_E_TOKEN, NULL),
    ROW(CKR_WRAPPING_KEY_HANDLE_INVALID, SG_E_TOKEN, NULL),
    ROW(CKR_WRAPPING_KEY_SIZE_RANGE, SG_E_TOKEN, NULL),
    ROW(CKR_WRAPPING_KEY_TYPE_INCONSISTENT, SG_E_TOKEN, NULL),
    ROW(CKR_RANDOM_SEED_NOT_SUPPORTED, SG_E_TOKEN, NULL),
    ROW(CKR_RANDOM_NO_RNG, SG_E_TOKEN, NULL),
    ROW(CKR_DOMAIN_PARAMS_INVALID, SG_E_TOKEN, NULL),
    ROW(CKR_CURVE_NOT_SUPPORTED, SG_E_MECHANISM, NULL),
    ROW(CKR_BUFFER_TOO_SMALL, SG_E_TOKEN, NULL),
    ROW(CKR_SAVED_STATE_INVALID, SG_E_TOKEN, NULL),
    ROW(CKR_INFORMATION_SENSITIVE, SG_E_TOKEN, NULL),
    ROW(CKR_STATE_UNSAVEABLE, SG_E_TOKEN, NULL),
    ROW(CKR_CRYPTOKI_NOT_INITIALIZED, SG_E_MODULE, NULL),
    ROW(CKR_CRYPTOKI_ALREADY_INITIALIZED, SG_E_MODULE, NULL),
    ROW(CKR_MUTEX_BAD, SG_E_TOKEN, NULL),
    ROW(CKR_MUTEX_NOT_LOCKED, SG_E_TOKEN, NULL),
    ROW(CKR_NEW_PIN_MODE, SG_E_PIN_WRONG,
	"the token wants a new PIN set; use the token's own tool"),
    ROW(CKR_NEXT_OTP, SG_E_PIN_WRONG, "the token wants another one-time PIN"),
    NUMBER_ROW(EXCEEDED_MAX_ITERATIONS, SG_E_TOKEN,
	"the token did not find a key; run again"),
    NUMBER_ROW(FIPS_SELF_TEST_FAILED, SG_E_TOKEN,
	"the token failed its own test and does nothing any more"),
    NUMBER_ROW(LIBRARY_LOAD_FAILED, SG_E_MODULE,
	"the module lacks a library that it needs"),
    NUMBER_ROW(PIN_TOO_WEAK, SG_E_PIN_WRONG, NULL),
    NUMBER_ROW(PUBLIC_KEY_INVALID, SG_E_TOKEN, NULL),
    ROW(CKR_FUNCTION_REJECTED, SG_E_TOKEN,
	"the user turned the request down at the token"),
};

const char *
sg_ckr_name(CK_RV rv)
{
	size_t i;

	for (i = 0; i < SG_COUNT(codes); i++)
		if (codes[i].rv == rv)
			return codes[i].name;
	return rv >= CKR_VENDOR_DEFINED ? "a code of the vendor's own"
					: "a code unknown to PKCS#11 v2.40";
}

static enum sg_rc
class_of(CK_RV rv, const char **out_advice)
{
	size_t i;

	for (i = 0; i < SG_COUNT(codes); i++) {
		if (codes[i].rv != rv)
			continue;
		*out_advice = codes[i].advice;
		return codes[i].rc;
	}
	*out_advice = NULL;
	return SG_E_TOKEN;
}

enum sg_rc
sg_fail_ckr(struct sg_err *err, CK_RV rv, const char *format, ...)
{
	const char *advice;
	enum sg_rc rc = class_of(rv, &advice);
	char doing[SG_ERR_TEXT_MAX / 2];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(doing, sizeof(doing), format, args);
	va_end(args);
	return sg_fail_native(err, rc, (long)rv, "%s: %s (0x%lx)%s%s", doing,
	    sg_ckr_name(rv), rv, advice != NULL ? ": " : "",
	    advice != NULL ? advice : "");
}
