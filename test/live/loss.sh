# SPDX-License-Identifier: GPL-2.0-only
# The loss identity, seen = delivered + aggregated + lost, with every cause of loss forced in turn.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

# Many processes that reclaim all the time, and nice ones: memtrace takes the CPU from them whenever it
# has something to do, so that at that moment some of them stand in the middle of a reclaim.
pressed=
thrashed=$DATA
press_on() {
	if [ ! -b "$DATA" ]; then
		thrashed=$DATA.loss
		dd if=/dev/zero of="$thrashed" bs=1M count=128 2>/dev/null
	fi
	n=0
	while [ $((n += 1)) -le 8 ]; do
		"$WORK/press" "file=$thrashed" size=128M limit=8M rounds=1000000 nice=19 >/dev/null 2>&1 &
		pressed="$pressed $!"
	done
}

press_off() {
	for pid in $pressed; do
		kill "$pid" 2>/dev/null
		wait "$pid"
	done
	pressed=
	[ -b "$thrashed" ] || rm -f "$thrashed"
}
trap 'press_off; ended' EXIT

# What a lossy run must still be: ended well, strict JSON, the sums exact, every row delivered and the loss
# said aloud.
honest() { # NAME
	if [ "$status" != 0 ]; then
		not_ok "$1" "status $status: $(head -n 1 "$tmp/err")"
	elif [ -n "$(rows check)" ]; then
		not_ok "$1" "$(rows check)"
	elif ! agrees; then
		not_ok "$1" "seen is not delivered + aggregated + lost: $(tail -n 1 "$tmp/rows")"
	elif [ "$(rows count latency_ns!=)" != "$(rows last end.delivered)" ]; then
		not_ok "$1" "$(rows count latency_ns!=) rows, not as many as delivered: $(tail -n 1 "$tmp/rows")"
	elif [ "$(lost)" != 0 ] && [ ! -s "$tmp/err" ]; then
		not_ok "$1" "a loss that stderr does not mention"
	else
		return 0
	fi
	return 1
}

# until_lost CAUSE TOOL ARG...: short runs under pressure, until one has lost something by that cause. One run
# may be lucky: a task must be inside a reclaim at the very moment.
until_lost() {
	cause=$1
	shift
	tries=0
	while [ $((tries += 1)) -le 20 ]; do
		watch "$@" --json -d 300ms || { not_ok "$1-$cause" "$(cat "$tmp/err")"; return; }
		reap
		honest "$1-$cause" || return
		if [ "$(rows last "end.lost.$cause")" -gt 0 ]; then
			ok "$1-$cause"
			return
		fi
	done
	not_ok "$1-$cause" "nothing was lost in 20 runs"
}

# A reader that is stopped cannot empty its ring: all but the first few records are lost, and counted.
stopped() {
	watch drsnoop --json --wide --buffer 4K || { not_ok ring_full "$(cat "$tmp/err")"; return; }
	kill -STOP "$tool"
	work press "file=$DATA" size=64M rounds=4 limit=16M || return
	kill -CONT "$tool"
	unwatch
	honest drsnoop-ring_full || return
	between drsnoop-ring_full "$(rows last end.lost.ring_full)" 1 99999999
	if [ "$(did cgroup_version)" = 2 ]; then
		memcg_bounds
		between drsnoop-ring_full-seen "$(rows last end.seen)" "$least" "$(slack "$most")"
	fi
}

stopped
press_on 4
for name in vmscan "drsnoop --wide"; do
	# shellcheck disable=SC2086 # a tool and its option
	for cause in "no_start $name" "too_late $name" "map_full $name --map-entries 1"; do
		until_lost $cause
	done
done
