# SPDX-License-Identifier: GPL-2.0-only
# swapin against pswpin.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

if [ "$PLACE" = host ]; then
	if watch swapin --json 1; then
		unwatch
		sound quiet
	else
		refused swapin quiet
	fi
	skip counts "swapping is for guests only"
	exit 0
fi

counts() { # NAME
	work press size=64M rounds=2 limit=32M high=1 || return
	unwatch
	sound "$1"
	in=$(did vmstat.pswpin)
	between "$1-happened" "$in" 1000 999999999
	# other processes swap in too while the tool runs and the workload does not
	between "$1-pages" "$(rows sum pages)" "$in" $((in + in / 20 + 64))
	# what the workload read is nearly all: read-ahead for it is its own too
	between "$1-process" "$(rows sum pages "pid=$(did pid)" comm=press)" $((in - in / 20)) $((in + in / 20 + 64))
	between "$1-reads" "$(rows sum reads)" 1 "$(rows sum pages)"
}

if watch swapin --json 1; then counts counts; else not_ok counts "$(cat "$tmp/err")"; fi
each_hook swapin counts fentry kprobe tp_btf

# Swap in compressed memory: nothing goes through the block layer's queue, and all the same it is read back.
disk=$(sed -n '2s/ .*//p' /proc/swaps)
if swapoff "$disk" && echo 128M >/sys/block/zram0/disksize && mkswap /dev/zram0 >"$tmp/zram" && swapon /dev/zram0; then
	if watch swapin --json 1; then counts zram; else not_ok zram "$(cat "$tmp/err")"; fi
	swapoff /dev/zram0
	swapon "$disk"
else
	not_ok zram "no swap in zram: $(cat "$tmp/zram" /proc/swaps)"
fi
