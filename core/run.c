// SPDX-License-Identifier: GPL-2.0-only
/* The life of one run of a tool. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "cgroup.h"
#include "command.h"
#include "err.h"
#include "filter.h"
#include "host.h"
#include "loop.h"
#include "loss.h"
#include "mount.h"
#include "object.h"
#include "table.h"
#include "waits.h"

#define BATCH	    1024 /* records between two looks at signals and timers */
#define DRAIN_TRIES 100	 /* of 10 ms */

struct run {
	const struct mt_tool *tool;
	const struct mt_opts *opts;
	struct mt_object *object;
	struct mt_bound bound;
	struct mt_out out;
	struct mt_loop loop;
	struct ring_buffer *ring;
	struct mt_table *table;
	const struct mt_sample *sample;
	struct mt_sink sink; /* of the sample's rows */
	bool once;	     /* of the sample there is one read, and that is all */
	struct mt_waits *waits;
	struct mt_command command;
	uint64_t received, printed; /* records; those that came when no more were wanted are not printed */
	uint64_t intervals;
	uint64_t interval_ns, count; /* 0: at the end, and none */
	uint64_t stale;		     /* beginnings that made room for others */
	uint64_t began;		     /* CLOCK_MONOTONIC */
};

static int open_output(struct run *r)
{
	const char *path = r->opts->output;
	int fd = STDOUT_FILENO;

	if (path) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (fd < 0)
			return mt_failed(errno, "%s", path);
	}
	mt_out_init(&r->out,
		    r->opts->json  ? MT_JSON
		    : r->opts->csv ? MT_CSV
				   : MT_TEXT,
		    fd, path ? path : "standard output");
	r->out.quiet = r->opts->quiet;
	r->out.clear = !r->opts->no_clear && mt_out_can_clear(&r->out);
	return 0;
}

/* Is there a row or an interval left to print? */
static bool enough(const struct run *r)
{
	uint64_t done = r->ring ? r->printed : r->intervals;

	return r->out.err || (r->count && done >= r->count) || (r->once && done);
}

static int print_record(void *arg, void *data, size_t size)
{
	struct run *r = arg;
	struct mt_row row = { .bound = &r->bound, .value = data };

	(void)size;
	r->received++;
	if (enough(r))
		return 0;
	r->out.ops->row(&r->out, &row);
	r->printed++;
	return r->printed % BATCH ? 0 : -EAGAIN; /* the rest can wait: libbpf would go on as long as more come */
}

/* A machine is not short of lines: what it gets is cut only where it is asked for. */
static int most_rows(const struct run *r)
{
	uint64_t most = r->opts->rows;

	if (!r->opts->has_rows && r->out.ops == &mt_out_text)
		most = r->opts->view->rows;
	return most && most < INT_MAX ? (int)most : INT_MAX;
}

/* The rows of an interval, or of the @rest of one: that, only if something happened in it. */
static int print_table(struct run *r, bool rest)
{
	int n = mt_table_read(r->table), most = most_rows(r);
	struct mt_row row;

	if (n < 0)
		return mt_failed(n, "cannot read what the probe counted");
	if (rest && !mt_table_moved(r->table))
		return 0;
	r->out.ops->interval(&r->out, &r->bound, mt_host_monotonic());
	for (int i = 0; i < n && i < most; i++) {
		mt_table_row(r->table, i, &row);
		r->out.ops->row(&r->out, &row);
	}
	if (n > most) {
		mt_table_rest(r->table, most, n, &row);
		r->out.ops->more(&r->out, &row, n - most);
	}
	r->intervals++;
	return 0;
}

static void print_sample_row(struct mt_sink *sink, const void *value)
{
	struct run *r = (struct run *)((char *)sink - offsetof(struct run, sink));
	struct mt_row row = { .bound = &r->bound, .value = value, .time = mt_host_monotonic() };

	r->out.ops->row(&r->out, &row);
	r->received++;
	r->printed++;
}

static int print_sample(struct run *r, bool rest)
{
	int rc = r->sample->read(&r->sink, rest);

	r->intervals++;
	return rc;
}

static void print_hists(struct run *r)
{
	for (const struct mt_hist *h = r->opts->view->hists; h && h->key; h++) {
		size_t n = 0;
		const uint64_t *slots = NULL;

		if (!h->site || mt_object_has_site(r->object, h->site))
			slots = mt_table_array(r->table, h->field, &n);
		r->out.ops->hist(&r->out, h, slots, n);
	}
}

static int open_reader(struct run *r)
{
	int fd, err;

	if (r->sample)
		return r->sample->open ? r->sample->open() : 0;
	if (r->opts->view->source != MT_RING) {
		err = mt_table_open(&r->table, &r->bound, r->object);
		if (!err)
			err = mt_waits_open(&r->waits, r->object);
		return err ? mt_failed(err, "cannot prepare to read what the probe counts") : 0;
	}
	fd = mt_object_map(r->object, "mt_events", NULL, NULL, NULL);
	r->ring = ring_buffer__new(fd, print_record, r, NULL);
	if (!r->ring)
		return mt_failed(errno, "cannot map the ring buffer");
	return 0;
}

static int arm(struct run *r)
{
	int err = 0;

	r->once = r->sample && r->sample->state && !r->interval_ns && !r->opts->duration_ns && !r->command.pid;
	if (r->ring)
		err = mt_loop_records(&r->loop, ring_buffer__epoll_fd(r->ring));
	else if (r->interval_ns)
		err = mt_loop_interval(&r->loop, r->interval_ns);
	if (!err && r->waits)
		err = mt_loop_sweep(&r->loop, MT_WAITS_AGE_NS);
	if (!err && r->opts->duration_ns)
		err = mt_loop_duration(&r->loop, r->opts->duration_ns);
	if (!err && r->command.pid)
		err = mt_loop_child(&r->loop, r->command.pid);
	return err ? mt_failed(err, "cannot wait for events") : 0;
}

/*
 * What watches a host run out of memory must not need any more of it, nor be what is killed. Neither is
 * fatal where it is not allowed.
 */
static void harden(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)!write(fd, "-1000", 5);
		close(fd);
	}
	malloc_trim(0);
	mlockall(MCL_CURRENT | MCL_FUTURE);
}

static void say_hooks(const struct run *r)
{
	const struct mt_choice *choices;
	size_t n = mt_object_choices(r->object, &choices);

	for (size_t i = 0; i < n; i++) {
		const struct mt_choice *c = choices + i;
		char hooks[512] = "nothing";

		if (c->chosen >= 0)
			mt_object_hooks(r->object, c->site, c->chosen, hooks, sizeof(hooks));
		mt_note("%s: %s", c->site->name, hooks);
		for (int t = 0; t < MT_TRIES && c->site->try[t]; t++)
			if (c->why[t][0])
				mt_note("%s: not %s: %s", c->site->name,
					mt_object_hooks(r->object, c->site, t, hooks, sizeof(hooks)), c->why[t]);
	}
}

/* What an option says of rows, or of what is counted. */
static int set_view(struct run *r, const struct mt_set *set)
{
	const struct mt_opt *opt = set->opt;

	if (opt->event && !mt_object_event(r->object, opt->event, set->value))
		return mt_usage("--%s: no event '%s' is known: names as perf has them, or rNNNN", opt->name,
				set->value);
	if (opt->event)
		return mt_bind_show(&r->bound, opt->event, set->value);
	if (opt->col && opt->arg)
		return mt_bind_only(&r->bound, opt->col, set->value);
	return opt->col ? mt_bind_show(&r->bound, opt->col, NULL) : 0;
}

/* An interval, and how often, where the user does not say. */
static void set_default(struct run *r)
{
	const struct mt_view *view = r->opts->view;
	bool lasts = view->count && (r->opts->duration_ns || r->opts->command);

	r->interval_ns = r->opts->interval_ns;
	r->count = r->opts->count;
	if (!r->interval_ns && !lasts)
		r->interval_ns = view->interval * 1000000000ULL;
	if (!r->count && !lasts)
		r->count = view->count;
}

static int prepare(struct run *r)
{
	int rc = mt_object_open_view(&r->object, r->tool, r->opts->view) ? MT_FAILED : 0;

	if (!rc)
		rc = mt_bind(&r->bound, r->opts->view, r->object);
	for (size_t i = 0; !rc && i < r->bound.nr_cols && r->opts->wide; i++)
		r->bound.cols[i].shown |= (r->bound.cols[i].col->flags & MT_WIDE) != 0;
	for (size_t i = 0; !rc && i < r->opts->nr_columns; i++)
		rc = mt_bind_columns(&r->bound, r->opts->columns[i]);
	if (!rc && r->opts->sort)
		rc = mt_bind_sort(&r->bound, r->opts->sort);
	for (size_t i = 0; !rc && i < r->opts->nr_sets; i++)
		rc = set_view(r, r->opts->sets + i);
	set_default(r);
	mt_cgroup_init();
	if (!rc)
		rc = mt_filter_apply(r->object, r->opts);
	if (!rc)
		rc = open_output(r);
	return rc;
}

static int attach(struct run *r)
{
	int rc;

	if (r->opts->command) {
		rc = mt_command_start(&r->command, r->opts->command);
		if (rc)
			return rc;
		rc = mt_filter_tree(r->object, r->command.pid);
		if (rc)
			return rc;
	}
	rc = mt_object_load(r->object, r->opts->hooks, r->opts->wide, false);
	if (rc)
		return rc;
	mt_bind_sites(&r->bound, r->object);
	for (size_t i = 0; i < r->opts->nr_sets; i++)
		if (r->opts->sets[i].opt->event)
			mt_note("%s: %s are counted", r->opts->sets[i].opt->event, r->opts->sets[i].value);
	if (r->opts->verbose)
		say_hooks(r);
	rc = open_reader(r);
	if (!rc)
		rc = arm(r);
	return rc;
}

static int loop(struct run *r)
{
	int wake = 0, rc = 0;

	while (!rc && !enough(r) && !(wake & MT_WAKE_END)) {
		wake = mt_loop_wait(&r->loop);
		if (wake < 0)
			return mt_failed(wake, "cannot wait for events");
		if (wake & MT_WAKE_RECORDS)
			ring_buffer__consume(r->ring);
		if (wake & MT_WAKE_INTERVAL) {
			mt_object_call(r->object);
			rc = r->sample ? print_sample(r, false) : print_table(r, false);
		}
		if (wake & MT_WAKE_SWEEP)
			r->stale += mt_waits_sweep(r->waits, mt_host_monotonic());
		mt_out_flush(&r->out);
	}
	return rc;
}

/*
 * Reads the account, and records until all that it says were sent are here: a program may have been put off
 * between the place it took and the record, and what others sent waits behind it.
 */
static int drain(struct run *r, struct mt_loss *loss)
{
	int err = 0;

	if (r->sample) { /* each row that was read is printed at once */
		*loss = (struct mt_loss){ .seen = r->received, .delivered = r->printed };
		return 0;
	}
	for (int tries = 0; tries < DRAIN_TRIES; tries++) {
		while (r->ring && ring_buffer__consume(r->ring) == -EAGAIN)
			mt_out_flush(&r->out);
		err = mt_loss_read(r->object, loss);
		if (err || !r->ring || loss->delivered <= r->received)
			break;
		poll(NULL, 0, 10);
	}
	return err;
}

/* What the kernel sent and nobody printed is lost too; so is what it did not run the programs for. */
static void settle(const struct run *r, struct mt_loss *loss)
{
	uint64_t missed = mt_object_missed(r->object);

	if (r->ring) {
		loss->lost[MT_TOO_LATE] += loss->delivered - r->printed;
		loss->delivered = r->printed;
	}
	loss->seen += missed + r->stale;
	loss->lost[MT_BUSY] += missed;
	loss->lost[MT_TOO_LATE] += r->stale;
}

/* The last rows, the closing report and the account. */
static int finish(struct run *r)
{
	struct mt_loss loss;
	int rc = 0, err;

	err = drain(r, &loss);
	if (err)
		return mt_failed(err, "cannot read how many events were lost");
	if (r->sample && !enough(r) && (!r->sample->state || r->loop.interval < 0))
		rc = print_sample(r, r->intervals > 0);
	if (r->table && !enough(r))
		rc = print_table(r, r->intervals > 0);
	else if (r->table)
		rc = mt_table_read(r->table) < 0; /* for the histograms, which cover all of the run */
	print_hists(r);
	settle(r, &loss);
	r->out.ops->end(&r->out, r->tool->name, mt_host_monotonic() - r->began, &loss);
	mt_out_flush(&r->out);
	mt_loss_print(&loss);
	return rc;
}

static int trace(struct run *r)
{
	int rc;

	harden();
	if (mt_bind_prints(&r->bound, MT_U_CGROUP, r->opts->json || r->opts->csv))
		mt_cgroup_preload();
	if (mt_bind_prints(&r->bound, MT_U_PATH, r->opts->json || r->opts->csv))
		mt_mount_init();
	r->bound.clock_offset = mt_host_clock_offset();
	if (r->tool->begin)
		r->tool->begin();
	mt_object_switch(r->object, true);
	mt_object_count(r->object);
	r->began = mt_host_monotonic();
	rc = r->opts->view->complete ? r->opts->view->complete->begin() : 0;
	if (rc)
		return rc;
	r->out.ops->start(&r->out, &r->bound, r->object, r->tool->name);
	mt_out_flush(&r->out);
	rc = r->sample && r->sample->state ? print_sample(r, false) : 0;
	mt_out_flush(&r->out);
	mt_command_go(&r->command);
	if (!rc)
		rc = loop(r);
	mt_object_call(r->object);
	mt_object_switch(r->object, false);
	if (!rc)
		rc = finish(r);
	return rc;
}

static int output_failed(const struct run *r)
{
	if (r->out.err == -EPIPE)
		return mt_failed(0, "%s: closed by its reader before the end", r->out.path);
	return mt_failed(r->out.err, "%s: cannot be written", r->out.path);
}

static void release(struct run *r)
{
	ring_buffer__free(r->ring);
	mt_table_close(r->table);
	mt_waits_close(r->waits);
	mt_object_close(r->object);
	mt_loop_close(&r->loop);
	if (r->opts->output && r->out.ops)
		close(r->out.fd);
}

int mt_run(const struct mt_tool *tool, const struct mt_opts *opts)
{
	static struct run run; /* large, and there is one */
	struct run *r = &run;
	int rc, err;

	r->tool = tool;
	r->opts = opts;
	r->sample = opts->view->sample;
	r->sink.row = print_sample_row;
	mt_log_hold(opts->debug);
	err = mt_loop_open(&r->loop);
	rc = err ? mt_failed(err, "cannot wait for events") : prepare(r);
	if (!rc)
		rc = attach(r);
	if (!rc)
		rc = trace(r);
	if (r->out.err)
		rc = output_failed(r);
	err = mt_command_end(&r->command);
	if (err)
		rc = mt_failed(err, "cannot run '%s'", opts->command[0]);
	release(r);
	return rc;
}
