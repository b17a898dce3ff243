# SPDX-License-Identifier: GPL-2.0-only
# What the live tests share; they run under any POSIX shell, busybox's in a guest included.
#
# Environment: MEMTRACE the program, WORK the directory of the workloads, PLACE host or guest,
# DATA something to thrash: a block device, or a file that is not there yet.
# Every test says "ok NAME", "not ok NAME: why" or "skip NAME: reason", a line each.
#
# shellcheck shell=sh

: "${MEMTRACE:?}" "${WORK:?}" "${PLACE:?}" "${DATA:?}"
tmp=$(mktemp -d)
export LC_ALL=C
test=${0##*/}
test=${test%.sh}
tool='' reader=''

ended() {
	trap '' INT TERM # the rest of a group signal must not cut this short
	[ -z "$tool" ] || kill -KILL "$tool" 2>/dev/null
	rm -rf "$tmp"
}
trap ended EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

ok() { echo "ok $test/$1"; }
not_ok() { echo "not ok $test/$1: $(echo "$2" | tr '\n' ' ')"; }
skip() { echo "skip $test/$1: $2"; }

equal() { # NAME GOT WANTED
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "is '$2', not '$3'"; fi
}

between() { # NAME GOT LEAST MOST
	case $2$3$4 in
	*[!0-9]* | '') not_ok "$1" "'$2' between '$3' and '$4': not numbers" ;;
	*) if [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; then ok "$1"; else not_ok "$1" "$2 is not between $3 and $4"; fi ;;
	esac
}

# watch TOOL ARG...: starts memtrace, comes back when it traces, status 1 if it ended before.
# Its rows go to $tmp/rows, its messages to $tmp/err.
watch() {
	rm -f "$tmp/out" "$tmp/ready"
	mkfifo "$tmp/out" "$tmp/ready"
	# for reading and writing: opening one end waits for the other, and the end of a child would break that
	exec 3<>"$tmp/ready"
	{
		IFS= read -r first
		printf '%s\n' "$first" >&3
		[ -z "$first" ] || printf '%s\n' "$first"
		exec cat 3>&-
	} <"$tmp/out" >"$tmp/rows" &
	reader=$!
	"$WORK/as" -- "$MEMTRACE" "$@" >"$tmp/out" 2>"$tmp/err" 3>&- &
	tool=$!
	IFS= read -r first <&3
	[ -n "$first" ] || { reap; return 1; }
}

reap() { # waits for the end of memtrace; its status is then in $status
	status=0
	wait "$tool" || status=$?
	tool=''
	wait "$reader"
}

unwatch() { # ends memtrace as Ctrl-C does
	kill -INT "$tool"
	reap
}

rows() { "$WORK/rows" "$tmp/rows" "$@" 2>&1; }

# work PROGRAM ARG...: runs a workload; what it did is asked for with did
work() {
	program=$1
	shift
	if ! "$WORK/$program" "$@" >"$tmp/did" 2>"$tmp/did.err"; then
		not_ok "work-$program" "the workload failed: $(tail -n 1 "$tmp/did.err") $(cat "$tmp/did")"
		return 1
	fi
}

did() { "$WORK/rows" "$tmp/did" last "$1" 2>/dev/null; }
did_sum() { # a sum over counters, those that the kernel has not got left out
	total=0
	for counter; do
		value=$(did "$counter") && total=$((total + value))
	done
	echo $total
}

# Upper bound for a figure of the tool against a counter read around the workload. Others reclaim too
# while the tool runs and the workload does not: in a guest a few hundred events were seen, on a host
# there may be any number.
slack() {
	if [ "$PLACE" = guest ]; then echo $(($1 + $1 / 20 + 64)); else echo $(($1 * 10 + 64)); fi
}

# Lower bound: the kernel counts twice a reclaim that it begins again in the middle (first to spare
# protected groups or active pages), and pages that come back from writing after their reclaim ended.
nearly() { echo $(($1 - $1 / 50 - 2)); }

# Reclaims of the workload's cgroup, into $least and $most. Version 2 counts each one, and later kernels
# also the few charges that go over the limit by force. Version 1 counts refused charges, which are more:
# a batch, then the pages themselves, and those that may not reclaim.
# shellcheck disable=SC2034 # the caller's
memcg_bounds() {
	if [ "$(did cgroup_version)" = 2 ]; then
		most=$(did events.max)
		least=$(nearly "$most")
	else
		least=1
		most=$(did failcnt)
	fi
}

# direct reclaims, by the kernel's count
stalls() {
	did_sum vmstat.allocstall_dma vmstat.allocstall_dma32 vmstat.allocstall_normal \
		vmstat.allocstall_movable vmstat.allocstall_device
}

# size of anonymous memory that this machine has not got, in KiB
too_much() { echo $(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) * 12 / 10)); }

# What every run must leave: status 0, strict JSON, a start, an end whose sums agree, and no loss; but
# LATE events may be under way when tracing ends (0, unless something else than the workload may be). On
# a host others may be in the middle of a reclaim when tracing begins, too. The newest kernels take the
# processor from a program in the midst of it, and do not enter it twice: up to 2 % are busy. An end that was
# not seen for that leaves a beginning, which is told as too late.
sound() { # NAME [LATE]
	if [ "$status" != 0 ]; then
		not_ok "$1-sound" "status $status: $(head -n 1 "$tmp/err")"
	elif [ -n "$(rows check)" ]; then
		not_ok "$1-sound" "$(rows check)"
	elif [ "$(rows count start.tool!=)" != 1 ]; then
		not_ok "$1-sound" "no start object"
	elif ! agrees; then
		not_ok "$1-sound" "seen is not delivered + aggregated + lost: $(tail -n 1 "$tmp/rows")"
	elif [ "$(lost)" != $(($(rows last end.lost.too_late) + $(rows last end.lost.no_start) + $(rows last end.lost.busy))) ] ||
		[ "$(rows last end.lost.busy)" -gt $(($(rows last end.seen) / 50)) ] ||
		{ [ "$PLACE" = guest ] && [ "$(lost)" -gt $((${2:-0} + 2 * $(rows last end.lost.busy))) ]; }; then
		not_ok "$1-sound" "lost events: $(tail -n 1 "$tmp/rows")"
	else
		ok "$1-sound"
	fi
}

lost() { rows sum 'end.lost.*'; }

agrees() { # the loss identity, exactly
	[ "$(rows last end.seen)" = "$(($(rows last end.delivered) + $(rows last end.aggregated) + $(lost)))" ]
}

lockdown() { # the level in force
	sed -n 's/.*\[\(.*\)\].*/\1/p' /sys/kernel/security/lockdown 2>/dev/null
}

# Whether this place lets a kind of hook be used at all.
offers() { # KIND
	case $1 in
	tp_btf) true ;;
	fentry) [ "$PLACE" = guest ] ;;
	kprobe) [ -e /sys/kernel/tracing/kprobe_events ] && [ "$(lockdown)" != confidentiality ] ;;
	tp) [ -e /sys/kernel/tracing/events/vmscan ] ;;
	perf) ! uname -r | grep -q '^5\.' ;; # what its programs need came with 5.17: bpf_find_vma()
	esac
}

# complained NAME STATUS WORD...: that exit status, and one line on stderr that has each word
complained() {
	name=$1 wanted=$2
	shift 2
	if [ "$status" != "$wanted" ]; then
		not_ok "$name" "status $status, not $wanted: $(head -n 1 "$tmp/err")"
		return
	fi
	if [ "$(grep -c '' "$tmp/err")" != 1 ]; then
		not_ok "$name" "$(grep -c '' "$tmp/err") lines of complaint: $(head -n 1 "$tmp/err")"
		return
	fi
	for word; do
		if ! grep -q -e "$word" "$tmp/err"; then
			not_ok "$name" "no word of '$word': $(cat "$tmp/err")"
			return
		fi
	done
	ok "$name"
}

refused() { complained "$2-refused" 3 "$1"; } # TOOL NAME

# each_hook TOOL CHECK KIND...: runs the tool once by each kind of hook, CHECK NAME does and compares
# something meanwhile. Where the place does not offer the kind, the tool must refuse.
each_hook() {
	each_tool=$1 each_check=$2
	shift 2
	for kind; do
		if watch "$each_tool" --json --hook "$kind"; then
			"$each_check" "hook-$kind"
		elif offers "$kind"; then
			not_ok "hook-$kind" "status $status: $(cat "$tmp/err")"
		else
			refused "$each_tool" "hook-$kind"
		fi
	done
}
