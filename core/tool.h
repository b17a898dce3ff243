/* SPDX-License-Identifier: GPL-2.0-only */
/* What a tool's description is made of: all that a file of cmd/ includes. */
#ifndef MT_TOOL_H
#define MT_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unit.h"

struct mt_cell;
struct mt_name;
struct mt_row;

/* The groups of the list that `memtrace` alone prints, in its order. */
enum mt_group {
	MT_RECLAIM,
	MT_SWAP,
	MT_FAULTS,
	MT_KERNEL,
	MT_CACHE,
	MT_CPU,
	MT_STATE,
	MT_PROCESSES,
	MT_GROUPS,
};

/*
 * An option of this tool only (the common ones are in opt.c). It sets the constant @var of the probe,
 * whose type decides how the argument is read: bool takes none, mt_ns takes 1ms, mt_bytes takes 64K. In an
 * MT_SAMPLED view @var is one of its asks. NULL: it chooses a view, or one of the following and that is all. It keeps
 * of an MT_KEYED view the rows whose @col contains the argument, and the histograms of those; without an argument it
 * shows that column. Its argument is counted for the event of the map @event. It is there to say why not: @refuse.
 */
struct mt_opt {
	const char *name; /* long name */
	const char *arg;  /* word for the argument in help; NULL for bool */
	const char *var;
	const char *help;
	char key; /* short name, 0 for none */
	const char *col;
	const char *event;
	const char *refuse;
};

/*
 * A letter that the classic namesake of this tool has and memtrace has not, or has for another thing:
 * @key stands for the long option @name, with @value for its argument where that is not NULL.
 */
struct mt_alias {
	char key;
	const char *name, *value;
	const char *help;
	const char *long_name; /* the classic's, for the same */
};

#define MT_TRIES 10

/*
 * One thing to observe. The alternatives are tried in order and the first that this kernel loads and
 * attaches is taken, alone. Written as
 *	program[/ARGS][!struct][@target][+program...]
 * ARGS: the tracepoint must have that many arguments, since kernels differ in them; struct: a kernel that
 * has it does something else there; target: a function other than the one in the program's section; +:
 * programs that make sense only together. Sites may share a program. At least one site must be filled.
 */
struct mt_site {
	const char *name;
	const char *try[MT_TRIES];
	bool optional;	   /* may stay empty: columns that name it are null then */
	bool wide;	   /* observed only with --wide */
	const char *lacks; /* said where nothing of @try is to be had: what would change that */
};

/* An event that a processor counts, for the probe to read from @map; all of a tool are one group (perf.h). */
struct mt_event {
	const char *map; /* and the key of the column that is headed with the name of another event */
	const char *name;
	const char *lacks; /* said where it cannot be counted: what else could */
};

enum mt_scale { /* how text shows a number; machine formats are always raw */
		MT_RAW,
		MT_MS,	    /* of ns, 2 decimals */
		MT_MS3,	    /* of ns, 3 decimals */
		MT_KB,	    /* of bytes */
		MT_MB,	    /* of bytes */
		MT_PERCENT, /* of a ratio, 2 decimals */
		MT_HEX,	    /* an address */
};

enum mt_col_flags {
	MT_WIDE = 1,	   /* text: only with --wide */
	MT_MAYBE = 2,	   /* an MT_NO_... value of unit.h is null, and so is an empty string */
	MT_HIDDEN = 4,	   /* text: only if --columns names it */
	MT_NUMBER = 8,	   /* the number itself, where its unit has names */
	MT_CONTAINER = 16, /* of a cgroup: the container that its path names */
};

/* One column; its cell is the first of @fill, @per, @field that is set, else the time of the row. */
struct mt_col {
	const char *key;   /* JSON key, CSV heading, word of --columns and --sort; ends in its unit */
	const char *head;  /* heading in text: the classic tool's, where there is one */
	int width;	   /* as printf: negative is left-aligned; 0 as needed, in the last column */
	const char *field; /* member of the record, or of the map's key or value */
	const char *help;  /* one line for FIELDS */
	enum mt_scale scale;
	unsigned flags;
	const char *site; /* null where this site is empty */
	const char *per;  /* ratio of @field to this member */
	void (*fill)(const struct mt_row *row, struct mt_cell *cell);
	const struct mt_name *names; /* @field is a word of flags, shown by these */
};

/* The columns of a row that belongs to one cgroup, the last in text: @member of type mt_cgroup, @whose it is. */
#define MT_CGROUP_COLS(member, whose)                                                             \
	{ "container_id",                                                                         \
	  "CONTAINER",                                                                            \
	  -12,                                                                                    \
	  member,                                                                                 \
	  "container of " whose ": the id in the path of its cgroup",                             \
	  .flags = MT_WIDE | MT_CONTAINER },                                                      \
		{ "cgroup", "CGROUP", 0, member, "memory cgroup of " whose, .flags = MT_WIDE },   \
	{                                                                                         \
		"cgroup_id", "CGROUPID", 12, member, "its number", .flags = MT_HIDDEN | MT_NUMBER \
	}

/* A histogram of the end: a member of type mt_log2[] of mt_totals, or of all rows of an MT_KEYED map together. */
struct mt_hist {
	const char *key; /* ends in its unit */
	const char *field;
	const char *title;
	const char *site;
};

enum mt_source {
	MT_RING,    /* records as they come from the map mt_events */
	MT_TOTAL,   /* the map mt_totals: one row each interval */
	MT_KEYED,   /* the map @map: its entries that changed, each interval */
	MT_SAMPLED, /* rows that @sample reads from files of the kernel, each interval: no BPF */
};

/* A member of a struct of user space, as BTF describes those of a probe. */
struct mt_member {
	const char *name;
	enum mt_unit unit; /* MT_U_NONE: a plain number */
	uint32_t offset, size;
	bool is_signed;
	const char *const *words; /* MT_U_ENUM: for 0 and up, ends with NULL */
};

#define MT_MEMBER(type, member, u, ...)                                                                              \
	{                                                                                                            \
		.name = #member, .unit = (u), .offset = offsetof(type, member), .size = sizeof(((type *)0)->member), \
		.is_signed = _Generic(((type *)0)->member, int32_t                                                   \
				      : true, int64_t                                                                \
				      : true, default                                                                \
				      : false),                                                                      \
		__VA_ARGS__                                                                                          \
	}

/* Where a sample's rows go, one by one. */
struct mt_sink {
	void (*row)(struct mt_sink *sink, const void *row);
};

/* How an MT_SAMPLED view comes by its rows. */
struct mt_sample {
	const struct mt_member *members; /* of a row; ends with .name NULL */
	uint32_t size;			 /* of a row */
	const struct mt_member *asks;	 /* what options set, in @ask, as constants of a probe; or NULL */
	void *ask;
	/* Rows say how things stand: the first come at once, and if no INTERVAL, time or command is given, that is all. */
	bool state;
	int (*open)(void); /* before anything else; 0 or an exit status, logged */
	/* @rest: the interval was cut short, and its rows are wanted only if something happened in it. As open(). */
	int (*read)(struct mt_sink *sink, bool rest);
};

struct mt_object;

/*
 * For rows that a probe cannot fill alone. Counting has begun: what is there now? 0 or an exit status. And before
 * a row of a read is sorted: its members that only the host knows are put into @value; false: it is no row. All
 * rows of a read carry the time of the read before.
 */
struct mt_complete {
	int (*begin)(void);
	bool (*row)(const struct mt_row *row, void *value);
};

struct mt_view {
	enum mt_source source;
	const char *map;		    /* MT_KEYED */
	const char *sort;		    /* MT_KEYED: key of the column, largest first; --sort takes another */
	const struct mt_complete *complete; /* MT_KEYED */
	int interval;			    /* s between rows where the user gives none; 0: once, at the end */
	int rows; /* MT_KEYED: at most so many an interval in text where the user gives no --rows; 0: all */
	bool top; /* MT_KEYED: text is a screen each interval, under a line with time and load, as top(1) has it */
	unsigned count; /* intervals where neither a count, a duration nor a command says; 0: no end */
	const struct mt_col *cols;
	const struct mt_hist *hists;	/* printed at the end */
	const struct mt_sample *sample; /* MT_SAMPLED */
	const char *word;		/* its name for --by */
	const char *option;		/* of mt_tool.views: the tool's option that asks for it */
	bool wide;			/* of those with a word: --wide means this one, if no --by is given */
};

struct mt_tool {
	const char *name;
	const unsigned char *object, *object_end; /* the probe, as embed.h reads it; NULL where all is sampled */
	enum mt_group group;
	const char *summary;		/* half a line */
	const char *about;		/* paragraphs, each a line */
	const char *examples;		/* "arguments<TAB>what it does", a line each */
	const struct mt_opt *opts;	/* ends with .name NULL */
	const struct mt_alias *aliases; /* ends with .key 0 */
	const struct mt_site *sites;	/* ends with .name NULL */
	const struct mt_event *events;	/* ends with .map NULL */
	struct mt_view view;
	/*
	 * Further views, each chosen by --by WORD, or by an option of the tool; ends with neither. If words are
	 * used the usual view has one too, and the probe has a constant mt_by of an enum type whose enumerators are
	 * the words behind their first _, in capitals: BY_TOTAL is total.
	 */
	const struct mt_view *views;
	int (*start)(struct mt_object *object); /* before load: constants to be asked from the host; 0 or exit status */
	void (*begin)(void);			/* tracing begins: what is then to be compared with */
};

/*
 * Defines the description that the generated table of tools refers to by the file's name. The object is weak: a tool
 * whose rows are all sampled has none.
 */
#define MT_TOOL(id, ...)                                                                               \
	extern const unsigned char mt_object_##id[] __attribute__((weak));                             \
	extern const unsigned char mt_object_##id##_end[] __attribute__((weak));                       \
	extern const struct mt_tool mt_tool_##id;                                                      \
	const struct mt_tool mt_tool_##id = {                                                          \
		.name = #id, .object = mt_object_##id, .object_end = mt_object_##id##_end, __VA_ARGS__ \
	}

#endif
