# SPDX-License-Identifier: GPL-2.0-only
# cachestat against workloads that know what they asked for, and what of it cannot have been in the cache.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

pages=2048
file=$DATA
if [ ! -b "$DATA" ]; then
	file=$DATA.cache
	dd if=/dev/zero of="$file" bs=4096 count=$pages 2>/dev/null
	trap 'rm -f "$DATA.cache"; ended' EXIT
fi

# What a process does beside: its own program is read and mapped too, and its output written.
beside=64

of() { rows sum "$1_pages" "pid=$(did pid)"; }

told() { # NAME HITS MISSES: as many as that, and as many pages came in as the kernel read for the process
	between "$1-hits" "$(of hit)" "$2" $(($2 + beside))
	between "$1-misses" "$(of miss)" "$3" $(($3 + beside / 4))
	came_in "$1"
}

# A file system brings in blocks of its own as well, for a new file without reading them: 167 were seen once.
[ -b "$DATA" ] && blocks=$beside || blocks=512
came_in() { between "$1-inserted" "$(of inserted)" "$(did read_pages)" $(($(did read_pages) + blocks)); }

# With read-ahead it depends on the kernel which pages were there in time, but not how many were asked for.
ahead() { # NAME ASKED
	between "$1-asked" $(($(of hit) + $(of miss))) "$2" $(($2 + beside))
	between "$1-misses" "$(of miss)" 1 $pages
	came_in "$1"
}

cache() { work cache "file=$file" "pages=$pages" "$@"; }

# Each workload once, and all checks afterwards. The interval is longer than that: a page asked for is a hit until it
# is known to be a miss, and with large reads of a slow device that may be in the next one.
workloads() {
	for load in "random-small do=read random=1 block=4096" "random-large do=read random=1 block=1M" \
		"small do=read block=4096 rounds=2" "large do=read block=1M rounds=2" "map do=map random=1 rounds=2" \
		"write do=write block=64K"; do
		# shellcheck disable=SC2086 # a name and arguments
		set -- $load
		name=$1
		shift
		cache "$@" || return
		mv "$tmp/did" "$tmp/did.$name"
	done
}

recall() { cp "$tmp/did.$1" "$tmp/did"; }

by_process() { # NAME
	workloads || return
	unwatch
	sound "$1"
	recall random-small
	told "$1-random-small" 0 $pages
	recall random-large
	told "$1-random-large" 0 $pages
	recall small
	ahead "$1-small" $((2 * pages))
	recall large
	ahead "$1-large" $((2 * pages))
	recall map
	told "$1-map" $(($(did faults) - pages)) $pages
	equal "$1-major" "$(did major_faults)" $pages
	recall write
	between "$1-write" "$(of dirty)" $pages $((pages + beside))
	between "$1-write-misses" "$(of miss)" 0 $((beside / 4))
	# no row says more hits and misses than were asked for, and none less than nothing
	equal "$1-ratio" "$(rows count 'hit_ratio!=null' miss_pages=0 'hit_ratio!=1')" 0
}

for kind in '' tp_btf fentry kprobe; do
	if watch cachestat --json --by process ${kind:+--hook "$kind"} 600; then
		by_process "process${kind:+-$kind}"
	elif [ "$kind" ] && { ! offers "$kind" || grep -q 'this kernel has no' "$tmp/err"; }; then
		refused cachestat "process-$kind"
	else
		not_ok "process${kind:+-$kind}" "status $status: $(cat "$tmp/err")"
	fi
done

# The whole host, filtered to the workload: the same figures.
if watch cachestat --json -n cache; then
	cache do=read random=1
	unwatch
	sound total
	between total-misses "$(rows sum miss_pages)" $pages $((pages + beside))
	between total-hits "$(rows sum hit_pages)" 0 $((2 * beside))
	equal total-by "$(rows last start.by)" total
	equal total-buffers "$(rows count buffers_bytes=null)$(rows count cached_bytes=null)" 00
else
	not_ok total "$(cat "$tmp/err")"
fi

# By file there is nothing beside: exactly.
if watch cachestat --json --by file -n cache; then
	cache do=read random=1 rounds=2
	unwatch
	sound file
	which="device=$(did major):$(did minor)"
	inode=inode=$(did inode || echo null)
	equal file-misses "$(rows sum miss_pages "$which" "$inode")" $pages
	equal file-hits "$(rows sum hit_pages "$which" "$inode")" $pages
else
	not_ok file "$(cat "$tmp/err")"
fi

# Files by their paths, two of one name, and one that is gone but open. Where no type leads to a name there is none.
paths() {
	asked() { rows sum asked_pages "inode=$(did inode)" "file=$1"; } # PATH: as much, and by that path
	file=$dir/a/same
	cache do=read && mv "$tmp/did" "$tmp/did.a"
	file=$dir/b/same
	cache do=read rounds=2 && mv "$tmp/did" "$tmp/did.b"
	exec 4<"$dir/gone"
	rm "$dir/gone"
	file=/proc/self/fd/4
	cache do=read
	exec 4<&-
	mv "$tmp/did" "$tmp/did.gone"
	# one after the other, which a file system may give the same number
	for name in u v; do
		file=$dir/$name
		cache do=read
		mv "$tmp/did" "$tmp/did.$name"
	done
	unwatch
	sound paths
	a=$dir/a/same b=$dir/b/same gone="$dir/gone (deleted)" u=$dir/u v=$dir/v
	[ "$(lockdown)" != confidentiality ] || a=null b=null gone=null u=null
	recall a
	equal paths-a "$(asked "$a")" $pages
	recall b
	equal paths-b "$(asked "$b")" $((2 * pages))
	recall gone
	equal paths-gone "$(asked "$gone")" $pages
	recall u
	if [ "$u" != null ]; then
		equal paths-u "$(asked "$u")" $pages
		recall v
		equal paths-v "$(asked "$v")" $pages
	fi
}

dir=$tmp/files
mkdir "$dir"
pages=64
# a guest has but shared memory there, which is not looked at
if [ "$PLACE" != guest ] || mount -t ramfs none "$dir"; then
	mkdir "$dir/a" "$dir/b"
	for name in a/same b/same gone; do
		dd if=/dev/zero of="$dir/$name" bs=4096 count=$pages 2>/dev/null
	done
	if watch cachestat --json --by file -n cache; then
		paths
	else
		not_ok paths "$(cat "$tmp/err")"
	fi
	[ "$PLACE" != guest ] || umount "$dir"
else
	not_ok paths "no ramfs"
fi
