/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/app.h"

#define STEP_MS 250
#define MIB	(1024.0 * 1024.0)

void
progress_start(struct progress *progress, const struct app *app)
{
	progress->is_on =
	    !app_given(app, OPT_QUIET) && isatty(STDERR_FILENO) == 1;
	progress->next_ms = sg_clock_mono_ms() + PROGRESS_FIRST_MS;
}

void
progress_tell(struct progress *progress, int64_t done, int64_t total)
{
	int64_t now_ms;

	if (!progress->is_on)
		return;
	now_ms = sg_clock_mono_ms();
	if (now_ms < progress->next_ms)
		return;
	progress->next_ms = now_ms + STEP_MS;
	progress->is_shown = true;
	if (total > 0)
		(void)fprintf(stderr, "\rsignet: %.1f of %.1f MiB (%d %%)",
		    (double)done / MIB, (double)total / MIB,
		    (int)(100.0 * (double)done / (double)total));
	else
		(void)fprintf(stderr, "\rsignet: %.1f MiB", (double)done / MIB);
}

/* ECMA-48 EL: what is behind the cursor goes. */
void
progress_end(struct progress *progress)
{
	if (progress->is_shown)
		(void)fputs("\r\033[K", stderr);
	progress->is_shown = false;
}
