// doubt.h -- after the log has failed: which keys may not be shown any more.
//
// The store has executed what could not be made durable. Nobody was told of it,
// and nobody will be: reads of the keys that it touched are refused, reads of
// everything else go on.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_DOUBT_H
#define VEGA_STAGE2_DOUBT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/map.h"
#include "common/server/command.h"
#include "common/server/request.h"

struct doubt {
    const struct command_table *commands; // Borrowed.
    struct map keys;                      // Of struct doubt_key.
    bool everything; // What was executed has no keys (FLUSHALL).
};

// `secret` and `commands` are borrowed.
void doubt_init(struct doubt *doubt, const struct command_table *commands,
                const struct hash_secret *secret);
void doubt_deinit(struct doubt *doubt);

// The effects of this command may be lost.
void doubt_add(struct doubt *doubt, const struct slice *argv, uint32_t argc);

// True if `request`, which reads, may tell of such effects: by one of its keys,
// or because it looks at keys that it does not name (SCAN, DBSIZE).
bool doubt_concerns(const struct doubt *doubt, const struct request *request);

#endif
