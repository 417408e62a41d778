#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SoftHSM, which hashes in the token.
# shellcheck source=tests/token/modules/common.sh
. "$(dirname -- "$0")/common.sh" || exit 1
begin "$@"
make_softhsm ""
run_command "$library"
