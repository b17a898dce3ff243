# SPDX-License-Identifier: GPL-2.0-only
# llcstat: refused without counters; what it does with events that every kernel counts, against the workload's own.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

faults='--refs page-faults --misses major-faults'
cpus=$(grep -c '^processor' /proc/cpuinfo)

near() { # a number, less and more one in a hundred
	echo "$(($1 - $1 / 100 - 8)) $(($1 + $1 / 100 + 8))"
}

# The kernel counts in a task what it brings in for itself too (and no event), and an event for each time that a
# fault is begun again (and not in the task): a few of ten thousand.
touched() { # NAME, while the tool runs
	work touch pages=10000 "file=$DATA" file_pages=500 || return
	unwatch
	sound "$1"
	# shellcheck disable=SC2046 # two bounds
	between "$1-references" "$(rows sum references "pid=$(did pid)")" $(near "$(did faults)")
	# shellcheck disable=SC2046
	between "$1-misses" "$(rows sum misses "pid=$(did pid)")" $(near "$(did majflt)")
	between "$1-happened" "$(did majflt)" 400 600
	equal "$1-name" "$(rows count "pid=$(did pid)" comm!=touch)" 0
	equal "$1-event" "$(rows last start.events.references) $(rows last start.events.misses)" "page-faults major-faults"
}

# All time of all processors is somebody's, those that were idle included, up to the last moment.
time_is_whole() { # NAME
	work press "file=$DATA" size=64M rounds=4 limit=16M || return
	unwatch
	all=$(($(rows last end.duration_ns) * cpus))
	# the run ends a little before it is told how long it was
	between "$1" "$(rows sum on_cpu_ns)" $((all - all / 20 - cpus * 60000000)) $((all + all / 50))
	equal "$1-counted" "$(rows sum counted_ns)" "$(rows sum on_cpu_ns)"
	# others may leave a host no idle moment
	[ "$PLACE" = host ] || between "$1-idle" "$(rows sum on_cpu_ns pid=0)" 1 $all
}

run() { # ARG...: to its end
	watch "$@" && reap
}

if watch llcstat --json; then
	# a processor that counts: no process can have more misses than references
	work press "file=$DATA" size=32M rounds=2 limit=0
	unwatch
	sound counters
	between counters-references "$(rows sum references)" 1 999999999999999
	between counters-misses "$(rows sum misses)" 0 "$(rows sum references)"
else
	refused llcstat counters
	if grep -q 'no such counter (PMU)' "$tmp/err"; then ok counters-why; else not_ok counters-why "$(cat "$tmp/err")"; fi
fi

# shellcheck disable=SC2086 # words
{
	if watch llcstat --json $faults 1 100; then touched touched; else not_ok touched "$(cat "$tmp/err")"; fi
	if watch llcstat --json $faults -d 100; then touched once; else not_ok once "$(cat "$tmp/err")"; fi
	if watch llcstat --json $faults -d 100 -t; then
		touched threads
		equal threads-tid "$(rows count "pid=$(did pid)" "tid!=$(did pid)")" 0
	else
		not_ok threads "$(cat "$tmp/err")"
	fi
	if watch llcstat --json $faults -d 100; then time_is_whole time; else not_ok time "$(cat "$tmp/err")"; fi
	if run llcstat --json $faults -- "$WORK/touch" pages=5000; then
		sound command
		between command-references "$(rows sum references)" 5000 7000
		equal command-others "$(rows count pid!= comm!=touch comm!=memtrace)" 0
	else
		not_ok command "$(cat "$tmp/err")"
	fi
	if run llcstat --json $faults 1 2; then
		sound interval 16
		# the first began when the timer was set, a little before tracing did
		between interval-duration "$(rows last end.duration_ns)" 1000000000 9000000000
	else
		not_ok interval "$(cat "$tmp/err")"
	fi
	run llcstat --hook fentry $faults || refused llcstat hook-fentry
	run llcstat -c 100 || complained period 2 'no samples'
	run llcstat --refs llc-nonsense || complained unknown 2 'no event'
	run llcstat --refs page-faults --misses r1 || refused llcstat group
}

# What a task did that has not given its processor up since.
if [ "$PLACE" = host ]; then
	skip running "processors are taken from others in guests only"
elif watch llcstat --json --refs page-faults --misses major-faults -d 100; then
	mkfifo "$tmp/said"
	"$WORK/touch" pages=3000 hold=2 >"$tmp/said" &
	holder=$!
	IFS= read -r line <"$tmp/said"
	echo "$line" >"$tmp/did"
	unwatch
	sound running
	between running-references "$(rows sum references "pid=$(did pid)")" 3000 3500
	wait $holder
else
	not_ok running "$(cat "$tmp/err")"
fi

# A processor that goes away and comes back: its events stay away, and what is not counted is told.
other=/sys/devices/system/cpu/cpu1/online
if [ "$PLACE" = host ] || [ ! -e $other ]; then
	skip hotplug "processors are taken away in guests only"
elif watch llcstat --json --refs page-faults --misses major-faults 1 100; then
	if ! echo 0 >$other; then
		unwatch
		skip hotplug "the processor cannot be taken away"
	else
		echo 1 >$other
		work touch pages=100 hold=1 # on that processor
		unwatch
		equal hotplug-status "$status" 0
		if agrees; then ok hotplug-agrees; else not_ok hotplug-agrees "$(tail -n 1 "$tmp/rows")"; fi
		between hotplug-told "$(rows last end.lost.busy)" 1 99999999
	fi
else
	not_ok hotplug "$(cat "$tmp/err")"
fi
