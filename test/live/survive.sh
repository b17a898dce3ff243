# SPDX-License-Identifier: GPL-2.0-only
# An OOM storm in a small machine: oomkill reports every kill that the kernel counted, and lives.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

if [ "$PLACE" = host ]; then
	skip all "an OOM storm is for guests only"
	exit 0
fi

rss() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$tool/status"; }

if ! watch oomkill --json; then
	not_ok storm "$(cat "$tmp/err")"
	exit 0
fi
work oom kills=1 || exit 0
before=$(rss)
first=$(did vmstat.oom_kill)
work oom kills=60 parallel=4 || exit 0
after=$(rss)
unwatch
sound storm
between storm-kills "$(did vmstat.oom_kill)" 50 9999
equal storm-every-kill "$(rows count victim_pid!=)" "$(($(did vmstat.oom_kill) + first))"
equal storm-victims "$(rows each victim_pid | tail -n "$(did killed)" | sort)" "$("$WORK/rows" "$tmp/did" each victims | sort)"
equal storm-scope "$(rows count scope!=host)" 0
# the pages that are touched first when a report is first printed are in the first figure already
between storm-rss-kib "$after" 1 $((before + 64))
