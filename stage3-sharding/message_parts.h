// message_parts.h -- texts in the messages of nodes: a byte of size, then the
// bytes.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_MESSAGE_PARTS_H
#define VEGA_STAGE3_MESSAGE_PARTS_H

#include <stdbool.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"
#include "stage3-sharding/topology.h"

static inline void message_append_text(struct buffer *out, const char *text)
{
    buffer_append_byte(out, (char)strlen(text));
    buffer_append_text(out, text);
}

// Each takes its part off the front of `from`; false when it is not there.

static inline bool message_take(struct slice *from, size_t size,
                                struct slice *taken)
{
    if (from->size < size)
        return false;
    *taken = (struct slice){from->data, size};
    from->data += size;
    from->size -= size;
    return true;
}

static inline bool message_take_text(struct slice *from, struct slice *text)
{
    struct slice size;
    return message_take(from, 1, &size) &&
           message_take(from, (unsigned char)*size.data, text);
}

static inline bool message_take_id(struct slice *from, struct slice *id)
{
    return message_take_text(from, id) && topology_id_is_valid(*id);
}

// The host of an address that was zeroed.
static inline bool message_take_host(struct slice *from,
                                     struct topology_address *address)
{
    struct slice host;
    if (!message_take_text(from, &host) || host.size == 0 ||
        host.size > TOPOLOGY_HOST_MAX || memchr(host.data, 0, host.size))
        return false;
    memcpy(address->host, host.data, host.size);
    return true;
}

#endif
