/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAULT_FAULT_H
#define SG_TESTS_FAULT_FAULT_H

/*
 * A PKCS#11 module that stands before a real one, hands every call on, and
 * misbehaves as it is told. It is a shared object, loaded by path like any.
 *
 * SG_FAULT_MODULE  path of the real module
 * SG_FAULT         rules, see script.c; may be unset
 * SG_FAULT_COUNT   a file that gets one line a call: "PID NAME", and " pin"
 *                  where a PIN was sent
 *
 * A test in the same process reaches it by dlsym("sg_fault_control").
 */
#include <p11-kit/pkcs11.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The functions, such as SG_FAULT_C_Sign; first what stands for them all. */
enum sg_fault_fn {
	SG_FAULT_ANY = 0,
	SG_FAULT_C_GetFunctionList,
#define ROW(name, ...) SG_FAULT_##name,
#include "tests/fault/functions.def"
#undef ROW
	SG_FAULT_FN_COUNT,
};

/** What happens at a call, and what the rule's value then is. */
enum sg_fault_act {
	SG_FAULT_FAIL = 0,  /* answer this CK_RV and do nothing */
	SG_FAULT_LOSE,	    /* do it, then answer this CK_RV: lost answer */
	SG_FAULT_SLEEP,	    /* first sleep this many ms, holding no lock */
	SG_FAULT_HANG,	    /* never return (in a test: until the reset) */
	SG_FAULT_DIE,	    /* the process is killed */
	SG_FAULT_DROP,	    /* first close all sessions behind the caller */
	SG_FAULT_LOGOUT,    /* first log out behind the caller */
	SG_FAULT_RESTART,   /* first finalize the module behind the caller */
	SG_FAULT_REMOVE,    /* the token is out for this many calls */
	SG_FAULT_REMOVE_MS, /* the token is out for this many ms */
	SG_FAULT_SLOTS,	 /* slot ids grow by this much, once more each time */
	SG_FAULT_LIE,	 /* tell this length or count, whatever is true */
	SG_FAULT_FLIP,	 /* turn this bit of the signature round */
	SG_FAULT_TWIN,	 /* C_FindObjects: the first object has a twin */
	SG_FAULT_TWICE,	 /* C_FindObjects: gives the first object twice */
	SG_FAULT_FLAGS,	 /* C_GetTokenInfo: these flags are set */
	SG_FAULT_LIMIT,	 /* C_OpenSession: no more open sessions than this;
			    C_GetTokenInfo: tells the limit */
	SG_FAULT_RECALL, /* C_SignInit and C_Sign: what was signed once is
			    answered from memory, as by a device with a
			    processor of its own */
	SG_FAULT_ACT_COUNT,
};

struct sg_fault_rule {
	enum sg_fault_fn fn;
	enum sg_fault_act act;
	CK_ULONG value;
	unsigned int from;	/* at this call since the rule was made; 0: 1 */
	unsigned int times;	/* 0: at each one after it too */
	bool one_attr;		/* SG_FAULT_LIE of C_GetAttributeValue: only */
	CK_ATTRIBUTE_TYPE attr; /* about this attribute */
};

/** What was asked since the reset. */
struct sg_fault_counts {
	unsigned int calls[SG_FAULT_FN_COUNT]; /* [SG_FAULT_ANY]: all */
	unsigned int pins;		       /* C_Login with a PIN */
	unsigned int pins_after_failure;       /* after one that failed */
	unsigned int sessions;		       /* open now */
	unsigned int most_sessions;	       /* open at a time */
	unsigned int shared_sessions;	       /* calls into a session in use */
};

/** What a test in the same process may ask of the module. Any thread. */
struct sg_fault {
	/** No rules, all counts 0, the token is there, slot ids are true,
	 * and calls that hang return CKR_GENERAL_ERROR. Open sessions stay. */
	void (*reset)(void);
	/** false: there is no room for it. */
	bool (*add)(const struct sg_fault_rule *rule);
	/** Add rules by text. NULL, or what is wrong with it. */
	const char *(*script)(const char *text);
	void (*counts)(struct sg_fault_counts *out_counts);
	/** "C_Sign"; "*" for SG_FAULT_ANY. */
	const char *(*name)(enum sg_fault_fn fn);
};

struct sg_fault *sg_fault_control(void);

#ifdef __cplusplus
}
#endif

#endif
