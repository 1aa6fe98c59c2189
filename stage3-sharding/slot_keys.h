// slot_keys.h -- which keys of the store are in which slot.
//
// A second table of the store's entries for every slot that has any. So a slot
// is counted at once and listed in the time that its own keys take, and nothing
// else pays for it: a look-up does not come here, nor does a write in place,
// but only what brings, moves or removes an entry. (One table a slot instead of
// the store's would save this one's memory, about 16 bytes a key, and cost
// every look-up two lines of memory more.)
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_SLOT_KEYS_H
#define VEGA_STAGE3_SLOT_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/slice.h"
#include "stage1-singlenode/dict.h"
#include "stage1-singlenode/store.h"
#include "stage3-sharding/slot.h"

struct slot_keys {
    struct store_index index; // First, so that it is a slot_keys.
    struct store *store;
    struct dict *slots[SLOT_COUNT]; // NULL: no keys.
};

// Of a store that is empty yet; borrowed until slot_keys_deinit.
void slot_keys_init(struct slot_keys *keys, struct store *store);
void slot_keys_deinit(struct slot_keys *keys);

// Live or not yet reclaimed, as DBSIZE counts. O(1).
size_t slot_keys_count(const struct slot_keys *keys, uint16_t slot);

// Calls `each` with up to `max` keys of the slot, borrowed for the call; it
// must not change the store. Returns how many.
size_t slot_keys_list(const struct slot_keys *keys, uint16_t slot, size_t max,
                      void (*each)(void *context, struct slice key),
                      void *context);

// Bytes of the tables. Looks at every slot.
size_t slot_keys_memory(const struct slot_keys *keys);

void slot_keys_check_invariants(const struct slot_keys *keys);

#endif
