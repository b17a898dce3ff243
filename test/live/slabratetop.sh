# SPDX-License-Identifier: GPL-2.0-only
# slabratetop against a workload's own count, and against /proc/slabinfo.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

n=3000

# objects in use of one cache, as the allocator counts them
active() { sed -n "s/^$1 *\([0-9]*\) .*/\1/p" /proc/slabinfo; }

# As sound() of lib.sh, but more may be busy: where an interrupt comes in the midst of a free and runs what RCU has
# waiting, that is a batch of hundreds of frees, and the kernel enters the program for none of them.
sound() { # NAME
	busy=$(rows last end.lost.busy)
	if [ "$status" != 0 ] || [ -n "$(rows check)" ]; then
		not_ok "$1-sound" "status $status: $(head -n 1 "$tmp/err") $(rows check)"
	elif ! agrees; then
		not_ok "$1-sound" "seen is not delivered + aggregated + lost: $(tail -n 1 "$tmp/rows")"
	elif [ "$(lost)" != "$busy" ] || [ "$busy" -gt $(($(rows last end.seen) / 8)) ]; then
		not_ok "$1-sound" "lost events: $(tail -n 1 "$tmp/rows")"
	else
		ok "$1-sound"
	fi
}

# What one workload allocates and frees, to the object. The names of the caches of kmalloc() differ, their size does not.
counts() {
	work slab n=$n || return
	unwatch
	sound counts
	# a task that takes the processor from this one may be what was busy
	least=$((n - $(rows last end.lost.busy)))
	sockets=$(rows sum allocs cache=sock_inode_cache)
	between counts-sockets "$sockets" $least $n
	size=$(rows last object_size cache=sock_inode_cache)
	equal counts-bytes "$(rows sum alloc_bytes cache=sock_inode_cache)" $((sockets * size))
	# the program is started, and its sockets have names
	between counts-dentries "$(rows sum allocs cache=dentry)" $least $((n + 100))
	between counts-files "$(rows sum allocs cache=filp)" $least $((n + 100))
	between counts-messages "$(rows sum allocs object_size=512)" $least $((n + 100))
	between counts-unused "$(rows sum unused_bytes object_size=512)" $((least * 64)) $((n * 64 + 100 * 256))
	# a cache that is merged into another has no row, its name is in that one's
	rows each aliases | tr ',' '\n' | sort -u >"$tmp/aliases"
	rows each cache | sort -u >"$tmp/caches"
	equal counts-merged "$(grep -cxFf "$tmp/aliases" "$tmp/caches")" 0
	equal counts-unix "$(cat "$tmp/aliases" "$tmp/caches" | grep -cx UNIX)" 1
	# messages are freed by kfree(), in the workload itself
	if [ "$(rows last start.hooks.kfree)" = null ]; then
		equal counts-no-frees "$(rows count frees!=null cache!=)" 0
	else
		between counts-frees "$(rows sum frees object_size=512)" $least $((n + 100))
	fi
	# the allocator does not know whose its objects are
	equal counts-filtered "$(rows count net!=null cache!=)" 0
}

# Growth against /proc/slabinfo. What a CPU keeps for itself counts as in use there, some slabs or, from 7.0 on, some
# hundred objects in sheaves: what was freed just before may be taken again without a difference.
growth() {
	mkfifo "$tmp/hold" "$tmp/made"
	before=$(active sock_inode_cache)
	"$WORK/slab" n=$n hold=1 <"$tmp/hold" >"$tmp/made" &
	worker=$!
	exec 4>"$tmp/hold"
	IFS= read -r made <"$tmp/made"
	[ -n "$made" ] || not_ok growth-work "the workload failed"
	unwatch
	after=$(active sock_inode_cache)
	exec 4>&-
	wait "$worker"
	sound growth
	net=$(rows sum net cache=sock_inode_cache)
	between growth-sockets "$net" $((n - n / 5)) $((n + n / 5))
	between growth-slabinfo "$net" $((after - before - 100)) $((after - before + 100))
	size=$(rows last object_size cache=sock_inode_cache)
	equal growth-bytes "$(rows sum net_bytes cache=sock_inode_cache)" $((net * size))
	between growth-slabs "$(rows sum net_slab_bytes cache=sock_inode_cache)" $((net * size / 2)) $((net * size * 2))
	between growth-allocs "$(rows sum allocs cache=sock_inode_cache)" $((n - busy)) $((n + 2000))
}

# Rows that are cut are told with what they add up to.
cut() {
	work slab n=$n || return
	unwatch
	sound cut
	between cut-rows "$(rows count cache!=)" 1 $((2 * $(rows count more.rows!=)))
	between cut-sum $(($(rows sum allocs) + $(rows sum more.allocs))) $((3 * n - busy)) 999999999
	between cut-more "$(rows last more.rows)" 1 1000
}

# Keys for which there is no room are lost, and counted.
full() {
	work slab n=$n || return
	unwatch
	if ! agrees; then
		not_ok full "seen is not delivered + aggregated + lost: $(tail -n 1 "$tmp/rows")"
	elif ! grep -q map-entries "$tmp/err"; then
		not_ok full "a loss that stderr does not mention"
	else
		between full "$(rows last end.lost.map_full)" $((2 * n)) 999999999
	fi
}

# On a terminal the screen is cleared, on nothing else.
screens() {
	"$MEMTRACE" slabratetop -r 3 0.1 2 >"$tmp/screen" 2>"$tmp/err"
	equal screens-heads "$(grep -c '^[0-9:]* loadavg: ' "$tmp/screen")" 2
	equal screens-headings "$(grep -c '^CACHE  *ALLOCS  *BYTES  *FREES  *NET' "$tmp/screen")" 2
	equal screens-escapes "$(grep -c "$(printf '\033')" "$tmp/screen")" 0
	status=0
	"$MEMTRACE" slabratetop --sort cache >"$tmp/screen" 2>"$tmp/err" || status=$?
	complained screens-sort 2 "'cache' is none of allocs, alloc_bytes"
}

if watch slabratetop --json -n slab 1; then counts; else not_ok counts "$(cat "$tmp/err")"; fi
if watch slabratetop --json 1; then growth; else not_ok growth "$(cat "$tmp/err")"; fi
if watch slabratetop --json -n slab -r 2 1; then cut; else not_ok cut "$(cat "$tmp/err")"; fi
if watch slabratetop --json -n slab --map-entries 1 1; then full; else not_ok full "$(cat "$tmp/err")"; fi
screens
