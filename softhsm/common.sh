# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What with-token.sh and setup.sh share. Sourced, never run.

fail() {
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	exit "${2:-1}"
}

# Print the path of SoftHSM's module; SOFTHSM2_MODULE overrides the search.
find_module() {
	if [ -n "${SOFTHSM2_MODULE:-}" ]; then
		[ -f "$SOFTHSM2_MODULE" ] && printf '%s\n' "$SOFTHSM2_MODULE"
		return
	fi
	for module in /usr/lib/softhsm/libsofthsm2.so \
	    /usr/lib/*/softhsm/libsofthsm2.so \
	    /usr/lib64/pkcs11/libsofthsm2.so \
	    /usr/lib/pkcs11/libsofthsm2.so \
	    /usr/local/lib/softhsm/libsofthsm2.so \
	    /opt/homebrew/lib/softhsm/libsofthsm2.so; do
		if [ -f "$module" ]; then
			printf '%s\n' "$module"
			return
		fi
	done
	return 1
}

# A label goes into a PKCS#11 field of 32 bytes, a URI and a .env file.
check_label() {
	case $1 in
	'' | *[!A-Za-z0-9._-]*)
		fail "a label has letters, digits, dot, dash, underscore" 2
		;;
	esac
	[ "${#1}" -le 32 ] || fail "a label has at most 32 characters" 2
}

# make_pin FILE: 12 random digits, unless FILE is there already.
make_pin() {
	[ ! -s "$1" ] || return 0
	(
		umask 077
		head -c 2048 /dev/urandom | LC_ALL=C tr -dc 0-9 |
		    head -c 12 >"$1.new"
	) && [ "$(wc -c <"$1.new")" -eq 12 ] && mv -f -- "$1.new" "$1"
}

# write_config FILE TOKENDIR [MECHANISMS], unless FILE is there already.
write_config() {
	[ ! -s "$1" ] || return 0
	{
		printf 'directories.tokendir = %s\n' "$2"
		printf 'objectstore.backend = file\n'
		printf 'log.level = ERROR\n'
		[ -z "${3:-}" ] || printf 'slots.mechanisms = %s\n' "$3"
	} >"$1.new" && mv -f -- "$1.new" "$1"
}

# fill_folder DIR [MECHANISMS]: PINs and configuration, where they are absent.
fill_folder() {
	make_pin "$1/pin" && make_pin "$1/so-pin" &&
	    write_config "$1/softhsm2.conf" "$1/tokens" "${2:-}"
}
