// access.h -- how recently, or how often, an entry was used, in its 24 bits.
//
//     recency     u24 the time of the last use, in units of 100 ms
//     frequency   u8  a logarithmic counter of uses
//                 u16 the minute when the counter was last brought up to date
//
// Redis' clock for recency has seconds, and so does not tell apart what was
// used within the same one; a busy node uses half a million keys in it. The
// price is that recency wraps after 19 days, not 194: what was idle for longer
// looks younger than it is.
//
// The counter is Morris' (1978): a use raises it with a probability that falls
// as it grows, so that 255 stands for about a million of uses (log_factor 10).
// Time lowers it: by one for each decay_minutes. New entries begin at 5, or
// they would be the first to go.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_ACCESS_H
#define VEGA_STAGE1_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/random.h"
#include "stage1-singlenode/entry.h"

enum {
    ACCESS_TICK_MS = 100,
    ACCESS_NEW = 5, // The counter of a new entry.
    ACCESS_COUNT_MAX = 255,
};

struct access {
    bool frequency; // Or else recency.
    int64_t log_factor;
    int64_t decay_minutes; // 0: never.
    struct random random;  // Of the counters; no reply but OBJECT FREQ's shows.
};

// Notes a use of the entry, or its making if it was never noted.
void access_note(struct access *access, struct entry *entry, int64_t now_ms);

// Since the last use. Only while recency is kept.
int64_t access_idle_ms(const struct entry *entry, int64_t now_ms);
// The counter, lowered for the time since. Only while frequency is kept.
uint8_t access_count(const struct access *access, const struct entry *entry,
                     int64_t now_ms);

#endif
