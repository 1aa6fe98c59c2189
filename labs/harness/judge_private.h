// judge_private.h -- a trace as far as it was read, for what judges it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_JUDGE_PRIVATE_H
#define VEGA_LABS_JUDGE_PRIVATE_H

#include "labs/harness/judge.h"
#include "labs/harness/model.h"

enum { JUDGE_CLIENTS = 6, JUDGE_SHOWN_MAX = 40 };

// A request since the last recovery.
struct entry {
    size_t step;       // That it is.
    size_t told_event; // Of the first reply that tells of it; 0: none.
    bool refused;      // It was not executed.
    enum model_effect effect;
    struct text reply; // Of a write: what it must be.
    size_t after;      // Of a read: it sees at least so many entries.
};

struct client {
    size_t waiting[256]; // Entries, first to last.
    size_t first, last;
    size_t sent;     // Entries up to its last one.
    struct text got; // No whole reply yet.
};

struct run {
    const struct schedule *schedule;
    const struct limits *limits;
    struct finding *finding;
    bool always;
    struct entry *entries;
    size_t count, capacity;
    struct client clients[JUDGE_CLIENTS + 1];
    struct model base;    // Before the first entry,
    struct model now;     // and after the last.
    struct model settled; // After `settled_count` of them, all answered.
    size_t settled_count;
    bool diverged; // A request was refused: replies are not foreseen.
    size_t floor_kill, floor_power;
    bool by_power; // A life since the last recovery ended by a power cut.
    bool reading;  // All that the store holds.
    struct text read;
    size_t event;
};

// ---- judge_replies.c

// The first rule that is broken stays; later calls do nothing. `step` is of the
// request that it is about, or 0.
void judge_fail(struct run *run, enum rule rule, size_t step,
                const char *format, ...) __attribute__((format(printf, 4, 5)));
// Adds the bytes as far as they fit a line.
void judge_show(struct text *text, struct bytes bytes);
const char *judge_step(const struct run *run, size_t step);

void judge_request(struct run *run, struct bytes text); // A line Q,
void judge_bytes(struct run *run, struct bytes text);   // R,
void judge_answered(struct run *run);                   // Z of the trace.

// Executes the entries from `first` to before `last`, but for refused ones.
void judge_execute(struct run *run, struct model *model, size_t first,
                   size_t last);
// The store holds what the first `count` entries make: a new history begins.
void judge_begin_at(struct run *run, size_t count);
void judge_forget(struct run *run); // All entries.
// The size of the first whole reply of RESP; 0 if there is none.
size_t judge_reply_size(struct bytes bytes);

// ---- judge_recovery.c

void judge_end_life(struct run *run, struct bytes how); // A line D,
void judge_recovery(struct run *run);                   // W of the trace.

#endif
