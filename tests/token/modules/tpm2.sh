#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tpm2-pkcs11 on an emulated TPM. swtpm speaks to one program at a time, so
# tpm2-abrmd shares it, which is found through a message bus of our own.
# shellcheck source=tests/token/modules/common.sh
. "$(dirname -- "$0")/common.sh" || exit 1
begin "$@"
need_tool swtpm swtpm
need_tool tpm2-abrmd tpm2-abrmd
need_tool dbus-daemon dbus-daemon
need_tool dbus-bin dbus-send
find_library libtss2-tcti-tabrmd0 libtss2-tcti-tabrmd.so.0
find_library libtss2-tcti-swtpm0 libtss2-tcti-swtpm.so.0
find_library libtpm2-pkcs11-1 libtpm2_pkcs11.so

mkdir "$folder/tpm"
start swtpm swtpm socket --tpm2 --tpmstate "dir=$folder/tpm" \
    --server "type=unixio,path=$folder/tpm.sock" \
    --ctrl "type=unixio,path=$folder/tpm.sock.ctrl" \
    --flags startup-clear,not-need-init
wait_until is_listening "$folder/tpm.sock.ctrl"

cat >"$folder/bus.conf" <<EOF
<busconfig>
  <type>session</type>
  <listen>unix:path=$folder/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
EOF
start dbus dbus-daemon "--config-file=$folder/bus.conf" --nofork --nopidfile \
    --nosyslog
wait_until is_listening "$folder/bus"
export DBUS_SESSION_BUS_ADDRESS="unix:path=$folder/bus"

root=()
[ "$(id -u)" -ne 0 ] || root=(--allow-root)
start abrmd tpm2-abrmd "${root[@]}" --session \
    "--tcti=swtpm:path=$folder/tpm.sock"
# shellcheck disable=SC2317 # called by wait_until
shared() {
	dbus-send --bus="$DBUS_SESSION_BUS_ADDRESS" --print-reply=literal \
	    --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
	    string:com.intel.tss2.Tabrmd 2>/dev/null | grep -q true
}
wait_until shared
export TPM2_PKCS11_TCTI=tabrmd:bus_type=session
export TPM2_PKCS11_STORE="$folder/tokens"
export TPM2_PKCS11_LOG_LEVEL=0
init_token "$library"
run_command "$library"
