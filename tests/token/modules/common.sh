# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share. Sourced, never run.
#
#   usage: NAME.sh -- CMD [ARG...]
#
# Makes a token in a folder of its own with whatever stands behind it, runs CMD
# with what signet and the tests need to know in its environment, ends by id
# what was started, removes the folder and exits as CMD did. Exits 77 when the
# module is not installed (1 with CI=true). Several may run at the same time.
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd) || exit 1
kind=$(basename -- "$0" .sh)
label=signet-test
folder=
child=
started=()

fail() {
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	exit "${2:-1}"
}

# missing WHAT PACKAGE
missing() {
	status=77
	[ "${CI:-}" != true ] || status=1
	fail "$1 is missing; on Debian: apt install $2" "$status"
}

# need_tool PACKAGE NAME...
need_tool() {
	package=$1
	shift
	for tool in "$@"; do
		command -v "$tool" >/dev/null || missing "$tool" "$package"
	done
}

# find_library PACKAGE NAME: sets $library.
find_library() {
	for library in /usr/lib/*/"$2" /usr/lib/*/pkcs11/"$2" \
	    /usr/lib/"$2" /usr/lib64/"$2" /usr/lib/pkcs11/"$2" \
	    /usr/lib64/pkcs11/"$2" /usr/local/lib/"$2"; do
		[ ! -f "$library" ] || return 0
	done
	missing "$2" "$1"
}

# end_group ID...: process groups, asked first and then not.
end_group() {
	kill -TERM -- "${@/#/-}" 2>/dev/null || return 0
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		kill -0 -- "${@/#/-}" 2>/dev/null || return 0
		sleep 0.05
	done
	kill -KILL -- "${@/#/-}" 2>/dev/null
}

# What needs what was started later is ended first.
# shellcheck disable=SC2317 # called by the trap
clean_up() {
	trap '' EXIT HUP INT TERM
	exec 2>/dev/null # bash would tell of each process that it ended
	[ -z "$child" ] || end_group "$child"
	for ((i = ${#started[@]} - 1; i >= 0; i--)); do
		end_group "${started[i]}"
	done
	cd / || :
	[ -z "$folder" ] || rm -rf -- "$folder"
}

# begin "$@": the command, a folder with PINs in it, and the end prepared.
begin() {
	if [ "${1:-}" != -- ] || [ $# -lt 2 ]; then
		fail "usage: ${0##*/} -- CMD [ARG...]" 2
	fi
	shift
	command=("$@")
	can=$(sed -n "s/^$kind  *//p" "$here/table")
	[ -n "$can" ] || fail "$kind has no row in $here/table"
	trap clean_up EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	old_umask=$(umask)
	umask 077
	# Short, as it holds sockets: sun_path has 108 bytes.
	folder=$(mktemp -d "${TMPDIR:-/tmp}/sg-XXXXXX") || exit 1
	mkdir "$folder/tokens" "$folder/state" "$folder/cache" || exit 1
	make_pin "$folder/pin" || fail "cannot write to $folder"
	make_pin "$folder/so-pin" || fail "cannot write to $folder"
}

# 8 digits, as opencryptoki takes no longer PIN.
make_pin() {
	head -c 2048 /dev/urandom | LC_ALL=C tr -dc 0-9 | head -c 8 >"$1"
	[ "$(wc -c <"$1")" -eq 8 ]
}

# start NAME CMD [ARG...]: in the background, in a process group of its own;
# what it says goes to a file. Sets $last to its id.
start() {
	set -m
	"${@:2}" </dev/null >"$folder/$1.log" 2>&1 &
	last=$!
	set +m
	started+=("$last")
}

# is_listening SOCKET: it is there before anybody listens, and then refuses.
# Where the kernel does not tell, some seconds must do.
# shellcheck disable=SC2317 # called by wait_until
is_listening() {
	[ -S "$1" ] || return 1
	# The flags say whether; the path is the last field.
	! grep -qs "^[^ ]* [^ ]* [^ ]* 00010000 .* $1\$" /proc/net/unix ||
	    return 0
	looks=$((${looks:-0} + 1))
	[ "$looks" -gt 200 ]
}

# wait_until CMD [ARG...]: succeeds, while the process started last lives.
wait_until() {
	for ((i = 0; i < 4000; i++)); do
		! "$@" || return 0
		kill -0 "$last" 2>/dev/null || break
		sleep 0.025
	done
	cat -- "$folder"/*.log >&2
	fail "waited in vain until $*"
}

# run_command MODULE [ARGS]: with the token's module, and its init string.
run_command() {
	umask "$old_umask"
	export SIGNET_MODULE="$1"
	export SIGNET_MODULE_ARGS="${2:-}"
	[ -n "$SIGNET_MODULE_ARGS" ] || unset SIGNET_MODULE_ARGS
	export SIGNET_PIN_SOURCE="file:$folder/pin"
	export SIGNET_KEY="pkcs11:token=${label// /%20}"
	export SIGNET_STATE_DIR="$folder/state"
	export SIGNET_CACHE_DIR="$folder/cache"
	export SG_TOKEN_KIND="$kind"
	export SG_TOKEN_LABEL="$label"
	export SG_TOKEN_CAN="$can"
	if [[ " $can " == *" leaks "* ]]; then
		export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
	fi
	exec {stdin}<&0
	set -m
	(
		exec <&"$stdin" {stdin}<&-
		exec -- "${command[@]}"
	) &
	child=$!
	set +m
	wait "$child"
	exit
}

# make_softhsm MECHANISMS: a token of SoftHSM in the folder; sets $library.
make_softhsm() {
	if ! library=$(
		# shellcheck source=softhsm/common.sh
		. "$here/../../../softhsm/common.sh" && find_module
	); then
		missing libsofthsm2.so softhsm2
	fi
	(
		# shellcheck source=softhsm/common.sh
		. "$here/../../../softhsm/common.sh"
		write_config "$folder/softhsm2.conf" "$folder/tokens" "$1"
	) || fail "cannot write to $folder"
	export SOFTHSM2_CONF="$folder/softhsm2.conf"
	init_token "$library"
}

# init_token MODULE: through PKCS#11, as tools take PINs on the command line.
init_token() {
	/usr/bin/python3 "$here/init_token.py" "$1" "$label" "$folder/so-pin" \
	    "$folder/pin" 2>"$folder/init.log" || {
		cat -- "$folder"/*.log >&2
		fail "the token could not be made"
	}
}
