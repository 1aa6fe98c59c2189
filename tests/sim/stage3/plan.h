// plan.h -- what a seed settles for a run of a simulated cluster: its size, how
// its nodes are configured, how many clients there are, and what goes wrong
// when, and for how long.
//
// The plan is drawn as a whole before the run, so that a shrinker can leave
// parts of it out without changing the rest.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_PLAN_H
#define VEGA_TESTS_SIM_STAGE3_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/sim/sim_disk.h"
#include "common/sim/sim_network.h"
#include "tests/sim/stage3/member.h"

enum {
    PLAN_MEMBERS_MAX = 5,
    PLAN_CUSTOMERS_MAX = 4,
    PLAN_FAULTS_MAX = 24,
    PLAN_BEGINS_US = 1500 * 1000,     // Of the faults,
    PLAN_QUIET_US = 11 * 1000 * 1000, // and from when on there are none.
};

enum fault_kind {
    // Of a node, which is started again when the time is over.
    FAULT_POWER,      // Is cut.
    FAULT_KILL,       // kill -9.
    FAULT_STOP,       // Cleanly.
    FAULT_CRASH_CALL, // At a call of its disk, see `crash`.
    FAULT_BAD_DISK,   // Writes or syncs fail; it is killed in the end.
    // Of a node, which lives on.
    FAULT_PAUSE,
    FAULT_HANG_UP, // All connections of its clients break.
    FAULT_SLOW_DISK,
    FAULT_CLOCK_JUMP,
    FAULT_CLOCK_PACE,
    // Of all links from one set of hosts to another.
    FAULT_CUT,
    FAULT_BAD_LINKS, // As `link` has it: loss, doubling, delay, or slow.
    // An operator moves the slot of a tag to another node by hand.
    FAULT_MOVE,
    FAULT_KINDS,
};

struct fault {
    enum fault_kind kind;
    int64_t at_us, for_us;
    size_t member;
    struct sim_crash crash;   // at_call counts from then on.
    enum sim_call_kind fails; // Of FAULT_BAD_DISK.
    int64_t amount;           // Of clocks: microseconds, or ppm.
    uint64_t from, to;        // Hosts: members first, then customers;
    bool both_ways;           // and back.
    struct sim_link link;
    size_t tag;
    uint64_t told; // Of a move: members that are told at once.
    bool kept;     // False: it does not happen.
};

struct plan {
    uint64_t seed;
    size_t member_count, customer_count;
    uint32_t weights[PLAN_MEMBERS_MAX];
    struct member_options options;
    bool customer_kept[PLAN_CUSTOMERS_MAX];
    struct fault faults[PLAN_FAULTS_MAX]; // In the order of their times.
    size_t fault_count;
    bool mourns; // At last a node dies, and all must notice: (S9).
};

void plan_draw(struct plan *plan, uint64_t seed);

// Appends what a fault is, in words.
void fault_describe(const struct plan *plan, const struct fault *fault,
                    struct buffer *words);

#endif
