// laps.h -- times requests, for less than they cost.
//
// A reading of the clock ends one lap and begins the next. Most laps hold one
// request, and the time is exactly its own. In a pipelined batch that would be
// a fifth of what a GET costs; there requests of quick commands, whose work is
// bounded by the bytes of request and reply, share a lap while those are few:
//
//     GET SET GET GET | LRANGE | GET GET | MGET with 3 KB of keys | SET
//
// Each of them counts with its share of the lap, so sums and means are true,
// and percentiles are those of means over up to LAP_REQUESTS_MAX neighbours.
//
// SLOWLOG looks at laps. A shared one that is slow was slowed by the machine
// (preemption, page faults), not by a command; the log shows its last request,
// with the time of the lap. When the log's threshold is so low that many quick
// requests might reach it together, no lap is shared.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LAPS_H
#define VEGA_COMMON_LAPS_H

#include <stdbool.h>
#include <stdint.h>

struct request;
struct server;
struct session;

enum {
    LAP_REQUESTS_MAX = 32,
    LAP_BYTES_MAX = 1024,     // Of one request or reply in a shared lap.
    LAP_SHARED_US_MIN = 1000, // Least threshold with shared laps.
};

struct laps {
    bool running; // command_times, when the batch began.
    int64_t start_ns;
    uint32_t first, end; // In the batch: the lap's requests, by what is known
                         // before they are executed.
};

// Before the first of `count` requests in server->batch is executed.
void laps_start(struct server *server, uint32_t count);

// After request `done - 1` was executed: ends the lap if it is the last of it.
void laps_next(struct session *session, uint32_t done, uint32_t count);

// Tells SLOWLOG, and the latency monitor, of a request that took so long.
void laps_tell(struct session *session, const struct request *request,
               int64_t duration_us);

// When no more of the batch is executed: ends the lap as it is.
void laps_finish(struct session *session, uint32_t done);

#endif
