// monitor.h -- what MONITOR shows: every request that runs, to every session
// that asked.
//
//     1339518083.107412 [0 127.0.0.1:60866] "keys" "*"
//
// https://redis.io/docs/latest/commands/monitor/
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_MONITOR_H
#define VEGA_COMMON_MONITOR_H

struct request;
struct session;

// Shows a request that was run, or is being kept, to all monitors.
// Passwords are left out; commands of the operator are not shown at all.
void monitor_show(const struct session *session, const struct request *request);

// The session is a monitor no more, if it was one.
void monitor_leave(struct session *session);

#endif
