// slowlog.h -- the last requests that took long to execute.
//
// Arguments are kept as Redis keeps them: 32 at most, 128 bytes of each, and
// none that is a secret.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SLOWLOG_H
#define VEGA_COMMON_SLOWLOG_H

#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/list.h"

struct request;
struct session;

enum { SLOWLOG_ARGUMENTS_MAX = 32, SLOWLOG_ARGUMENT_BYTES_MAX = 128 };

struct slowlog_entry {
    struct list_link link;
    uint64_t id;
    int64_t time_s; // Since 1970, when it was done.
    int64_t duration_us;
    uint32_t argument_count;
    struct buffer arguments; // RESP: so many bulk strings.
    char *address;           // The client's, then and its name.
    char *name;
};

struct slowlog {
    struct list_link entries; // Newest first.
    uint64_t count;
    uint64_t next_id; // Never starts again.
};

void slowlog_init(struct slowlog *slowlog);
void slowlog_deinit(struct slowlog *slowlog);

// Adds the request if it took slowlog_log_slower_than or more, and drops the
// oldest beyond slowlog_max_len.
void slowlog_notice(struct slowlog *slowlog, const struct session *session,
                    const struct request *request, int64_t duration_us);

void slowlog_clear(struct slowlog *slowlog);

#endif
