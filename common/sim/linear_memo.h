// linear_memo.h -- where the search for a linearization has been.
//
// A place is what was taken of the operations that returned, and the state that
// this led to; beside it stands which operations of unknown outcome were spent
// on the way. Who comes to a place and has spent all that somebody spent who
// was there before, and perhaps more, can go nowhere that the other could not.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LINEAR_MEMO_H
#define VEGA_COMMON_LINEAR_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"

struct linear_memo_place;

struct linear_memo {
    struct linear_memo_place *places; // Open addressing; a power of 2 of them.
    size_t place_count, place_max;
    struct buffer bytes; // Of places, and of what was spent.
    size_t spent_size;   // Bytes of what was spent: the same for all.
};

void linear_memo_init(struct linear_memo *memo, size_t spent_size);
void linear_memo_deinit(struct linear_memo *memo);

// False when it is no use to go on from there. Else notes it.
bool linear_memo_add(struct linear_memo *memo, struct slice place,
                     const uint64_t *spent);

// Bytes that it holds.
size_t linear_memo_size(const struct linear_memo *memo);

#endif
