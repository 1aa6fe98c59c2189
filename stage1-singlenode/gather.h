// gather.h -- elements of a reply whose number is known only at the end.
//
//     struct gather gather = gather_start(&request->reply);
//     gather_add(&gather, member); ...
//     reply_set(&request->reply, gather.count);
//     gather_finish(&gather, &request->reply);
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_GATHER_H
#define VEGA_STAGE1_GATHER_H

#include "common/base/buffer.h"
#include "common/wire/reply.h"

struct gather {
    struct buffer bytes; // The elements, as they will be sent.
    size_t count;
    int protocol;
};

static inline struct gather gather_start(const struct reply *reply)
{
    return (struct gather){.protocol = reply->protocol};
}

// Adds a bulk string.
static inline void gather_add(struct gather *gather, struct slice bytes)
{
    struct reply reply = {.out = &gather->bytes, .protocol = gather->protocol};
    reply_bulk(&reply, bytes);
    gather->count++;
}

// Writes the elements behind a header that the caller has written.
static inline void gather_finish(struct gather *gather, struct reply *reply)
{
    reply_bytes(reply, buffer_slice(&gather->bytes));
    buffer_deinit(&gather->bytes);
}

#endif
