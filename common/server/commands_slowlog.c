// commands_slowlog.c -- SLOWLOG: requests that took long.
// SPDX-License-Identifier: MIT
#include "common/server/commands.h"
#include "common/server/server.h"
#include "common/server/session.h"

enum { GET_DEFAULT = 10, ENTRY_FIELDS = 6 };

static void reply_entry(struct reply *reply, const struct slowlog_entry *entry)
{
    reply_array(reply, ENTRY_FIELDS);
    reply_integer(reply, (int64_t)entry->id);
    reply_integer(reply, entry->time_s);
    reply_integer(reply, entry->duration_us);
    reply_array(reply, entry->argument_count);
    reply_bytes(reply, buffer_slice(&entry->arguments));
    reply_bulk_text(reply, entry->address);
    reply_bulk_text(reply, entry->name);
}

static bool parse_count(struct request *request, int64_t *count)
{
    if (request->argc > 3) {
        commands_refuse_subcommand(request, "SLOWLOG");
        return false;
    }
    *count = GET_DEFAULT;
    if (request->argc == 3 &&
        (!slice_to_int64(request->argv[2], count) || *count < -1)) {
        reply_error(&request->reply,
                    "ERR count should be greater than or equal to -1");
        return false;
    }
    return true;
}

// SLOWLOG GET [count]: the newest first; -1 is all.
static void get_serve(struct session *session, struct request *request)
{
    const struct slowlog *slowlog = &session->server->slowlog;
    int64_t count;
    if (!parse_count(request, &count))
        return;
    if (count == -1 || (uint64_t)count > slowlog->count)
        count = (int64_t)slowlog->count;
    reply_array(&request->reply, (size_t)count);
    list_for_each (link, &slowlog->entries) {
        if (count-- == 0)
            break;
        reply_entry(&request->reply,
                    container_of(link, struct slowlog_entry, link));
    }
}

static void len_serve(struct session *session, struct request *request)
{
    reply_integer(&request->reply, (int64_t)session->server->slowlog.count);
}

static void reset_serve(struct session *session, struct request *request)
{
    slowlog_clear(&session->server->slowlog);
    reply_ok(&request->reply);
}

enum {
    ANY_TIME = COMMAND_LOADING | COMMAND_STALE,
    OPERATOR = ANY_TIME | COMMAND_ADMIN,
};

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command slowlog_rows[] = {
    {"get", -2, OPERATOR, 0, 0, 0, //
     "Returns the newest entries: 10, or count, or with -1 all", "[count]",
     "server", "2.2.12", .serve = get_serve,
     .tips = "nondeterministic_output request_policy:all_nodes"},
    {"len", 2, OPERATOR, 0, 0, 0, //
     "Returns how many entries there are", "", "server", "2.2.12",
     .serve = len_serve,
     .tips = "nondeterministic_output request_policy:all_nodes "
             "response_policy:agg_sum"},
    {"reset", 2, OPERATOR, 0, 0, 0, //
     "Removes all entries", "", "server", "2.2.12", .serve = reset_serve,
     .tips = "request_policy:all_nodes response_policy:all_succeeded"},
    {"help", 2, ANY_TIME, 0, 0, 0, //
     "Lists the subcommands", "", "server", "6.2.0", .serve = command_help},
    {0},
};

const struct command commands_slowlog[] = {
    {"slowlog", -2, 0, 0, 0, 0, //
     "Commands about requests that took long", "", "server", "2.2.12",
     .subcommands = slowlog_rows},
    {0},
};
