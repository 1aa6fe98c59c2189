// check_repair.h -- cuts a log where it is damaged, and keeps what it cuts.
//
// What remains is the longest valid prefix, byte for byte; nothing is made up.
// Every file that is changed or taken away is kept whole beside it, as
// NAME.cut-20260301T120000. A crash on the way leaves a log that is still
// damaged, or is already cut; the repair can be done again.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_CHECK_REPAIR_H
#define VEGA_STAGE2_CHECK_REPAIR_H

#include "stage2-persistence/check_health.h"

// Of a file that was kept: called when it is safe under the name of `kept`.
struct check_keeper {
    void (*kept)(struct check_keeper *keeper, const char *name,
                 const char *kept);
};

// `env` is the world that `health` was read in, or another over the same files;
// nobody else writes to them. The log is torn, damaged or has a gap. Fails when
// the disk does, and *file says with which one.
enum status check_repair(struct env *env, const struct check_health *health,
                         struct check_keeper *keeper, const char **file);

#endif
