/* SPDX-License-Identifier: GPL-2.0-only */
/* The sites of one tool: which alternative of each is chosen, and why not the others. */
#ifndef MT_SITE_H
#define MT_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hook.h"
#include "tool.h"

#define MT_MAX_SITES 32
#define MT_MAX_PROGS 64

/* What became of one site. */
struct mt_choice {
	const struct mt_site *site;
	int chosen;		/* index into site->try, or -1 */
	char why[MT_TRIES][96]; /* of each alternative that was passed over, the reason; else "" */
};

/* A program of a chosen alternative. */
struct mt_prog {
	struct bpf_program *bpf;
	uint32_t btf_id;	 /* what a typed program is for */
	struct bpf_link **links; /* one, or one for each CPU that is there */
	int nr_links;
};

struct mt_sites {
	struct bpf_object *bpf; /* whose programs the alternatives name */
	struct mt_choice choices[MT_MAX_SITES];
	size_t nr_choices;
	struct mt_prog progs[MT_MAX_PROGS];
	size_t nr_progs;
	const char *refused[MT_HOOKS]; /* hooks that this kernel refuses altogether, and why */
};

void mt_sites_init(struct mt_sites *sites, const struct mt_tool *tool);

/* Wishes for all that the alternatives are about. 0 or -errno. */
int mt_sites_wish(const struct mt_sites *sites, struct mt_kbtf *kbtf);

/*
 * Chooses the first alternative of each site that is not ruled out, among @hooks (a mask), and marks its programs
 * to be loaded, and no others. False: a site that must not be empty is.
 */
bool mt_sites_choose(struct mt_sites *sites, struct mt_kbtf *kbtf, unsigned hooks, bool wide);

/* Logs what such a site lacks, with all that was tried. Returns the exit status. */
int mt_sites_refuse(const struct mt_sites *sites, bool wide);

/*
 * Rules out the alternatives that @prog belongs to, because of @what and @err, a negative errno. What policy forbids
 * is ruled out for all programs of that kind. False: it belongs to none.
 */
bool mt_sites_rule_out(struct mt_sites *sites, const struct bpf_program *prog, const char *what, int err);

/* The chosen program, or NULL. */
struct mt_prog *mt_sites_prog(struct mt_sites *sites, const struct bpf_program *bpf);

/* Attaches all that is chosen, once it is loaded. 0, or -errno with @culprit set. */
int mt_sites_attach(struct mt_sites *sites, struct mt_prog **culprit);
void mt_sites_detach(struct mt_sites *sites);

/*
 * What alternative @t of @site attaches to: "tp_btf:NAME,NAME", and "+" before another kind of hook. Returns
 * @buf.
 */
const char *mt_sites_hooks(const struct mt_sites *sites, const struct mt_site *site, int t, char *buf, size_t size);

/* Are all programs there, and none that no site names? 0, or an exit status, logged. */
int mt_sites_selfcheck(const struct mt_sites *sites);

#endif
