// transaction.h -- what a session can be in the middle of: commands between
// MULTI and EXEC, or another kind that a stage adds.
//
// A transaction lives above the stack, with its session, until it goes down as
// one request (flat.h). It sees its session's commands before the stack does.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_TRANSACTION_H
#define VEGA_COMMON_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

struct argv;
struct command;
struct origin;
struct request;
struct session;
struct transaction;

struct transaction_type {
    // Sees a command that is well formed and allowed. True if it took the
    // request: then it is complete, or somebody keeps it.
    bool (*takes)(struct transaction *transaction, struct session *session,
                  struct request *request);
    // Hears of a command that was not; its error is written.
    void (*refused)(struct transaction *transaction);
    void (*destroy)(struct transaction *transaction);
};

struct transaction { // Embedded first.
    const struct transaction_type *type;
};

// The session's, which must have none, until transaction_end. Taken.
void transaction_begin(struct session *session, struct transaction *taken);

// Destroys what the session is in the middle of, if anything; no trace is left.
void transaction_end(struct session *session);

// Submits `request` to the stack as `command` with `argv` (NULL: its own),
// which are borrowed for the call. On the way up calls `done` (may be NULL),
// with the session or, if the client is gone, NULL. Until then the session
// executes nothing else: what comes next depends on the outcome.
void transaction_submit(struct session *session, struct request *request,
                        const struct command *command, struct argv *argv,
                        void (*done)(void *context, struct session *session,
                                     struct request *request),
                        void *context);

// What the dispatcher does with a command that is not part of a transaction:
// counts it, and shows it to monitors.
void transaction_count(struct session *session, const struct request *step);
void transaction_show(struct session *session, const struct request *step);

// For a session's origin: see request_tell_step. Counts, with the time since
// it was told the last time.
void transaction_count_step(struct origin *origin, const struct request *step);

// Hears of every request that was refused before it could run.
void transaction_refused(struct session *session, struct request *request);

// True between MULTI and EXEC.
bool multi_is_open(const struct session *session);

// True for what comes then, but for the ways out: Redis refuses the rest when
// memory is short, whatever it is.
bool multi_would_grow(const struct session *session,
                      const struct command *command);

// How many commands it has queued; -1 outside of MULTI.
int64_t multi_queued_count(const struct session *session);

// COMMAND_* of everything that MULTI has queued: for whoever refuses EXEC for
// what is in it. 0 outside of MULTI.
uint32_t multi_queued_flags(const struct session *session);

// True when EXEC would ask the store, or run what must wait for data.
bool multi_needs_data(const struct session *session);

// For the rows of commands; `run` of EXEC and WATCH is a stage's own. That of
// WATCH answers an array of the keys' versions.
void multi_serve(struct session *session, struct request *request);
void exec_serve(struct session *session, struct request *request);
void discard_serve(struct session *session, struct request *request);
void watch_serve(struct session *session, struct request *request);
void unwatch_serve(struct session *session, struct request *request);

#endif
