/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/claims.h"
#include "signer/signer.h"
#include "tests/token/import.h"

/*
 * How often the token is asked, as OpenSC's pkcs11-spy saw it. The spy writes
 * PINs into its log, so that lies in the folder that goes with the token.
 */

#define TENANT "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
#define USER   "admin@example.com"
#define ISSUER "https://signet.example.com"
#define SCOPE  "tableau:users:read"

static char *one_scope[] = {SCOPE};
static const struct sg_list scopes = {one_scope, 1};

static const char *
find_spy(void)
{
	static const char *const paths[] = {
	    "/usr/lib/x86_64-linux-gnu/pkcs11/pkcs11-spy.so",
	    "/usr/lib/aarch64-linux-gnu/pkcs11/pkcs11-spy.so",
	    "/usr/lib64/pkcs11/pkcs11-spy.so", "/usr/lib/pkcs11/pkcs11-spy.so",
	    "/usr/lib64/pkcs11-spy.so", "/usr/lib/pkcs11-spy.so",
	    "/usr/local/lib/pkcs11/pkcs11-spy.so"};
	const char *named = getenv("PKCS11_SPY_MODULE");
	size_t i;

	if (named != NULL)
		return named;
	for (i = 0; i < SG_COUNT(paths); i++)
		if (access(paths[i], R_OK) == 0)
			return paths[i];
	print_message("pkcs11-spy.so is not here; set PKCS11_SPY_MODULE\n");
	skip();
	return NULL;
}

/* From here on the spy stands before the token. In this process it is never
 * unloaded and keeps the first log that it was given open. */
static const char *
start_spying(const char *log_name, char log_path[PATH_MAX])
{
	assert_int_equal(
	    setenv("PKCS11SPY", must_getenv("SIGNET_MODULE"), 1), 0);
	assert_int_equal(
	    setenv("PKCS11SPY_OUTPUT", scratch(log_name, log_path), 1), 0);
	return find_spy();
}

#define OWN_LOG	    "spy-own.log"
#define PROCESS_LOG "spy-process.log"

/* Lines such as "12: C_SignInit"; NULL counts every call. */
static unsigned int
count_calls(const char *log_path, const char *name)
{
	SG_AUTO(sg_buf) log = NULL;
	const char *line;
	unsigned int count = 0;

	if (access(log_path, F_OK) != 0)
		return 0; /* nothing was asked yet */
	log = read_file(log_path);
	line = sg_buf_str(log);

	while (line != NULL && *line != '\0') {
		size_t digits = strspn(line, "0123456789");
		const char *call = line + digits + 2;

		if (digits > 0 && sg_text_starts(line + digits, ": C_") &&
		    (name == NULL || (sg_text_starts(call, name) &&
					 call[strlen(name)] == '\n')))
			count++;
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	return count;
}

/* The signet of this build, beside the folder of the tests. */
static const char *
find_signet(char out[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - 16);
	int up;

	assert_true(len > 0);
	out[len] = '\0';
	for (up = 0; up < 3; up++)
		*strrchr(out, '/') = '\0';
	memcpy(out + strlen(out), "/signet", sizeof("/signet"));
	if (access(out, X_OK) != 0) {
		print_message("%s is not built\n", out);
		skip();
	}
	return out;
}

/* Run one signet command with a module as a process of its own. */
static int
run_signet(const char *module, const char *const *args)
{
	SG_AUTO_STR own_module = strdup(must_getenv("SIGNET_MODULE"));
	char signet[PATH_MAX];
	char out[PATH_MAX];
	const char *argv[16] = {find_signet(signet)};
	int status;
	size_t i;

	for (i = 0; args[i] != NULL; i++)
		argv[i + 1] = args[i];
	argv[i + 1] = NULL;
	assert_int_equal(setenv("SIGNET_MODULE", module, 1), 0);
	status = run_to_file(argv, environ, scratch("signet.out", out));
	assert_int_equal(setenv("SIGNET_MODULE", own_module, 1), 0);
	return status;
}

static void
set_up_claims(void)
{
	(void)setenv("CLOUD_MANAGER_TENANT_ID", TENANT, 1);
	(void)setenv("TABLEAU_CLOUD_USERNAME", USER, 1);
	(void)setenv("SIGNET_ISSUER", ISSUER, 1);
	(void)setenv("SIGNET_SCOPES", SCOPE, 1);
}

static unsigned int
calls_of_a_cold_sign(const char *key_uri)
{
	char log_path[PATH_MAX];
	const char *spy = start_spying(PROCESS_LOG, log_path);
	const char *const args[] = {"jwt", "sign", "--key", key_uri, NULL};

	(void)unlink(log_path);
	set_up_claims();
	assert_int_equal(run_signet(spy, args), 0);
	assert_int_equal(count_calls(log_path, "C_Sign"), 1);
	return count_calls(log_path, NULL);
}

/* And one more for each slot that the module shows. */
enum { MOST_COLD = 18 };

static CK_ULONG
count_slots(struct raw *raw)
{
	CK_ULONG count;

	(void)raw_slot(raw->fn, &count);
	return count;
}

static void
a_cold_jwt_costs_the_same_with_1_key_and_with_300(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	const struct import many = {
	    .pkey = pkey, .label = "many", .copies = 299};
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "calls", "calls");
	unsigned int with_one;
	unsigned int with_300;
	CK_ULONG slots;
	struct raw raw;

	(void)state;
	sg_token_free(&token);
	with_one = calls_of_a_cold_sign(uri);
	raw = raw_open();
	slots = count_slots(&raw);
	import_key(&raw, &many);
	raw_close(&raw);
	with_300 = calls_of_a_cold_sign(uri);
	print_message("%u calls\n", with_one);
	assert_true(with_one > 2);
	assert_true(with_one <= MOST_COLD + slots);
	assert_int_equal(with_300, with_one);
	EVP_PKEY_free(pkey);
}

static void
mint(struct sg_signer *signer)
{
	const struct sg_claims claims = {
	    .issuer = ISSUER,
	    .tenant_id = TENANT,
	    .username = USER,
	    .scopes = &scopes,
	};
	SG_AUTO(sg_secret) jwt = NULL;

	assert_int_equal(
	    sg_signer_mint(signer, &claims, NULL, &jwt, NULL), SG_OK);
}

static unsigned int
calls_of_minting(const char *key_uri, unsigned int times)
{
	char log_path[PATH_MAX];
	const char *spy = start_spying(OWN_LOG, log_path);
	unsigned int before = count_calls(log_path, NULL);
	unsigned int signed_before = count_calls(log_path, "C_Sign");
	struct sg_token *token = log_in_by(spy, must_getenv("SIGNET_KEY"));
	SG_AUTO(sg_key) key = find_key(token, key_uri);
	SG_AUTO(sg_signer) signer = NULL;
	unsigned int i;

	assert_int_equal(
	    sg_signer_new(key, sg_clock_system(), &signer, NULL), SG_OK);
	for (i = 0; i < times; i++)
		mint(signer);
	sg_signer_free(&signer);
	sg_key_free(&key);
	sg_token_free(&token);
	assert_int_equal(
	    count_calls(log_path, "C_Sign") - signed_before, times);
	return count_calls(log_path, NULL) - before;
}

static void
each_jwt_after_the_first_costs_two_calls(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "warm", "warm");
	unsigned int one;

	(void)state;
	sg_token_free(&token);
	one = calls_of_minting(uri, 1);
	assert_int_equal(calls_of_minting(uri, 2), one + 2);
	assert_int_equal(calls_of_minting(uri, 9), one + 16);
}

static void
a_wrong_pin_is_sent_once(void **state)
{
	char wrong[PIN_SIZE];
	const struct sg_pin_source source = {.get = get_pin, .ctx = wrong};
	const struct sg_pin_source right = {.get = get_pin};
	char log_path[PATH_MAX];
	const char *spy = start_spying(OWN_LOG, log_path);
	unsigned int before = count_calls(log_path, "C_Login");
	struct sg_token *token = NULL;

	(void)state;
	(void)wrong_pin(wrong);
	assert_int_equal(
	    open_token(spy, must_getenv("SIGNET_KEY"), &token, NULL), SG_OK);
	assert_int_equal(sg_token_login(token, &source, NULL), SG_E_PIN_WRONG);
	assert_int_equal(
	    sg_token_login(token, &right, NULL), SG_E_PIN_WITHHELD);
	sg_token_free(&token);
	assert_int_equal(count_calls(log_path, "C_Login"), before + 1);
}

static void
a_wrong_pin_ends_signet_with_3_after_one_login(void **state)
{
	char pin[PATH_MAX];
	char source[PATH_MAX + 8];
	char log_path[PATH_MAX];
	const char *spy = start_spying(PROCESS_LOG, log_path);
	const char *const args[] = {"jwt", "sign", "--key",
	    must_getenv("SIGNET_KEY"), "--pin-source", source, NULL};
	char wrong[PIN_SIZE];

	(void)state;
	(void)unlink(log_path);
	set_up_claims();
	(void)wrong_pin(wrong);
	write_file(scratch("wrong-pin", pin), wrong, strlen(wrong));
	(void)snprintf(source, sizeof(source), "file:%s", pin);
	assert_int_equal(run_signet(spy, args), 3);
	assert_int_equal(count_calls(log_path, "C_Login"), 1);
	assert_int_equal(count_calls(log_path, "C_SignInit"), 0);
}

int
main(void)
{
	static const struct token_case cases[] = {
	    TOKEN_CASE_IF(a_cold_jwt_costs_the_same_with_1_key_and_with_300,
		"imports tools"),
	    TOKEN_CASE_IF(each_jwt_after_the_first_costs_two_calls, "!closes"),
	    TOKEN_CASE_IF(a_wrong_pin_is_sent_once, "pin !closes"),
	    TOKEN_CASE_IF(
		a_wrong_pin_ends_signet_with_3_after_one_login, "pin"),
	};

	return run_cases("calls", cases, SG_COUNT(cases));
}
