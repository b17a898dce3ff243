# SPDX-License-Identifier: GPL-2.0-only
# hfaults against the workload's own count and thp_fault_alloc.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

pages=12
huge=$(sed -n 's/^Hugepagesize: *\([0-9]*\) kB/\1/p' /proc/meminfo)

hugetlb() { # NAME, while the tool runs
	work huge hugetlb=$pages || return
	unwatch
	sound "$1"
	if [ "$(rows last start.hooks.hugetlb)" = null ]; then
		# bpf_find_vma() is younger than 5.10: no hook of this kind, and then no number either
		equal "$1-is-null" "$(rows count pid!= hugetlb!=null)" 0
		return
	fi
	equal "$1" "$(rows sum hugetlb "pid=$(did pid)" comm=huge)" $pages
	equal "$1-is-not-thp" "$(rows sum thp "pid=$(did pid)")" 0
}

thp() { # NAME, while the tool runs
	work huge thp=$pages || return
	unwatch
	sound "$1"
	# the kernel counts those faults that got a huge page, on a host others' as well
	least=$(did vmstat.thp_fault_alloc)
	[ "$PLACE" = guest ] || least=1
	between "$1" "$(rows sum thp "pid=$(did pid)" comm=huge)" "$least" "$(did vmstat.thp_fault_alloc)"
	between "$1-happened" "$(did vmstat.thp_fault_alloc)" 1 99999999
	equal "$1-is-not-hugetlb" "$(rows sum hugetlb "pid=$(did pid)")" 0
}

both() { # NAME: by the hook that each_hook chose
	thp "$1-thp"
	if watch hfaults --json ${kind:+--hook "$kind"}; then
		hugetlb "$1-hugetlb"
	else
		not_ok "$1-hugetlb" "$(cat "$tmp/err")"
	fi
}

if [ -z "$huge" ]; then
	skip all "this kernel has no huge pages"
	exit 0
fi
if [ "$PLACE" = host ]; then
	skip hugetlb "the pool of huge pages is changed in guests only"
	if ! watch hfaults --json; then
		refused hfaults thp
	elif grep -q '\[never\]' /sys/kernel/mm/transparent_hugepage/enabled; then
		unwatch
		sound quiet
	else
		thp thp
	fi
	exit 0
fi

pool=/proc/sys/vm/nr_hugepages
echo $pages >$pool
kind=''
if watch hfaults --json; then both plain; else not_ok plain "$(cat "$tmp/err")"; fi
each_hook hfaults both fentry kprobe tp_btf
echo 0 >$pool
