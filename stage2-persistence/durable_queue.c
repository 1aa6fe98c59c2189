// durable_queue.c -- requests that wait until the log has room.
//
// A client knows how many of its own are here (origin.waiting), so that what
// it sends behind them needs no search. One that has left is told nothing more.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/durable_queue.h"

#include "common/base/check.h"

// Bytes of arguments that may wait.
enum { DURABLE_QUEUE_MAX = 64 * 1024 * 1024 };

static size_t durable_queue_size_of(const struct request *request)
{
    size_t size = sizeof(struct kept_request);
    for (uint32_t i = 0; i < request->argc; i++)
        size += sizeof(struct slice) + request->argv[i].size;
    return size;
}

void durable_queue_init(struct durable_queue *queue)
{
    list_init(&queue->kept);
    queue->size = 0;
}

void durable_queue_deinit(struct durable_queue *queue)
{
    while (!durable_queue_is_empty(queue))
        request_free(request_keep(durable_queue_take(queue)));
}

bool durable_queue_push(struct durable_queue *queue, struct request *request)
{
    size_t size = durable_queue_size_of(request);
    if (queue->size + size > DURABLE_QUEUE_MAX)
        return false;
    struct kept_request *kept = request_keep(request);
    queue->size += size;
    list_push_back(&queue->kept, &kept->link);
    if (kept->request.origin)
        kept->request.origin->waiting++;
    return true;
}

struct request *durable_queue_take(struct durable_queue *queue)
{
    check(!durable_queue_is_empty(queue));
    struct kept_request *kept =
        container_of(list_first(&queue->kept), struct kept_request, link);
    queue->size -= durable_queue_size_of(&kept->request);
    list_remove(&kept->link);
    if (kept->request.origin)
        kept->request.origin->waiting--;
    return &kept->request;
}

void durable_queue_return(struct durable_queue *queue, struct request *request)
{
    queue->size += durable_queue_size_of(request);
    list_push_front(&queue->kept, &request_keep(request)->link);
    if (request->origin)
        request->origin->waiting++;
}

bool durable_queue_holds(const struct origin *origin)
{
    return origin && origin->waiting > 0;
}
