// talkers.h -- up to four nodes of a cluster, without servers: their maps and
// memberships over one virtual clock, and a network between them that a test
// cuts.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_TALKERS_H
#define VEGA_TESTS_TALKERS_H

#include "common/base/list.h"
#include "stage3-sharding/membership.h"
#include "tests/common/fake_env.h"

enum { TALKERS = 4 };

struct talker {
    struct fake_env fake;
    struct env_ops ops; // Those of `fake`, with peers.
    struct env_peers *peers;
    struct topology topology;
    struct membership membership;
    size_t last_size; // Of the last message that it sent.
    bool asleep;      // Its time stands still; it neither speaks nor hears.
};

struct talkers {
    struct talker all[TALKERS];
    bool cut[TALKERS][TALKERS]; // From, to.
};

// Nodes "n0" to "n3" on 127.0.0.1:7000 to 7003, weight 1, which know of each
// other no more than the ids. None speaks before talkers_start.
void talkers_init(struct talkers *talkers);
void talkers_start(struct talkers *talkers);
void talkers_deinit(struct talkers *talkers);

void talkers_run_ms(struct talkers *talkers, int64_t ms);

#endif
