/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DEFAULT_SIGNALS_H
#define DEFAULT_SIGNALS_H

#include <signal.h>

#include "base/attr.h"

/* A group's setup: nohup, and `&` in a script, have signals ignored, and what
 * is ignored stays so in the processes that the tests send them to. */
static int
default_signals(void **state)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(numbers); i++)
		(void)signal(numbers[i], SIG_DFL);
	return 0;
}

#endif
