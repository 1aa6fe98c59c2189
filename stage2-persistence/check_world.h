// check_world.h -- a data directory through struct env, to read it and no more:
// nothing that is done in this world changes a byte of it. It has no clock, no
// timers and no peers; who calls for one has a bug.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_CHECK_WORLD_H
#define VEGA_STAGE2_CHECK_WORLD_H

#include <stdbool.h>

#include "common/env/env.h"

struct check_world {
    struct env env;
    int directory; // Descriptors.
    int snapshots; // Of names that end in ".snapshot"; may be `directory`.
};

// `snapshots` may be NULL: with the rest. False with errno set, and *failed the
// one that cannot be opened.
bool check_world_open(struct check_world *world, const char *directory,
                      const char *snapshots, const char **failed);
void check_world_close(struct check_world *world);

// True while a server holds one of the directories.
bool check_world_is_in_use(const struct check_world *world);

#endif
