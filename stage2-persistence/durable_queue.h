// durable_queue.h -- requests that wait until the log has room, in the order in
// which they came.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_DURABLE_QUEUE_H
#define VEGA_STAGE2_DURABLE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/list.h"
#include "common/server/request.h"

struct durable_queue {
    struct list_link kept; // struct kept_request.
    size_t size;           // Bytes that they take.
};

void durable_queue_init(struct durable_queue *queue);
// Frees what waits.
void durable_queue_deinit(struct durable_queue *queue);

static inline bool durable_queue_is_empty(const struct durable_queue *queue)
{
    return list_is_empty(&queue->kept);
}

// Keeps the request. False, and nothing was done, when too much waits already.
bool durable_queue_push(struct durable_queue *queue, struct request *request);

// Takes the first one out, for a try; and puts it back, when that was too
// early. There is one.
struct request *durable_queue_take(struct durable_queue *queue);
void durable_queue_return(struct durable_queue *queue, struct request *request);

// Whether a request of this client waits.
bool durable_queue_holds(const struct origin *origin);

#endif
