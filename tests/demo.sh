#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The main job, step by step, against a throw-away SoftHSM token and the
# simulator: demo.sh path/to/signet
set -euo pipefail
here=$(cd -- "$(dirname -- "$0")" && pwd)

if [ "${2:-}" != inside ]; then
	signet=$(realpath -- "${1:?usage: demo.sh path/to/signet}")
	printf '$ %s\n' "softhsm/with-token.sh --label demo -- tests/demo.sh …"
	exec "$here/../softhsm/with-token.sh" --label demo -- \
	    "$here/demo.sh" "$signet" inside
fi

PATH=$(dirname -- "$1"):$PATH
work=$(mktemp -d "${TMPDIR:-/tmp}/signet-demo-XXXXXX")
cd "$work"
sim=
clean_up() {
	[ -z "$sim" ] || kill "$sim" 2>/dev/null || :
	[ -z "$sim" ] || wait "$sim" 2>/dev/null || :
	rm -rf -- "$work"
}
trap clean_up EXIT

say() {
	printf '\n# %s\n' "$*"
}

# Show a command as a user would type it, then its answer.
try() {
	printf '$ %s\n' "$*"
	eval "$*"
}

say "The simulator of Cloud Manager and a Tableau pod, over TLS on loopback"
printf '$ %s\n' "/usr/bin/python3 tests/sim --dir sim"
: >ready
/usr/bin/python3 "$here/sim" --dir sim >ready &
sim=$!
until grep ready ready; do
	kill -0 "$sim" # or it ends here
	sleep 0.1
done

say "The settings: the simulator's, and what our JWTs are to say"
cat sim/sim.env - >config.env <<'EOF'
SIGNET_ISSUER=https://signet.example.com
SIGNET_SCOPES=tableau:tcm_sites:read tableau:content:read
EOF
export SIGNET_CONFIG=$work/config.env
try "cat config.env"
# shellcheck disable=SC1091 # made by the simulator
. sim/sim.env

say "A throw-away token (softhsm/with-token.sh) and a key born in it"
try "signet token list"
try "signet key generate --label uat"
try "signet key show"
try "signet key export -o uat.pem"

say "The first sign-in is with a personal access token"
try "signet login tcm --pat"

say "The exported public key becomes a UAT configuration"
try "signet uat create --pat --name demo --public-key uat.pem"

say "Would its JWTs be taken? Every point, then a sign-in to each service"
try "signet uat check --online demo"

say "From here on the token signs, and nothing else signs in"
try "signet jwt sign >uat.jwt"
try "signet jwt inspect uat.jwt"
try "signet jwt verify uat.jwt --key uat.pem"
try "signet login tcm --jwt"
try "signet login tableau"
try "signet status"

say "One authenticated call to each"
try "signet api tcm --jwt GET /tenants/$CLOUD_MANAGER_TENANT_ID/sites"
try "signet api tableau GET /sites/$TABLEAU_CLOUD_SITE_LUID"

say "Clean up: the configuration, the sessions, then token and simulator"
try "signet uat delete --pat --yes demo"
try "signet logout"
