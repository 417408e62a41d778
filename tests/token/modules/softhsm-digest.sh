#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SoftHSM without CKM_SHA256_RSA_PKCS: signet hashes.
# shellcheck source=tests/token/modules/common.sh
. "$(dirname -- "$0")/common.sh" || exit 1
begin "$@"
make_softhsm CKM_RSA_PKCS_KEY_PAIR_GEN,CKM_RSA_PKCS
run_command "$library"
