/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * The least that a program can do to sign with a token: what signet is
 * measured by. It checks nothing that it need not.
 *
 *   raw sign  MODULE TOKEN KEY PIN_FILE MESSAGE_FILE        one, to stdout
 *   raw loop  MODULE TOKEN KEY PIN_FILE MESSAGE_FILE THREADS MS
 *   raw fill  MODULE TOKEN KEY PIN_FILE MESSAGE_FILE COUNT  more keys
 *   raw slots MODULE                                        with a token
 */

#define MAX_THREADS 64

static CK_FUNCTION_LIST *fn;
static CK_BYTE pin[256];
static CK_BYTE message[16384];
static CK_ULONG pin_len;
static CK_ULONG message_len;
static CK_SLOT_ID slot;
static CK_OBJECT_HANDLE key;

static void
must(bool worked, const char *what)
{
	if (worked)
		return;
	(void)fprintf(stderr, "raw: %s failed\n", what);
	exit(1);
}

static void
load(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);
	CK_C_GetFunctionList get_list;
	CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};

	must(library != NULL, "dlopen");
	*(void **)&get_list = dlsym(library, "C_GetFunctionList");
	must(get_list != NULL && get_list(&fn) == CKR_OK, "C_GetFunctionList");
	must(fn->C_Initialize(&args) == CKR_OK, "C_Initialize");
}

static CK_ULONG
read_all(const char *path, CK_BYTE *out, size_t room)
{
	FILE *file = fopen(path, "re");
	size_t len;

	must(file != NULL, path);
	len = fread(out, 1, room, file);
	(void)fclose(file);
	return len;
}

static void
find_token(const char *label)
{
	CK_SLOT_ID slots[64];
	CK_ULONG count = 64;
	CK_TOKEN_INFO info;
	CK_ULONG i;

	must(fn->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK, "slots");
	for (i = 0; i < count; i++) {
		slot = slots[i];
		if (fn->C_GetTokenInfo(slot, &info) == CKR_OK &&
		    memcmp(info.label, label, strlen(label)) == 0)
			return;
	}
	must(false, "finding the token");
}

static CK_SESSION_HANDLE
open_session(CK_FLAGS flags)
{
	CK_SESSION_HANDLE session;

	must(fn->C_OpenSession(slot, CKF_SERIAL_SESSION | flags, NULL, NULL,
		 &session) == CKR_OK,
	    "C_OpenSession");
	return session;
}

static void
find_key(CK_SESSION_HANDLE session, char *label)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE wanted[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    {CKA_LABEL, label, strlen(label)},
	};
	CK_ULONG count = 0;

	must(fn->C_FindObjectsInit(session, wanted, 2) == CKR_OK, "find");
	must(
	    fn->C_FindObjects(session, &key, 1, &count) == CKR_OK && count == 1,
	    "finding the key");
	must(fn->C_FindObjectsFinal(session) == CKR_OK, "find");
}

/* From nothing to a key that can sign. */
static CK_SESSION_HANDLE
start(char **argv, CK_FLAGS flags)
{
	CK_SESSION_HANDLE session;

	load(argv[0]);
	pin_len = read_all(argv[3], pin, sizeof(pin));
	message_len = read_all(argv[4], message, sizeof(message));
	find_token(argv[1]);
	session = open_session(flags);
	must(fn->C_Login(session, CKU_USER, pin, pin_len) == CKR_OK, "login");
	find_key(session, argv[2]);
	return session;
}

static CK_ULONG
sign(CK_SESSION_HANDLE session, CK_BYTE *signature, CK_ULONG len)
{
	CK_MECHANISM how = {.mechanism = CKM_SHA256_RSA_PKCS};

	must(fn->C_SignInit(session, &how, key) == CKR_OK, "C_SignInit");
	must(fn->C_Sign(session, message, message_len, signature, &len) ==
		 CKR_OK,
	    "C_Sign");
	return len;
}

static int
sign_once(char **argv)
{
	CK_SESSION_HANDLE session = start(argv, 0);
	CK_BYTE signature[1024];
	CK_ULONG len = sign(session, signature, sizeof(signature));

	must(fwrite(signature, 1, len, stdout) == len, "write");
	must(fn->C_Finalize(NULL) == CKR_OK, "C_Finalize");
	return 0;
}

static atomic_bool is_over;

static void *
sign_until_over(void *ctx)
{
	CK_SESSION_HANDLE session = open_session(0);
	CK_BYTE signature[1024];
	unsigned long *count = ctx;

	while (!is_over) {
		(void)sign(session, signature, sizeof(signature));
		(*count)++;
	}
	return NULL;
}

/* One session a thread; prints how many a second. */
static int
sign_for_a_time(char **argv)
{
	unsigned int threads = (unsigned int)strtoul(argv[5], NULL, 10);
	unsigned long ms = strtoul(argv[6], NULL, 10);
	unsigned long counts[MAX_THREADS][16] = {0}; /* a cache line each */
	pthread_t ids[MAX_THREADS];
	struct timespec from;
	struct timespec to;
	double total = 0;
	unsigned int i;

	must(threads > 0 && threads <= MAX_THREADS, "counting the threads");
	(void)start(argv, 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < threads; i++)
		must(pthread_create(
			 &ids[i], NULL, sign_until_over, counts[i]) == 0,
		    "a thread");
	(void)usleep((useconds_t)(ms * 1000));
	is_over = true;
	for (i = 0; i < threads; i++) {
		(void)pthread_join(ids[i], NULL);
		total += (double)counts[i][0];
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	(void)printf(
	    "%.3f\n", total / ((double)(to.tv_sec - from.tv_sec) +
				  (double)(to.tv_nsec - from.tv_nsec) / 1e9));
	must(fn->C_Finalize(NULL) == CKR_OK, "C_Finalize");
	return 0;
}

/* A key like others, which may be copied with another label and id. */
static CK_OBJECT_HANDLE
make_key(CK_SESSION_HANDLE session)
{
	CK_MECHANISM how = {.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN};
	CK_BBOOL yes = CK_TRUE;
	CK_ULONG bits = 2048;
	CK_BYTE exponent[] = {1, 0, 1};
	CK_ATTRIBUTE public[] = {
	    {CKA_MODULUS_BITS, &bits, sizeof(bits)},
	    {CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent)},
	};
	CK_ATTRIBUTE private[] = {
	    {CKA_TOKEN, &yes, sizeof(yes)},
	    {CKA_PRIVATE, &yes, sizeof(yes)},
	    {CKA_SENSITIVE, &yes, sizeof(yes)},
	    {CKA_SIGN, &yes, sizeof(yes)},
	};
	CK_OBJECT_HANDLE public_key;
	CK_OBJECT_HANDLE private_key;

	must(fn->C_GenerateKeyPair(session, &how, public, 2, private, 4,
		 &public_key, &private_key) == CKR_OK,
	    "C_GenerateKeyPair");
	return private_key;
}

static int
fill_token(char **argv)
{
	CK_SESSION_HANDLE session = start(argv, CKF_RW_SESSION);
	unsigned long count = strtoul(argv[5], NULL, 10);
	CK_OBJECT_HANDLE first = make_key(session);
	CK_OBJECT_HANDLE copy;
	unsigned long i;
	char name[32];

	for (i = 1; i < count; i++) {
		CK_ULONG len =
		    (CK_ULONG)snprintf(name, sizeof(name), "other-%04lu", i);
		CK_ATTRIBUTE attrs[] = {
		    {CKA_LABEL, name, len},
		    {CKA_ID, name, len},
		};

		must(
		    fn->C_CopyObject(session, first, attrs, 2, &copy) == CKR_OK,
		    "C_CopyObject");
	}
	must(fn->C_Finalize(NULL) == CKR_OK, "C_Finalize");
	return 0;
}

static int
count_slots(char **argv)
{
	CK_ULONG count = 0;

	load(argv[0]);
	must(fn->C_GetSlotList(CK_TRUE, NULL, &count) == CKR_OK, "slots");
	(void)printf("%lu\n", count);
	must(fn->C_Finalize(NULL) == CKR_OK, "C_Finalize");
	return 0;
}

static const struct {
	const char *name;
	int argc;
	int (*run)(char **argv);
} modes[] = {
    {"sign", 5, sign_once},
    {"loop", 7, sign_for_a_time},
    {"fill", 6, fill_token},
    {"slots", 1, count_slots},
};

int
main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i].name) == 0 &&
		    argc == modes[i].argc + 2)
			return modes[i].run(argv + 2);
	(void)fprintf(stderr, "usage: see the head of raw.c\n");
	return 2;
}
