// blocked.h -- requests that wait for a key to appear, and waking them.
//
//     BLPOP k 0 -> nothing there: REQUEST_WAIT -> waits in the queue of k
//     LPUSH k v -> server_key_ready(k) -> the first of the queue is submitted
//                                         again, as a request of its own
//
// The stack never blocks: it answers "nothing yet" (request_wait), the session
// stays parked (parked.c), and the request goes down once more when one of its
// keys got a value, by whatever command. Those who wait for one key are served
// in the order in which they came, before any request that comes later, and
// one at a time: the next when it is known that the one before got something.
// Who finds nothing after all keeps his place.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_BLOCKED_H
#define VEGA_COMMON_BLOCKED_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/hash.h"
#include "common/base/list.h"
#include "common/base/map.h"
#include "common/base/slice.h"
#include "common/env/env.h"

struct blocked;
struct parked;
struct request;
struct server;
struct session;

// Of a server: who waits for what.
struct blocked_keys {
    struct hash_secret secret;
    struct map keys;        // Those that somebody waits for.
    struct list_link ready; // Queues to be looked at, in order.
    struct env_timer timer; // For what gets ready outside of any request.
};

void blocked_keys_init(struct blocked_keys *keys, struct env *env);
void blocked_keys_deinit(struct blocked_keys *keys); // Nobody waits.

// Submits a request of a row with COMMAND_BLOCKING and `run`, and parks the
// session until there is more to say than "nothing yet".
void blocked_submit(struct session *session, struct request *request);

// Notes that `key` has a new value. Changes nothing else, so that it may be
// called in the middle of a command.
void server_key_ready(struct server *server, struct slice key);

// Submits those again who wait for what was noted. Between two requests.
void server_wake(struct server *server);

// True while the stack has the request: it cannot be given up now.
bool blocked_is_submitted(const struct blocked *blocked);
// The time is up: at once, or when the stack gives it back without an answer.
// False if that is still to come.
bool blocked_expire(struct blocked *blocked);
// Leaves all queues. Frees it, or leaves it to the stack that has its request.
void blocked_leave(struct blocked *blocked);

#endif
