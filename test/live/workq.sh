# SPDX-License-Identifier: GPL-2.0-only
# workq against known numbers of works, and against the kernel's own trace of works.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

writes=50
cpus=$(grep -c '^processor' /proc/cpuinfo)
function=refresh_vm_stats # each write to vm.stat_refresh queues one work of it on each CPU, and waits for them

make_works() {
	n=0
	while [ $n -lt $writes ]; do
		echo 1 >/proc/sys/vm/stat_refresh
		n=$((n + 1))
	done
}

works() { # NAME: makes a known number of works while the tool runs, and compares them
	began=$(date +%s)
	make_works
	unwatch
	took=$(($(date +%s) - began + 1))
	sound "$1" 16 # others' works may be under way
	equal "$1-runs" "$(rows sum runs "function=$function")" $((writes * cpus))
	equal "$1-waits" "$(rows sum waits "function=$function")" $((writes * cpus))
	equal "$1-workqueue" "$(rows count "function=$function" 'workqueue!=events')" 0
	equal "$1-canceled" "$(rows sum canceled "function=$function")" 0
	# it does not sleep, so all CPUs together have no more time for it than passed; nor did any work wait longer
	between "$1-run-time" "$(rows sum run_ns "function=$function")" 1 $((took * cpus * 1000000000))
	between "$1-wait-time" "$(rows max wait_max_ns "function=$function")" 1 $((took * 1000000000))
	between "$1-longest" "$(rows max run_max_ns "function=$function")" 1 "$(rows sum run_ns "function=$function")"
	equal "$1-wait-histogram" "$(rows sum buckets.n hist=wait_ns)" "$(rows sum waits)"
	equal "$1-run-histogram" "$(rows sum buckets.n hist=run_ns)" "$(rows sum runs)"
}

instances=/sys/kernel/tracing/instances
start=events/workqueue/workqueue_execute_start
kernel_counts() { # NAME: the kernel writes down every start from now on
	mkdir $instances/"$1" && echo 1 >$instances/"$1"/$start/enable
}
kernel_counted() { # NAME: function and starts, a line each
	echo 0 >$instances/"$1"/$start/enable
	awk '/workqueue_execute_start:/ { sub(/.*: function /, ""); n[$0]++ } END { for (f in n) print f, n[f] }' \
		$instances/"$1"/trace >"$tmp/$1"
	rmdir $instances/"$1"
}

# Every function, against one count that began before the tool and ended after it, and one within it.
every_function() {
	kernel_counts outer
	if ! watch workq --json; then
		kernel_counted outer
		not_ok every "$(cat "$tmp/err")"
		return
	fi
	kernel_counts inner
	work press "file=$DATA" size=32M rounds=2 limit=16M || true
	sync
	echo 1 >/proc/sys/vm/stat_refresh
	kernel_counted inner
	unwatch
	sound every 16
	kernel_counted outer
	functions=0 wrong=''
	while read -r name hits; do
		case $hits in *' '*) continue ;; esac # of a module
		functions=$((functions + 1))
		runs=$(rows sum runs "function=$name")
		outer=$(sed -n "s/^$name \([0-9]*\)$/\1/p" "$tmp/outer")
		# one of a function may have started before the tool, or not have ended with it
		[ "$runs" -ge $((hits - 1)) ] && [ "$runs" -le "${outer:-0}" ] || wrong="$wrong $name: $runs of $hits to $outer"
	done <"$tmp/inner"
	between every-happened $functions 3 9999
	equal every-function "$wrong" ''
	inner=$(awk '{ n += $2 } END { print n + 0 }' "$tmp/inner")
	between every-sum "$(rows sum runs)" $((inner - $(lost))) "$(awk '{ n += $2 } END { print n + 0 }' "$tmp/outer")"
}

only() { # OPTION TEXT KEY: only rows with TEXT in KEY. Filters hide the others, in rows and histograms
	if ! watch workq --json "$1" "$2"; then
		not_ok "only$1" "$(cat "$tmp/err")"
		return
	fi
	echo 1 >/proc/sys/vm/stat_refresh
	unwatch
	sound "only$1"
	between "only$1-runs" "$(rows sum runs "function=$function")" "$cpus" 999999
	equal "only$1-others" "$(rows each "$3" runs!= | grep -c -v "$2")" 0
	equal "only$1-histogram" "$(rows sum buckets.n hist=run_ns)" "$(rows sum runs)"
}

full() { # a map without room: all is accounted for
	if ! watch workq --json --map-entries 1; then
		not_ok full "$(cat "$tmp/err")"
		return
	fi
	make_works
	unwatch
	if agrees; then ok full-agrees; else not_ok full-agrees "$(tail -n 1 "$tmp/rows")"; fi
	between full-lost "$(rows last end.lost.map_full)" 1 999999
}

hidden() { # no names: addresses, and that is said
	restrict=$(cat /proc/sys/kernel/kptr_restrict)
	echo 2 >/proc/sys/kernel/kptr_restrict
	if watch workq --json; then
		echo 1 >/proc/sys/vm/stat_refresh
		unwatch
		equal hidden-names "$(rows count "function=$function")" 0
		equal hidden-addresses "$(rows each function runs!= | grep -c -v '^0x[0-9a-f]\{16\}$')" 0
		if grep -q 'hides names' "$tmp/err"; then ok hidden-told; else not_ok hidden-told "$(cat "$tmp/err")"; fi
	else
		not_ok hidden "$(cat "$tmp/err")"
	fi
	echo "$restrict" >/proc/sys/kernel/kptr_restrict
}

if watch workq --json --wide 1; then works works; else not_ok works "$(cat "$tmp/err")"; fi
each_hook workq works tp_btf
only -f refresh_vm function
only -w events workqueue
full
if [ "$PLACE" = host ]; then
	skip hidden "kptr_restrict is changed in guests only"
else
	hidden
fi
if [ -d $instances ]; then every_function; else skip every "no tracefs here"; fi
