/* SPDX-License-Identifier: GPL-2.0-only */
/* The command that a tool runs and follows (-- COMMAND): it waits until all is attached. */
#ifndef MT_COMMAND_H
#define MT_COMMAND_H

#include <sys/types.h>

struct mt_command {
	pid_t pid;  /* 0: none */
	int go;	    /* write end of the pipe that it waits at */
	int failed; /* read end: the errno of an exec that failed */
};

/* Forks; the child waits. 0, or an exit status, logged. */
int mt_command_start(struct mt_command *command, char **argv);

/* Lets it run; does nothing where there is none. */
void mt_command_go(struct mt_command *command);

/* Reaps it if it is over; one that still runs goes on. Returns the errno of an exec that failed, or 0. */
int mt_command_end(struct mt_command *command);

#endif
