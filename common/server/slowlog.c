// slowlog.c -- the last requests that took long to execute.
// SPDX-License-Identifier: MIT
#include "common/server/slowlog.h"

#include "common/base/memory.h"
#include "common/server/redaction.h"
#include "common/server/server.h"
#include "common/server/session.h"

void slowlog_init(struct slowlog *slowlog)
{
    *slowlog = (struct slowlog){0};
    list_init(&slowlog->entries);
}

void slowlog_deinit(struct slowlog *slowlog)
{
    slowlog_clear(slowlog);
}

static void slowlog_remove(struct slowlog *slowlog, struct list_link *link)
{
    struct slowlog_entry *entry =
        container_of(link, struct slowlog_entry, link);
    list_remove(link);
    slowlog->count--;
    buffer_deinit(&entry->arguments);
    free(entry->address);
    free(entry->name);
    free(entry);
}

void slowlog_clear(struct slowlog *slowlog)
{
    list_for_each_safe (link, &slowlog->entries)
        slowlog_remove(slowlog, link);
}

static void append_argument(struct reply *reply, struct slice argument)
{
    size_t max = SLOWLOG_ARGUMENT_BYTES_MAX;
    if (argument.size <= max) {
        reply_bulk(reply, argument);
        return;
    }
    struct buffer text = {0};
    buffer_append(&text, argument.data, max);
    buffer_printf(&text, "... (%zu more bytes)", argument.size - max);
    reply_bulk(reply, buffer_slice(&text));
    buffer_deinit(&text);
}

static void append_arguments(struct slowlog_entry *entry,
                             const struct request *request)
{
    struct reply reply = {.out = &entry->arguments, .protocol = 2};
    struct redaction redaction = redaction_of(request);
    bool cut = request->argc > SLOWLOG_ARGUMENTS_MAX;
    uint32_t shown = cut ? SLOWLOG_ARGUMENTS_MAX - 1 : request->argc;
    for (uint32_t i = 0; i < shown; i++)
        append_argument(&reply, redaction_argument(&redaction, i));
    if (cut) {
        struct buffer text = {0};
        buffer_printf(&text, "... (%u more arguments)", request->argc - shown);
        reply_bulk(&reply, buffer_slice(&text));
        buffer_deinit(&text);
    }
    entry->argument_count = shown + cut;
}

void slowlog_notice(struct slowlog *slowlog, const struct session *session,
                    const struct request *request, int64_t duration_us)
{
    struct server *server = session->server;
    int64_t slow_us = server->settings->slowlog_log_slower_than;
    if (slow_us < 0 || duration_us < slow_us)
        return;
    struct slowlog_entry *entry = xcalloc(1, sizeof *entry);
    entry->id = slowlog->next_id++;
    entry->time_s = env_wall_us(server->env) / 1000000;
    entry->duration_us = duration_us;
    entry->address = xstrdup(session->peer_address);
    entry->name = xstrdup(session->name);
    append_arguments(entry, request);
    list_push_front(&slowlog->entries, &entry->link);
    slowlog->count++;
    while (slowlog->count > (uint64_t)server->settings->slowlog_max_len)
        slowlog_remove(slowlog, slowlog->entries.previous);
}
