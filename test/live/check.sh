# SPDX-License-Identifier: GPL-2.0-only
# check must say what the tools then do: the hooks they choose, and whether they run at all.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

ask() { # [COMMAND...]: memtrace check as JSON into $tmp/check
	status=0
	"$@" "$MEMTRACE" check --json >"$tmp/check" 2>"$tmp/err" </dev/null || status=$?
}

answers() { "$WORK/rows" "$tmp/check" "$@" 2>&1; }

ask
equal status "$status" 0
equal json "$(answers check)" ''
between facts "$(answers count fact!=)" 10 99

for name in $(answers each tool); do
	chosen=$(answers each sites.chosen "tool=$name")
	# where the usual view reads files, the sites are those of another
	[ "$(answers last sampled "tool=$name")" = false ] || chosen=
	if watch "$name" --json --wide; then
		unwatch
		equal "$name-hooks" "$(rows each 'start.hooks.*')" "$chosen"
		equal "$name-runs" "$(answers last runs "tool=$name")" true
	else
		equal "$name-refuses" "$status $(answers last runs "tool=$name")" "3 false"
		# of a site, or of an event that cannot be counted
		sites=$(answers each sites.passed_over.why "tool=$name" | grep -c .)
		between "$name-reasons" $((sites + $(answers each events "tool=$name" | grep -c .))) 1 99
	fi
done

ask "$WORK/as" uid=65534 --
equal unprivileged-status "$status" 0
equal unprivileged-json "$(answers check)" ''
