// client_filter.c -- which sessions CLIENT LIST and CLIENT KILL mean.
// SPDX-License-Identifier: MIT
#include "common/server/client_filter.h"

#include "common/server/commands.h"
#include "common/server/session.h"

// Nobody replicates by this protocol.
static enum client_type client_type_of(const struct session *session)
{
    return session->subscriber ? CLIENT_PUBSUB : CLIENT_NORMAL;
}

bool client_filter_matches(const struct client_filter *filter,
                           const struct session *session)
{
    if (session == filter->skipped)
        return false;
    if (filter->has_id && session->id != filter->id)
        return false;
    if (filter->has_type && filter->type != client_type_of(session))
        return false;
    if (filter->has_user && !session->authenticated)
        return false;
    if (filter->has_address &&
        !slice_equal(filter->address, slice_of(session->peer_address)))
        return false;
    return !filter->has_local_address ||
           slice_equal(filter->local_address, slice_of(session->local_address));
}

bool client_filter_read_type(struct client_filter *filter,
                             struct request *request, struct slice type)
{
    static const struct {
        const char *word;
        enum client_type type;
    } types[] = {
        {"normal", CLIENT_NORMAL},      {"pubsub", CLIENT_PUBSUB},
        {"master", CLIENT_REPLICATION}, {"replica", CLIENT_REPLICATION},
        {"slave", CLIENT_REPLICATION},
    };
    filter->has_type = false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!slice_is(type, types[i].word))
            continue;
        filter->has_type = true;
        filter->type = types[i].type;
    }
    if (!filter->has_type)
        reply_error(&request->reply, "ERR Unknown client type '%.*s'",
                    SLICE_PRINT(commands_quote(type)));
    return filter->has_type;
}

static bool read_id(struct client_filter *filter, struct request *request,
                    struct slice text)
{
    int64_t id;
    if (!slice_to_int64(text, &id) || id < 1) {
        reply_error(&request->reply, "ERR client-id should be greater than 0");
        return false;
    }
    filter->has_id = true;
    filter->id = (uint64_t)id;
    return true;
}

static bool read_user(struct client_filter *filter, struct request *request,
                      struct slice user)
{
    filter->has_user = slice_equal(user, SLICE("default"));
    if (!filter->has_user)
        reply_error(&request->reply, "ERR No such user '%.*s'",
                    SLICE_PRINT(commands_quote(user)));
    return filter->has_user;
}

static bool read_pair(struct client_filter *filter, struct request *request,
                      struct slice option, struct slice value,
                      const struct session *self)
{
    if (slice_is(option, "id"))
        return read_id(filter, request, value);
    if (slice_is(option, "type"))
        return client_filter_read_type(filter, request, value);
    if (slice_is(option, "user"))
        return read_user(filter, request, value);
    if (slice_is(option, "addr")) {
        filter->has_address = true;
        filter->address = value;
    } else if (slice_is(option, "laddr")) {
        filter->has_local_address = true;
        filter->local_address = value;
    } else if (slice_is(option, "skipme") && slice_is(value, "yes")) {
        filter->skipped = self;
    } else if (slice_is(option, "skipme") && slice_is(value, "no")) {
        filter->skipped = NULL;
    } else {
        reply_syntax_error(&request->reply);
        return false;
    }
    return true;
}

bool client_filter_read(struct client_filter *filter, struct request *request,
                        uint32_t first, const struct session *self)
{
    for (uint32_t i = first; i < request->argc; i += 2) {
        if (i + 1 == request->argc) {
            reply_syntax_error(&request->reply);
            return false;
        }
        if (!read_pair(filter, request, request->argv[i], request->argv[i + 1],
                       self))
            return false;
    }
    return true;
}
