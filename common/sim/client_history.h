// client_history.h -- what clients asked, what they were answered, and when:
// the evidence by which the checkers of consistency judge.
//
// An operation is a list of steps that are taken at once: GET and SET have one,
// MSET one a key, a transaction as many as it has commands. What the kinds of
// steps mean, a model says (linearizability.h).
//
// Invocations and returns are noted in the order in which they happen, and that
// order alone counts. The times are for people.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CLIENT_HISTORY_H
#define VEGA_COMMON_CLIENT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"

enum client_outcome {
    CLIENT_UNKNOWN, // No answer, or one that says nothing: it takes effect at
                    // some time after its invocation, or never.
    CLIENT_OK,      // It took effect before it returned, with these results.
    CLIENT_FAILED,  // It certainly never takes effect.
};

// A slice without data is an absent value, which an empty one is not.
static inline bool client_value_equal(struct slice a, struct slice b)
{
    if (!a.data || !b.data)
        return a.data == b.data;
    return slice_equal(a, b);
}

struct client_step {
    uint32_t kind;
    struct slice key, argument;
    struct slice result; // Of CLIENT_OK.
};

struct client_operation {
    uint32_t client;
    enum client_outcome outcome;
    uint64_t invoked;  // Place among all invocations and returns, from 1.
    uint64_t returned; // Likewise; UINT64_MAX while unknown.
    int64_t invoked_us, returned_us;
    struct client_step *steps;
    size_t count;
    char *asked, *answered; // The bytes of `steps`. Owned.
};

// Zeroed: empty.
struct client_history {
    struct client_operation *operations; // In the order of invocation.
    size_t count, capacity;
    uint64_t events; // Invocations and returns so far.
};

void client_history_deinit(struct client_history *history);

// Notes that `client` asks for `steps` (whose results do not matter), and
// copies them. Returns the operation's index; its outcome is unknown so far.
size_t client_history_invoke(struct client_history *history, uint32_t client,
                             int64_t now_us, const struct client_step *steps,
                             size_t count);

// Notes how it ended, once: results are one a step for CLIENT_OK, and copied;
// else NULL. What is never answered stays unknown, and so does what returns as
// CLIENT_UNKNOWN, of which only the time is kept.
void client_history_return(struct client_history *history, size_t index,
                           int64_t now_us, enum client_outcome outcome,
                           const struct slice *results);

// Appends "c2  get k -> \"3\"  [12.300, 14.500] ms". names[kind] is its word.
void client_operation_describe(const struct client_operation *operation,
                               const char *const *names, struct buffer *words);

void client_history_check_invariants(const struct client_history *history);

#endif
