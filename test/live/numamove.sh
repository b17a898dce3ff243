# SPDX-License-Identifier: GPL-2.0-only
# numamove against /proc/vmstat and a workload that knows from which node to which its pages went.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

balancing=/proc/sys/kernel/numa_balancing

# A few pages are moved while the tool runs and the workload does not count: the shell's, or its own before it begins.
others=16
exactly() { # NAME GOT COUNTED
	between "$1" "$2" "$3" $(($3 + others))
}

moved() { # NAME: what the kernel counted while the workload ran
	exactly "$1-moved" "$(rows sum moved_pages)" "$(did vmstat.numa_pages_migrated)"
	exactly "$1-success" "$(rows sum moved_pages)" "$(did vmstat.pgmigrate_success)"
	exactly "$1-failed" "$(rows sum failed_pages)" "$(did vmstat.pgmigrate_fail)"
	between "$1-happened" "$(rows sum moved_pages)" 4000 999999999
	equal "$1-timed" "$(rows count 'migrations!=0' migration_ns=0)" 0
	equal "$1-untimed" "$(rows count migrations=0 'migration_ns!=0')" 0
	equal "$1-histogram" "$(rows sum buckets.n hist=migration_ns)" "$(rows sum migrations)"
}

nodes() { # NAME CPU: all of it from that CPU's node to the other
	work numa size=24M pages=4000 "cpu=$2" || return
	unwatch
	sound "$1"
	exactly "$1-moved" "$(rows sum moved_pages)" "$(did vmstat.numa_pages_migrated)"
	if [ "$(rows last start.hooks.direction)" = null ]; then
		equal "$1-is-null" "$(rows count 'from_node!=null' migrations!=) $(rows count 'to_node!=null' migrations!=)" "0 0"
		return
	fi
	exactly "$1-direction" "$(rows sum moved_pages "from_node=$(did from)" "to_node=$(did to)")" \
		"$(did vmstat.numa_pages_migrated)"
	equal "$1-known" "$(rows count from_node=null) $(rows count to_node=null)" "0 0"
	equal "$1-timed" "$(rows count migration_ns=0 migrations!=)" 0
}

small() { # NAME
	work numa size=24M pages=4000 || return
	unwatch
	sound "$1"
	moved "$1"
	equal "$1-migrations" "$(rows sum migrations)" "$(($(rows sum moved_pages) + $(rows sum failed_pages)))"
	# each fault that hints ends in a migration or in none, and says so where that is observed
	if [ "$(rows last start.hooks.refused)" = null ]; then
		equal "$1-refused-is-null" "$(rows count 'refused!=null' migrations!=)" 0
	else
		faults=$(($(did vmstat.numa_hint_faults) - $(did vmstat.numa_hint_faults_local)))
		between "$1-refused" "$(($(rows sum refused) + $(rows sum migrations)))" $((faults - faults / 20)) \
			$((faults + others))
	fi
	equal "$1-thp" "$(rows sum thp_moved)" 0
}

huge() { # NAME
	work numa size=64M pages=8000 thp=1 || return
	unwatch
	sound "$1"
	exactly "$1-moved" "$(rows sum moved_pages)" "$(did vmstat.numa_pages_migrated)"
	between "$1-thp" "$(rows sum thp_moved)" 1 $(($(rows sum moved_pages) / 512))
	if [ "$(did vmstat.thp_migration_success)" -gt 0 ]; then
		equal "$1-thp-moved" "$(rows sum thp_moved)" "$(did vmstat.thp_migration_success)"
		equal "$1-thp-failed" "$(rows sum thp_failed)" "$(did vmstat.thp_migration_fail)"
		equal "$1-thp-split" "$(rows sum thp_split)" "$(did vmstat.thp_migration_split)"
		fi
}

filtered() { # NAME: of another process there is nothing
	work numa size=24M pages=4000 || return
	unwatch
	sound "$1"
	equal "$1" "$(rows sum migrations)" 0
}

if [ ! -e $balancing ]; then
	if watch numamove --json 1; then not_ok no-balancing "it runs"; else refused numamove no-balancing; fi
	exit 0
fi
if [ "$PLACE" = host ]; then
	if watch numamove --json --by total --wide 1; then
		unwatch
		sound quiet
		between quiet-said "$(grep -c -e 'one memory node' -e 'numa_balancing is 0' "$tmp/err")" 0 1
	else
		not_ok quiet "$(cat "$tmp/err")"
	fi
	skip migrations "the whole host would be concerned"
	exit 0
fi

before=$(cat $balancing)
echo 0 >$balancing
if watch numamove --json 1; then
	unwatch
	sound off
	equal off-said "$(grep -c 'numa_balancing is 0' "$tmp/err")" 1
else
	not_ok off "$(cat "$tmp/err")"
fi
echo 1 >$balancing
if watch numamove --json --by total --wide 1; then
	equal on-said-nothing "$(cat "$tmp/err")" ""
	small small
else
	not_ok small "$(cat "$tmp/err")"
fi
if watch numamove --json --by total --wide 1; then huge huge; else not_ok huge "$(cat "$tmp/err")"; fi
for cpu in 0 1; do
	if watch numamove --json --wide 60; then nodes nodes-$cpu $cpu; else not_ok nodes-$cpu "$(cat "$tmp/err")"; fi
done
if watch numamove --json --name other 1; then filtered filtered; else not_ok filtered "$(cat "$tmp/err")"; fi
# the migrations of huge pages on 5.10 can be observed with kprobes only, and those of others with a tracepoint
if watch numamove --json --by total --wide --hook tp_btf 1; then
	small hook-tp_btf
	if watch numamove --json --by nodes --hook tp_btf 60; then nodes hook-nodes 1; else not_ok hook-nodes "$(cat "$tmp/err")"; fi
elif [ -e /sys/kernel/tracing/events/migrate ] && [ ! -e /sys/kernel/tracing/events/migrate/mm_migrate_pages_start ]; then
	refused numamove hook-tp_btf
else
	not_ok hook-tp_btf "status $status: $(cat "$tmp/err")"
fi
echo "$before" >$balancing
