#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# opencryptoki's software token. Its paths are built in, so it lives in mounts
# and in shared memory that no other process sees: that takes root.
# shellcheck source=tests/token/modules/common.sh
. "$(dirname -- "$0")/common.sh" || exit 1

if [ "${1:-}" != --inside ]; then
	need_tool opencryptoki pkcsslotd pkcsconf
	find_library opencryptoki libopencryptoki.so
	unshare --mount --ipc true 2>/dev/null ||
	    missing "the right to unshare --mount --ipc" "nothing; be root"
	exec unshare --mount --ipc -- "$0" --inside "$@"
fi
shift
begin "$@"
find_library opencryptoki libopencryptoki.so

# mount_empty FOLDER
mount_empty() {
	mount -t tmpfs -o mode=755 signet "$1" || fail "cannot mount on $1"
}

data=/var/lib/opencryptoki
locks=/run/lock/opencryptoki
cat >"$folder/opencryptoki.conf" <<EOF
version opencryptoki-3.1
slot 0
{
stdll = libpkcs11_sw.so
}
EOF
mount_empty "$data"
mount_empty /dev/shm
mount_empty /run
mount --bind "$folder/opencryptoki.conf" \
    /etc/opencryptoki/opencryptoki.conf || fail "cannot mount on /etc"
umask 022
mkdir /run/lock
umask 007
mkdir -p "$data/swtok/TOK_OBJ" "$locks/swtok"
chgrp -R pkcs11 "$data" "$locks"
# From 3.21 on the daemon is a user of its own, not root.
socket=/run/pkcsslotd.socket
if id -u pkcsslotd >/dev/null 2>&1; then
	chmod 644 "$folder/opencryptoki.conf"
	socket=/run/opencryptoki/pkcsslotd.socket
	install -d -m 710 -o pkcsslotd -g pkcs11 "${socket%/*}"
fi
umask 077
start pkcsslotd pkcsslotd -f
# shellcheck disable=SC2317 # called by wait_until
is_answering() {
	[ -S "$socket" ] && pkcsconf -i >/dev/null 2>&1
}
wait_until is_answering

# The SO PIN that every new token has must be changed before it may be used.
so_pin=$(cat "$folder/so-pin")
pin=$(cat "$folder/pin")
# conf OPTION LINE...
conf() {
	printf '%s\n' "${@:2}" | pkcsconf -c 0 "$1" >>"$folder/conf.log" 2>&1 ||
	    fail "pkcsconf $1: $(cat "$folder/conf.log")"
}
conf -I 87654321 "$label"
conf -P 87654321 "$so_pin" "$so_pin"
conf -u "$so_pin" "$pin" "$pin"
# 3.8 has no such mechanism, 3.23 has it.
if pkcsconf -c 0 -m | grep -q '(CKM_SHA256_RSA_PKCS)'; then
	can=${can/hashes\?/hashes}
fi
run_command "$library"
