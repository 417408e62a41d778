/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/mhd.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define LIBRARY "libmicrohttpd.so.12"

static const struct {
	const char *name;
	size_t offset;
} symbols[] = {
    {"MHD_start_daemon", offsetof(struct sg_mhd, start_daemon)},
    {"MHD_stop_daemon", offsetof(struct sg_mhd, stop_daemon)},
    {"MHD_get_fdset2", offsetof(struct sg_mhd, get_fdset)},
    {"MHD_get_timeout", offsetof(struct sg_mhd, get_timeout)},
    {"MHD_run_from_select", offsetof(struct sg_mhd, run_from_select)},
    {"MHD_get_connection_info", offsetof(struct sg_mhd, get_connection_info)},
    {"MHD_get_connection_values",
	offsetof(struct sg_mhd, get_connection_values)},
    {"MHD_create_response_from_buffer",
	offsetof(struct sg_mhd, create_response_from_buffer)},
    {"MHD_add_response_header", offsetof(struct sg_mhd, add_response_header)},
    {"MHD_queue_response", offsetof(struct sg_mhd, queue_response)},
    {"MHD_destroy_response", offsetof(struct sg_mhd, destroy_response)},
};

enum sg_rc
sg_mhd_load(struct sg_mhd *out_mhd, struct sg_err *err)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	struct sg_mhd mhd;
	void *symbol;
	size_t i;

	for (i = 0; library != NULL && i < SG_COUNT(symbols); i++) {
		symbol = dlsym(library, symbols[i].name);
		if (symbol == NULL)
			break;
		memcpy(
		    (char *)&mhd + symbols[i].offset, &symbol, sizeof(symbol));
	}
	if (i < SG_COUNT(symbols))
		return sg_fail(err, SG_E_INTERNAL,
		    LIBRARY " cannot be loaded, without which nothing is "
			    "served; install it, on Debian with: apt install "
			    "libmicrohttpd12");
	*out_mhd = mhd;
	return SG_OK;
}
