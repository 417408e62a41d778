#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A SoftHSM token that another process holds: p11-kit server.
# shellcheck source=tests/token/modules/common.sh
. "$(dirname -- "$0")/common.sh" || exit 1
begin "$@"
need_tool p11-kit p11-kit
find_library p11-kit-modules p11-kit-client.so
client=$library
make_softhsm ""
start server p11-kit server --foreground --name "$folder/server" \
    --provider "$library" "pkcs11:token=$label"
wait_until is_listening "$folder/server"
export P11_KIT_SERVER_ADDRESS="unix:path=$folder/server"
run_command "$client"
