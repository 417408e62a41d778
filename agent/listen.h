/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_AGENT_LISTEN_H
#define SG_AGENT_LISTEN_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Room for a numeric address with its port, as in a URL, and its NUL. */
#define SG_LISTEN_SIZE 80

/**
 * Listen for TCP connections.
 *
 * @param where       "ADDR:PORT" with a numeric address, one of IPv6 in
 *                    brackets; port 0 lets the kernel pick.
 * @param out_fd      Not blocking, closed on exec. The caller's to close.
 * @param out_where   The same with the real port, fit for a URL.
 * @return SG_OK; SG_E_USAGE for what is no such address; SG_E_IO with errno in
 *         err->native when it cannot be had, such as a port in use.
 */
enum sg_rc sg_listen_tcp(const char *where, int *out_fd,
    char out_where[SG_LISTEN_SIZE], struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
