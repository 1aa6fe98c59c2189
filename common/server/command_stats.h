// command_stats.h -- what the commands cost: errors, and how long the node
// worked on each.
//
// A time is that of execution: from when a request is taken up until the next
// one is, without the time that it spent in a queue, was kept by a layer, or
// was parked. EXEC and BATCH take as long as the commands in them, each of
// which has a time of its own, too. Times are nanoseconds, as the laps of
// laps.h tell them.
//
// Two spans are told apart. "Since start" begins at the start or at the last
// reset. "Recent" is the last whole minute and the one that runs now: 60 to 120
// seconds, less in the first. Histograms rotate at the turn of a minute; a
// command that was never called has none.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_COMMAND_STATS_H
#define VEGA_COMMON_COMMAND_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/histogram.h"
#include "common/base/slice.h"
#include "common/env/env.h"
#include "common/server/command.h"

enum {
    COMMAND_STATS_MINUTE_US = 60 * 1000 * 1000,
    COMMAND_STATS_ERRORS_MAX = 64, // Different codes; more are not told apart.
    COMMAND_STATS_CODE_MAX = 31,
};

struct command_times {
    struct histogram past;        // All minutes before this one.
    struct histogram last_minute; // The one before: a part of `past`.
    struct histogram minute;      // That runs now.
};

struct command_record {
    uint64_t failed;             // Executed, and answered by an error.
    uint64_t rejected;           // Refused before execution.
    bool is_quick;               // See laps.h.
    struct command_times *times; // NULL: never called.
};

struct error_count {
    char code[COMMAND_STATS_CODE_MAX + 1]; // "ERR", "WRONGTYPE"
    uint64_t count;
};

struct command_stats {
    struct env *env;
    struct command_record *records; // By command id.
    uint32_t count;
    int64_t since_us; // Monotonic: when counting began.
    int64_t minute_us, last_minute_us;
    struct error_count errors[COMMAND_STATS_ERRORS_MAX];
    uint32_t error_count;
};

enum command_span { COMMAND_SINCE_START, COMMAND_RECENT };

// After the last row was added to `table`. Both are borrowed.
void command_stats_init(struct command_stats *stats, struct env *env,
                        const struct command_table *table);
void command_stats_deinit(struct command_stats *stats);

// Begins anew, with nothing.
void command_stats_reset(struct command_stats *stats);

// Ends the minute if it is over. Often enough is once a second.
void command_stats_tick(struct command_stats *stats);

// `count` requests took `each_ns`.
void command_stats_add(struct command_stats *stats, uint32_t id,
                       uint64_t each_ns, uint64_t count);

// Counts an error reply by its code, the first word of its text.
void command_stats_add_error(struct command_stats *stats, struct slice text);

// What is known of the span's times; all zeros for a command without any.
// *times is the caller's, who deinits it.
void command_stats_read(const struct command_stats *stats, uint32_t id,
                        enum command_span span, struct histogram *times);

// Takes the next number off a list like "50 99 99.9". False at its end, or if
// what comes is no percentage from 0 to 100: then *list is not empty.
bool command_stats_next_percentile(const char **list, double *percent);

// How long that span is by now, in microseconds.
int64_t command_stats_span_us(const struct command_stats *stats,
                              enum command_span span);

#endif
