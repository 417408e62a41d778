#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run a command with a SoftHSM token that lives as long as the command.
here=$(cd -- "$(dirname -- "$0")" && pwd) || exit 1
# shellcheck source=softhsm/common.sh
. "$here/common.sh"

usage() {
	cat >&2 <<'EOF'
usage: with-token.sh [--label L] [--mechanisms LIST] [--] CMD [ARG...]

Makes a token called L (signet-test) in a folder of its own, runs CMD with
SOFTHSM2_CONF, SIGNET_MODULE, SIGNET_PIN_SOURCE, SIGNET_KEY, SIGNET_STATE_DIR
and SIGNET_CACHE_DIR set, removes all of it, and exits as CMD did.
--mechanisms offers these only, e.g. CKM_RSA_PKCS_KEY_PAIR_GEN,CKM_RSA_PKCS.
Exits 77 when SoftHSM is not installed (1 with CI=true).
EOF
	exit 2
}

label=signet-test
mechanisms=
while [ $# -gt 0 ]; do
	case $1 in
	--label | --mechanisms)
		[ $# -ge 2 ] || usage
		if [ "$1" = --label ]; then label=$2; else mechanisms=$2; fi
		shift 2
		;;
	--)
		shift
		break
		;;
	-*) usage ;;
	*) break ;;
	esac
done
[ $# -gt 0 ] || usage
check_label "$label"

if ! module=$(find_module); then
	status=77
	[ "${CI:-}" != true ] || status=1
	fail "SoftHSM is not installed (libsofthsm2.so); on Debian: \
apt install softhsm2, elsewhere set SOFTHSM2_MODULE" "$status"
fi

folder=
child=
# The command runs in a process group of its own, so that what it left behind
# can be ended with it.
# shellcheck disable=SC2317 # called by the trap
clean_up() {
	trap '' EXIT HUP INT TERM
	exec 2>/dev/null # bash would tell of each process that it ended
	if [ -n "$child" ] && kill -TERM -- "-$child" 2>/dev/null; then
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			kill -0 -- "-$child" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL -- "-$child" 2>/dev/null
	fi
	[ -z "$folder" ] || rm -rf -- "$folder"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

old_umask=$(umask)
umask 077
folder=$(mktemp -d "${TMPDIR:-/tmp}/signet-token-XXXXXX") || exit 1
mkdir "$folder/tokens" "$folder/state" "$folder/cache" || exit 1
fill_folder "$folder" "$mechanisms" || fail "cannot write to $folder"
export SOFTHSM2_CONF="$folder/softhsm2.conf"
/usr/bin/python3 "$here/provision.py" init --module "$module" \
    --label "$label" --pin-file "$folder/pin" \
    --so-pin-file "$folder/so-pin" || fail "the token could not be made"
umask "$old_umask"

export SIGNET_MODULE="$module"
export SIGNET_PIN_SOURCE="file:$folder/pin"
export SIGNET_KEY="pkcs11:token=$label"
export SIGNET_STATE_DIR="$folder/state"
export SIGNET_CACHE_DIR="$folder/cache"

# At a terminal the command is in front, so that it can read from it; then a
# TERM sent to this script alone waits until the command ends.
if [ -t 0 ]; then
	"$@"
	exit
fi
exec {stdin}<&0
set -m
(
	exec <&"$stdin" {stdin}<&-
	exec -- "$@"
) &
child=$!
set +m
wait "$child"
exit
