// slot_keys.c -- which keys of the store are in which slot.
//
// Invariants
// (K1) An entry of the store is in the table of its key's slot, by the same
//      pointer, and in no other.
// (K2) A table has an entry: what is empty is gone.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/slot_keys.h"

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"

static void slot_keys_add(struct slot_keys *self, struct entry *entry,
                          uint64_t hash)
{
    struct dict **slot = &self->slots[slot_of_key(entry_key(entry))];
    if (!*slot)
        *slot = dict_create(store_secret(self->store));
    dict_insert(*slot, entry, hash);
}

static void slot_keys_remove(struct slot_keys *self, struct entry *entry,
                             uint64_t hash)
{
    struct slice key = entry_key(entry);
    struct dict **slot = &self->slots[slot_of_key(key)];
    check(dict_remove(*slot, key, hash) == entry); // Upholds (K1).
    if (dict_count(*slot) > 0)
        return;
    dict_destroy(*slot); // Upholds (K2).
    *slot = NULL;
}

static void slot_keys_replaced(struct store_index *index, struct entry *before,
                               struct entry *after, uint64_t hash)
{
    struct slot_keys *self = container_of(index, struct slot_keys, index);
    if (before && after) {
        struct slice key = entry_key(before);
        *dict_find(self->slots[slot_of_key(key)], key, hash) = after;
    } else if (before) {
        slot_keys_remove(self, before, hash);
    } else {
        slot_keys_add(self, after, hash);
    }
}

static void slot_keys_cleared(struct store_index *index)
{
    struct slot_keys *self = container_of(index, struct slot_keys, index);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (self->slots[slot])
            dict_destroy(self->slots[slot]);
        self->slots[slot] = NULL;
    }
}

void slot_keys_init(struct slot_keys *self, struct store *store)
{
    *self = (struct slot_keys){.index = {slot_keys_replaced, slot_keys_cleared},
                               .store = store};
    store_set_index(store, &self->index);
}

void slot_keys_deinit(struct slot_keys *self)
{
    store_set_index(self->store, NULL);
    slot_keys_cleared(&self->index);
}

size_t slot_keys_count(const struct slot_keys *self, uint16_t slot)
{
    return self->slots[slot] ? dict_count(self->slots[slot]) : 0;
}

struct listing {
    size_t listed, max;
    void (*each)(void *context, struct slice key);
    void *context;
};

static void list_entry(void *context, struct entry *entry)
{
    struct listing *listing = context;
    if (listing->listed == listing->max)
        return;
    listing->each(listing->context, entry_key(entry));
    listing->listed++;
}

size_t slot_keys_list(const struct slot_keys *self, uint16_t slot, size_t max,
                      void (*each)(void *context, struct slice key),
                      void *context)
{
    struct listing listing = {0, max, each, context};
    size_t place = 0;
    bool more = self->slots[slot] && max > 0;
    while (more && listing.listed < max)
        more = dict_walk(self->slots[slot], &place, 1, list_entry, &listing);
    return listing.listed;
}

size_t slot_keys_memory(const struct slot_keys *self)
{
    size_t size = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (self->slots[slot])
            size +=
                memory_size(self->slots[slot]) + dict_memory(self->slots[slot]);
    }
    return size;
}

void slot_keys_check_invariants(const struct slot_keys *self)
{
    size_t count = 0;
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (!self->slots[slot])
            continue;
        check(dict_count(self->slots[slot]) > 0);
        dict_check_invariants(self->slots[slot]);
        count += dict_count(self->slots[slot]);
    }
    check(count == store_count(self->store));
}
