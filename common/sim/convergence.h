// convergence.h -- whether replicas agree when nothing is on its way any more:
// every key that one of them holds, all that should hold it hold alike.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CONVERGENCE_H
#define VEGA_COMMON_CONVERGENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buffer.h"
#include "common/base/map.h"

struct convergence_key;

struct convergence {
    const char *const *names; // Of the replicas. Borrowed, as they are.
    size_t count;             // Of the replicas.
    // True when that replica should hold `key`. NULL: all hold everything.
    bool (*holds)(void *context, size_t replica, struct slice key);
    void *context;

    struct hash_secret secret; // The rest is convergence's own.
    struct map map;
    struct convergence_key **keys; // In the order of their first value.
    size_t key_count, key_max;
};

// `convergence` has the fields above set, and the others zeroed.
void convergence_init(struct convergence *convergence);
void convergence_deinit(struct convergence *convergence);

// The replica holds that value (with whatever belongs to it: version, expiry).
// Both are copied. A key has one value a replica.
void convergence_add(struct convergence *convergence, size_t replica,
                     struct slice key, struct slice value);

// True when they agree. Else appends to `story` the first key on which they do
// not, and who holds what; and how many keys there are more.
bool convergence_check(const struct convergence *convergence,
                       struct buffer *story);

#endif
