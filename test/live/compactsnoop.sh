# SPDX-License-Identifier: GPL-2.0-only
# compactsnoop against what the kernel's own text of the same events says, and against /proc/vmstat.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

events=/sys/kernel/tracing/instances/compactsnoop
traced() { # on|off: the kernel's own text, in a buffer of its own, where there is tracefs
	[ -e /sys/kernel/tracing/events/compaction ] || return 0
	if [ "$1" = on ]; then
		mkdir "$events"
		echo 4096 >"$events/buffer_size_kb"
		for event in mm_compaction_begin mm_compaction_finished mm_compaction_end; do
			echo 1 >"$events/events/compaction/$event/enable"
		done
	else
		echo 0 >"$events/tracing_on"
		cp "$events/trace" "$tmp/trace"
		rmdir "$events"
	fi
}

# Of one task, how often it ended a compaction of each zone, order, mode and status, a line each. The kernel names
# the zone where it looks whether it is finished, last before the end.
told() { # TASK
	awk -v task="$1" '
		function value(key) {
			for (i = 1; i <= NF; i++)
				if (index($i, key "=") == 1)
					return substr($i, length(key) + 2)
		}
		index($1, task) != 1 { next }
		/ mm_compaction_finished: / { where = value("node") " " value("zone") " " value("order") }
		/ mm_compaction_end: / { n[where " " value("mode") " " value("status")]++ }
		END { for (what in n) print what, n[what] }' "$tmp/trace"
}

same_as_told() { # NAME TASK FILTER...: each line of told() is as many rows, and there are no others
	name=$1 total=0
	told "$2" >"$tmp/told"
	shift 2
	if [ ! -s "$tmp/told" ]; then
		not_ok "$name" "the kernel told of none"
		return
	fi
	while read -r node zone order mode status n; do
		got=$(rows count "node=$node" "zone=$zone" "order=$order" "mode=$mode" "status=$status" "$@")
		if [ "$got" != "$n" ]; then
			not_ok "$name" "$got rows, not $n, of node $node zone $zone order $order $mode $status"
			return
		fi
		total=$((total + n))
	done <"$tmp/told"
	equal "$name" "$(rows count "$@" zone!=)" "$total"
}

known() { # NAME: no row lacks what every kernel gives
	for key in zone node order mode kind status; do
		equal "$1-$key" "$(rows count $key=null)" 0
	done
	equal "$1-latency" "$(rows count latency_ns=0)" 0
	equal "$1-user" "$(rows count uid!=0 kind!=direct zone!=)" 0
}

watermarks() { # NAME: those of the zone, as /proc/zoneinfo has them; boost is on top
	awk '$1 == "Node" { zone = $4 } $1 == "min" && zone == "DMA32" { print $2 }' /proc/zoneinfo >"$tmp/min"
	between "$1" "$(rows max min_pages zone=DMA32)" "$(cat "$tmp/min")" $(($(cat "$tmp/min") * 20))
	equal "$1-order" "$(rows count min_pages=0 zone=DMA32)" 0
}

scanned() { # NAME: what the kernel added up meanwhile, by all tasks; kcompactd may have done more before and after
	for what in migrate free; do
		total=$(did vmstat.compact_${what}_scanned)
		between "$1-$what-scanned" "$(rows sum ${what}_scanned_pages)" "$total" "$(slack "$total")"
	done
	between "$1-moved" "$(rows sum migrated_pages)" "$(did vmstat.pgmigrate_success)" \
		"$(slack "$(did vmstat.pgmigrate_success)")"
}

compact() { # NAME ARG...: fragments memory and has it compacted
	name=$1
	shift
	traced on
	work frag size=280M "$@" || return
	traced off
	sleep_of_kcompactd
	unwatch
	sound "$name" 1
	known "$name"
	scanned "$name"
	pid=$(did pid)
	if [ -e "$tmp/trace" ]; then
		same_as_told "$name-as-told" "frag-$pid" "pid=$pid"
	else
		between "$name-rows" "$(rows count "pid=$pid")" 1 999999
	fi
	equal "$name-comm" "$(rows count "pid=$pid" comm!=frag)" 0
}

# What it is in the middle of ends, so that its pages are in a row as they are in the counters.
sleep_of_kcompactd() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		before=$(grep -e compact_migrate_scanned -e compact_daemon /proc/vmstat)
		sleep 0.5
		[ "$before" != "$(grep -e compact_migrate_scanned -e compact_daemon /proc/vmstat)" ] || return 0
	done
	echo "$try times kcompactd was at work" >&2
}

direct() {
	compact direct hugetlb=60
	stalls=$(did vmstat.compact_stall)
	between direct-happened "$stalls" 1 999999
	equal direct-kind "$(rows count "pid=$pid" kind!=direct)" 0
	equal direct-order "$(rows count "pid=$pid" order!=9)" 0
	equal direct-gfp "$(rows count "pid=$pid" gfp=null)" 0
	# the fragmentation index has sense only where memory was not free in that size
	between direct-index "$(rows count "pid=$pid" zone=DMA32 fragmentation_index!=-1)" 1 999999
	watermarks direct-min
	# of kcompactd those that ended are in both
	if [ "$(did vmstat.compact_daemon_wake)" -gt 0 ] && [ -s "$tmp/trace" ] && [ -n "$(told kcompactd)" ]; then
		between direct-kcompactd "$(rows count comm=kcompactd0)" "$(told kcompactd | awk '{ n += $NF } END { print n }')" 99999
	fi
	equal direct-daemon "$(rows count comm=kcompactd0 kind=direct)" 0
	equal direct-daemon-kind "$(rows count comm!=kcompactd0 kind=kcompactd)" 0
}

manual() {
	compact manual compact=1
	equal manual-kind "$(rows count "pid=$pid" kind!=manual)" 0
	equal manual-mode "$(rows count "pid=$pid" mode!=sync)" 0
	equal manual-order "$(rows count "pid=$pid" order!=-1)" 0
	equal manual-index "$(rows count "pid=$pid" fragmentation_index!=null)" 0
}

filters() { # rows of others are not there, of those asked for they are
	work frag size=280M compact=1 || return
	unwatch
	sound filtered
	between filtered "$(rows count comm=frag)" 1 999
	equal filtered-others "$(rows count comm!=frag zone!=)" 0
}

quiet() { # NAME: on a host, whatever comes must be sound
	unwatch
	sound "$1"
	known "$1"
}

hooked() { # NAME, by the hook that each_hook chose: pages scanned agree wherever they are known
	work frag size=64M compact=1 || return
	unwatch
	sound "$1" 1
	known "$1"
	for what in migrate free; do
		total=$(did vmstat.compact_${what}_scanned)
		if [ "$(rows last start.hooks.control)" = null ]; then
			equal "$1-$what-is-null" "$(rows count "${what}_scanned_pages!=null" zone!=)" 0
		else
			between "$1-$what-scanned" "$(rows sum ${what}_scanned_pages)" "$total" "$(slack "$total")"
		fi
	done
}

if [ "$PLACE" = host ]; then
	if watch compactsnoop --json --wide; then quiet quiet; else not_ok quiet "$(cat "$tmp/err")"; fi
	skip direct "memory of the whole host would be fragmented"
	exit 0
fi
if watch compactsnoop --json --wide; then direct; else not_ok direct "$(cat "$tmp/err")"; fi
if watch compactsnoop --json --wide; then manual; else not_ok manual "$(cat "$tmp/err")"; fi
if watch compactsnoop --json --name frag; then filters; else not_ok filtered "$(cat "$tmp/err")"; fi
if watch compactsnoop --json --min 1h; then
	work frag size=64M compact=1
	unwatch
	sound minimum
	equal minimum "$(rows last end.seen)" 0
else
	not_ok minimum "$(cat "$tmp/err")"
fi
each_hook compactsnoop hooked tp_btf fentry kprobe
