// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens a file that is not there, again and again: there is no faster event.
 *   knock [count=N]
 */
#include "../work/work.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	static unsigned long long count = 50000;
	static const struct arg args[] = { { "count", &count, NULL } };

	work_begin(argc, argv, args, 1);
	for (unsigned long long i = 0; i < count; i++)
		if (open("/memtrace-knock", O_RDONLY | O_CLOEXEC) >= 0)
			die("/memtrace-knock exists");
	json_open(NULL);
	json_text("work", "knock");
	json_number("events", count);
	json_close();
	return 0;
}
