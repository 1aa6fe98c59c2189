// pubsub.h -- who listens to what: topics, their subscribers, and the way of a
// message to them.
//
//     pubsub ----> topic "news" ----> subscription <---- session
//            ----> topic "new*" ----> subscription <----
//
// A topic is a channel, a pattern or a shard channel; it exists while somebody
// is subscribed to it. A subscription is one session's place at one topic,
// found from either side, so that subscribing and leaving are O(1) whatever
// else exists.
//
// https://redis.io/docs/latest/develop/interact/pubsub/
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PUBSUB_H
#define VEGA_COMMON_PUBSUB_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/hash.h"
#include "common/base/list.h"
#include "common/base/map.h"
#include "common/base/slice.h"

struct env;
struct session;

// Shard channels are channels of their own, which in a cluster belong to slots
// as keys do; patterns do not see them.
enum pubsub_kind { PUBSUB_CHANNEL, PUBSUB_PATTERN, PUBSUB_SHARD, PUBSUB_KINDS };

struct pubsub_topic {
    struct map_link name;     // In pubsub->topics[kind].
    struct list_link link;    // In pubsub->all[kind].
    struct list_link members; // Subscriptions, oldest first.
    size_t member_count;
    char bytes[]; // The name.
};

struct pubsub {
    struct hash_secret secret;
    struct map topics[PUBSUB_KINDS];
    struct list_link all[PUBSUB_KINDS]; // Topics, oldest first.
};

// A session's side; it has one while it is subscribed to anything.
struct subscriber {
    struct map by_name[PUBSUB_KINDS];
    struct list_link all[PUBSUB_KINDS]; // Subscriptions, oldest first.
};

// Draws the secret of the tables from `env`.
void pubsub_init(struct pubsub *pubsub, struct env *env);
// All sessions must have left.
void pubsub_deinit(struct pubsub *pubsub);

// False when the session was subscribed already.
bool pubsub_subscribe(struct session *session, enum pubsub_kind kind,
                      struct slice name);
// False when it was not.
bool pubsub_unsubscribe(struct session *session, enum pubsub_kind kind,
                        struct slice name);
// From everything.
void pubsub_leave(struct session *session);

// How many topics the session is subscribed to: of one kind; of channels and
// patterns together, as those who subscribe to these are told.
size_t pubsub_count(const struct session *session, enum pubsub_kind kind);
size_t pubsub_count_unsharded(const struct session *session);
// The name of its oldest subscription of this kind, of which there is one.
// Borrowed until it is unsubscribed.
struct slice pubsub_oldest(const struct session *session,
                           enum pubsub_kind kind);

// Pushes the message to all subscribers of the channel and of the patterns
// that match it; returns how many pushes that were.
size_t pubsub_publish(struct pubsub *pubsub, struct slice channel,
                      struct slice message);
// The same with those of a shard channel.
size_t pubsub_publish_shard(struct pubsub *pubsub, struct slice channel,
                            struct slice message);

// The subscribers of one topic.
size_t pubsub_member_count(const struct pubsub *pubsub, enum pubsub_kind kind,
                           struct slice name);

void pubsub_check_invariants(const struct pubsub *pubsub);

#endif
