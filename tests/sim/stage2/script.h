// script.h -- workloads that are written down, for crashes at every call that a
// node makes of its disk, and for flipped bytes.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE2_SCRIPT_H
#define VEGA_TESTS_SIM_STAGE2_SCRIPT_H

#include "tests/sim/stage2/world.h"

struct script {
    const char *name;
    struct sim_node_options options;
    // Each "[count x] what", up to NULL. What is
    //
    //     c1 set %s %v    a request of a client; see workload_request
    //     wait 5000       so many microseconds
    //     power, kill     ends the life; another one begins
    //     stop            likewise, a clean end
    const char *const *steps;
};

extern const struct script scripts[]; // Up to one without a name.

// Carries it out in a world that was just initialised. If a planned crash
// strikes, the rest follows in the next life. At last the power is cut, and
// what is left is looked at.
void script_run(struct world *world, const struct script *script);

struct script_tally {
    uint64_t calls; // That change the disk, of a run without a crash.
    uint64_t runs;  // With a crash, or a flipped byte.
    uint64_t refused;
    // Of the first one that broke a rule.
    uint64_t call;
    struct sim_crash crash;
    char failure[WORLD_FAILURE_SIZE];
};

// What follows may be given a trace, as in sim.h.
struct script_watch {
    void (*trace)(void *context, const char *line);
    void *context;
};

// One run with this crash. False when a rule was broken.
bool script_crash(const struct script *script, const struct sim_crash *crash,
                  const struct script_watch *watch, struct script_tally *tally);

// Crashes at every `stride`-th call that changes the disk, before it, within
// it and after it, by a power cut and by the end of the process. False at the
// first broken rule.
bool script_crash_everywhere(const struct script *script, uint64_t stride,
                             const struct script_watch *watch,
                             struct script_tally *tally);

// Ends the script with a clean stop, and flips one bit of every `stride`-th
// byte: the node refuses to start, or everything is there.
bool script_flip_everywhere(const struct script *script, uint64_t stride,
                            const struct script_watch *watch,
                            struct script_tally *tally);

#endif
