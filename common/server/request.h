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
struct request;

struct completion {
    void (*done)(struct completion *completion, struct request *request);
    struct completion *next; // The one further up.
};

// Who sent a request. The session is one; a layer that submits on its own
// account is another.
struct origin {
    // Takes the place of `request` in the order of replies by a kept copy of
    // it (made by request_copy) and returns that copy.
    struct request *(*keep)(struct origin *origin, struct request *request);
};

enum request_flag {
    REQUEST_HASHED = 1,   // key_hash was filled in.
    REQUEST_CHANGED = 2,  // It changed the store: a log must record it.
    REQUEST_KEPT = 4,     // This is a kept copy, on the heap.
    REQUEST_MOVED = 8,    // A kept copy took over; whoever submitted this one
                          // must not touch its reply any more.
    REQUEST_COMPLETE = 16 // The reply is whole.
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
    struct reply reply;
    struct origin *origin; // NULL: the node itself, or a client that is gone.
    struct completion *completion;

    // Of a kept copy.
    struct list_link link;       // For whoever keeps it.
    struct list_link reply_link; // In the session's order of replies.
    struct buffer reply_bytes;   // Owned; what reply.out points at.
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

// The request as one that may be answered later; marks the old one MOVED.
// Given a kept request, returns it. The keeper completes it, once.
struct request *request_keep(struct request *request);

// For origins: a copy on the heap with its own arguments and reply buffer.
// Freed by request_free.
struct request *request_copy(const struct request *request);
void request_free(struct request *kept);

#endif
