// entry.h -- one key and its value in one piece of memory.
//
//      0  u64  version:48  type:4  encoding:4  flags:8
//      8  u32  value_size    bytes of the value below
//     12  u8   key_size      255: a u32 with the true size follows
//     13  u24  access        for LRU or LFU; see evict
//     16       [i64 expires_ms]   with ENTRY_EXPIRES; -1: never
//              [u32 key size]     with key_size == 255
//              key bytes
//              value bytes        a string; or, with ENTRY_OBJECT, a pointer to
//                                 a struct object (object.h), unaligned
//
// One allocation means one cache miss fewer a request, and a SET of a value
// that fits the same allocation overwrites in place. A header of 16 bytes makes
// an entry of 16 + 64 bytes fill a 96-byte class of the allocator exactly.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_ENTRY_H
#define VEGA_STAGE1_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/slice.h"

enum entry_type { // The order of Redis' OBJ_* types.
    ENTRY_STRING,
    ENTRY_LIST,
    ENTRY_SET,
    ENTRY_ZSET,
    ENTRY_HASH,
};

enum entry_flag {
    ENTRY_EXPIRES = 1, // expires_ms is there. A large value always has the
                       // field, so that an expiry need not move it.
    ENTRY_OBJECT = 2,  // The value is a pointer to a struct object.
    ENTRY_RAW = 4,     // A string changed in place (APPEND, SETRANGE): OBJECT
                       // ENCODING says "raw", as Redis does.
};

enum { ENTRY_KEY_SMALL_MAX = 254, ENTRY_KEY_LARGE = 255 };

struct entry {
    uint64_t version : 48; // The store's count of writes at the last change.
    uint64_t type : 4;     // enum entry_type
    uint64_t encoding : 4; // The type's own.
    uint64_t flags : 8;    // enum entry_flag
    uint32_t value_size;
    uint8_t key_size;
    uint8_t access[3];
    char bytes[];
};

_Static_assert(sizeof(struct entry) == 16, "the header is 16 bytes");

static inline size_t entry_key_offset(const struct entry *entry)
{
    return (entry->flags & ENTRY_EXPIRES ? 8u : 0u) +
           (entry->key_size == ENTRY_KEY_LARGE ? 4u : 0u);
}

// Borrowed until the entry changes.
static inline struct slice entry_key(const struct entry *entry)
{
    const char *key = entry->bytes + entry_key_offset(entry);
    if (entry->key_size != ENTRY_KEY_LARGE)
        return (struct slice){key, entry->key_size};
    uint32_t size;
    memcpy(&size, key - sizeof size, sizeof size);
    return (struct slice){key, size};
}

// Of a string. Borrowed until the entry changes.
static inline struct slice entry_string(const struct entry *entry)
{
    struct slice key = entry_key(entry);
    return (struct slice){key.data + key.size, entry->value_size};
}

enum { ENTRY_NO_EXPIRY = -1 };

// Milliseconds since 1970, or ENTRY_NO_EXPIRY.
static inline int64_t entry_expires_ms(const struct entry *entry)
{
    int64_t at = ENTRY_NO_EXPIRY;
    if (entry->flags & ENTRY_EXPIRES)
        memcpy(&at, entry->bytes, sizeof at);
    return at;
}

static inline bool entry_has_expiry(const struct entry *entry)
{
    return entry_expires_ms(entry) != ENTRY_NO_EXPIRY;
}

// Where the value's bytes begin, to write them.
static inline char *entry_value(struct entry *entry)
{
    struct slice key = entry_key(entry);
    return entry->bytes + (key.data - entry->bytes) + key.size;
}

// A string of `value_size` bytes, not yet written, in an allocation with room
// for `room` >= value_size of them. The rest of the header is zero. Owned by
// the caller.
struct entry *entry_create(struct slice key, uint32_t value_size, size_t room,
                           int64_t expires_ms);
void entry_destroy(struct entry *entry);

// Sets, moves or (ENTRY_NO_EXPIRY) removes the expiry in place. False, and
// nothing is changed, when the entry lacks the field for it.
bool entry_set_expires(struct entry *entry, int64_t expires_ms);

// True if a value of that size goes into the same allocation without leaving
// most of it unused.
bool entry_fits(const struct entry *entry, size_t value_size);

// Bytes that the allocator holds for the entry itself.
size_t entry_memory(const struct entry *entry);

// "int", "embstr" or "raw" for a string, by Redis' rules.
const char *entry_encoding_name(const struct entry *entry);
const char *entry_type_name(const struct entry *entry); // "string", "list", ...

#endif
