# SPDX-License-Identifier: GPL-2.0-only
# drsnoop against the kernel's own counters: memory cgroup reclaim everywhere, direct reclaim in guests.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

memcg() { # NAME
	work press "file=$DATA" size=64M rounds=4 limit=16M || return
	unwatch
	sound "$1"
	memcg_bounds
	between "$1-rows" "$(rows count kind=memcg "pid=$(did pid)")" "$least" "$most"
	equal "$1-comm" "$(rows count kind=memcg "pid=$(did pid)" comm!=press)" 0
	equal "$1-latency" "$(rows count latency_ns=0)" 0
	# Pages of the workload's rows: at least what its group lost by the group's own counters, of which
	# version 1 has but one, pages that were reclaimed and came back; at most what the host lost
	# (nr_reclaimed has slab pages that pgsteal has not).
	stolen=$(did_sum vmstat.pgsteal_anon vmstat.pgsteal_file)
	least=$(did stat.pgsteal || did stat.workingset_refault_file)
	between "$1-pages" "$(rows sum reclaimed_pages kind=memcg "pid=$(did pid)")" $((least - least / 20)) "$(slack "$stolen")"
}

memcg_hook() {
	# each_hook runs without --wide: direct reclaim only, so a quiet run must be sound and empty
	unwatch
	sound "$1"
}

direct() {
	work press "size=$(too_much)K" rounds=1 limit=0 || return
	unwatch
	sound direct
	stalls=$(stalls)
	between direct-rows "$(rows count kind=direct)" "$(nearly "$stalls")" "$(slack "$stalls")"
	between direct-workload "$(rows count kind=direct "pid=$(did pid)" comm=press)" $((stalls / 2)) "$(slack "$stalls")"
	equal direct-latency "$(rows count kind=direct latency_ns=0)" 0
	between direct-pages "$(rows sum reclaimed_pages kind=direct)" "$(nearly "$(did vmstat.pgsteal_direct)")" \
		"$(slack "$(did vmstat.pgsteal_direct)")"
}

if watch drsnoop --json --wide; then memcg memcg; else not_ok memcg "$(cat "$tmp/err")"; fi
if [ "$PLACE" = host ]; then
	skip direct "the whole host would suffer"
elif watch drsnoop --json --wide; then
	direct
else
	not_ok direct "$(cat "$tmp/err")"
fi
each_hook drsnoop memcg_hook tp_btf
