# SPDX-License-Identifier: GPL-2.0-only
# fragmentation against the kernel's own indices, against what allocations then come to, and against the kernel's trace.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

as_nobody() { # memtrace to its end, without privilege
	status=0
	"$WORK/as" uid=65534 -- "$MEMTRACE" "$@" >"$tmp/rows" 2>"$tmp/err" </dev/null || status=$?
}

as_root() {
	status=0
	"$WORK/as" -- "$MEMTRACE" "$@" >"$tmp/rows" 2>"$tmp/err" </dev/null || status=$?
}

# Lines as /proc/buddyinfo and debugfs have them, of the rows' KEY: "Node 0, zone DMA 1 2 3".
table() { # KEY
	sed -n "s/.*\"node\":\([0-9]*\),\"zone\":\"\([^\"]*\)\".*\"$1\":\([-0-9.]*\)[,}].*/Node \1, zone \2|\3/p" "$tmp/rows" |
		awk -F '|' '$1 != zone { if (zone) print line; zone = line = $1 } { line = line " " $2 } END { print line }'
}

# the kernel writes -500 thousandths as 0.-500
plain() { sed 's/  */ /g; s/ $//; s/ 0\.-/ -0./g; /^$/d'; }

debugfs=/sys/kernel/debug
slurp() { # FILE: into $text, without a process of its own, which would move free memory
	text=
	while IFS= read -r line; do
		text="$text$line
"
	done <"$1"
}

# What the kernel's debugfs says of one state of free memory, and what the tool makes of the same.
indices() { # NAME
	n=0 before=none after=
	while [ "$before" != "$after" ] && [ $((n += 1)) -le 100 ]; do
		slurp /proc/buddyinfo && before=$text
		slurp "$debugfs/extfrag/extfrag_index" && extfrag=$text
		slurp "$debugfs/extfrag/unusable_index" && unusable=$text
		slurp /proc/buddyinfo && after=$text
	done
	if [ "$before" != "$after" ]; then
		not_ok "$1-indices" "free memory never stood still"
		return
	fi
	echo "$before" | sed '$d' >"$tmp/buddyinfo"
	status=0
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -m sh -c 'mount --bind "$1" /proc/buddyinfo && exec "$2" fragmentation --json' - "$tmp/buddyinfo" \
		"$MEMTRACE" >"$tmp/rows" 2>"$tmp/err" </dev/null || status=$?
	sound "$1"
	equal "$1-blocks" "$(table free_blocks)" "$(echo "$before" | plain)"
	equal "$1-extfrag" "$(table extfrag_index)" "$(echo "$extfrag" | plain)"
	equal "$1-unusable" "$(table unusable_index)" "$(echo "$unusable" | plain)"
}

# Free memory moves all the time: the rows are what the kernel's file said just before, or just after.
buddyinfo() {
	n=0
	while [ $((n += 1)) -le 50 ]; do
		before=$(plain </proc/buddyinfo)
		as_nobody fragmentation --json
		after=$(plain </proc/buddyinfo)
		[ "$(table free_blocks)" != "$after" ] || before=$after
		[ "$(table free_blocks)" != "$before" ] || break
	done
	sound buddyinfo
	equal buddyinfo "$(table free_blocks)" "$before"
}

instance=/sys/kernel/tracing/instances/memtrace
event=$instance/events/kmem/mm_page_alloc_extfrag

# sums over the trace's records of a process: "count fragmenting pages" for one pair of kinds
traced() { # PID WANTED FROM
	awk -v pid="-$1" -v wanted="alloc_migratetype=$2" -v from="fallback_migratetype=$3" '
		index($0, pid " ") && index($0, wanted " ") && index($0, from " ") {
			n++
			match($0, /fallback_order=[0-9]+/)
			block = 1
			for (order = substr($0, RSTART + 15, RLENGTH - 15); order > 0; order--)
				block *= 2
			pages += block
			if (index($0, " fragmenting=1"))
				fragmenting++
		}
		END { print n + 0, fragmenting + 0, pages + 0 }' "$tmp/trace"
}

mixed() { # PID WANTED FROM
	echo "$(rows sum events "pid=$1" "wanted=$2" "from=$3")" \
		"$(rows sum fragmenting "pid=$1" "wanted=$2" "from=$3")" \
		"$(rows sum block_pages "pid=$1" "wanted=$2" "from=$3")"
}

mixers() {
	watch fragmentation --json --mixers || { not_ok mixers "$(cat "$tmp/err")"; return; }
	if mkdir "$instance" 2>/dev/null; then
		echo 8192 >"$instance/buffer_size_kb"
		echo 1 >"$event/enable"
	fi
	work tables n=8192 || return
	if [ -e "$event" ]; then
		echo 0 >"$event/enable"
		cat "$instance/trace" >"$tmp/trace"
		rmdir "$instance"
	fi
	unwatch
	sound mixers
	pid=$(did pid)
	between mixers-found "$(rows sum events "pid=$pid" comm=tables wanted=unmovable)" 1 999999
	if [ ! -s "$tmp/trace" ]; then
		skip mixers-trace "no tracefs here"
		return
	fi
	set -- unmovable movable reclaimable
	for wanted in 0 1 2; do
		for from in 0 1 2; do
			[ $wanted != $from ] || continue
			eval "equal mixers-\${$((wanted + 1))}-from-\${$((from + 1))} \
				\"\$(mixed $pid \${$((wanted + 1))} \${$((from + 1))})\" \"\$(traced $pid $wanted $from)\""
		done
	done
}

# ---- memory in pieces: what is said of a huge page, and what then comes of it ----
pool=/proc/sys/vm/nr_hugepages
swept=0

stat_of() { sed -n "s/^$1 //p" /proc/vmstat; }

# Takes what large blocks are left, as those that a processor had for itself when memory was cut.
sweep() {
	echo 16 >$pool
	swept=$(cat $pool)
}

# Asks for huge pages; how many came is in $got, stalls for compaction in $stalled.
demand() { # NUMBER
	stalled=$(stat_of compact_stall)
	echo $((swept + $1)) >$pool
	got=$(($(cat $pool) - swept))
	stalled=$(($(stat_of compact_stall) - stalled))
	echo 0 >$pool
}

verdicts() { rows each verdict | sort -u | paste -s -d ' '; }

whole() { # plenty is free in large blocks
	as_root fragmentation --json --explain 9 --movable
	equal whole-verdict "$(verdicts)" "never succeeds"
	equal whole-reserve "$(rows each zone verdict=never)" DMA
	demand 4
	equal whole-demand "$got $stalled" "4 0"
}

# Where compaction failed, the kernel puts off the next ones that an allocation needs; not those that it is told to do.
compact() { echo 1 >/proc/sys/vm/compact_memory; }

pieces() { # single pages, which nobody moves until they are asked for in one piece
	sweep
	as_root fragmentation --json --explain 9 --movable
	equal pieces-verdict "$(verdicts)" "compaction never"
	as_root fragmentation --json --explain 0 --movable
	equal pieces-single "$(verdicts)" "never succeeds"
	! cat "$debugfs/extfrag/extfrag_index" >/dev/null 2>&1 || indices pieces
	echo 1 >/proc/sys/vm/compact_unevictable_allowed
	compact
	demand 4
	between pieces-demand "$got" 1 4
}

locked() { # single pages that may not be moved
	sweep
	as_root fragmentation --json --explain 9 --movable
	equal locked-verdict "$(verdicts)" "compaction never"
	between locked-index "$(rows each extfrag_index verdict=compaction | tr -d .)" 501 1000
	# half as many as would be of one piece with what is free; what little else there is may be moved
	wanted=$(($(rows last usable_pages verdict=compaction) / 1024))
	compact
	demand "$wanted"
	between locked-demand-fails "$got" 0 $((wanted / 4))
	mixers
}

# run by the workload, while memory is in pieces
if [ -n "${PIECES:-}" ]; then
	trap 'rmdir "$instance" 2>/dev/null; ended' EXIT
	"$PIECES"
	exit 0
fi

mounted=
if [ ! -d "$debugfs/extfrag" ] && mount -t debugfs none "$debugfs" 2>/dev/null; then
	mounted=$debugfs
fi
trap '[ -z "$mounted" ] || umount "$mounted"; ended' EXIT

buddyinfo
if cat "$debugfs/extfrag/extfrag_index" >/dev/null 2>&1; then
	indices usual
else
	skip usual-indices "debugfs says nothing here"
fi

zones=$(wc -l </proc/buddyinfo)
as_nobody fragmentation --json --order 3 10ms 3
equal order-rows "$(rows count order=3) $(rows count order!=3)" "$((3 * zones)) 0"
as_nobody fragmentation --json --order 3 -- sh -c 'exit 0'
equal command-before-and-after "$(rows count order=3)" $((2 * zones))
as_root fragmentation --order 40
complained order-too-large 2 "out of range"
as_root fragmentation --explain 3 --mixers
complained one-view 2 "choose one"
as_root fragmentation --pid 1
complained pid-refused 2 "of no use"
as_root fragmentation --order 3 --movable
complained movable-refused 2 "of no use"

as_nobody fragmentation --json --explain 3 --movable
sound explain-unprivileged
equal explain-unseen "$(rows count mobility=movable movable_blocks=null)" "$zones"
for mark in min low high; do
	equal "explain-$mark" "$(rows each ${mark}_pages)" "$(awk -v mark=$mark '
		{ zone = $1 == "Node" ? $1 $2 $4 : zone }
		NR == FNR { want[zone] = 1 }
		$1 == mark && zone in want { print $2 }' /proc/buddyinfo /proc/zoneinfo)"
done
as_nobody fragmentation --mixers -d 1
complained mixers-unprivileged 1 "not permitted"

if [ "$PLACE" = host ]; then
	if watch fragmentation --json --mixers; then
		unwatch
		sound mixers
	else
		not_ok mixers "$(cat "$tmp/err")"
	fi
	skip pieces "the whole host would suffer"
	exit 0
fi

# The lowest zone would serve a few huge pages: its reserve keeps it out, as it does on larger machines. What the kernel
# keeps free must be less than a huge page, and nothing may mend in the background what is cut: what is swapped out
# leaves larger blocks.
settings='lowmem_reserve_ratio min_free_kbytes watermark_boost_factor compaction_proactiveness compact_unevictable_allowed'
# since 5.14: what processors keep for themselves, whole huge pages of it since 6.7, is in no list of free blocks
[ ! -e /proc/sys/vm/percpu_pagelist_high_fraction ] || settings="$settings percpu_pagelist_high_fraction"
for name in $settings; do
	tr '\t' ' ' <"/proc/sys/vm/$name" >"$tmp/$name"
done
put_back() {
	for name in $settings; do
		cat "$tmp/$name" >"/proc/sys/vm/$name"
	done
	for name in $swaps; do
		swapon "$name"
	done
	[ -z "$mounted" ] || umount "$mounted"
}
swaps=$(awk 'NR > 1 { print $1 }' /proc/swaps)
trap 'put_back; ended' EXIT
for name in $swaps; do
	swapoff "$name"
done
echo 1 >/proc/sys/vm/lowmem_reserve_ratio
echo 1024 >/proc/sys/vm/min_free_kbytes
echo 0 >/proc/sys/vm/watermark_boost_factor
echo 0 >/proc/sys/vm/compaction_proactiveness
[ ! -e /proc/sys/vm/percpu_pagelist_high_fraction ] || echo 1000000 >/proc/sys/vm/percpu_pagelist_high_fraction

cut() { # PART [ARG...]: runs the part while memory is cut into pages
	name=$1
	shift
	PIECES=$name "$WORK/pieces" "$@" -- sh "$0" >"$tmp/inside" 2>"$tmp/did.err"
	grep -e '^ok ' -e '^not ok ' -e '^skip ' "$tmp/inside"
	grep '^{' "$tmp/inside" >"$tmp/did"
	equal "$name-cut" "$(did status)" 0
}

whole
for part in pieces locked; do
	# a huge page that was given back is with a processor, which hands it out at this
	echo 1 >/proc/sys/vm/compact_memory
	echo 0 >/proc/sys/vm/compact_unevictable_allowed # what is locked is not moved
	cut "$part" lock=1
done
