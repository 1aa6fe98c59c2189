// commands_pubsub.c -- SUBSCRIBE and its relatives, PUBLISH, SPUBLISH, PUBSUB.
//
// PUBLISH runs above the stack: a message is no part of the store's state, is
// not logged, and reaches who listens at that moment.
// SPDX-License-Identifier: MIT
#include "common/server/commands.h"
#include "common/server/pubsub.h"
#include "common/server/server.h"
#include "common/server/session.h"

// These answers are pushes: a client that wants no replies gets them too.
static void reply_change(struct session *session, struct request *request,
                         enum pubsub_kind kind, const struct slice *name)
{
    struct reply *reply = &request->reply;
    request->flags &= ~(uint32_t)REQUEST_MUTED;
    session_mix_output(session, session->current_out);
    reply_push(reply, 3);
    reply_bulk_text(reply, request->command->name);
    if (name)
        reply_bulk(reply, *name);
    else
        reply_null(reply);
    reply_integer(reply, (int64_t)(kind == PUBSUB_SHARD
                                       ? pubsub_count(session, kind)
                                       : pubsub_count_unsharded(session)));
}

static void subscribe(struct session *session, struct request *request,
                      enum pubsub_kind kind)
{
    for (uint32_t i = 1; i < request->argc; i++) {
        pubsub_subscribe(session, kind, request->argv[i]);
        reply_change(session, request, kind, &request->argv[i]);
    }
}

static void unsubscribe_all(struct session *session, struct request *request,
                            enum pubsub_kind kind)
{
    if (pubsub_count(session, kind) == 0) {
        reply_change(session, request, kind, NULL);
        return;
    }
    struct buffer copy = {0}; // The name goes with the last subscriber.
    while (pubsub_count(session, kind) > 0) {
        buffer_clear(&copy);
        buffer_append_slice(&copy, pubsub_oldest(session, kind));
        struct slice name = buffer_slice(&copy);
        pubsub_unsubscribe(session, kind, name);
        reply_change(session, request, kind, &name);
    }
    buffer_deinit(&copy);
}

static void unsubscribe(struct session *session, struct request *request,
                        enum pubsub_kind kind)
{
    if (request->argc == 1)
        unsubscribe_all(session, request, kind);
    for (uint32_t i = 1; i < request->argc; i++) {
        pubsub_unsubscribe(session, kind, request->argv[i]);
        reply_change(session, request, kind, &request->argv[i]);
    }
}

static void subscribe_serve(struct session *session, struct request *request)
{
    subscribe(session, request, PUBSUB_CHANNEL);
}

static void psubscribe_serve(struct session *session, struct request *request)
{
    subscribe(session, request, PUBSUB_PATTERN);
}

static void unsubscribe_serve(struct session *session, struct request *request)
{
    unsubscribe(session, request, PUBSUB_CHANNEL);
}

static void punsubscribe_serve(struct session *session, struct request *request)
{
    unsubscribe(session, request, PUBSUB_PATTERN);
}

static void ssubscribe_serve(struct session *session, struct request *request)
{
    subscribe(session, request, PUBSUB_SHARD);
}

static void sunsubscribe_serve(struct session *session, struct request *request)
{
    unsubscribe(session, request, PUBSUB_SHARD);
}

static void publish_serve(struct session *session, struct request *request)
{
    size_t receivers = pubsub_publish(&session->server->pubsub,
                                      request->argv[1], request->argv[2]);
    reply_integer(&request->reply, (int64_t)receivers);
}

static void spublish_serve(struct session *session, struct request *request)
{
    size_t receivers = pubsub_publish_shard(&session->server->pubsub,
                                            request->argv[1], request->argv[2]);
    reply_integer(&request->reply, (int64_t)receivers);
}

static bool channel_matches(const struct request *request, struct slice name)
{
    return request->argc < 3 || slice_matches(name, request->argv[2], false);
}

static void reply_channels(struct session *session, struct request *request,
                           enum pubsub_kind kind)
{
    const struct list_link *channels = &session->server->pubsub.all[kind];
    if (request->argc > 3) {
        commands_refuse_subcommand(request, "PUBSUB");
        return;
    }
    struct buffer names = {0};
    struct reply elements = {&names, request->reply.protocol, 0};
    size_t count = 0;
    list_for_each (link, channels) {
        struct slice name =
            container_of(link, struct pubsub_topic, link)->name.name;
        if (!channel_matches(request, name))
            continue;
        reply_bulk(&elements, name);
        count++;
    }
    reply_array(&request->reply, count);
    reply_bytes(&request->reply, buffer_slice(&names));
    buffer_deinit(&names);
}

static void channels_serve(struct session *session, struct request *request)
{
    reply_channels(session, request, PUBSUB_CHANNEL);
}

static void shardchannels_serve(struct session *session,
                                struct request *request)
{
    reply_channels(session, request, PUBSUB_SHARD);
}

static void reply_members(struct session *session, struct request *request,
                          enum pubsub_kind kind)
{
    reply_array(&request->reply, 2 * (request->argc - 2));
    for (uint32_t i = 2; i < request->argc; i++) {
        reply_bulk(&request->reply, request->argv[i]);
        reply_integer(&request->reply,
                      (int64_t)pubsub_member_count(&session->server->pubsub,
                                                   kind, request->argv[i]));
    }
}

static void numsub_serve(struct session *session, struct request *request)
{
    reply_members(session, request, PUBSUB_CHANNEL);
}

static void shardnumsub_serve(struct session *session, struct request *request)
{
    reply_members(session, request, PUBSUB_SHARD);
}

static void numpat_serve(struct session *session, struct request *request)
{
    size_t count = session->server->pubsub.topics[PUBSUB_PATTERN].count;
    reply_integer(&request->reply, (int64_t)count);
}

enum {
    ANY_TIME = COMMAND_LOADING | COMMAND_STALE,
    ASKING = COMMAND_PUBSUB | ANY_TIME,
    SUBSCRIBING = ASKING | COMMAND_NOSCRIPT | COMMAND_SUBSCRIBED,
};

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command pubsub_rows[] = {
    {"channels", -2, ASKING, 0, 0, 0,
     "Returns the channels that have subscribers", "[pattern]", "pubsub",
     "2.8.0", .serve = channels_serve},
    {"numsub", -2, ASKING, 0, 0, 0, "Counts the subscribers of channels",
     "[channel [channel ...]]", "pubsub", "2.8.0", .serve = numsub_serve},
    {"numpat", 2, ASKING, 0, 0, 0, "Counts the patterns that have subscribers",
     "", "pubsub", "2.8.0", .serve = numpat_serve},
    {"shardchannels", -2, ASKING, 0, 0, 0,
     "Returns the shard channels that have subscribers", "[pattern]", "pubsub",
     "7.0.0", .serve = shardchannels_serve},
    {"shardnumsub", -2, ASKING, 0, 0, 0,
     "Counts the subscribers of shard channels",
     "[shardchannel [shardchannel ...]]", "pubsub", "7.0.0",
     .serve = shardnumsub_serve},
    {"help", 2, ANY_TIME, 0, 0, 0, //
     "Lists the subcommands", "", "pubsub", "6.2.0", .serve = command_help},
    {0},
};

const struct command commands_pubsub[] = {
    {"subscribe", -2, SUBSCRIBING, 0, 0, 0,
     "Sends this connection all messages to channels", "channel [channel ...]",
     "pubsub", "2.0.0", .serve = subscribe_serve},
    {"unsubscribe", -1, SUBSCRIBING, 0, 0, 0,
     "Ends subscriptions to channels, or to all", "[channel [channel ...]]",
     "pubsub", "2.0.0", .serve = unsubscribe_serve},
    {"psubscribe", -2, SUBSCRIBING, 0, 0, 0,
     "Sends this connection all messages to channels that match patterns",
     "pattern [pattern ...]", "pubsub", "2.0.0", .serve = psubscribe_serve},
    {"punsubscribe", -1, SUBSCRIBING, 0, 0, 0,
     "Ends subscriptions to patterns, or to all", "[pattern [pattern ...]]",
     "pubsub", "2.0.0", .serve = punsubscribe_serve},
    {"publish", 3, ASKING | COMMAND_FAST, 0, 0, 0,
     "Sends a message to a channel and counts who gets it", "channel message",
     "pubsub", "2.0.0", .serve = publish_serve},
    {"ssubscribe", -2, SUBSCRIBING | COMMAND_NO_KEYS, 1, -1, 1,
     "Sends this connection all messages to shard channels",
     "shardchannel [shardchannel ...]", "pubsub", "7.0.0",
     .serve = ssubscribe_serve},
    {"sunsubscribe", -1, SUBSCRIBING | COMMAND_NO_KEYS, 1, -1, 1,
     "Ends subscriptions to shard channels, or to all",
     "[shardchannel [shardchannel ...]]", "pubsub", "7.0.0",
     .serve = sunsubscribe_serve},
    {"spublish", 3, ASKING | COMMAND_FAST | COMMAND_NO_KEYS, 1, 1, 1,
     "Sends a message to a shard channel and counts who gets it",
     "shardchannel message", "pubsub", "7.0.0", .serve = spublish_serve},
    {"pubsub", -2, 0, 0, 0, 0, //
     "Commands about channels and patterns", "", "pubsub", "2.8.0",
     .subcommands = pubsub_rows},
    {0},
};
