# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# For scripts that read it: what asks a package registry may be asked again.

# again COMMAND...: three times at most; the last one's words and status count.
again() {
	for pause in 10 30; do
		status=0
		"$@" || status=$?
		[ "$status" -ne 0 ] || return 0
		[ "$status" -lt 128 ] || return "$status" # a signal ended it
		echo "$1 failed; it is tried again in $pause s" >&2
		sleep "$pause"
	done
	"$@"
}
