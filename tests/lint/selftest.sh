#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does each lint see what it is for? A small sound tree must pass; then one
# violation at a time is planted and must be reported in its file and line.
# Words that clean-words knows are written in two parts.
here=$(cd -- "$(dirname -- "$0")" && pwd) || exit 1
config=$here/../../.clang-format
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
trap 'exit 130' INT TERM
wrong=0

# The sound tree.
sound() {
	rm -rf "${tree:?}"/* "$tree/.git"
	mkdir -p "$tree/base" "$tree/pkcs11" "$tree/client" "$tree/cli" \
	    "$tree/tests/lint"
	cp "$config" "$tree/.clang-format"
	cat >"$tree/Makefile" <<'MAKE'
client_SRC := $(addprefix a/, x y) \
              $(addprefix b/, z)
MAKE
	cat >"$tree/base/thing.h" <<'C'
#ifndef SG_BASE_THING_H
#define SG_BASE_THING_H

#ifdef __cplusplus
extern "C" {
#endif

/** Talks of strcpy(), goto and printf() in a comment only. */
int sg_thing(int (*each)(void *ctx), void *ctx);

#ifdef __cplusplus
}
#endif

#endif
C
	cat >"$tree/base/secret.h" <<'C'
#ifndef SG_BASE_SECRET_H
#define SG_BASE_SECRET_H

#ifdef __cplusplus
extern "C" {
#endif

const char *sg_secret_reveal(const void *secret);

#ifdef __cplusplus
}
#endif

#endif
C
	cat >"$tree/base/thing.c" <<'C'
#include "base/thing.h"

static const char *const words[] = {"getenv(", "goto", "stdout"};

static int
helper(int n)
{
	static const int table[] = {1, 2};

	return table[n] + (int)words[n][0];
}

int
sg_thing(int (*each)(void *ctx), void *ctx)
{
	return helper(1) + each(ctx);
}
C
	cat >"$tree/client/user.c" <<'C'
#include "base/secret.h"

static char
peek(const void *secret)
{
	return sg_secret_reveal(secret)[0];
}
C
	cat >"$tree/cli/main.c" <<'C'
#include <stdio.h>

int
main(void)
{
	return puts("hello");
}
C
	cat >"$tree/tests/good.sh" <<'SH'
#!/bin/sh
echo "$1"
SH
	printf '#!/usr/bin/python3\nprint(1)\n' >"$tree/tests/good"
	echo 'client/user.c  # a reason' >"$tree/tests/lint/reveal-allowed"
	git -C "$tree" init -q 2>/dev/null || true
}

# report LINT WANTED-EXIT PATTERN: run it and compare.
report() {
	found=$("$here/$1" "$tree" 2>&1)
	status=$?
	if [ "$status" -eq 2 ]; then
		echo "selftest: $1: $found" >&2
		exit 2
	fi
	if [ "$status" -ne "$2" ] ||
	    ! printf '%s\n' "$found" | grep -Eq -- "$3"; then
		wrong=$((wrong + 1))
		echo "tests/lint/$1:1: wants exit $2 and \"$3\", has exit" \
		    "$status: $found"
	fi
}

# add FILE TEXT
add() {
	mkdir -p "$(dirname -- "$tree/$1")"
	printf '%s\n' "$2" >>"$tree/$1"
}

# plant LINT FILE PATTERN TEXT: TEXT is added to FILE of a sound tree.
plant() {
	sound
	add "$2" "$4"
	report "$1" 1 "$3"
}

# edit LINT FILE PATTERN SED-SCRIPT
edit() {
	sound
	sed -i "$4" "$tree/$2"
	report "$1" 1 "$3"
}

sound
for lint in layers functions banned reveal headers prefix format shell \
    clean-words; do
	report "$lint" 0 '^'
done
report functions 0 '^4 functions: median [0-9]+, p90 [0-9]+, over 40: 0$'

# layers: who includes what
plant layers base/a.c '^base/a.c:1: .*higher layer' '#include "client/x.h"'
plant layers base/a.c '^base/a.c:1: .*name its layer' '#include "thing.h"'
for row in base:curl/curl.h base:openssl/x509.h signer:openssl/rand.h \
    signer:jansson.h client:jansson.h client:openssl/sha.h \
    cli:p11-kit/uri.h signer:libp11.h client:getopt.h pkcs11:termios.h; do
	plant layers "${row%%:*}/a.c" "^${row%%:*}/a.c:1: .*alone" \
	    "#include <${row#*:}>"
done

# layers: the order of folders
sound
add client/b/z.c '#include "client/a/x.h"'
report layers 0 '^$'
plant layers client/a/x.c '^client/a/x.c:1: .* behind client/a/' \
    '#include "client/b/z.h"'

# layers: what a header shows
for word in CK_RV EVP_PKEY json_t CURL; do
	sound
	add pkcs11/a.h "struct sg_a { $word *x; };"
	report layers 0 '^$'
	add cli/a.c '#include "pkcs11/a.h"'
	report layers 1 "^pkcs11/a.h:1: shows $word to cli/a.c"
done
sound
add pkcs11/b_internal.h '#include "base/thing.h"'
add pkcs11/a.h '#include "pkcs11/b_internal.h"'
report layers 0 '^$'
add cli/a.c '#include "pkcs11/a.h"'
report layers 1 '^pkcs11/b_internal.h:1: is internal'

# layers: quiet libraries
for call in getenv secure_getenv printf puts perror exit _exit setlocale; do
	plant layers client/a.c "^client/a.c:1: $call\(\)" \
	    "void sg_a(void) { $call(0); }"
done
plant layers client/a.c '^client/a.c:1: stderr' \
    'void sg_a(void) { fprintf(stderr, "x"); }'
sound
add client/a.c 'void sg_a(void) { if (fork() == 0) { execv(a, b); _exit(1); } }'
report layers 0 '^$'

# layers: no globals
for object in 'static int counter;' 'int counter = 1;' \
    'static const char *last;' 'static int (*hook)(void);' \
    'static struct sg_a all[2] = {{1}, {2}};' 'struct sg_a one;'; do
	plant layers client/a.c '^client/a.c:1: a variable' "$object"
done
plant layers client/a.c '^client/a.c:3: a static variable' \
    "$(printf 'int sg_a(void)\n{\n\tstatic int n = 1;\n\treturn n;\n}')"

# functions
lines() {
	awk -v count="$1" 'BEGIN { for (; count > 0; count--) print "\t;" }'
}
sound
add base/a.c "$(printf 'int\nsg_a(void)\n{\n'; lines 56; echo '}')"
report functions 0 'over 40: 1$'
plant functions base/a.c '^base/a.c:1: sg_a\(\) has 61 lines' \
    "$(printf 'int\nsg_a(void)\n{\n'; lines 57; echo '}')"
sound
add base/a.h "$(lines 500)"
report functions 0 '^4 functions'
add base/a.h ';'
report functions 1 '^base/a.h:501: the file has 501 lines'

# banned
for call in strcpy strcat sprintf vsprintf strncpy strncat atoi atol gets \
    alloca system popen; do
	plant banned cli/a.c "^cli/a.c:1: $call\(\) is banned" \
	    "void a(void) { $call(x); }"
done
plant banned tests/a.c '^tests/a.c:1: goto' 'void a(void) { goto out; out:; }'

# reveal
plant reveal base/a.c '^base/a.c:1: reveals' 'char *x = sg_secret_reveal(y);'
edit reveal client/user.c '^tests/lint/reveal-allowed:1: .*any more' \
    's/sg_secret_reveal/sg_other/'
edit reveal tests/lint/reveal-allowed '^tests/lint/reveal-allowed:1: .*reason' \
    's/#.*//'

# headers
guard() {
	printf '#ifndef %s\n#define %s\n%s\n#endif\n' "$1" "$1" "$2"
}
plant headers base/a.h '^base/a.h:3: gcc: unknown type' \
    "$(guard SG_BASE_A_H 'extern uint8_t sg_a;')"
plant headers base/a.h '^base/a.h:3: g\+\+: ' \
    "$(guard SG_BASE_A_H 'extern int class;')"
plant headers base/a.h '^base/a.h:1: has no include guard SG_BASE_A_H' \
    "$(guard BASE_A_H 'extern int sg_a;')"
plant headers base/a.h '^base/a.h:1: .*extern "C"' \
    "$(guard SG_BASE_A_H 'int sg_a(void);')"
plant headers base/a.h '^base/a.h:3: has inline code' \
    "$(guard SG_BASE_A_H 'static inline int a(void) { return 0; }')"

# prefix
plant prefix base/a.c '^base/a.c:1: other\(\) .*no sg_' \
    'int other(void) { return 0; }'
plant prefix base/a.c '^base/a.c:1: sg_a\(\) is static' \
    'static int sg_a(void) { return 0; }'
plant prefix base/a.c '^base/a.c:1: sg_a\(\) .*no header' \
    'int sg_a(void) { return 0; }'
plant prefix cli/a.c '^cli/a.c:1: run\(\) .*no header' \
    'int run(void) { return 0; }'

# unit-tests
sound
mkdir -p "$tree/tests/unit"
touch "$tree/tests/unit/test_thing.c" "$tree/tests/unit/test_user.c"
report unit-tests 0 '^$'
rm "$tree/tests/unit/test_user.c"
report unit-tests 1 '^client/user.c:1: has no'

# manual: on copies of the real tables, pages and README
tables() {
	sound
	mkdir -p "$tree/man"
	cp "$here/../../cli/commands.c" "$here/../../cli/opt.c" \
	    "$here/../../cli/conf.c" "$tree/cli/"
	cp "$here"/../../man/* "$tree/man/"
	cp "$here/../../README.md" "$tree/"
}
tables
report manual 0 '^$'
sed -i 's/{"key", "export"/{"key", "extract"/' "$tree/cli/commands.c"
report manual 1 'command key extract is missing'
tables
sed -i 's/{"label", 0/{"tag", 0/' "$tree/cli/opt.c"
report manual 1 'option -- tag is missing'
tables
sed -i 's/"SIGNET_KID"/"SIGNET_KEYID"/' "$tree/cli/conf.c"
report manual 1 'setting SIGNET_KEYID is missing'
tables
sed 's/^\.It Cm status/.It Cm state/' "$here/../../man/signet-login.1" \
    >"$tree/man/signet-login.1"
report manual 1 'man/signet-login.1:1: the command status'
tables
sed '/^\.Sh EXAMPLES/d' "$here/../../man/signet-jwt.1" \
    >"$tree/man/signet-jwt.1"
report manual 1 'man/signet-jwt.1:1: the section EXAMPLES'
tables
sed -i 's/^\.Dd .*/.Dd December 31, 2099/' "$tree/man/signet.1"
report manual 0 '^$'
echo '.Sh NAME' >>"$tree/man/signet.1"
report manual 1 'mandoc: '

# format, shell, clean-words
plant format tests/a.c '^tests/a.c:1: ' 'int   a ( void ) ;'
edit shell tests/good.sh '^tests/good.sh:2: .*SC2086' 's/"//g'
plant shell tests/bad '^tests/bad:2: ' "$(printf '#!/usr/bin/python3\nif :')"
for word in ' /wor''k/main' '/tmp/bas''h_jobs' 'Poly''glot'; do
	plant clean-words tests/a.txt '^tests/a.txt:1: holds' "see$word"
done

[ "$wrong" -eq 0 ]
