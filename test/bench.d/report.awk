# SPDX-License-Identifier: GPL-2.0-only
# From the lines of measure to tables: medians, and memtrace divided by each peer.

BEGIN { # the series about loss
	what["flood"] = "reclaims, file"
	what["ttyflood"] = "reclaims, terminal"
	what["opens"] = "openat, file"
	what["ttyopens"] = "openat, terminal"
	split("vmscan drsnoop oomkill swapin hfaults", p, " ")
	for (i in p)
		five[p[i]]
}

function text(key,   v) {
	if (!match($0, "\"" key "\":\"[^\"]*\""))
		return ""
	v = substr($0, RSTART, RLENGTH)
	sub("^\"" key "\":\"", "", v)
	return substr(v, 1, length(v) - 1)
}

function number(key) {
	if (!match($0, "\"" key "\":[0-9]+"))
		return ""
	return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0
}

# what a tool says it lost: memtrace by cause in its last object, the others in messages
function lost(   v, sum) {
	if (!match($0, "\"lost\":\\{[^}]*\\}"))
		return number("lost")
	v = substr($0, RSTART + 8, RLENGTH - 8)
	for (sum = 0; match(v, ":[0-9]+"); v = substr(v, RSTART + RLENGTH))
		sum += substr(v, RSTART + 1, RLENGTH - 1)
	return sum
}

function put(name, v) {
	if (v != "")
		values[row, name, ++n[row, name]] = v
}

function median(row, name,   i, j, k, v, sorted) {
	k = n[row, name]
	if (!k)
		return ""
	for (i = 1; i <= k; i++) {
		v = values[row, name, i]
		for (j = i - 1; j >= 1 && sorted[j] > v; j--)
			sorted[j + 1] = sorted[j]
		sorted[j + 1] = v
	}
	return k % 2 ? sorted[(k + 1) / 2] : (sorted[k / 2] + sorted[k / 2 + 1]) / 2
}

function fixed(v, per, digits) { return v == "" ? "-" : sprintf("%." digits "f", v / per) }
function ratio(a, b) { return a == "" || b == "" || !b ? "-" : sprintf("%.2f", a / b) }
function quotient(a, b) { return b ? sprintf("%.0f", a / b) : "-" }
function title(s) { printf "\n%s\n", s }

{
	place = text("place"); series = text("series"); tool = text("tool"); by = text("by")
	row = place SUBSEP series SUBSEP tool SUBSEP by
	if (!(row in seen)) {
		seen[row] = 1
		rows[++n_rows] = row
	}
	if (text("failed") != "") {
		failed[row] = text("failed")
		next
	}
}

series == "deploy" { deploy[tool, by] = number("bytes"); next }

# of direct reclaims the kernel keeps its own count
series == "direct" { events = number("allocstall_dma") + number("allocstall_dma32") + number("allocstall_normal") + number("allocstall_movable") }
series != "direct" { events = number("events") }

# the loss series counts in every round, the others from the second on
series in what && by != "nobody" {
	put("events", events)
	put("counted", number("counted"))
	put("lost", lost())
	put("missing", events - number("counted") - lost())
	next
}

number("timed") != "" {
	put("run_cnt", number("run_cnt"))
	put("run_ns", number("run_time_ns"))
	put("timed_events", events)
	next
}

number("round") == 0 { next }

by == "nobody" { alone = number("work_cpu_us") }

by != "nobody" {
	put("first", number("first_ns")); put("exit", number("exit_ns"))
	put("cpu", number("cpu_us")); put("rss", number("rss_kb"))
	put("maps", number("map_bytes")); put("perf", number("perf_bytes"))
	put("events", events)
	if (alone && series != "start") {
		put("slow", number("work_cpu_us") / alone)
		if (events)
			put("added", (number("work_cpu_us") - alone) * 1000 / events)
	}
}

function start_table(place, unit,   i, p, row, own) {
	printf "%-9s %-13s %9s %8s %9s %8s %9s %8s %8s | memtrace / it: %6s %6s %6s %7s\n", "TOOL", "BY", "FIRSTms",
		"EXITms", unit, "RSSkB", "DEPLOYkB", "MAPSkB", "PERFkB", "FIRST", "CPU", "RSS", "DEPLOY"
	for (i = 1; i <= n_rows; i++) {
		row = rows[i]
		split(row, p, SUBSEP)
		if (p[1] != place || p[2] != "start")
			continue
		if (row in failed) {
			printf "%-9s %-13s does not run here: %s\n", p[3], p[4], failed[row]
			continue
		}
		own = place SUBSEP "start" SUBSEP p[3] SUBSEP "memtrace"
		printf "%-9s %-13s %9s %8s %9s %8s %9s %8s %8s |%s\n", p[3], p[4], fixed(median(row, "first"), 1e6, 1),
			fixed(median(row, "exit"), 1e6, 1), fixed(median(row, "cpu"), 1e3, 1),
			fixed(median(row, "rss"), 1, 0), fixed(deploy[p[3], p[4]], 1000, 0),
			fixed(median(row, "maps"), 1024, 0), fixed(median(row, "perf"), 1024, 0),
			p[4] == "memtrace" ? "" : sprintf("%16s%6s %6s %6s %7s", "", ratio(median(own, "first"), median(row, "first")),
				ratio(median(own, "cpu"), median(row, "cpu")), ratio(median(own, "rss"), median(row, "rss")),
				ratio(deploy[p[3], "memtrace"], deploy[p[3], p[4]]))
	}
}

function load_table(place,   i, p, row) {
	printf "%-9s %-9s %-13s %8s %10s %10s %12s %9s %11s\n", "WORKLOAD", "TOOL", "BY", "EVENTS", "RUNS/event",
		"BPFns/run", "BPFns/event", "SLOW-DOWN", "ADDEDns/ev"
	for (i = 1; i <= n_rows; i++) {
		row = rows[i]
		split(row, p, SUBSEP)
		if (p[1] != place || p[2] == "start" || p[2] in what || p[4] == "nobody")
			continue
		if (row in failed) {
			printf "%-9s %-9s %-13s does not run here: %s\n", p[2], p[3], p[4], failed[row]
			continue
		}
		printf "%-9s %-9s %-13s %8s %10s %10s %12s %9s %11s\n", p[2], p[3], p[4], fixed(median(row, "events"), 1, 0),
			ratio(median(row, "run_cnt"), median(row, "timed_events")),
			quotient(median(row, "run_ns"), median(row, "run_cnt")),
			quotient(median(row, "run_ns"), median(row, "timed_events")),
			fixed(median(row, "slow"), 1, 3), fixed(median(row, "added"), 1, 0)
	}
}

function loss_table(place,   i, p, row, e) {
	printf "%-18s %-9s %-13s %8s %10s %8s %9s %8s\n", "EVENTS", "TOOL", "BY", "ISSUED", "DELIVERED", "LOST%", "REPORTED", "SILENT"
	for (i = 1; i <= n_rows; i++) {
		row = rows[i]
		split(row, p, SUBSEP)
		if (p[1] != place || !(p[2] in what) || p[4] == "nobody")
			continue
		if (row in failed) {
			printf "%-18s %-9s %-13s does not run here: %s\n", what[p[2]], p[3], p[4], failed[row]
			continue
		}
		e = median(row, "events")
		printf "%-18s %-9s %-13s %8d %10d %8.1f %9d %8d\n", what[p[2]], p[3], p[4], e,
			median(row, "counted"), 100 - 100 * median(row, "counted") / e, median(row, "lost"), median(row, "missing")
	}
}

function have(place,   i, p) {
	for (i = 1; i <= n_rows; i++) {
		split(rows[i], p, SUBSEP)
		if (p[1] == place)
			return 1
	}
	return 0
}

function aim(name, limit, v, digits) {
	if (v != "")
		printf "%-74s aim <= %s: %." digits "f\n", name, limit, v
}

function loss_aim(series, to,   row) {
	row = "smp" SUBSEP series SUBSEP "reclaims" SUBSEP "memtrace"
	aim("reclaims lost at full speed, output to " to, "0", median(row, "lost"), 0)
	aim("reclaims neither delivered nor reported, output to " to, "0", median(row, "missing"), 0)
}

function cpu_ratio(tool,   own, twin) {
	own = median("icount" SUBSEP "start" SUBSEP tool SUBSEP "memtrace", "cpu")
	twin = median("icount" SUBSEP "start" SUBSEP tool SUBSEP "libbpf-tools", "cpu")
	return own && twin ? own / twin : ""
}

# the largest over memtrace's tools, or, of the first five, their sum
function over_tools(place, name, sum,   i, p, v, all) {
	all = ""
	for (i = 1; i <= n_rows; i++) {
		split(rows[i], p, SUBSEP)
		if (p[1] != place || p[2] != "start" || p[4] != "memtrace")
			continue
		v = !sum || p[3] in five ? median(rows[i], name) : ""
		if (v != "" && (sum || v > all))
			all = sum ? all + v : v
	}
	return all
}

function mega(v, unit) { return v == "" ? "" : v / unit }

END {
	if (have("host")) {
		title("HOST (Linux " host "), real clock, other work beside it: trust ratios only. Attach, 100 ms, SIGINT; medians.")
		start_table("host", "CPUms")
		title("HOST, workloads. SLOW-DOWN: CPU time of the workload with the tool / without, in the same round.")
		load_table("host")
	}
	if (have("icount")) {
		title("GUEST (Linux " guest "), 1 CPU under -icount, 1 ns = 1 instruction: ms are millions of instructions.")
		start_table("icount", "CPUms")
		title("GUEST, workloads, ns are instructions. direct: where a tool takes more memory there are more EVENTS.")
		load_table("icount")
	}
	if (have("smp")) {
		title("GUEST, 2 CPUs, events at full speed. memtrace and bpftrace print the same reclaims; libbpf-tools and bcc have\n" \
			"nothing that prints memory cgroup reclaims, so they (and bpftrace) are given openat.\n" \
			"DELIVERED: lines printed. REPORTED: what the tool says it lost. SILENT: neither printed nor reported.")
		loss_table("smp")
	}
	title("AIMS")
	aim("CPU to attach and leave, instructions, drsnoop / libbpf-tools", "0.5", cpu_ratio("drsnoop"), 2)
	aim("CPU to attach and leave, instructions, oomkill / libbpf-tools", "0.5", cpu_ratio("oomkill"), 2)
	aim("peak RSS on the host, MiB, largest of the tools", host_rss, mega(over_tools("host", "rss"), 1024), 2)
	aim("peak RSS in the guest, MiB, largest of the tools", guest_rss, mega(over_tools("icount", "rss"), 1024), 2)
	aim("stripped binary, MB", "2.5", mega(deploy["vmscan", "memtrace"], 1e6), 2)
	aim("kernel memory of maps on the host, MB, vmscan to hfaults together", "1", mega(over_tools("host", "maps", 1), 1e6), 2)
	aim("kernel memory of maps in the guest, MB, vmscan to hfaults together", "1", mega(over_tools("icount", "maps", 1), 1e6), 2)
	aim("kernel memory of maps on the host, MB, largest of the tools", "2", mega(over_tools("host", "maps"), 1e6), 2)
	aim("kernel memory of maps in the guest, MB, largest of the tools", "2", mega(over_tools("icount", "maps"), 1e6), 2)
	loss_aim("flood", "a file")
	loss_aim("ttyflood", "a terminal")
}
