# SPDX-License-Identifier: GPL-2.0-only
# oomkill against the workload's victims, the kernel's counter and its log.
# shellcheck shell=sh source=lib.sh
. "$(dirname "$0")/lib.sh"

if [ "$PLACE" = host ]; then
	skip all "an OOM kill is for guests only"
	exit 0
fi

kib() { # WHAT PID: anon, file or shmem RSS of a victim as the kernel logged it
	dmesg | sed -n "s/.*Killed process $2 .* $1-rss:\([0-9]*\)kB.*/\1/p" | tail -n 1
}

# RSS is read at different moments, and the kernel keeps up to 64 pages of it to each CPU.
rss() { # NAME
	for what in anon file shmem; do
		for pid in $(did_victims); do
			logged=$(($(kib $what "$pid") * 1024))
			got=$(rows last ${what}_bytes "victim_pid=$pid")
			case $got in *[!0-9]*) not_ok "$1-$what" "of $pid is $got"; return ;; esac
			apart=$((got - logged))
			if [ "${apart#-}" -gt $((128 * 4096)) ]; then
				not_ok "$1-$what" "of $pid is $got, the kernel log has $logged"
				return
			fi
		done
	done
	ok "$1-rss"
}

did_victims() { "$WORK/rows" "$tmp/did" each victims; }

memcg() { # NAME
	work oom limit=32M kills=3 || return
	unwatch
	sound "$1"
	equal "$1-rows" "$(rows count victim_pid!=)" "$(did vmstat.oom_kill)"
	equal "$1-victims" "$(rows each victim_pid | sort)" "$(did_victims | sort)"
	equal "$1-scope" "$(rows count scope=memcg)" 3
	equal "$1-scope-cgroup" "$(rows count "scope_cgroup=$(did cgroup)")" 3
	equal "$1-domain" "$(rows last domain_pages)" $((32 * 256))
	equal "$1-comm" "$(rows count victim_comm=oom trigger_comm=oom)" 3
	equal "$1-cgroups" "$(rows count "victim_cgroup=$(did cgroup)" "trigger_cgroup=$(did cgroup)")" 3
	equal "$1-adj" "$(rows count oom_score_adj=900 uid=0)" 3
	rss "$1"
}

# On a hook that carries less, a field is null, but never wrong.
lesser() { # NAME
	work oom limit=32M kills=2 || return
	unwatch
	sound "$1"
	equal "$1-victims" "$(rows each victim_pid | sort)" "$(did_victims | sort)"
	equal "$1-zeros" "$(rows count anon_bytes=0)$(rows count domain_pages=0)" 00
	equal "$1-scope" "$(rows count scope=host)" 0
}

if watch oomkill --json; then memcg memcg; else not_ok memcg "$(cat "$tmp/err")"; fi
each_hook oomkill lesser fentry kprobe tp_btf
