// history.h -- what a simulated node executed, and what must have come of it.
//
// The history is the list of all requests that changed the store, in the order
// of their execution. A reference is a store without a log that executes the
// same: whatever recovery brings back has to be equal to a reference that was
// given some first part of the history.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE2_HISTORY_H
#define VEGA_TESTS_SIM_STAGE2_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/server/argv.h"
#include "common/server/request.h"
#include "stage1-singlenode/store_layer.h"

struct reference {
    struct store *store;
    struct store_layer layer;
    struct command_table *commands;
    struct completion completion;
    struct buffer reply; // To the last request.
};

void reference_init(struct reference *reference);
void reference_deinit(struct reference *reference);

// Executes it, as a replay does.
void reference_execute(struct reference *reference, int64_t now_ms,
                       uint64_t seed, const struct slice *argv, uint32_t argc);

// store_digest, when the time is `now_ms` or later.
uint64_t reference_digest(struct reference *reference, int64_t now_ms);

struct history_write {
    int64_t now_ms;
    uint64_t seed;
    struct argv argv;
    uint64_t versions; // The store's count of writes afterwards.
    uint64_t lsn;      // Of its record; 0: not known yet.
};

// Zeroed: empty.
struct history {
    struct history_write *writes;
    size_t count, capacity;
};

void history_deinit(struct history *history);
void history_add(struct history *history, const struct request *request,
                 uint64_t versions);
// Forgets all but the first `count`.
void history_cut(struct history *history, size_t count);

// How many of them have an LSN up to `lsn`.
size_t history_covered(const struct history *history, uint64_t lsn);

// Executes the first `count`.
void history_replay(struct history *history, size_t count,
                    struct reference *reference);

#endif
