// pubsub.c -- topics, subscriptions, and the way of a message.
//
// A message to many subscribers is formatted once a protocol and copied to
// each, so that it costs every one of them a memcpy.
//
// Invariants
// (P1) A topic has a member, a subscriber a subscription: what is empty is
//      gone.
// (P2) A subscription is in its topic's list of members, in its session's list
//      and in its session's map.
// SPDX-License-Identifier: MIT
#include "common/server/pubsub.h"

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/env/env.h"
#include "common/server/server.h"
#include "common/server/session.h"

struct subscription {
    struct pubsub_topic *topic;
    struct session *session;
    struct map_link name;        // In subscriber->by_name; the topic's bytes.
    struct list_link of_session; // In subscriber->all.
    struct list_link of_topic;   // In topic->members.
};

void pubsub_init(struct pubsub *pubsub, struct env *env)
{
    env_random(env, &pubsub->secret, sizeof pubsub->secret);
    for (int kind = 0; kind < PUBSUB_KINDS; kind++) {
        map_init(&pubsub->topics[kind], &pubsub->secret);
        list_init(&pubsub->all[kind]);
    }
}

void pubsub_deinit(struct pubsub *pubsub)
{
    for (int kind = 0; kind < PUBSUB_KINDS; kind++) {
        check(list_is_empty(&pubsub->all[kind]));
        map_deinit(&pubsub->topics[kind]);
    }
}

// ---- Topics

static struct pubsub_topic *topic_find(const struct pubsub *pubsub,
                                       enum pubsub_kind kind, struct slice name)
{
    struct map_link *found = map_find(&pubsub->topics[kind], name);
    return found ? container_of(found, struct pubsub_topic, name) : NULL;
}

static struct pubsub_topic *
topic_create(struct pubsub *pubsub, enum pubsub_kind kind, struct slice name)
{
    struct pubsub_topic *topic = xmalloc(sizeof *topic + name.size);
    if (name.size)
        memcpy(topic->bytes, name.data, name.size);
    topic->name.name = (struct slice){topic->bytes, name.size};
    list_init(&topic->members);
    topic->member_count = 0;
    map_insert(&pubsub->topics[kind], &topic->name);
    list_push_back(&pubsub->all[kind], &topic->link);
    return topic;
}

static void topic_destroy(struct pubsub *pubsub, enum pubsub_kind kind,
                          struct pubsub_topic *topic)
{
    map_remove(&pubsub->topics[kind], &topic->name);
    list_remove(&topic->link);
    free(topic);
}

// ---- Subscriptions

static struct subscriber *subscriber_create(const struct pubsub *pubsub)
{
    struct subscriber *subscriber = xmalloc(sizeof *subscriber);
    for (int kind = 0; kind < PUBSUB_KINDS; kind++) {
        map_init(&subscriber->by_name[kind], &pubsub->secret);
        list_init(&subscriber->all[kind]);
    }
    return subscriber;
}

static struct subscription *subscription_find(const struct session *session,
                                              enum pubsub_kind kind,
                                              struct slice name)
{
    if (!session->subscriber)
        return NULL;
    struct map_link *found =
        map_find(&session->subscriber->by_name[kind], name);
    return found ? container_of(found, struct subscription, name) : NULL;
}

bool pubsub_subscribe(struct session *session, enum pubsub_kind kind,
                      struct slice name)
{
    struct pubsub *pubsub = &session->server->pubsub;
    if (subscription_find(session, kind, name))
        return false;
    struct pubsub_topic *topic = topic_find(pubsub, kind, name);
    if (!topic)
        topic = topic_create(pubsub, kind, name);
    if (!session->subscriber)
        session->subscriber = subscriber_create(pubsub);

    struct subscription *subscription = xmalloc(sizeof *subscription);
    subscription->topic = topic;
    subscription->session = session;
    subscription->name.name = topic->name.name;
    map_insert(&session->subscriber->by_name[kind], &subscription->name);
    list_push_back(&session->subscriber->all[kind], &subscription->of_session);
    list_push_back(&topic->members, &subscription->of_topic);
    topic->member_count++;
    return true;
}

bool pubsub_unsubscribe(struct session *session, enum pubsub_kind kind,
                        struct slice name)
{
    struct pubsub *pubsub = &session->server->pubsub;
    struct subscription *subscription = subscription_find(session, kind, name);
    if (!subscription)
        return false;
    struct pubsub_topic *topic = subscription->topic;
    map_remove(&session->subscriber->by_name[kind], &subscription->name);
    list_remove(&subscription->of_session);
    list_remove(&subscription->of_topic);
    free(subscription);
    // Upholds (P1). `name` may lie in the topic: not used from here on.
    if (--topic->member_count == 0)
        topic_destroy(pubsub, kind, topic);
    if (pubsub_count_unsharded(session) + pubsub_count(session, PUBSUB_SHARD) ==
        0) {
        free(session->subscriber);
        session->subscriber = NULL;
    }
    return true;
}

void pubsub_leave(struct session *session)
{
    for (int kind = 0; kind < PUBSUB_KINDS; kind++) {
        while (pubsub_count(session, kind) > 0)
            pubsub_unsubscribe(session, kind, pubsub_oldest(session, kind));
    }
}

size_t pubsub_count(const struct session *session, enum pubsub_kind kind)
{
    return session->subscriber ? session->subscriber->by_name[kind].count : 0;
}

size_t pubsub_count_unsharded(const struct session *session)
{
    return pubsub_count(session, PUBSUB_CHANNEL) +
           pubsub_count(session, PUBSUB_PATTERN);
}

struct slice pubsub_oldest(const struct session *session, enum pubsub_kind kind)
{
    check(pubsub_count(session, kind) > 0);
    return container_of(list_first(&session->subscriber->all[kind]),
                        struct subscription, of_session)
        ->name.name;
}

size_t pubsub_member_count(const struct pubsub *pubsub, enum pubsub_kind kind,
                           struct slice name)
{
    const struct pubsub_topic *topic = topic_find(pubsub, kind, name);
    return topic ? topic->member_count : 0;
}

// ---- Messages

// One message as the subscribers of one topic get it.
struct publication {
    const char *word;            // "message"
    const struct slice *pattern; // NULL for those of the channel itself.
    struct slice channel, message;
    struct buffer formatted[2]; // For RESP2 and RESP3; empty until needed.
};

static struct slice publication_format(struct publication *publication,
                                       int protocol)
{
    struct buffer *out = &publication->formatted[protocol - 2];
    if (out->size == 0) {
        struct reply reply = {out, protocol, 0};
        reply_push(&reply, publication->pattern ? 4 : 3);
        reply_bulk_text(&reply, publication->word);
        if (publication->pattern)
            reply_bulk(&reply, *publication->pattern);
        reply_bulk(&reply, publication->channel);
        reply_bulk(&reply, publication->message);
    }
    return buffer_slice(out);
}

static size_t topic_publish(const struct pubsub_topic *topic,
                            struct publication *publication)
{
    list_for_each (link, &topic->members) {
        struct session *session =
            container_of(link, struct subscription, of_topic)->session;
        session_push(session,
                     publication_format(publication, session->protocol));
    }
    buffer_deinit(&publication->formatted[0]);
    buffer_deinit(&publication->formatted[1]);
    return topic->member_count;
}

size_t pubsub_publish(struct pubsub *pubsub, struct slice channel,
                      struct slice message)
{
    struct publication publication = {
        .word = "message", .channel = channel, .message = message};
    size_t receivers = 0;
    const struct pubsub_topic *topic =
        topic_find(pubsub, PUBSUB_CHANNEL, channel);
    if (topic)
        receivers += topic_publish(topic, &publication);
    publication.word = "pmessage";
    list_for_each (link, &pubsub->all[PUBSUB_PATTERN]) {
        topic = container_of(link, struct pubsub_topic, link);
        if (!slice_matches(channel, topic->name.name, false))
            continue;
        publication.pattern = &topic->name.name;
        receivers += topic_publish(topic, &publication);
    }
    return receivers;
}

size_t pubsub_publish_shard(struct pubsub *pubsub, struct slice channel,
                            struct slice message)
{
    struct publication publication = {
        .word = "smessage", .channel = channel, .message = message};
    const struct pubsub_topic *topic =
        topic_find(pubsub, PUBSUB_SHARD, channel);
    return topic ? topic_publish(topic, &publication) : 0;
}

void pubsub_check_invariants(const struct pubsub *pubsub)
{
    for (int kind = 0; kind < PUBSUB_KINDS; kind++) {
        size_t topics = 0;
        map_check_invariants(&pubsub->topics[kind]);
        list_for_each (link, &pubsub->all[kind]) {
            const struct pubsub_topic *topic =
                container_of(link, struct pubsub_topic, link);
            size_t members = 0;
            list_for_each (member, &topic->members) {
                const struct subscription *subscription =
                    container_of(member, struct subscription, of_topic);
                check(subscription->topic == topic);
                check(subscription_find(subscription->session, kind,
                                        topic->name.name) == subscription);
                members++;
            }
            check(members > 0 && members == topic->member_count);
            topics++;
        }
        check(topics == pubsub->topics[kind].count);
    }
}
