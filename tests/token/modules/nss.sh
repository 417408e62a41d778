#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# NSS softokn: wants an init string, and has no PIN here.
# shellcheck source=tests/token/modules/common.sh
. "$(dirname -- "$0")/common.sh" || exit 1
begin "$@"
need_tool libnss3-tools certutil
find_library libnss3 libsoftokn3.so
label='NSS Certificate DB'
certutil -N -d "sql:$folder/tokens" --empty-password >"$folder/certutil.log" \
    2>&1 || fail "certutil: $(cat "$folder/certutil.log")"
run_command "$library" "configdir='sql:$folder/tokens' certPrefix='' \
keyPrefix='' secmod='secmod.db' flags= "
