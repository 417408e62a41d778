/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_AGENT_MHD_H
#define SG_AGENT_MHD_H

/* How this layer uses libmicrohttpd; no other layer includes it. */
#include <microhttpd.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The functions of libmicrohttpd that signet uses.
 *
 * signet is not linked with it: loading it, and GnuTLS behind it, takes longer
 * than a signature, and most runs serve nothing.
 */
struct sg_mhd {
	__typeof__(MHD_start_daemon) *start_daemon;
	__typeof__(MHD_stop_daemon) *stop_daemon;
	__typeof__(MHD_get_fdset2) *get_fdset;
	__typeof__(MHD_get_timeout) *get_timeout;
	__typeof__(MHD_run_from_select) *run_from_select;
	__typeof__(MHD_get_connection_info) *get_connection_info;
	__typeof__(MHD_get_connection_values) *get_connection_values;
	__typeof__(MHD_create_response_from_buffer)
	    *create_response_from_buffer;
	__typeof__(MHD_add_response_header) *add_response_header;
	__typeof__(MHD_queue_response) *queue_response;
	__typeof__(MHD_destroy_response) *destroy_response;
};

/**
 * Load libmicrohttpd; it stays loaded.
 *
 * @return SG_OK; SG_E_INTERNAL when it is not installed, with the package.
 */
enum sg_rc sg_mhd_load(struct sg_mhd *out_mhd, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
