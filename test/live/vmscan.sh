# SPDX-License-Identifier: GPL-2.0-only
# vmscan against the kernel's own counters: memory cgroup reclaim everywhere, direct reclaim and swap in guests.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

# Pages of the inactive lists, as the kernel counts them where it shrinks those lists. Scanned, the
# multi-generational LRU counts only those it isolated; its tracepoint has those it merely sorted too.
mglru=$(cat /sys/kernel/mm/lru_gen/enabled 2>/dev/null || echo 0)
pages() { # NAME
	scanned=$(did_sum vmstat.pgscan_anon vmstat.pgscan_file)
	stolen=$(did_sum vmstat.pgsteal_anon vmstat.pgsteal_file)
	most=$(slack "$scanned")
	[ $((mglru & 1)) = 0 ] || most=$((2 * scanned))
	between "$1-scanned" "$(rows sum scanned_pages)" $((scanned - scanned / 20)) "$most"
	between "$1-reclaimed" "$(rows sum reclaimed_pages)" $((stolen - stolen / 20)) "$(slack "$stolen")"
}

memcg() { # NAME
	work press "file=$DATA" size=64M rounds=4 limit=16M || return
	unwatch
	sound "$1"
	memcg_bounds
	between "$1-count" "$(rows sum memcg_count)" "$least" "$(slack "$most")"
	# a reclaim that ended took time: no interval may have one without the other
	equal "$1-timed" "$(rows count 'memcg_count!=0' memcg_ns=0)" 0
	pages "$1"
	equal "$1-histogram" "$(rows sum buckets.n hist=memcg_ns)" "$(rows sum memcg_count)"
}

direct() { # in the whole machine: more anonymous memory than it has
	work press "size=$(too_much)K" rounds=1 limit=0 || return
	unwatch
	sound direct 1 # kswapd may be awake still
	stalls=$(stalls)
	between direct-count "$(rows sum direct_count)" "$(nearly "$stalls")" "$(slack "$stalls")"
	equal direct-timed "$(rows count 'direct_count!=0' direct_ns=0)" 0
	equal direct-histogram "$(rows sum buckets.n hist=direct_ns)" "$(rows sum direct_count)"
	# nothing but anonymous memory was there to be written, and swap was where it went; the kernel
	# takes up to half a per cent of the writes back, when the page is wanted again at once
	out=$(did vmstat.pswpout)
	between written "$(rows sum written_pages)" $((out - out / 50 - 64)) "$(slack "$out")"
	between kswapd-wakeups "$(rows sum kswapd_wakeups)" 1 999999999
	# its time counts when it goes to sleep, which it need not have done yet
	between kswapd-ran "$(($(rows sum kswapd_ns) + $(lost)))" 1 999999999999999
	pages direct
}

if watch vmscan --json 1; then memcg memcg; else not_ok memcg "$(cat "$tmp/err")"; fi
if [ "$PLACE" = host ]; then
	skip direct "the whole host would suffer"
elif watch vmscan --json --wide 1; then
	direct
else
	not_ok direct "$(cat "$tmp/err")"
fi
each_hook vmscan memcg tp_btf
