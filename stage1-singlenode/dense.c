// dense.c -- a table of entries in a dense order.
//
// Invariants
// (I1) The dict holds the entries at the indexes 0 to count - 1, and no other;
//      entry->version of the one at index i is i.
// (I2) capacity is 0, a power of two up to DENSE_CHUNK (one chunk of that
//      size), or a multiple of DENSE_CHUNK (all chunks are whole).
// (I3) memory is the sum of what the allocator holds for entries and chunks.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/dense.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage1-singlenode/dict.h"

enum {
    CAPACITY_MIN = 4,
    // Buckets that a removal moves while the dict shrinks: enough to be done
    // with one halving before the next is due.
    REMOVE_BUCKETS = 4,
};

static uint64_t hash_of(const struct dense *dense, struct slice key)
{
    return hash_bytes(dense->secret, key);
}

static struct entry **place_at(const struct dense *dense, size_t index)
{
    return &dense->chunks[index / DENSE_CHUNK][index % DENSE_CHUNK];
}

static void place_entry(struct dense *dense, struct entry *entry, size_t index)
{
    *place_at(dense, index) = entry;
    entry->version = index;
}

// ---- The array

static size_t chunk_count(size_t capacity)
{
    return (capacity + DENSE_CHUNK - 1) / DENSE_CHUNK;
}

// Makes `*memory` hold `size` bytes and keeps count of it.
static void *resize_counted(struct dense *dense, void *memory, size_t size)
{
    if (memory)
        dense->memory -= memory_size(memory);
    memory = xrealloc(memory, size);
    dense->memory += memory_size(memory);
    return memory;
}

static void free_counted(struct dense *dense, void *memory)
{
    if (!memory)
        return;
    dense->memory -= memory_size(memory);
    free(memory);
}

static void resize_first_chunk(struct dense *dense, size_t capacity)
{
    dense->chunks[0] = resize_counted(dense, dense->chunks[0],
                                      capacity * sizeof(struct entry *));
    dense->capacity = capacity;
}

static void append_chunk(struct dense *dense, size_t size)
{
    size_t chunks = chunk_count(dense->capacity);
    dense->chunks = resize_counted(dense, dense->chunks,
                                   (chunks + 1) * sizeof *dense->chunks);
    dense->chunks[chunks] = resize_counted(dense, NULL, size * sizeof(void *));
    dense->capacity += size;
}

static void array_grow(struct dense *dense)
{
    if (dense->capacity == 0)
        append_chunk(dense, CAPACITY_MIN);
    else if (dense->capacity < DENSE_CHUNK)
        resize_first_chunk(dense, 2 * dense->capacity);
    else
        append_chunk(dense, DENSE_CHUNK);
}

// Gives back what is far too much; not what the next insertions will want.
static void array_shrink(struct dense *dense)
{
    if (dense->capacity > DENSE_CHUNK &&
        dense->capacity - dense->count >= 2 * DENSE_CHUNK) {
        size_t last = chunk_count(dense->capacity) - 1;
        free_counted(dense, dense->chunks[last]);
        dense->capacity -= DENSE_CHUNK;
    } else if (dense->capacity <= DENSE_CHUNK &&
               dense->capacity > CAPACITY_MIN &&
               dense->count < dense->capacity / 4) {
        resize_first_chunk(dense, dense->capacity / 2);
    }
}

static void array_free(struct dense *dense)
{
    for (size_t i = 0; i < chunk_count(dense->capacity); i++)
        free_counted(dense, dense->chunks[i]);
    free_counted(dense, dense->chunks);
}

// ---- Entries

static struct entry *create_entry(struct dense *dense, struct slice key,
                                  struct slice value)
{
    check(value.size <= UINT32_MAX);
    struct entry *entry =
        entry_create(key, (uint32_t)value.size, value.size, ENTRY_NO_EXPIRY);
    if (value.size > 0)
        memcpy(entry_value(entry), value.data, value.size);
    dense->memory += entry_memory(entry);
    return entry;
}

static void destroy_entry(struct dense *dense, struct entry *entry)
{
    dense->memory -= entry_memory(entry);
    entry_destroy(entry);
}

static struct entry *add_entry(struct dense *dense, struct slice key,
                               uint64_t hash, struct slice value)
{
    if (dense->count == dense->capacity)
        array_grow(dense);
    struct entry *entry = create_entry(dense, key, value);
    dict_insert(dense->dict, entry, hash);
    place_entry(dense, entry, dense->count++);
    return entry;
}

// ---- Public functions

void dense_init(struct dense *dense, const struct hash_secret *secret)
{
    *dense = (struct dense){.dict = dict_create(secret), .secret = secret};
}

// The removals let the dict shrink on the way, so that at the end there is no
// large table to walk or to give back at once.
bool dense_release(struct dense *dense, size_t *budget)
{
    for (; *budget > 0 && dense->count > 0; --*budget)
        dense_remove(dense, entry_key(dense_at(dense, dense->count - 1)));
    if (dense->count > 0)
        return false;
    while (dict_step(dense->dict, REMOVE_BUCKETS)) {
        if (*budget == 0)
            return false;
        --*budget;
    }
    array_free(dense);
    dict_destroy(dense->dict);
    *dense = (struct dense){0};
    return true;
}

void dense_copy(struct dense *copy, const struct dense *dense)
{
    dense_init(copy, dense->secret);
    dense_reserve(copy, dense->count);
    for (size_t i = 0; i < dense->count; i++) {
        const struct entry *entry = dense_at(dense, i);
        dense_add(copy, entry_key(entry), entry_string(entry));
    }
}

size_t dense_memory(const struct dense *dense)
{
    return dense->memory + memory_size(dense->dict) + dict_memory(dense->dict);
}

struct entry *dense_find(const struct dense *dense, struct slice key)
{
    struct entry **place = dict_find(dense->dict, key, hash_of(dense, key));
    return place ? *place : NULL;
}

// The array grows without copying, so it needs no help.
void dense_reserve(struct dense *dense, size_t count)
{
    dict_reserve(dense->dict, count);
}

struct entry *dense_add(struct dense *dense, struct slice key,
                        struct slice value)
{
    return add_entry(dense, key, hash_of(dense, key), value);
}

bool dense_put(struct dense *dense, struct slice key, struct slice value)
{
    uint64_t hash = hash_of(dense, key);
    struct entry **place = dict_find(dense->dict, key, hash);
    if (!place) {
        add_entry(dense, key, hash, value);
        return true;
    }
    struct entry *entry = *place;
    if (entry_fits(entry, value.size)) {
        entry->value_size = (uint32_t)value.size;
        if (value.size > 0)
            memmove(entry_value(entry), value.data, value.size);
    } else {
        *place = create_entry(dense, key, value);
        place_entry(dense, *place, entry->version);
        destroy_entry(dense, entry);
    }
    return false;
}

bool dense_remove(struct dense *dense, struct slice key)
{
    struct entry *entry = dict_remove(dense->dict, key, hash_of(dense, key));
    if (!entry)
        return false;
    place_entry(dense, dense_at(dense, dense->count - 1), entry->version);
    dense->count--;
    destroy_entry(dense, entry);
    array_shrink(dense);
    dict_step(dense->dict, REMOVE_BUCKETS);
    return true;
}

void dense_check_invariants(const struct dense *dense)
{
    dict_check_invariants(dense->dict);
    check(dict_count(dense->dict) == dense->count);
    check(dense->count <= dense->capacity);
    check(dense->chunks || dense->capacity == 0);
    check(dense->chunks || dense->count == 0);
    size_t memory = dense->chunks ? memory_size(dense->chunks) : 0;
    for (size_t i = 0; i < chunk_count(dense->capacity); i++)
        memory += memory_size(dense->chunks[i]);
    for (size_t i = 0; i < dense->count; i++) {
        const struct entry *entry = dense_at(dense, i);
        check(entry->version == i);
        check(dense_find(dense, entry_key(entry)) == entry);
        memory += entry_memory(entry);
    }
    check(memory == dense->memory);
}
