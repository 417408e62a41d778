#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Make a lasting SoftHSM token with a key, for development. A second run keeps
# what is there, finishes what a killed run began, and prints the same lines.
here=$(cd -- "$(dirname -- "$0")" && pwd) || exit 1
# shellcheck source=softhsm/common.sh
. "$here/common.sh"

usage() {
	cat >&2 <<'EOF'
usage: setup.sh [--dir DIR] [--label L] [--signet PATH]

Makes a token called L (signet-dev) with an RSA key called uat in DIR
($XDG_DATA_HOME/signet/softhsm), and prints the lines of a .env file for it.
EOF
	exit 2
}

key=uat
label="signet-dev"
dir=
signet=
while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || usage
	case $1 in
	--dir) dir=$2 ;;
	--label) label=$2 ;;
	--signet) signet=$2 ;;
	*) usage ;;
	esac
	shift 2
done
check_label "$label"

find_signet() {
	if [ -n "$signet" ]; then
		[ -x "$signet" ] || fail "$signet cannot be run"
	elif [ -x "$here/../build/signet" ]; then
		signet=$here/../build/signet
	else
		signet=$(command -v signet) || fail "signet is not built; run \
make, then this again (the token is kept), or give --signet PATH"
	fi
}

make_key() {
	counts=$(/usr/bin/python3 "$here/provision.py" count \
	    --module "$module" --label "$label" --key "$key" \
	    --pin-file "$dir/pin") || fail "cannot look for the key"
	case $counts in
	"0 0") ;;
	"1 1") return ;;
	*)
		fail "the token has ${counts% *} private and ${counts#* } \
public keys called $key, not one of each; see signet key list"
		;;
	esac
	find_signet
	SIGNET_MODULE=$module SIGNET_PIN_SOURCE=file:$dir/pin \
	    SIGNET_KEY="pkcs11:token=$label" SIGNET_STATE_DIR=$dir/state \
	    "$signet" key generate --label "$key" >&2 ||
	    fail "the key could not be made; the token is kept"
}

module=$(find_module) || fail "SoftHSM is not installed (libsofthsm2.so); \
on Debian: apt install softhsm2, elsewhere set SOFTHSM2_MODULE"
if [ -z "$dir" ]; then
	[ -n "${XDG_DATA_HOME:-}${HOME:-}" ] || fail "HOME is not set; give --dir"
	dir=${XDG_DATA_HOME:-$HOME/.local/share}/signet/softhsm
fi
umask 077
mkdir -p -- "$dir" || exit 1
dir=$(cd -- "$dir" && pwd) || exit 1
case $dir in
*[!A-Za-z0-9_./@+,:=~\ -]*)
	fail "the folder's name has a character that a .env file would need \
quoted; give another with --dir" 2
	;;
esac
chmod 700 "$dir" || exit 1
mkdir -p "$dir/tokens" "$dir/state" || exit 1

# Two runs at once would make two tokens.
exec 9>"$dir/lock"
flock 9 || fail "cannot lock $dir/lock"

for token in "$dir"/tokens/*/token.object; do
	[ ! -e "$token" ] || [ -s "$dir/pin" ] ||
	    fail "the PIN of the token in $dir is gone; move the folder away"
done
fill_folder "$dir" || fail "cannot write to $dir"
export SOFTHSM2_CONF="$dir/softhsm2.conf"
/usr/bin/python3 "$here/provision.py" init --module "$module" \
    --label "$label" --pin-file "$dir/pin" --so-pin-file "$dir/so-pin" ||
    fail "the token $label in $dir could not be made or does not take the \
PIN in $dir/pin; move the folder away to start anew"
make_key

cat <<EOF
# The module itself reads this one, so export it where signet runs:
# export SOFTHSM2_CONF="$SOFTHSM2_CONF"
SIGNET_MODULE="$module"
SIGNET_PIN_SOURCE="file:$dir/pin"
SIGNET_KEY="pkcs11:token=$label;object=$key"
EOF
