# SPDX-License-Identifier: GPL-2.0-only
# Bad use and bad luck: one clear line, the right status, nothing left behind.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

run() { # memtrace to its end; its rows and messages where watch has them
	status=0
	"$WORK/as" -- "$MEMTRACE" "$@" >"$tmp/rows" 2>"$tmp/err" </dev/null || status=$?
}

without() { # COMMAND ARG...: runs memtrace where COMMAND, in a mount namespace of its own, took something away
	status=0
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -m sh -c 'eval "$1"; shift; exec "$@"' - "$@" >"$tmp/rows" 2>"$tmp/err" </dev/null || status=$?
}

# ---- used wrongly: status 2 ----
used_wrongly() { # NAME WORD ARG...
	name=$1 word=$2
	shift 2
	run "$@"
	complained "$name" 2 "^$1:" "$word"
}

used_wrongly unknown-option --no-such vmscan --no-such
used_wrongly number-out-of-range 99999999999999999999 vmscan -d 99999999999999999999
used_wrongly number-negative -1 vmscan -d -1
used_wrongly number-none soon vmscan soon
used_wrongly interval-zero 0 vmscan 0
used_wrongly pid-and-command pid drsnoop --pid 1 -- true
used_wrongly two-formats csv vmscan --json --csv

run no-such-tool
equal unknown-tool-status "$status" 2
run
equal no-tool-lists "$(grep -c -w -e vmscan -e drsnoop "$tmp/rows")" 2

# ---- failed: status 1 ----
gone=$(sh -c 'echo $$')
run drsnoop --pid "$gone" -d 1
complained no-such-pid 1 ^drsnoop: "$gone"

run vmscan --json --output /dev/full -d 1
complained disk-full 1 ^vmscan: /dev/full

run vmscan --output "$tmp/no/such/directory" -d 1
complained no-such-directory 1 ^vmscan: "$tmp/no/such/directory"

mkfifo "$tmp/pipe"
head -n 1 <"$tmp/pipe" >/dev/null &
head=$!
status=0
"$WORK/as" -- "$MEMTRACE" vmscan --json 1 >"$tmp/pipe" 2>"$tmp/err" </dev/null || status=$?
wait "$head"
complained closed-stdout 1 ^vmscan: output

status=0
"$WORK/as" uid=65534 -- "$MEMTRACE" vmscan -d 1 >"$tmp/rows" 2>"$tmp/err" </dev/null || status=$?
complained no-root 1 ^vmscan: root

# ---- this kernel cannot: status 3 ----
without 'mount --bind /dev/null /sys/kernel/btf/vmlinux' "$MEMTRACE" vmscan -d 1
complained no-btf 3 ^vmscan: BTF

without 'umount /sys/kernel/tracing; umount /sys/kernel/debug/tracing 2>&-' "$MEMTRACE" vmscan -d 1 --json
equal no-tracefs-does-without "$status" 0

# ---- clean ends ----
run vmscan --json -d 1
equal duration-status "$status" 0
equal duration-end "$(rows count end.tool=vmscan)" 1

run vmscan --json 1 2
equal count-status "$status" 0
equal count-rows "$(rows count 'ts!=')" 2

run vmscan --json -- sh -c 'exit 0'
equal command-status "$status" 0
equal command-end "$(rows count end.tool=vmscan)" 1

run drsnoop --json -- "$WORK/no-such-command"
complained no-such-command 1 ^drsnoop: no-such-command

for sig in INT TERM; do
	if watch vmscan --json 1; then
		kill -"$sig" "$tool"
		reap
		sound "signal-$sig"
	else
		not_ok "signal-$sig" "$(cat "$tmp/err")"
	fi
done

# ---- two copies at once see the same ----
if watch drsnoop --json --wide; then
	first_tool=$tool first_reader=$reader
	mv "$tmp/rows" "$tmp/first"
	if watch drsnoop --json --wide; then
		work press "file=$DATA" size=32M rounds=1 limit=16M
		unwatch
		sound two-copies
		second=$(rows count "pid=$(did pid)")
		tool=$first_tool reader=$first_reader
		unwatch
		mv "$tmp/first" "$tmp/rows"
		equal two-copies "$(rows count "pid=$(did pid)")" "$second"
	else
		not_ok two-copies "$(cat "$tmp/err")"
		kill "$first_tool"
	fi
fi

# ---- killed: the kernel must let go of everything by itself ----
if watch vmscan --json 1; then
	held=$("$WORK/held" "$tool")
	kill -KILL "$tool"
	reap 2>/dev/null # the shell's own word on it
	# shellcheck disable=SC2086 # pairs of a kind and an id
	equal killed-leaves-nothing "$("$WORK/held" gone $held 2>&1)" ''
	between killed-held "$(echo "$held" | wc -w)" 4 999
fi
