// request.h -- one command on its way down the stack, and its reply.
//
// A request lives on the session's batch while it runs. A layer that cannot
// answer yet keeps it (request_keep): a copy with arguments and reply bytes of
// its own, which outlives the batch, the input and even the client. Sooner or
// later everyone who was given a request completes it, once.
//
// A layer that wants to see the answer on its way up pushes a completion before
// it passes the request down; completions run in the reverse order.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_REQUEST_H
#define VEGA_COMMON_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/list.h"
#include "common/base/slice.h"
#include "common/wire/reply.h"

struct command;
struct kept_request;
struct request;

struct completion {
    void (*done)(struct completion *completion, struct request *request);
    struct completion *next; // The one further up.
};

// Who sent a request. The session is one; a layer that submits on its own
// account is another.
struct origin {
    // Gives the kept copy of `request` its place in the order of replies.
    void (*keep)(struct origin *origin, struct kept_request *kept);
    // See request_tell_step. NULL: it does not care.
    void (*step)(struct origin *origin, const struct request *step);
    // So many of its requests are kept by a layer that lets no other of the
    // same origin overtake them. The layer's.
    uint32_t waiting;
};

enum request_flag {
    REQUEST_HASHED = 1,    // key_hash was filled in.
    REQUEST_CHANGED = 2,   // It changed the store: a log must record it.
    REQUEST_KEPT = 4,      // The request of a struct kept_request.
    REQUEST_MOVED = 8,     // A kept copy took over: whoever submitted this one
                           // must not touch it any more.
    REQUEST_COMPLETE = 16, // The reply is whole.
    REQUEST_MUTED = 32,    // CLIENT REPLY OFF or SKIP: nobody wants the reply.
    REQUEST_NO_WAIT = 64,  // Part of a transaction: whatever would wait for a
                           // time or an event gives up at once.
    // It passed the checks that all commands share.
    REQUEST_EXECUTED = 128,
    REQUEST_WAIT = 256,    // It found nothing to do yet; see request_wait.
    REQUEST_WOKEN = 512,   // It waited, and goes down once more. What would be
                           // an error now was none then, and is still nothing.
    REQUEST_EVICTS = 1024, // A DEL for want of memory, told as "evicted".
    REQUEST_ASKING = 2048, // ASKING came just before it.
};

struct request {
    const struct command *command;
    const struct slice *argv; // argv[0] is the name as it was typed.
    uint32_t argc;
    uint32_t flags;    // enum request_flag
    uint64_t key_hash; // Of the first key, under the store's secret.
    // Execution is a function of (state, argv, now, seed): a command takes
    // time and randomness from here and nowhere else.
    int64_t now_ms; // Since 1970; never goes back.
    uint64_t seed;
    int64_t wait_ms; // With REQUEST_WAIT: how long; 0: for ever.
    struct reply reply;
    size_t reply_start;    // Where the reply begins in reply.out.
    struct origin *origin; // NULL: the node itself, or a client that is gone.
    struct completion *completion;
};

// A request on the heap that is answered later.
struct kept_request {
    struct request request;      // argv points at the copy below.
    struct list_link link;       // For whoever keeps it.
    struct list_link reply_link; // The origin's: its order of replies.
    struct buffer bytes;         // The reply; what reply.out points at.
    struct buffer behind;        // The origin's: replies to the requests after
                                 // it, up to the next kept one;
    uint32_t behind_replies;     // how many, and
    bool behind_mixed;           // whether pushes are among them.
    size_t counted;              // The origin's: size of `bytes` that it knows.
    size_t arguments_size;       // Bytes of the copied arguments.
    struct slice argv[];
};

// Runs the completion on top. What is called may free a kept request.
void request_complete(struct request *request);

// Puts `completion` on top. Borrowed until it was called.
static inline void request_push(struct request *request,
                                struct completion *completion)
{
    completion->next = request->completion;
    request->completion = completion;
}

// Of a command that found nothing to do (BLPOP): it would rather be run again
// when one of its keys appears. It has written the reply for when the time is
// up, which stands if nobody waits. See blocked.h.
static inline void request_wait(struct request *request, int64_t timeout_ms)
{
    if (request->flags & REQUEST_NO_WAIT)
        return;
    request->flags |= REQUEST_WAIT;
    request->wait_ms = timeout_ms;
}

// Of a request that consists of commands (EXEC): tells the origin that `step`,
// one of them, has run, so that it counts; with NULL, that the first begins.
static inline void request_tell_step(const struct request *request,
                                     const struct request *step)
{
    if (request->origin && request->origin->step)
        request->origin->step(request->origin, step);
}

// The request as one that may be answered later: copies arguments, takes over
// what was already written of the reply, and marks the old one MOVED. The
// caller completes it, once; the origin frees it then. Given the request of a
// kept one, returns that.
struct kept_request *request_keep(struct request *request);

// For origins.
void request_free(struct kept_request *kept);

#endif
