// request_slot.h -- the one slot of all keys of a request.
//
// A command, a transaction or a BATCH lies within one slot, so that one node
// can do all of it at once, and another could take that slot over whole.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_REQUEST_SLOT_H
#define VEGA_STAGE3_REQUEST_SLOT_H

#include <stdint.h>

#include "common/server/request.h"

enum request_slot {
    REQUEST_SLOT_NONE, // It has no keys.
    REQUEST_SLOT_ONE,
    REQUEST_SLOT_MANY, // Its keys belong to different slots.
};

// Also of EXEC and COMMIT, on their way down the stack, with all commands that
// they carry. *slot is set to the slot, or with many to that of the first key.
enum request_slot request_slot(const struct request *request, uint16_t *slot);

#endif
