# SPDX-License-Identifier: GPL-2.0-only
# shmsnoop against a process that tells each of its calls.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

# observe ARG...: runs the workload under the tool. Where the kernel may take the processor from a program it does not
# enter that program for another task: then once more.
observe() {
	for _ in 1 2 3 4 5 6 7 8; do
		watch shmsnoop --json --name shm "$@" || return
		work shm || return
		unwatch
		[ "$(rows last end.lost.busy)" != 0 ] || break
	done
	pid=$(did pid)
}

wanted() { "$WORK/rows" "$tmp/did" each "calls.$1"; }

calls() { # NAME
	sound "$1"
	for key in call ret error args; do
		equal "$1-$key" "$(rows each $key "pid=$pid")" "$(wanted $key)"
	done
	equal "$1-comm" "$(rows count "pid=$pid" comm!=shm)" 0
	equal "$1-latency" "$(rows count "pid=$pid" latency_ns=0)" 0
	equal "$1-numbers" "$(rows count "pid=$pid" call=SHMGET key=1836348264 size_bytes=8192 \
		'shmflg=IPC_CREAT|IPC_EXCL|0600' shmid=null cmd=null)" 1
	equal "$1-commands" "$(rows count "pid=$pid" call=SHMCTL cmd=IPC_RMID key=null)" 3
}

if observe; then calls calls; else not_ok calls "$(cat "$tmp/err")"; fi
if observe --failed; then
	sound failed
	equal failed-errors "$(rows each error "pid=$pid")" "$(wanted error | grep -v null)"
fi
for kind in tp tp_btf; do
	if observe --hook "$kind"; then
		calls "hook-$kind"
	elif offers "$kind"; then
		not_ok "hook-$kind" "status $status: $(cat "$tmp/err")"
	else
		refused shmsnoop "hook-$kind"
	fi
done
