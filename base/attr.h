/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_ATTR_H
#define SG_BASE_ATTR_H

/* The GNU attributes that signet uses, under short names. */
#define SG_WARN_UNUSED	__attribute__((warn_unused_result))
#define SG_NORETURN	__attribute__((noreturn))
#define SG_PRINTF(f, a) __attribute__((format(printf, f, a)))

/**
 * Declare a pointer that T_free() releases when it goes out of scope.
 *
 * Every T_free takes T **, accepts NULL and half-built objects, and leaves
 * NULL, so that it is its own cleanup handler. Always initialise the variable
 * where it is declared.
 */
#define SG_AUTO(T)	__attribute__((cleanup(T##_free))) struct T *

#define SG_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
