# SPDX-License-Identifier: GPL-2.0-only
# readahead against workloads of which it is known what is read ahead, and what of that is used.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

pages=2048
file=$DATA
if [ ! -b "$DATA" ]; then
	file=$DATA.ahead
	dd if=/dev/zero of="$file" bs=4096 count=$pages 2>/dev/null
	trap 'rm -f "$file"; ended' EXIT
fi

# by which the file is told; a block device has none
path=null
[ -b "$DATA" ] || path=$file

of() { rows sum "$1_pages" "$which" "$inode"; }

# Follows one workload by file: nothing of others is in it.
cache() { # NAME ARG...
	name=$1
	shift
	if ! watch readahead --json --by file ${kind:+--hook "$kind"} -n cache; then
		not_ok "$name" "$(cat "$tmp/err")"
		return 1
	fi
	work cache "file=$file" "pages=$pages" "$@" || return
	unwatch
	sound "$name"
	which="device=$(did major):$(did minor)"
	inode=inode=$(did inode || echo null)
}

is() { # NAME AHEAD USED: and the rest unused, whether it is in the cache still or not
	equal "$1-pages" "$(of ahead) $(of used) $(($(of dropped) + $(of waiting)))" "$2 $3 $(($2 - $3))"
}

# Pages that the workload read, by the kernel's count; that has a few more where some of its own came back from swap.
readable() { # AHEAD: or as many, if they are nearly all
	all=$(did read_pages)
	if [ "$1" -le "$all" ] && [ $((all - $1)) -le 8 ]; then echo "$1"; else echo "$all"; fi
}

# All but what came with the first miss, of a file that is read in its order: the kernel was always there before. On a
# block device it goes on behind the pages that are read.
in_order() { # NAME
	behind=$(($(did read_pages) - pages))
	between "$1-happened" "$(of ahead)" $((pages / 2)) $((pages + behind - 1))
	between "$1-used" "$(of used)" $(($(of ahead) - behind)) $(($(of ahead) - behind + 8))
}

some() { # PREFIX
	cache "$1sequential" do=read block=4096 && in_order "$1sequential"
	# what is asked for is not read ahead, though the same code reads it
	cache "$1random" do=read random=1 && is "$1random" 0 0
	# as much as the kernel read for the process, for nothing
	cache "$1dropped" do=drop && is "$1dropped" "$(readable "$(of ahead)")" 0
	equal "$1dropped-out" "$(of dropped)" "$(of ahead)"
	equal "$1path" "$(rows count "$which" "$inode" "file=$path")" 1
	# the kernel reads around a fault, and maps 16 pages at once
	cache "$1mapped" do=map || return
	if [ "$PLACE" = guest ]; then
		in_order "$1mapped"
	else # a huge page may be mapped as a whole, which no tracepoint tells
		between "$1mapped-used" "$(of used)" 1 "$(of ahead)"
	fi
}

more() {
	cache large do=read block=64K && in_order large
	cache random-large do=read random=1 block=1M && is random-large 0 0
	cache written do=write && is written 0 0
	cache advised do=ahead && is advised "$(readable "$(of ahead)")" 0
	# here and there a page: what comes with it is not used, and nothing is used twice
	cache strided do=read step=64 && is strided $(($(readable $(($(of ahead) + $(did asked)))) - $(did asked))) 0
	cache again do=read rounds=2 && in_order again
}

refuses() { # can this place not do it by that kind of hook, or at all?
	status=0
	"$WORK/as" -- "$MEMTRACE" readahead --json ${kind:+--hook "$kind"} -d 10ms >"$tmp/rows" 2>"$tmp/err" </dev/null || status=$?
	[ "$status" = 3 ]
}

for kind in '' tp_btf fentry kprobe; do
	if ! refuses; then
		some "${kind:+$kind-}"
		[ "$kind" ] || more
	elif [ "$kind" ] && { ! offers "$kind" || grep -q 'this kernel has no' "$tmp/err"; }; then
		refused readahead "$kind"
	else
		not_ok "${kind:-any}" "status $status: $(cat "$tmp/err")"
	fi
done

# The whole host, with the ages; then too little room for them, which must be told.
kind=
if watch readahead --json -n cache; then
	work cache "file=$file" pages=$pages do=read
	unwatch
	sound total
	equal total-histogram "$(rows sum buckets.n hist=age_ns)" "$(rows sum used_pages)"
	between total-used "$(rows sum used_pages)" $((pages / 2)) $((2 * pages))
else
	not_ok total "$(cat "$tmp/err")"
fi
if watch readahead --json -n cache --map-entries 64; then
	work cache "file=$file" pages=$pages do=ahead
	unwatch
	between full "$(rows last end.lost.map_full)" 1 $pages
	equal full-ahead "$(rows sum ahead_pages)" 64
	sum=$(($(rows sum ahead_pages) + $(lost)))
	equal full-sum "$sum" "$(readable "$sum")"
	if agrees; then ok full-agrees; else not_ok full-agrees "$(tail -n 1 "$tmp/rows")"; fi
else
	not_ok full "$(cat "$tmp/err")"
fi
