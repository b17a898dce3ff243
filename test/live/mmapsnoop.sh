# SPDX-License-Identifier: GPL-2.0-only
# mmapsnoop against a process that tells each of its calls, which it has compared with its own /proc/self/maps.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

# observe MOUNTS ARG...: runs the workload under the tool. Where the kernel may take the processor from a program it
# does not enter that program for another task: then once more.
observe() {
	with=$1
	shift
	for _ in 1 2 3 4 5 6 7 8; do
		watch mmapsnoop --json --name maps "$@" || return
		work maps "dir=$tmp/maps" "mounts=$with" || return
		unwatch
		[ "$(rows last end.lost.busy)" != 0 ] || break
	done
	pid=$(did pid)
}

# One word a call, in order. Calls of 32-bit code, which the workload makes too where it can, are none of them.
got() { rows each "$1" "pid=$pid" call!=brk | tr '\n' ' '; }
wanted() { "$WORK/rows" "$tmp/did" each "calls.$1" | tr '\n' ' '; }

calls() { # NAME
	sound "$1"
	for key in call prot map flags asked_addr size_bytes offset_bytes addr old_addr old_size_bytes error; do
		equal "$1-$key" "$(got $key)" "$(wanted $key)"
	done
	equal "$1-comm" "$(rows count "pid=$pid" comm!=maps)" 0
	equal "$1-latency" "$(rows count "pid=$pid" latency_ns=0)" 0
}

# Paths are whole, but for the five that are too long or too deep: those end as the whole path does.
paths() { # NAME
	rows each file "pid=$pid" call!=brk >"$tmp/got"
	"$WORK/rows" "$tmp/did" each calls.file >"$tmp/wanted"
	equal "$1-paths" "$(paste "$tmp/got" "$tmp/wanted" | awk -F '\t' '
		$1 == $2 { same++; next }
		substr($1, 1, 3) == "..." && substr($2, length($2) - length($1) + 4) == substr($1, 4) { cut++; next }
		{ print "is " $1 ", not " $2 }
		END { print same + cut == NR, cut }')" '1 5'
}

if ! observe 0; then
	not_ok calls "$(cat "$tmp/err")"
	exit
fi
calls calls
paths calls
# the same of files that only that process finds where they are
if observe 1; then
	sound mounts
	if [ "$(lockdown)" = confidentiality ]; then
		equal mounts-not-followed "$(rows count "pid=$pid" file=.../sub/inner)" 2
	else
		paths mounts
		equal mounts-inner "$(rows count "pid=$pid" "file=$tmp/maps/m/sub/inner")" 1
		equal mounts-bound "$(rows count "pid=$pid" "file=$tmp/maps/bound/inner")" 1
	fi
else
	not_ok mounts "$(cat "$tmp/err")"
fi

if observe 0 --files; then
	sound files
	equal files-rows "$(rows count "pid=$pid")" "$("$WORK/rows" "$tmp/did" each calls.offset_bytes | grep -vc null)"
	equal files-others "$(rows count "pid=$pid" call!=mmap)" 0
fi
if observe 0 --failed; then
	sound failed
	equal failed-errors "$(rows each error "pid=$pid" | tr '\n' ' ')" \
		"$("$WORK/rows" "$tmp/did" each calls.error | grep -v null | tr '\n' ' ')"
fi
if observe 0 --min-size 64K; then
	sound min-size
	equal min-size-sizes "$(rows each size_bytes "pid=$pid" | tr '\n' ' ')" \
		"$("$WORK/rows" "$tmp/did" each calls.size_bytes | awk '$1 >= 65536' | tr '\n' ' ')"
fi
if observe 0 --brk; then
	sound brk
	at=$(did brk)
	up=$((at + 65536))
	equal brk-grew "$(rows count call=brk "pid=$pid" "old_addr=$at" "addr=$up" size_bytes=65536 error=null)" 1
	equal brk-shrank "$(rows count call=brk "pid=$pid" "old_addr=$up" "addr=$at" size_bytes=65536 error=null)" 1
	equal brk-failed "$(rows count call=brk "pid=$pid" asked_addr=1 "addr=$at" size_bytes=0 error=ENOMEM)" 1
	equal brk-maps-too "$(got addr)" "$(wanted addr)"
else
	not_ok brk "$(cat "$tmp/err")"
fi

for kind in tp tp_btf; do
	if observe 0 --hook "$kind"; then
		calls "hook-$kind"
		if [ "$(lockdown)" = confidentiality ]; then
			equal "hook-$kind-no-paths" "$(rows count "pid=$pid" file!=null)" 0
		else
			paths "hook-$kind"
		fi
	elif offers "$kind"; then
		not_ok "hook-$kind" "status $status: $(cat "$tmp/err")"
	else
		refused mmapsnoop "hook-$kind"
	fi
done
