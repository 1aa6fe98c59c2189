// request.c -- keeping a request beyond the event that brought it.
// SPDX-License-Identifier: MIT
#include "common/server/request.h"

#include "common/base/check.h"
#include "common/base/memory.h"

void request_complete(struct request *request)
{
    check(!(request->flags & (REQUEST_MOVED | REQUEST_COMPLETE)));
    struct completion *top = request->completion;
    check(top);
    request->completion = top->next;
    top->done(top, request);
}

// One allocation: the request, its arguments, their bytes.
static struct kept_request *request_copy(const struct request *request)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < request->argc; i++)
        bytes += request->argv[i].size;
    size_t head =
        sizeof(struct kept_request) + request->argc * sizeof(struct slice);
    struct kept_request *kept = xmalloc(head + bytes);
    *kept = (struct kept_request){.request = *request, .arguments_size = bytes};

    char *at = (char *)kept + head;
    for (uint32_t i = 0; i < request->argc; i++) {
        struct slice argument = request->argv[i];
        if (argument.size)
            memcpy(at, argument.data, argument.size);
        kept->argv[i] = (struct slice){at, argument.size};
        at += argument.size;
    }
    kept->request.argv = kept->argv;
    return kept;
}

struct kept_request *request_keep(struct request *request)
{
    if (request->flags & REQUEST_KEPT)
        return container_of(request, struct kept_request, request);
    check(!(request->flags & (REQUEST_MOVED | REQUEST_COMPLETE)));

    struct kept_request *kept = request_copy(request);
    list_init(&kept->link);
    list_init(&kept->reply_link);
    struct buffer *out = request->reply.out;
    kept->bytes.max = kept->behind.max = out->max;
    buffer_append(&kept->bytes, out->data + request->reply_start,
                  out->size - request->reply_start);
    out->size = request->reply_start;

    kept->request.flags |= REQUEST_KEPT;
    kept->request.reply.out = &kept->bytes;
    kept->request.reply_start = 0;
    request->flags |= REQUEST_MOVED;
    if (kept->request.origin)
        kept->request.origin->keep(kept->request.origin, kept);
    return kept;
}

void request_free(struct kept_request *kept)
{
    list_remove(&kept->link);
    list_remove(&kept->reply_link);
    buffer_deinit(&kept->bytes);
    buffer_deinit(&kept->behind);
    free(kept);
}
