# SPDX-License-Identifier: GPL-2.0-only
# Names that an attacker chose, in all three formats: nothing of them may act on a terminal or break a format.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

follow() { # FORMAT, "" for text: the rows of drsnoop --wide over all hostile names
	if [ -n "$1" ]; then
		watch drsnoop "--$1" --wide
	else
		watch drsnoop --wide
	fi || { not_ok "${1:-text}" "$(cat "$tmp/err")"; return 1; }
	work names "file=$DATA" && unwatch
}

if follow json; then
	sound json
	missed=
	for pid in $("$WORK/rows" "$tmp/did" each pids); do
		[ "$(rows count "pid=$pid" kind=memcg)" -gt 0 ] || missed="$missed $pid"
	done
	equal json-every-process "$missed" ''
	# fifteen names, of which two must not come out the same only because both were cleaned
	between json-names-differ "$(rows each comm kind=memcg | sort -u | wc -l)" 14 99
fi

# shellcheck disable=SC2016 # awk's own
# Columns of a CSV line, quotes minded; a quoted field may go over the end of a line.
columns='
{ line = line (line == "" ? "" : "\n") $0 }
{
	n = gsub(/"/, "&", line)
	if (n % 2)
		next
	bare = line
	gsub(/"[^"]*"/, "", bare)
	print split(bare, unused, ",")
	line = ""
}
END { if (line != "") print "open quote" }'

if follow csv; then
	equal csv-status "$status" 0
	equal csv-columns "$(awk "$columns" "$tmp/rows" | sort -u | wc -l)" 1
	equal csv-text "$("$WORK/rows" "$tmp/rows" text 2>&1)" ''
fi

# A terminal is not at hand in a guest: text to a pipe must be as clean.
if follow ''; then
	equal text-status "$status" 0
	equal text-text "$("$WORK/rows" "$tmp/rows" text 2>&1)" ''
	between text-rows "$(wc -l <"$tmp/rows")" 15 999999
fi
