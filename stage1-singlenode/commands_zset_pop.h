// commands_zset_pop.h -- what the commands that take items from an end of a
// sorted set share: those that answer at once (commands_zset_pop.c) and those
// that may wait (commands_zset_blocking.c).
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_COMMANDS_ZSET_POP_H
#define VEGA_STAGE1_COMMANDS_ZSET_POP_H

#include <stdbool.h>
#include <stdint.h>

#include "stage1-singlenode/arguments.h"

// Takes the lowest item, or the highest, out of a set that is there, and
// replies its member and its score, as two elements.
void zset_reply_pop(struct store *store, struct request *request,
                    struct key key, struct entry *entry, bool highest);

// numkeys key [key ...] <MIN | MAX> [COUNT count], from argv[index] on. False:
// the error reply is written.
struct zset_mpop {
    uint32_t first, keys; // The arguments that are keys.
    bool highest;
    int64_t count;
};
bool zset_read_mpop(struct request *request, uint32_t index,
                    struct zset_mpop *pop);

// Takes items out of a set that is there, and replies its key and them.
void zset_reply_mpop(struct store *store, struct request *request,
                     struct key key, struct entry *entry,
                     const struct zset_mpop *pop);

#endif
