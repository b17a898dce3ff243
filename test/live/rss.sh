# SPDX-License-Identifier: GPL-2.0-only
# rss against /proc/PID/status of a process that stands still.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

resident='' pid=''

begin() { # starts the workload
	rm -f "$tmp/orders" "$tmp/answers"
	mkfifo "$tmp/orders" "$tmp/answers"
	exec 5<>"$tmp/orders" 6<>"$tmp/answers"
	"$WORK/resident" "file=$DATA" <"$tmp/orders" >"$tmp/answers" 5>&- 6>&- &
	resident=$!
	read -r _ pid <&6
}

end() {
	exec 5>&-
	kill "$resident" 2>/dev/null
	wait "$resident" 2>/dev/null
	exec 6>&-
	resident=''
}
trap '[ -z "$resident" ] || end; ended' EXIT

tell() { # ORDER...: the rest of the last answer is then in $told
	for order; do
		echo "$order" >&5
		read -r _ told <&6
	done
}

# One kind of memory in bytes: Anon, File, Shmem, Swap.
status() { # PID KIND
	case $2 in Swap) line=VmSwap ;; *) line=Rss$2 ;; esac
	kib=$(sed -n "s/^$line:[[:space:]]*\([0-9]*\) kB/\1/p" "/proc/$1/status" 2>/dev/null)
	echo $((${kib:-0} * 1024))
}

# The four, and what is resident of them.
look() { # PREFIX PID
	for kind in Anon File Shmem Swap; do
		eval "$1$kind=\$(status $2 $kind)"
	done
	eval "$1=\$(($1Anon + $1File + $1Shmem))"
}

# What the last row says is what /proc said before and now.
exact() { # NAME PID
	look now "$2"
	# shellcheck disable=SC2154 # look() sets them
	equal "$1" "$(for key in start end net anon_net file_net shmem_net swap_net anon file shmem swap; do
		echo "$key=$(rows last ${key}_bytes "pid=$2")"
	done)" "start=$before
end=$now
net=$((now - before))
anon_net=$((nowAnon - beforeAnon))
file_net=$((nowFile - beforeFile))
shmem_net=$((nowShmem - beforeShmem))
swap_net=$((nowSwap - beforeSwap))
anon=$nowAnon
file=$nowFile
shmem=$nowShmem
swap=$nowSwap"
	equal "$1-comm" "$(rows last comm "pid=$2")-$(rows last exited "pid=$2")" resident-false
}

# over NAME ORDER...: what the orders come to, by one row of a run without an interval.
over() {
	name=$1
	shift
	look before "$pid"
	watch rss --json || { not_ok "$name" "$(cat "$tmp/err")"; return 1; }
	tell "$@"
	unwatch
	sound "$name"
	equal "$name-one" "$(rows count "pid=$pid")" 1
	exact "$name" "$pid"
}

# What a thread has changed and not yet told the kernel, to Linux 6.1: of 63 faults, which bring in a page, or up to
# 16 of a file.
late=$((63 * 4096))

by() { # NAME KEY LEAST: what the workload does is large
	got=$(rows last "$2" "pid=$pid")
	if [ "$got" -ge "$3" ] 2>/dev/null; then ok "$1"; else not_ok "$1" "$2 is $got, less than $3"; fi
}

kinds() {
	over grow a f s
	by grow-anon anon_net_bytes $(((8 << 20) - late))
	by grow-file file_net_bytes $(((16 << 20) - 16 * late))
	by grow-shmem shmem_net_bytes $(((2 << 20) - late))
	over shrink A S
	over mixed F a
	tell A
}

# Each row begins where the one before ended, and the last ends where /proc does.
intervals() {
	look before "$pid"
	watch rss --json 100ms -p "$pid" || { not_ok intervals "$(cat "$tmp/err")"; return; }
	rounds=0
	while [ $((rounds += 1)) -le 2000 ] && [ "$(rows count pid!=)" -lt 6 ]; do
		tell f a
		tell F A s S
	done
	tell a
	unwatch
	sound intervals
	between intervals-happened "$(rows count pid!=)" 6 2000
	look now "$pid"
	equal intervals-chain "$(rows each start_bytes)" "$(echo "$before" && rows each end_bytes | sed '$d')"
	equal intervals-end "$(rows last end_bytes)" "$now"
	equal intervals-others "$(rows count pid!= "pid!=$pid")" 0
	tell A
}

# Memory that another process takes away while this one sleeps.
reclaimed() {
	if [ "$PLACE" = guest ]; then
		tell a
		over reclaimed r
		by reclaimed-swapped swap_net_bytes $((4 << 20))
		equal reclaimed-shrank "$(rows count "pid=$pid" "net_bytes=$(rows last net_bytes "pid=$pid")")" 1
		[ "$(rows last net_bytes "pid=$pid")" -lt $((-4 << 20)) ] ||
			not_ok reclaimed-anon "$(rows last net_bytes "pid=$pid")"
	else
		tell f
		over reclaimed r
		[ "$(rows last file_net_bytes "pid=$pid")" -lt $((-1 << 20)) ] ||
			not_ok reclaimed-file "$(rows last file_net_bytes "pid=$pid")"
	fi
	# who did it has not lost anything
	equal reclaimed-not-theirs "$(rows count "pid=$resident" "net_bytes=$(rows last net_bytes "pid=$pid")")" 0
}

executed() {
	tell a
	over exec x
	over exec-grow x a
}

# A child has what its parent had, whether it touches it or not.
forked() {
	tell a
	watch rss --json || { not_ok fork "$(cat "$tmp/err")"; return; }
	tell k
	unwatch
	sound fork
	equal fork "$(rows last start_bytes "pid=$told")-$(rows last exited "pid=$told")" 0-true
	anon=$(rows last anon_bytes "pid=$told")
	between fork-anon "$anon" $(((8 << 20) - late)) $((9 << 20))
}

# A process that shares the memory is not told apart from its owner.
shared() {
	over shared v
	by shared-anon anon_net_bytes $(((3 << 20) - late))
	equal shared-once "$(rows count "pid=$told")" 0
	kill -KILL "$told"
}

leaderless() {
	tell l
	# its own file has no such lines any more, those of its threads have
	thread=$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | grep -v "/$pid\$")
	look before "$pid/task/${thread##*/}"
	watch rss --json || { not_ok leaderless "$(cat "$tmp/err")"; return; }
	tell a s
	unwatch
	sound leaderless
	look now "$pid/task/${thread##*/}"
	equal leaderless "$(rows last start_bytes "pid=$pid")-$(rows last end_bytes "pid=$pid")" "$before-$now"
	equal leaderless-lives "$(rows last exited "pid=$pid")" false
}

# A process that ends has grown until then. What CPUs or threads had not added up yet is seen or not, depending on
# the kernel: for each kind 64 pages, or 32 for each CPU of a few.
exited() { # [KIND]: of hook
	tell a
	look before "$pid"
	# shellcheck disable=SC2086 # no word, or two
	watch rss --json ${1:+--hook} $1 || { not_ok "exit${1:+-$1}" "$(cat "$tmp/err")"; return; }
	tell s
	look now "$pid"
	tell q
	unwatch
	sound "exit${1:+-$1}"
	apart=$((3 * 64 * 4096))
	between "exit${1:+-$1}-end" "$(rows last end_bytes "pid=$pid")" $((now - apart)) $((now + apart))
	equal "exit${1:+-$1}-start" "$(rows last start_bytes "pid=$pid")" "$before"
	equal "exit${1:+-$1}-told" "$(rows count "pid=$pid" exited=true comm=resident)" 1
	case $(rows last start.hooks.life) in *exit_mm_release*) early=yes ;; *) early= ;; esac
	if [ "$PLACE" = host ] || [ "$(uname -r | cut -d . -f 1)" -ge 7 ] ||
		{ [ "$early" ] && [ "$(lockdown)" != confidentiality ]; }; then
		# at the end of a thread the kernel may still write to its memory
		between "exit${1:+-$1}-exact" "$(rows last end_bytes "pid=$pid")" $((now - 2 * 4096)) $((now + 2 * 4096))
	fi
}

exited_tp() { exited tp_btf; }

# By what the owner is, not who changes its memory; and of a process that is new.
filtered() {
	watch rss --json -n resident -c "/memtrace-resident.$resident" || { not_ok filter "$(cat "$tmp/err")"; return; }
	tell a
	work press size=1M rounds=1 limit=0
	unwatch
	equal filter "$(rows count pid!=)-$(rows count "pid=$pid" "cgroup=/memtrace-resident.$resident")" 1-1
	watch rss --json -n press || { not_ok born "$(cat "$tmp/err")"; return; }
	work press size=1M rounds=1 limit=0
	unwatch
	sound born
	equal born "$(rows each start_bytes "pid=$(did pid)")-$(rows each exited "pid=$(did pid)")" 0-true
	equal born-alone "$(rows count pid!= comm!=press)" 0
}

refuses() {
	"$MEMTRACE" rss --tid 1 >"$tmp/rows" 2>"$tmp/err"
	status=$?
	complained no-tid 2 tid
}

for case in kinds intervals reclaimed executed forked shared leaderless filtered exited exited_tp; do
	begin
	$case
	end
done
refuses
