/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/opt.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define USAGE_MAX 1024

const struct opt_row opt_rows[OPT_COUNT] = {
    [OPT_CONFIG] = {"config", 0, "FILE", false,
	"read the configuration from FILE"},
    [OPT_KEY] = {"key", 0, "URI", false,
	"the private key, as a PKCS#11 URI (SIGNET_KEY); jwt verify --key FILE "
	"takes a public key"},
    [OPT_MODULE_PATH] = {"module-path", 0, "PATH", false,
	"the PKCS#11 module (SIGNET_MODULE)"},
    [OPT_PIN_SOURCE] = {"pin-source", 0, "SOURCE", false,
	"where the PIN is: prompt, file:PATH, fd:N, env:NAME, cmd:COMMAND or "
	"cred:NAME (SIGNET_PIN_SOURCE)"},
    [OPT_RETRY_PIN] = {"retry-pin", 0, NULL, false,
	"send a PIN once more that the token refused before"},
    [OPT_TIMEOUT] = {"timeout", 0, "DURATION", false,
	"longest time of one call to the network or the token, such as 30s "
	"(SIGNET_TIMEOUT)"},
    [OPT_TRACE] = {"trace", 0, "FILE", false,
	"log each PKCS#11 call there, without PIN and data"},
    [OPT_ALLOW] = {"allow", 0, "RULE", true,
	"sign though the key breaks this rule of the policy, such as "
	"extractable; again for more (SIGNET_ALLOW)"},
    [OPT_JSON] = {"json", 0, NULL, false, "print one JSON object"},
    [OPT_QUIET] = {"quiet", 'q', NULL, false, "print no hints"},
    [OPT_VERBOSE] = {"verbose", 'v', NULL, false,
	"tell on stderr what is done"},
    [OPT_VERSION] = {"version", 'V', NULL, false, "print the version"},
    [OPT_HELP] = {"help", 'h', NULL, false, "show this text"},
    [OPT_LABEL] = {"label", 0, "TEXT", false, "label of the new key"},
    [OPT_ID] = {"id", 0, "HEX", false, "id of the new key; random when absent"},
    [OPT_BITS] = {"bits", 0, "N", false,
	"size of the key: 2048 (when absent), 3072 or 4096"},
    [OPT_FORMAT] = {"format", 0, "FORMAT", false,
	"pem (when absent), der, jwk or jwks"},
    [OPT_OUTPUT] = {"output", 'o', "FILE", false,
	"write there instead of to stdout"},
    [OPT_SCOPE] = {"scope", 0, "SCOPE", true,
	"a scope, such as tableau:content:read; again for more "
	"(SIGNET_SCOPES)"},
    [OPT_LIFETIME] = {"lifetime", 0, "DURATION", false,
	"life of the JWT, 1s to 10m; 5m when absent (SIGNET_JWT_LIFETIME)"},
    [OPT_BACKDATE] = {"backdate", 0, "DURATION", false,
	"date the JWT back, 0s (when absent) to 60s, for a service whose clock "
	"is behind (SIGNET_JWT_BACKDATE)"},
    [OPT_CLAIM] = {"claim", 0, "NAME=TEXT", true,
	"one more claim, a string; again for more"},
    [OPT_CLAIMS] = {"claims", 0, "FILE", false,
	"more claims: the members of a JSON object; - is stdin"},
    [OPT_USER] = {"user", 0, "NAME", false,
	"the user that the JWT names (TABLEAU_CLOUD_USERNAME)"},
    [OPT_ISSUER] = {"issuer", 0, "URI", false,
	"issuer of the JWT and the configuration (SIGNET_ISSUER)"},
    [OPT_KID] = {"kid", 0, "TEXT", false,
	"key id in the JWT's header: thumbprint (when absent), none, or a "
	"text (SIGNET_KID)"},
    [OPT_JWKS] = {"jwks", 0, "FILE|URL", false,
	"verify with the key of this JWK Set that the JWT names; evidence "
	"takes a file"},
    [OPT_MERGE] = {"merge", 0, "FILE", true,
	"add the keys of this JWK Set; again for more; - is stdin"},
    [OPT_RETIRE] = {"retire", 0, "KEY=TIME", true,
	"the key with this kid or thumbprint goes out of use then: an RFC 3339 "
	"time, +DURATION, or never; again for more"},
    [OPT_LISTEN] = {"listen", 0, "ADDR:PORT", false,
	"serve there; 127.0.0.1:8080 when absent, and port 0 lets the kernel "
	"pick"},
    [OPT_NAME] = {"name", 0, "TEXT", false, "name of the configuration"},
    [OPT_PUBLIC_KEY] = {"public-key", 0, "FILE", false,
	"a PEM public key, instead of asking the token"},
    [OPT_TOKEN_KEY] = {"token-key", 0, NULL, false,
	"put the token's public key in force"},
    [OPT_JWKS_URI] = {"jwks-uri", 0, "URL", false,
	"let Tableau fetch the key from this JWK Set"},
    [OPT_USERNAME_CLAIM] = {"username-claim", 0, "NAME", false,
	"the claim that names the user; email when absent "
	"(SIGNET_USERNAME_CLAIM)"},
    [OPT_RESOURCE] = {"resource", 0, "UUID", true,
	"tenant or site that it is for; for a UAT configuration again for more; "
	"what is configured when absent"},
    [OPT_IF_ABSENT] = {"if-absent", 0, NULL, false,
	"make it only if none of this name is there; one that differs is an "
	"error"},
    [OPT_DRY_RUN] = {"dry-run", 0, NULL, false,
	"show the request and change nothing"},
    [OPT_JTI] = {"jti", 0, "TEXT", false, "the jti of the JWT to be revoked"},
    [OPT_CONFIGURATION] = {"configuration", 0, "ID|NAME", false,
	"the UAT configuration, where the form of a revocation names it"},
    [OPT_LIFT] = {"lift", 0, NULL, false, "let signing here go on again"},
    [OPT_DISABLED] = {"disabled", 0, NULL, false, "leave it disabled"},
    [OPT_YES] = {"yes", 0, NULL, false, "do not ask"},
    [OPT_PAT] = {"pat", 0, NULL, false,
	"sign in with the personal access token"},
    [OPT_JWT] = {"jwt", 0, NULL, false,
	"sign in with a JWT that the token signs"},
    [OPT_SITE] = {"site", 0, "NAME", false,
	"content URL of the site (TABLEAU_CLOUD_SITE_ID)"},
    [OPT_NO_CACHE] = {"no-cache", 0, NULL, false,
	"neither use nor keep a session"},
    [OPT_DATA] = {"data", 0, "FILE", false,
	"body of the request, JSON; - is stdin"},
    [OPT_PAGINATE] = {"paginate", 0, NULL, false,
	"read every page of a list, and give them as one"},
    [OPT_TCM] = {"tcm", 0, NULL, false,
	"a session of Cloud Manager in its environment: TABLEAU_SESSION_TOKEN, "
	"and CLOUD_MANAGER_URL, CLOUD_MANAGER_TENANT_ID"},
    [OPT_TABLEAU] = {"tableau", 0, NULL, false,
	"a session of the site in its environment: TABLEAU_AUTH_TOKEN, "
	"TABLEAU_SITE_LUID, and TABLEAU_API_VERSION, TABLEAU_CLOUD_POD_URL, "
	"TABLEAU_CLOUD_SITE_ID, TABLEAU_CLOUD_SITE_LUID"},
    [OPT_LINK_ID] = {"link-id", 0, "UUID", false,
	"what the user is added to, the linkID"},
    [OPT_LINK_ROLE] = {"link-role", 0, "ROLE", false,
	"the user's role there, such as LINK_ADMIN"},
    [OPT_IDP] = {"idp", 0, "IDP", false,
	"how the user signs in: OpenID or TabIDWithMFA"},
    [OPT_PROVIDER] = {"provider", 0, "NAME", false,
	"a provider that Tableau knows, such as Salesforce or Google"},
    [OPT_SALESFORCE_DOMAIN] = {"salesforce-domain", 0, "HOST", false,
	"where Salesforce users sign in, such as login.salesforce.com"},
    [OPT_PLAN] = {"plan", 0, NULL, false, "show the steps and change nothing"},
    [OPT_RESUME] = {"resume", 0, NULL, false,
	"finish a rotation that was cut off"},
    [OPT_ROLLBACK] = {"rollback", 0, NULL, false,
	"take a rotation back, to the old key"},
    [OPT_WAIT] = {"wait", 0, "DURATION", false,
	"time for the old key's last JWT to end (its lifetime and a little)"},
    [OPT_CANARY_SITE] = {"canary-site", 0, "ID=CONTENT-URL", true,
	"the content URL of a site that both keys are tried at"},
    [OPT_JWKS_OUTPUT] = {"jwks-output", 0, "FILE", false,
	"write the key set that is to be published there"},
    [OPT_PUBLISH_TIMEOUT] = {"publish-timeout", 0, "DURATION", false,
	"time until a new key is known to everybody (15m)"},
    [OPT_DELETE_OLD_KEY] = {"delete-old-key", 0, NULL, false,
	"delete the old key from the token in the end"},
    [OPT_KEEP_NEW_KEY] = {"keep-new-key", 0, NULL, false,
	"leave the new key in the token on the way back"},
    [OPT_FORCE] = {"force", 0, NULL, false,
	"delete the key though a UAT configuration carries it"},
    [OPT_VERIFY] = {"verify", 0, "FILE", false,
	"verify the bundle in FILE, without a token; - is stdin"},
    [OPT_SUBJECT] = {"subject", 0, "NAME", false,
	"the subject, such as CN=signet,O=Example"},
    [OPT_DNS] = {"dns", 0, "NAME", true,
	"a DNS name of the subject; again for more"},
    [OPT_DAYS] = {"days", 0, "N", false,
	"life of the certificate, 1 to 3650; 365 when absent"},
    [OPT_MODULE] = {"module", 0, NULL, false,
	"what the PKCS#11 module does, and which quirks it shows"},
    [OPT_ONLINE] = {"online", 0, NULL, false,
	"sign in too, with a fresh JWT, and sign out again"},
    [OPT_CONFIG_FILE] = {"config-file", 0, "FILE", false,
	"check against a saved UAT configuration (uat get --json), without a "
	"network; - is stdin"},
};

void
args_clear(struct args *args)
{
	size_t i;

	for (i = 0; i < OPT_COUNT; i++)
		sg_list_clear(&args->lists[i]);
}

const struct command *
command_find(const char *noun, const char *verb)
{
	size_t i;

	for (i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->noun, noun) != 0)
			continue;
		if (c->verb == NULL ||
		    (verb != NULL && strcmp(c->verb, verb) == 0))
			return c;
	}
	return NULL;
}

static bool
is_noun(const char *word)
{
	size_t i;

	for (i = 0; i < command_count; i++)
		if (strcmp(commands[i].noun, word) == 0)
			return true;
	return false;
}

/* "signet token --help" and "signet --help token" name no whole command. */
static bool
asks_for_help(int argc, char **argv, const struct args *args)
{
	return args->given[OPT_HELP] ||
	       (optind + 2 == argc &&
		   (strcmp(argv[optind + 1], "--help") == 0 ||
		       strcmp(argv[optind + 1], "-h") == 0));
}

static enum sg_rc
unknown_command(const char *noun, const char *verb, struct sg_err *err)
{
	if (!is_noun(noun))
		return sg_fail(err, SG_E_USAGE,
		    "there is no command \"%s\"; see: signet help", noun);
	if (verb == NULL)
		return sg_fail(err, SG_E_USAGE,
		    "\"signet %s\" needs one more word; see: signet help %s",
		    noun, noun);
	return sg_fail(err, SG_E_USAGE,
	    "there is no command \"%s %s\"; see: signet help %s", noun, verb,
	    noun);
}

/* getopt_long's tables, filled from the rows of one command. */
struct getopt_tables {
	struct option longs[OPT_COUNT + 1];
	char shorts[2 * OPT_COUNT + 4];
	size_t count;
};

static void
add_row(struct getopt_tables *tables, enum opt opt)
{
	const struct opt_row *row = &opt_rows[opt];
	struct option *slot = &tables->longs[tables->count++];
	size_t len = strlen(tables->shorts);

	slot->name = row->name;
	slot->has_arg = row->arg != NULL ? required_argument : no_argument;
	slot->val = (int)opt + 256; /* beyond every letter */
	if (row->letter == 0)
		return;
	tables->shorts[len++] = row->letter;
	if (row->arg != NULL)
		tables->shorts[len] = ':';
}

/* "+" stops at the first word that is no option, ":" reports what is missing
 * to us instead of printing it. */
static void
fill_tables(struct getopt_tables *tables, const struct command *command)
{
	size_t i;

	memset(tables, 0, sizeof(*tables));
	(void)snprintf(tables->shorts, sizeof(tables->shorts), "%s:",
	    command == NULL || command->operands_max == OPT_OPERANDS_REST ? "+"
									  : "");
	for (i = OPT_CONFIG; i <= OPT_LAST_GLOBAL; i++)
		add_row(tables, (enum opt)i);
	for (i = 0; command != NULL && command->opts[i] != OPT_END; i++)
		add_row(tables, command->opts[i]);
}

static enum opt
opt_of(int got)
{
	size_t i;

	if (got >= 256)
		return (enum opt)(got - 256);
	for (i = OPT_CONFIG; i < OPT_COUNT; i++)
		if (opt_rows[i].letter == (char)got)
			return (enum opt)i;
	return OPT_END;
}

static enum sg_rc
take(struct args *args, enum opt opt, const char *value, struct sg_err *err)
{
	const struct opt_row *row = &opt_rows[opt];

	if (value != NULL && value[0] == '\0')
		return sg_fail(
		    err, SG_E_USAGE, "--%s has an empty value", row->name);
	if (args->given[opt] && !row->many)
		return sg_fail(
		    err, SG_E_USAGE, "--%s is given twice", row->name);
	args->given[opt] = true;
	args->value[opt] = value;
	if (row->many)
		return sg_list_add(&args->lists[opt], value, err);
	return SG_OK;
}

/* The words of an option that getopt turned down. Never its value. */
static enum sg_rc
bad_option(int got, char **argv, struct sg_err *err)
{
	const char *word = argv[optind - 1];
	int len = (int)strcspn(word, "=");

	/* The beginning of a name is no name: see check_whole_name(). */
	if (optopt >= 256 && sg_text_starts(word, "--") &&
	    strlen(opt_rows[opt_of(optopt)].name) + 2 != (size_t)len)
		return sg_fail(err, SG_E_USAGE,
		    "there is no option %.*s here; write it out: --%s", len,
		    word, opt_rows[opt_of(optopt)].name);
	if (got == ':')
		return sg_fail(
		    err, SG_E_USAGE, "%.*s needs a value", len, word);
	/* Half a character is negative, and word is not where it stands. */
	if (optopt != 0 && optopt < 256)
		return sg_fail(
		    err, SG_E_USAGE, "there is no option -%c here", optopt);
	if (optopt >= 256)
		return sg_fail(
		    err, SG_E_USAGE, "%.*s takes no value", len, word);
	return sg_fail(
	    err, SG_E_USAGE, "there is no option %.*s here", len, word);
}

/* getopt takes any unambiguous beginning of a name; a script that uses one
 * would break, or change its meaning, when an option is added. */
static enum sg_rc
check_whole_name(char **argv, enum opt opt, struct sg_err *err)
{
	const char *word = argv[optind - 1];
	size_t len;

	if (optarg != NULL && optarg == word)
		word = argv[optind - 2];
	len = strcspn(word, "=");
	if (strlen(opt_rows[opt].name) + 2 == len)
		return SG_OK;
	return sg_fail(err, SG_E_USAGE,
	    "there is no option %.*s here; write it out: --%s", (int)len, word,
	    opt_rows[opt].name);
}

static enum sg_rc
parse_options(int argc, char **argv, const struct command *command,
    struct args *args, struct sg_err *err)
{
	struct getopt_tables tables;
	enum sg_rc rc;
	int got;

	fill_tables(&tables, command);
	opterr = 0;
	for (;;) {
		got =
		    getopt_long(argc, argv, tables.shorts, tables.longs, NULL);
		if (got == -1)
			return SG_OK;
		if (got == '?' || got == ':')
			return bad_option(got, argv, err);
		rc = SG_OK;
		if (got >= 256)
			rc = check_whole_name(argv, opt_of(got), err);
		if (rc == SG_OK)
			rc = take(args, opt_of(got), optarg, err);
		if (rc != SG_OK)
			return rc;
	}
}

static enum sg_rc
wrong_count(const struct command *command, struct sg_err *err)
{
	SG_AUTO(sg_buf) usage = sg_buf_new(USAGE_MAX);

	help_usage(usage, command);
	return sg_fail(
	    err, SG_E_USAGE, "usage: signet %s; see --help", sg_buf_str(usage));
}

static enum sg_rc
take_operands(int argc, char **argv, struct args *args, struct sg_err *err)
{
	const struct command *c = args->command;
	size_t count = (size_t)(argc - optind);
	size_t i;

	if (args->given[OPT_HELP])
		return SG_OK;
	if (count < c->operands_min || count > c->operands_max)
		return wrong_count(c, err);
	if (c->operands_max == OPT_OPERANDS_REST) {
		args->rest = argv + optind;
		return SG_OK;
	}
	for (i = 0; i < count; i++)
		args->operands[i] = argv[(size_t)optind + i];
	args->operand_count = count;
	return SG_OK;
}

/* As scripts and packagers ask every program. */
static enum sg_rc
ask_version(struct args *args)
{
	args->command = command_find("version", NULL);
	return SG_OK;
}

enum sg_rc
args_parse(int argc, char **argv, struct args *args, struct sg_err *err)
{
	const char *noun;
	const char *verb = NULL;
	enum sg_rc rc;

	optind = 0; /* start afresh: tests parse more than once */
	rc = parse_options(argc, argv, NULL, args, err);
	if (rc != SG_OK)
		return rc;
	if (optind >= argc && args->given[OPT_HELP])
		return SG_OK;
	if (optind >= argc && args->given[OPT_VERSION])
		return ask_version(args);
	if (optind >= argc)
		return sg_fail(err, SG_E_USAGE, "no command; see: signet help");
	noun = argv[optind];
	if (optind + 1 < argc && argv[optind + 1][0] != '-')
		verb = argv[optind + 1];
	args->command = command_find(noun, verb);
	if (args->command == NULL && asks_for_help(argc, argv, args) &&
	    is_noun(noun)) {
		args->given[OPT_HELP] = true;
		args->noun = noun;
		return SG_OK;
	}
	if (args->command == NULL)
		return unknown_command(noun, verb, err);
	/* getopt takes its first word for the program's name */
	argc -= optind + (args->command->verb != NULL ? 1 : 0);
	argv += optind + (args->command->verb != NULL ? 1 : 0);
	optind = 0;
	rc = parse_options(argc, argv, args->command, args, err);
	if (rc != SG_OK)
		return rc;
	if (args->given[OPT_VERSION] && !args->given[OPT_HELP])
		return ask_version(args);
	return take_operands(argc, argv, args, err);
}
