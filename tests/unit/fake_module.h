/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_MODULE_H
#define SG_TESTS_FAKE_MODULE_H

/*
 * A PKCS#11 module in memory that does what a test tells it and remembers what
 * it was asked. It is a shared object, loaded by path like any module; a test
 * reaches what follows through fake_module(), see fake_token.h.
 */
#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAKE_SLOTS    12
#define FAKE_OBJECTS  40
#define FAKE_VALUES   24
#define FAKE_BYTES    1040
#define FAKE_TRIES    4
#define FAKE_SESSIONS 64

enum fake_call {
	FAKE_INITIALIZE,
	FAKE_FINALIZE,
	FAKE_GET_INFO,
	FAKE_GET_SLOT_LIST,
	FAKE_GET_SLOT_INFO,
	FAKE_GET_TOKEN_INFO,
	FAKE_GET_MECHANISM_LIST,
	FAKE_GET_MECHANISM_INFO,
	FAKE_OPEN_SESSION,
	FAKE_CLOSE_SESSION,
	FAKE_GET_SESSION_INFO,
	FAKE_LOGIN,
	FAKE_DESTROY_OBJECT,
	FAKE_GET_ATTRIBUTE_VALUE,
	FAKE_FIND_INIT,
	FAKE_FIND,
	FAKE_FIND_FINAL,
	FAKE_SIGN_INIT,
	FAKE_SIGN,
	FAKE_GENERATE,
	FAKE_CALLS,
};

/** A call that does not work: after @c skip good ones, @c times or for ever. */
struct fake_fault {
	CK_RV rv;
	unsigned int skip;
	unsigned int times; /* 0: for ever */
};

struct fake_value {
	CK_ATTRIBUTE_TYPE type;
	CK_ULONG len;
	CK_BYTE bytes[FAKE_BYTES];
};

/** There when its handle is not 0. */
struct fake_object {
	CK_OBJECT_HANDLE handle;
	struct fake_value values[FAKE_VALUES];
	size_t count;
};

/** Every slot shows the same objects. */
struct fake_slot {
	CK_SLOT_ID id;
	CK_TOKEN_INFO info;
	CK_RV info_rv;
	CK_MECHANISM_TYPE mechanisms[4];
	CK_FLAGS mechanism_flags[4];
	size_t mechanism_count;
	size_t hidden_count; /* of the first, which the list leaves out */
};

/** The templates of one C_GenerateKeyPair. */
struct fake_try {
	CK_ATTRIBUTE_TYPE private_types[FAKE_VALUES];
	CK_ULONG private_count;
	CK_ATTRIBUTE_TYPE public_types[FAKE_VALUES];
	CK_ULONG public_count;
};

struct fake {
	/* what there is */
	struct fake_slot slots[FAKE_SLOTS];
	size_t slot_count;
	struct fake_object objects[FAKE_OBJECTS];

	/* how it behaves */
	struct fake_fault faults[FAKE_CALLS];
	CK_RV batch_rv;	  /* of reading more than one attribute */
	bool batch_stops; /* at the first that it does not have */
	CK_RV one_rv;	  /* of reading @c one_type, also alone */
	CK_ATTRIBUTE_TYPE one_type;
	CK_ATTRIBUTE_TYPE lie_type; /* its length is told as lie_len */
	CK_ULONG lie_len;
	CK_ULONG portion;    /* most that C_FindObjects gives at once; 0: all */
	CK_ULONG find_lie;   /* what it says it gave; 0: the truth */
	CK_ULONG slots_told; /* by the second C_GetSlotList; 0: the truth */
	CK_ULONG mechanisms_promised;  /* without a list; 0: the truth */
	CK_ULONG mechanisms_told;      /* by C_GetMechanismList; 0: the truth */
	CK_MECHANISM_TYPE key_refuses; /* C_SignInit: CKR_MECHANISM_INVALID */
	CK_RV context_login_rv;
	const char *right_pin; /* any other is incorrect; NULL: none is */
	bool wants_login;      /* keys are there with a login only */
	int session_limit;     /* CKR_SESSION_COUNT above it; 0: none */
	CK_BYTE signature[FAKE_BYTES];
	CK_ULONG signature_len;
	CK_ULONG signature_lie; /* the length that C_Sign tells; 0: the truth */
	CK_MECHANISM_TYPE lies_with; /* of this mechanism alone; 0: of all */
	CK_ATTRIBUTE_TYPE template_refuses; /* C_GenerateKeyPair with it */
	CK_RV template_rv;
	CK_ATTRIBUTE_TYPE stores_type; /* generated with another value */
	CK_BBOOL stores_value;
	CK_ULONG stores_bits;	      /* of the modulus; 0: as asked */
	CK_ATTRIBUTE_TYPE hides_type; /* generated and not told, if not 0 */
	CK_RV lost_rv; /* of C_GenerateKeyPair, after it made the pair */
	CK_RV destroy_private_rv;
	CK_RV destroy_lost_rv; /* of the first C_DestroyObject, after it did */
	bool destroy_logs_out; /* and does nothing else */
	bool login_stays;      /* though the last session was closed */
	bool hangs_in_child;
	bool dies_in_child;

	/* what it saw */
	unsigned int calls[FAKE_CALLS];
	unsigned int order[FAKE_CALLS]; /* when each was last called */
	unsigned int now;
	bool is_initialized;
	bool is_logged_in;
	int pid; /* that initialised it first */
	bool init_args_were_null;
	CK_FLAGS init_flags;
	char init_reserved[64];
	CK_FLAGS session_flags;
	CK_SLOT_ID session_slot;
	CK_SESSION_HANDLE sessions[FAKE_SESSIONS]; /* 0: none */
	CK_SESSION_HANDLE sessions_made;
	int open_sessions;
	int most_sessions; /* at one time */
	int left_open;	   /* at a C_Finalize */
	unsigned int context_logins;
	CK_BYTE pin[64];
	CK_ULONG pin_len;
	bool pin_was_null;
	CK_MECHANISM_TYPE mechanism;
	CK_OBJECT_HANDLE sign_key;
	CK_BYTE message[256];
	CK_ULONG message_len;
	CK_ULONG find_count; /* attributes of the last template */
	struct fake_try tries[FAKE_TRIES];
	unsigned int try_count;
	CK_OBJECT_HANDLE destroyed[4];
	size_t destroyed_count;
	CK_OBJECT_HANDLE generated_private;
	CK_OBJECT_HANDLE generated_public;
};

/** The one state of the module. */
struct fake *fake_module(void);

#ifdef __cplusplus
}
#endif

#endif
