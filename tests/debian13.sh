#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Build signet and run every test in a folder with Debian 13 in it: OpenSSL 3.5
# and its provider, gcc 14, p11-kit 0.25. The folder is made the first time.
set -eu

if [ $# -ne 1 ]; then
	echo "usage: ${0##*/} FOLDER" >&2
	exit 2
fi
if [ "$(id -u)" -ne 0 ]; then
	echo "${0##*/}: become root: it installs Debian 13 into a folder" >&2
	exit 1
fi
root=$(cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=.ci/again.sh
. "$root/.ci/again.sh"
mkdir -p -- "$1"
folder=$(cd -- "$1" && pwd)

# The mirror that this system's own packages come from; else debootstrap's.
mirror() {
	for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
	    /etc/apt/sources.list.d/*.sources; do
		[ -e "$list" ] || continue
		sed -n -e 's/^deb \(\[[^]]*\] *\)\{0,1\}\([^ ]*\) .*/\2/p' \
		    -e 's/^URIs: *\([^ ]*\).*/\1/p' "$list"
	done | grep -m 1 '/debian/*$' || :
}

# Alone with its mounts and processes: none of them outlives this script,
# whichever way it ends.
alone() {
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child "$@" &
	child=$!
	trap 'kill -KILL "$child"; exit 130' HUP INT TERM
	wait "$child"
}

bootstrap() {
	rm -rf -- "$folder.new"
	# shellcheck disable=SC2046 # no mirror is no word
	alone debootstrap --variant=minbase --include=make,ca-certificates \
	    trixie "$folder.new" $(mirror) >"$folder.log" 2>&1 || {
		tail -n 20 "$folder.log" >&2
		return 1
	}
}

# Made beside the folder and moved there when it is whole. A folder with
# something else in it is left alone; one of ours that fails is made anew.
ours=etc/signet-tests
make_system() {
	if [ -e "$folder/$ours" ]; then
		rm -rf -- "$folder"
	else
		rmdir -- "$folder"
	fi
	echo "Debian 13: installing it into $folder"
	again bootstrap
	touch "$folder.new/$ours"
	mv -T -- "$folder.new" "$folder"
}

is_usable() {
	[ -e "$folder/$ours" ] && chroot "$folder" make --version >/dev/null 2>&1
}

# How apt reaches its mirror is this system's to say.
copy_apt_settings() {
	find /etc/apt/apt.conf.d -maxdepth 1 -type f -exec \
	    cp -- {} "$folder/etc/apt/apt.conf.d/" ';'
	cp -L -- /etc/resolv.conf /etc/hosts "$folder/etc/"
}

# Its build folder stays, so that the next run compiles what has changed.
copy_checkout() {
	mkdir -p "$folder/src/signet" "$folder/src/shared"
	find "$folder/src/signet" -mindepth 1 -maxdepth 1 ! -name build \
	    -exec rm -rf {} +
	tar -C "$root" --exclude=./build --exclude=./.git -c . |
		tar -C "$folder/src/signet" --no-same-owner -x
	vectors=${SG_VECTORS:-$root/../shared/vectors}
	rm -rf "$folder/src/shared/vectors"
	[ ! -d "$vectors" ] ||
		cp -R -- "$vectors" "$folder/src/shared/vectors"
}

is_usable || make_system
copy_apt_settings
copy_checkout

# The folder becomes the root of the mounts, as tests unshare and enter them.
# Packages that an earlier run left half installed are completed first.
# shellcheck disable=SC2016 # the inner shell expands it
alone sh -ec '
	mount --bind "$1" "$1"
	cd "$1"
	mount -t proc proc proc
	mount --rbind /dev dev
	pivot_root . mnt
	umount --lazy /mnt
	exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
	    LC_ALL=C.UTF-8 CI="$2" ${http_proxy:+http_proxy="$http_proxy"} \
	    ${https_proxy:+https_proxy="$https_proxy"} sh -ec "
		DEBIAN_FRONTEND=noninteractive dpkg --configure -a >/dev/null
		cd /src/signet
		make --no-print-directory deps-test
		make --no-print-directory -j\$(nproc) WERROR=1 tests
		make --no-print-directory WERROR=1 run-tests"
' sh "$folder" "${CI:-}"
