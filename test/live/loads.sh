# SPDX-License-Identifier: GPL-2.0-only
# loads against the files that it reads, read around it: exactly, without privilege and without BPF.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

run() { # [as's options --] memtrace to its end
	status=0
	"$WORK/as" "$@" >"$tmp/rows" 2>"$tmp/err" </dev/null || status=$?
}

total() { # some|full [FILE]: microseconds
	sed -n "s/^$1 .*total=//p" "${2:-/proc/pressure/memory}"
}

average() { sed -n "s/^$1 avg10=\([0-9.]*\) .*/\1/p" /proc/pressure/memory; }

# The same figure before and after: then what was read between must be it. It moves once in some seconds.
settled() { # NAME KEY COMMAND...: key of a row against what the command prints
	name=$1 key=$2
	shift 2
	for _ in 1 2 3 4 5; do
		before=$("$@")
		run uid=65534 -- "$MEMTRACE" loads --json 10ms 1
		[ "$("$@")" != "$before" ] || break
	done
	equal "$name" "$(rows last "$key")" "$before"
}

load_of() { cut -d ' ' -f "$1" /proc/loadavg; }

settled load1 load1 load_of 1
settled load5 load5 load_of 2
settled load15 load15 load_of 3
sound unprivileged

if [ -e /proc/pressure/memory ]; then
	settled some-average memory_some_avg10_percent average some
	settled full-average memory_full_avg10_percent average full
fi

# Stall time of a workload: the kernel's total is read before the tool, once it traces, before its end and after it.
# What the rows add up to lies between the inner and the outer differences.
bracketed() { # NAME FILE [ARG...]; "$TMP/job" is run meanwhile
	name=$1 file=$2
	shift 2
	for kind in some full; do total $kind "$file"; done >"$tmp/t0"
	watch loads --json "$@" 0.3 || { not_ok "$name" "$(cat "$tmp/err")"; return; }
	for kind in some full; do total $kind "$file"; done >"$tmp/t1"
	job || return
	for kind in some full; do total $kind "$file"; done >"$tmp/t2"
	unwatch
	for kind in some full; do total $kind "$file"; done >"$tmp/t3"
	sound "$name"
	n=0
	for kind in some full; do
		n=$((n + 1))
		inner=$(($(sed -n ${n}p "$tmp/t2") - $(sed -n ${n}p "$tmp/t1")))
		outer=$(($(sed -n ${n}p "$tmp/t3") - $(sed -n ${n}p "$tmp/t0")))
		between "$name-$kind" "$(($(rows sum "memory_${kind}_stall_ns") / 1000))" "$inner" "$outer"
	done
	between "$name-stalled" "$(rows sum memory_some_stall_ns)" 1000000 99999999999999
}

job() { work press "file=$DATA" size=64M rounds=2 limit=16M; }

if [ -e /proc/pressure/memory ]; then
	bracketed host /proc/pressure/memory
else
	skip host "no PSI in this kernel"
fi

# ---- of one cgroup ----
group=/sys/fs/cgroup/memtrace-loads
trap 'rmdir "$group" 2>/dev/null; ended' EXIT

job_inside() {
	# shellcheck disable=SC2016 # the inner shell expands it
	sh -c 'echo $$ >"$1/cgroup.procs" && exec "$2" "file=$3" size=48M rounds=2 limit=0' - \
		"$group" "$WORK/press" "$DATA" >"$tmp/did" 2>"$tmp/did.err" || not_ok inside "$(cat "$tmp/did.err")"
}

if [ -e /sys/fs/cgroup/cgroup.controllers ] && mkdir "$group"; then
	echo 16M >"$group/memory.max"
	job() { job_inside; }
	bracketed cgroup "$group/memory.pressure" -c /memtrace-loads
	equal cgroup-named "$(rows count cgroup=/memtrace-loads)" "$(rows count 'ts!=')"
	run uid=65534 -- "$MEMTRACE" loads --json -c memtrace-loads 10ms 1
	equal cgroup-unprivileged "$status $(rows count cgroup=/memtrace-loads 'memory_some_stall_ns!=null')" "0 1"
	# one that is removed, and made anew with counters that begin at 0
	if watch loads --json -c /memtrace-loads 0.1; then
		rmdir "$group" && mkdir "$group"
		while [ "$(rows count memory_some_stall_ns=null)" = 0 ] && kill -0 "$tool"; do sleep 0.1; done
		unwatch
		equal cgroup-gone "$status $(rows last memory_some_stall_ns)" "0 null"
	fi
	rmdir "$group"
else
	run -- "$MEMTRACE" loads -c / 1 1
	complained cgroup-version-1 3 "version 1"
fi

# ---- where there is less ----
without() { # COMMAND ARG...
	status=0
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -m sh -c 'eval "$1"; shift; exec "$@"' - "$@" >"$tmp/rows" 2>"$tmp/err" </dev/null || status=$?
}

if [ -e /proc/pressure ]; then
	without 'mount -t tmpfs none /proc/pressure' "$MEMTRACE" loads --json 10ms 3
	complained no-psi 0 CONFIG_PSI psi=1
	equal no-psi-null "$(rows count memory_some_stall_ns=null memory_full_avg10_percent=null 'load1!=null')" 3
fi
without 'mount --bind /dev/null /sys/kernel/btf/vmlinux' "$MEMTRACE" loads --json 10ms 1
sound no-btf

run -- "$MEMTRACE" loads --pid 1
complained pid-refused 2 "of no use"
run -- "$MEMTRACE" loads --hook tp
complained hook-refused 2 "of no use"
run -- "$MEMTRACE" loads --json -- sh -c 'exit 0'
sound command
