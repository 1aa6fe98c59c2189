// entry.c -- one key and its value in one piece of memory.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/entry.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage1-singlenode/object.h"

enum {
    // Redis' OBJ_ENCODING_EMBSTR_SIZE_LIMIT.
    EMBSTR_SIZE_MAX = 44,
    // Bytes unused in an allocation that are never worth a smaller one.
    ENTRY_UNUSED_SMALL = 64,
    // Bytes of a value from which 8 more do not matter and a move does.
    ENTRY_LARGE_MIN = 1024,
};

struct entry *entry_create(struct slice key, uint32_t value_size, size_t room,
                           int64_t expires_ms)
{
    check(key.size <= UINT32_MAX && room >= value_size);
    bool large = key.size > ENTRY_KEY_SMALL_MAX;
    bool expires = expires_ms != ENTRY_NO_EXPIRY || room >= ENTRY_LARGE_MIN;
    size_t head = sizeof(struct entry) + (expires ? sizeof expires_ms : 0) +
                  (large ? sizeof(uint32_t) : 0);

    struct entry *entry = xmalloc(head + key.size + room);
    *entry = (struct entry){
        .flags = expires ? ENTRY_EXPIRES : 0,
        .value_size = value_size,
        .key_size = large ? ENTRY_KEY_LARGE : (uint8_t)key.size,
    };
    if (expires)
        entry_set_expires(entry, expires_ms);
    char *at = (char *)entry + head;
    uint32_t key_size = (uint32_t)key.size;
    if (large)
        memcpy(at - sizeof key_size, &key_size, sizeof key_size);
    if (key.size > 0)
        memcpy(at, key.data, key.size);
    return entry;
}

void entry_destroy(struct entry *entry)
{
    free(entry);
}

bool entry_set_expires(struct entry *entry, int64_t expires_ms)
{
    if (!(entry->flags & ENTRY_EXPIRES))
        return expires_ms == ENTRY_NO_EXPIRY;
    memcpy(entry->bytes, &expires_ms, sizeof expires_ms);
    return true;
}

bool entry_fits(const struct entry *entry, size_t value_size)
{
    if (value_size == entry->value_size)
        return true;
    struct slice value = entry_string(entry);
    size_t needed = (size_t)(value.data - (const char *)entry) + value_size;
    size_t room = entry_memory(entry);
    return needed <= room &&
           (room - needed <= ENTRY_UNUSED_SMALL || room - needed <= room / 2);
}

size_t entry_memory(const struct entry *entry)
{
    return memory_size(entry);
}

// The rules of tryObjectEncoding: a decimal that fits a long is kept as one, a
// short string in one piece with its header, and what was changed in place
// stays a string of its own.
const char *entry_encoding_name(const struct entry *entry)
{
    if (entry->flags & ENTRY_OBJECT)
        return entry_object(entry)->type->encoding(entry_object(entry));
    struct slice value = entry_string(entry);
    int64_t number;
    if (entry->flags & ENTRY_RAW)
        return "raw";
    if (value.size <= INT64_TEXT_MAX && slice_to_int64(value, &number))
        return "int";
    return value.size <= EMBSTR_SIZE_MAX ? "embstr" : "raw";
}

const char *entry_type_name(const struct entry *entry)
{
    switch ((enum entry_type)entry->type) {
    case ENTRY_STRING:
        return "string";
    case ENTRY_LIST:
        return "list";
    case ENTRY_SET:
        return "set";
    case ENTRY_ZSET:
        return "zset";
    case ENTRY_HASH:
        return "hash";
    }
    check(!"a known type");
}
