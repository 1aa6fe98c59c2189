// session_guarantees.h -- what a client may expect of its own session, however
// loosely the replicas agree (Terry et al., "Session Guarantees for Weakly
// Consistent Replicated Data", 1994), key by key:
//
//     read your writes     a read is not older than what the session wrote,
//     monotonic reads      nor than what it read before;
//     monotonic writes     a write is not older than what the session wrote,
//     writes follow reads  nor than what it read before.
//
// A session is a client of the history. One operation comes before another when
// it returned, with an answer, before the other was invoked: what overlaps, as
// in a pipeline, promises nothing.
//
// Which of two versions is older, the store has to say. Versions may be
// unrelated, as those of siblings are; then neither is older.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SESSION_GUARANTEES_H
#define VEGA_COMMON_SESSION_GUARANTEES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buffer.h"
#include "common/base/map.h"
#include "common/sim/client_history.h"
#include "common/sim/linear_search.h"

struct session_versions {
    // Two steps of one key: true when the version that `later` read or wrote is
    // certainly older than the one that `earlier` did.
    bool (*is_older)(const struct session_versions *versions,
                     const struct client_step *later,
                     const struct client_step *earlier);
};

// Versions by their values, for histories in which no value of a key is written
// twice: a value is older than another one if its write had returned when that
// of the other was invoked; no value is older than any.
struct session_values {
    struct session_versions versions;
    const struct linear_model *model; // Borrowed; so is the history.
    struct hash_secret secret;
    struct map map; // Of written values by key and value.
    struct session_write *writes;
};
void session_values_init(struct session_values *values,
                         const struct client_history *history,
                         const struct linear_model *model);
void session_values_deinit(struct session_values *values);

struct session_report {
    bool kept;
    const char *broken; // "monotonic reads"; NULL when all are kept.
    const struct client_operation *earlier, *later;
    struct buffer story; // Lines of text; empty when all is well.
};

// Looks at every pair of operations of a session: time grows with the square
// of a session's length. Replaces *report, which the caller deinits.
void session_guarantees_check(const struct client_history *history,
                              const struct linear_model *model,
                              const struct session_versions *versions,
                              struct session_report *report);
void session_report_deinit(struct session_report *report);

#endif
