// commands_monitor.c -- MONITOR: every request, as a line for people.
// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "common/server/commands.h"
#include "common/server/monitor.h"
#include "common/server/redaction.h"
#include "common/server/server.h"
#include "common/server/session.h"

enum { US_PER_SECOND = 1000 * 1000 };

void monitor_leave(struct session *session)
{
    list_remove(&session->monitor_link);
}

// In quotes, with the escapes of C for what is not printable.
static void append_quoted(struct buffer *line, struct slice bytes)
{
    static const char escaped[] = "\\\"\n\r\t\a\b", letters[] = "\\\"nrtab";
    buffer_append_byte(line, '"');
    for (size_t i = 0; i < bytes.size; i++) {
        char byte = bytes.data[i];
        const char *found = memchr(escaped, byte, sizeof escaped - 1);
        if (found) {
            buffer_append_byte(line, '\\');
            buffer_append_byte(line, letters[found - escaped]);
        } else if (byte >= ' ' && byte <= '~') {
            buffer_append_byte(line, byte);
        } else {
            buffer_printf(line, "\\x%02x", (unsigned char)byte);
        }
    }
    buffer_append_byte(line, '"');
}

static void format_line(const struct session *session,
                        const struct request *request, struct buffer *line)
{
    int64_t now_us = env_wall_us(session->server->env);
    struct redaction redaction = redaction_of(request);
    buffer_printf(line, "+%" PRId64 ".%06" PRId64 " [0 %s%s]",
                  now_us / US_PER_SECOND, now_us % US_PER_SECOND,
                  session->is_unix ? "unix:" : "", session->peer_address);
    for (uint32_t i = 0; i < request->argc; i++) {
        buffer_append_byte(line, ' ');
        append_quoted(line, redaction_argument(&redaction, i));
    }
    buffer_append_text(line, "\r\n");
}

void monitor_show(const struct session *session, const struct request *request)
{
    if (request->command->flags & COMMAND_ADMIN)
        return;
    struct buffer line = {0};
    format_line(session, request, &line);
    list_for_each (link, &session->server->monitors)
        session_push(container_of(link, struct session, monitor_link),
                     buffer_slice(&line));
    buffer_deinit(&line);
}

// Asked a second time, Redis answers nothing.
static void monitor_serve(struct session *session, struct request *request)
{
    if (request->flags & REQUEST_NO_WAIT) {
        reply_error(&request->reply,
                    "ERR MONITOR isn't allowed for DENY BLOCKING client");
        return;
    }
    if (session_is_monitor(session))
        return;
    list_push_back(&session->server->monitors, &session->monitor_link);
    reply_ok(&request->reply);
}

// Name, arity, flags; keys; summary, arguments; group, since.
const struct command commands_monitor[] = {
    {"monitor", 1,
     COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE, 0, 0,
     0, "Shows this connection every request that the server runs", "",
     "server", "1.0.0", .serve = monitor_serve},
    {0},
};
