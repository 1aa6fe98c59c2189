// notify.c -- keyspace notifications: what happens to keys, as messages.
// SPDX-License-Identifier: MIT
#include "common/server/notify.h"

#include "common/base/buffer.h"
#include "common/server/pubsub.h"
#include "common/server/server.h"

const char *const notify_letters[] = {"g$lshzxetd", "nKEm", NULL};

static void notify_publish(struct server *server, const char *prefix,
                           struct slice about, struct slice message)
{
    struct buffer channel = {0};
    buffer_append_text(&channel, prefix);
    buffer_append_slice(&channel, about);
    pubsub_publish(&server->pubsub, buffer_slice(&channel), message);
    buffer_deinit(&channel);
}

void notify_event(void *context, enum notify_class class, const char *event,
                  struct slice key)
{
    struct server *server = context;
    int64_t wanted = server->settings->notify_keyspace_events;
    // What is loaded has happened before, and was told then.
    if (!(wanted & class) || server->loading.active)
        return;
    if (wanted & NOTIFY_KEYSPACE)
        notify_publish(server, "__keyspace@0__:", key, slice_of(event));
    if (wanted & NOTIFY_KEYEVENT)
        notify_publish(server, "__keyevent@0__:", slice_of(event), key);
}
