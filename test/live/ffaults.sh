# SPDX-License-Identifier: GPL-2.0-only
# ffaults against the kernel's own account of a process: each fault that it counts is in one row, none in two.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

[ "$PLACE" = guest ] && swap=1 || swap=0

# Where a task may take the processor from another in the midst of a program, what that misses is counted as busy, and
# what a kretprobe passes over as too_late: up to so much may be less than WANTED, elsewhere nothing.
upto() { # NAME GOT WANTED [EACH]
	lacks=$((missed * ${4:-1}))
	between "$1" "$2" $(($3 > lacks ? $3 - lacks : 0)) "$3"
}

# file NAME TARGET: its row says what getrusage(2) said of the workload's part
file() {
	path=$(did "$2.path")
	upto "$1-$2-minor" "$(rows sum minor "file=$path")" "$(did "$2.minor")"
	upto "$1-$2-major" "$(rows sum major "file=$path")" "$(did "$2.major")"
	equal "$1-$2-inode" "$(rows last ino "file=$path")" "$(did "$2.ino")"
	[ "$(rows last start.hooks.access)" = null ] || {
		upto "$1-$2-reads" "$(rows sum reads "file=$path")" "$(did "$2.reads")"
		upto "$1-$2-writes" "$(rows sum writes "file=$path")" "$(did "$2.writes")"
	}
	[ "$(rows last start.hooks.mapped)" = null ] ||
		upto "$1-$2-mapped" "$(rows sum mapped_bytes "file=$path")" "$(did "$2.mapped_bytes")" 2097152
}

counts() { # NAME, while the tool runs
	work faults "file=$DATA" "dir=$tmp" "swap=$swap" || return
	unwatch
	late=0
	case $(rows last start.hooks.fault) in kprobe:*) late=$(($(did crowd.minor) / 50)) ;; esac
	sound "$1" $late
	missed=$(($(rows last end.lost.busy) + $(rows last end.lost.too_late)))
	# what the kernel faults in by itself has no event of perf
	unseen=0
	case $(rows last start.hooks.fault) in perf:*) unseen=$(did populated.minor) ;; esac
	minor=$(($(did minor) - unseen)) major=$(did major)
	upto "$1-minor" "$(rows sum minor)" $minor
	upto "$1-major" "$(rows sum major)" "$major"
	upto "$1-faults" "$(rows sum faults)" $((minor + major))
	between "$1-major-happened" "$(did data.major)" 8 999
	between "$1-populate-happened" "$(did populated.minor)" 50 99
	for target in data one two memory; do
		file "$1" $target
	done
	equal "$1-apart" "$(rows count kind=file "file=$(did one.path)")$(rows count kind=shmem "file=$(did one.path)")" \
		"$(rows count kind=file "file=$(did two.path)")$(rows count kind=shmem "file=$(did two.path)")"
	equal "$1-memory-is-shared" "$(rows last kind "file=$(did memory.path)")" shmem
	equal "$1-data-is-a-file" "$(rows last kind "file=$(did data.path)")" file
	# a thread that maps holds back others' questions; only typed loads have to ask
	unknown=$(rows sum faults kind=unknown)
	[ "$(lockdown)" = confidentiality ] || between "$1-unknown" "$unknown" 0 $(($(did crowd.minor) / 50))
	# the stack and the like fault while it looks at itself
	anon=$(($(did anon.minor) + $(did anon.major) + $(did crowd.minor) + $(did crowd.major)))
	between "$1-anon" $(($(rows sum faults kind=anon) + unknown + missed)) $anon $((anon + 200))
	if [ "$(rows last start.hooks.swap)" = null ]; then
		equal "$1-swap-is-null" "$(rows count kind= swap!=null)" 0
	elif [ "$swap" = 1 ]; then
		upto "$1-swap" "$(rows sum swap)" "$(did anon.in_swap)"
		between "$1-swap-happened" "$(did anon.in_swap)" 100 512
	fi
}

by() { # NAME KIND ARG...
	name=$1 kind=$2
	shift 2
	if watch ffaults --json --wide -n faulting "$@"; then
		counts "$name"
	elif [ "$PLACE" = guest ] && offers "$kind"; then
		not_ok "$name" "status $status: $(cat "$tmp/err")"
	else
		refused ffaults "$name"
	fi
}

by plain tp_btf

if watch ffaults --json --by process -n faulting; then
	work faults "file=$DATA" "dir=$tmp" || exit
	unwatch
	sound process
	missed=$(rows last end.lost.busy)
	path=$(did one.path)
	upto process-file "$(rows sum minor "file=$path" "pid=$(did pid)" comm=faulting)" "$(did one.minor)"
	equal process-alone "$(rows count "file=$path" "pid!=$(did pid)")" 0
	equal process-all "$(rows sum faults)" "$(rows sum faults "pid=$(did pid)")"
else
	refused ffaults process
fi

for kind in fentry kprobe perf; do
	by "hook-$kind" $kind --hook $kind
done
