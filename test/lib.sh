# SPDX-License-Identifier: GPL-2.0-only
# What test/run and test/try share: packages, builds, mounts, and putting back what they changed.
# shellcheck shell=bash disable=SC2317 # whoever reads this file calls its functions, some from a trap

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=$PATH:/sbin:/usr/sbin

# package of Debian 12, and what needs it
packages='
gcc			build
libc6-dev		build
make			build
cmake			build
clang			build
bpftool			build
libbpf-dev		build
libelf-dev		build
zlib1g-dev		build
libclang-rt-14-dev	test
groff-base		test
clang-format		test
clang-tidy		test
cppcheck		test
shellcheck		test
busybox-static		lab
cpio			lab
kmod			lab
qemu-system-x86		lab
xz-utils		lab
zstd			lab
'

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

packages_for() { awk -v want=" $* " '$2 && index(want, " " $2 " ") { print $1 }' <<<"$packages"; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# install NEED...: what of the packages for these needs is missing
install() {
	local package log missing=()
	if [ "$(. /etc/os-release 2>/dev/null && echo "$ID $VERSION_ID")" != "debian 12" ]; then
		die "not Debian 12: please install what it calls" "$(packages_for "$@" | paste -sd ' ')"
	fi
	for package in $(packages_for "$@"); do
		installed "$package" || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || die "run as root, or install ${missing[*]}"
	echo "installing ${missing[*]}"
	log=$(mktemp)
	export DEBIAN_FRONTEND=noninteractive
	# package lists may be missing, or name what the archive no longer has
	apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 ||
		{ apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 ||
		{ tail -n 20 "$log" >&2; rm -f "$log"; die "cannot install ${missing[*]}"; }
	rm -f "$log"
}

# build DIRECTORY CMAKE_OPTION...: quiet, unless it fails
build() {
	local dir=$top/$1
	shift
	mkdir -p "$dir"
	{ cmake -S "$top" -B "$dir" "$@" && cmake --build "$dir" -j "$(nproc)"; } >"$dir/build.log" 2>&1
}

child=

# attend COMMAND...: runs it as a job, since a signal is answered at once only while bash waits for one,
# and in a process group, so that nothing of it stays
attend() {
	local status=0
	set -m
	"$@" &
	child=$!
	set +m
	wait "$child" || status=$?
	child=
	return "$status"
}

# ends what attend is waiting for, and puts everything back
finish() {
	trap '' INT TERM # the rest of a group signal must not cut this short
	if [ -n "$child" ]; then
		kill -- "-$child" 2>/dev/null || true
		wait "$child" || true
		child=
	fi
	put_all_back
}

undo=()

# put_back COMMAND...: to be done at the end, the last one first
put_back() { undo+=("$(printf '%q ' "$@")"); }

put_all_back() {
	local i
	for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
		eval "${undo[i]}" || true
	done
	undo=()
}

mount_missing() { # TYPE DIRECTORY: nothing where there is no such file system
	! mountpoint -q "$2" && [ -d "$2" ] && mount -t "$1" "$1" "$2" 2>/dev/null || return 0
	put_back umount "$2"
}

# A memory cgroup can be made where the controller is mounted (version 1) or switched on for the
# groups below the root (version 2), as systemd does.
memory_cgroups() {
	local root
	[ -z "$(findmnt -n -t cgroup -O memory)" ] || return 0
	root=$(findmnt -n -o TARGET -t cgroup2 | head -n 1)
	[ -n "$root" ] || die "no cgroup file system is mounted"
	grep -qw memory "$root/cgroup.controllers" || die "this kernel, or container, has no memory cgroups"
	grep -qw memory "$root/cgroup.subtree_control" || {
		echo +memory >"$root/cgroup.subtree_control" || die "cannot switch memory cgroups on in $root"
		put_back sh -c "echo -memory >$root/cgroup.subtree_control"
	}
}

prepare_host() {
	[ "$(id -u)" = 0 ] || die "run as root: BPF programs and memory cgroups are not for others"
	mount_missing tracefs /sys/kernel/tracing
	mount_missing securityfs /sys/kernel/security
	memory_cgroups
}
