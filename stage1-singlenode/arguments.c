// arguments.c -- see arguments.h.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"

#include <inttypes.h>
#include <math.h>

bool argument_is(const struct request *request, uint32_t index,
                 const char *word)
{
    return index < request->argc && slice_is(request->argv[index], word);
}

bool argument_int64(struct request *request, uint32_t index, int64_t *value)
{
    if (slice_to_int64(request->argv[index], value))
        return true;
    reply_not_an_integer(&request->reply);
    return false;
}

bool argument_between(struct request *request, uint32_t index, int64_t min,
                      int64_t max, int64_t *value)
{
    if (!argument_int64(request, index, value))
        return false;
    if (*value >= min && *value <= max)
        return true;
    reply_error(&request->reply,
                "ERR value is out of range, value must between %" PRId64
                " and %" PRId64,
                min, max);
    return false;
}

bool argument_expiry(struct request *request, uint32_t index, int64_t unit_ms,
                     int64_t since_ms, int64_t *expires_ms)
{
    int64_t value, at_ms;
    if (!argument_int64(request, index, &value))
        return false;
    if (value <= 0 || __builtin_mul_overflow(value, unit_ms, &at_ms) ||
        __builtin_add_overflow(at_ms, since_ms, &at_ms)) {
        reply_invalid_expiry(request);
        return false;
    }
    *expires_ms = at_ms;
    return true;
}

bool argument_timeout(struct request *request, uint32_t index,
                      int64_t *timeout_ms)
{
    long double seconds;
    if (!slice_to_long_double(request->argv[index], &seconds)) {
        reply_error(&request->reply,
                    "ERR timeout is not a float or out of range");
        return false;
    }
    // Redis says this of what is too large, too.
    long double rounded = ceill(seconds * MS_PER_SECOND);
    if (rounded < 0 || rounded >= 0x1p63L) {
        reply_error(&request->reply, "ERR timeout is negative");
        return false;
    }
    *timeout_ms = (int64_t)rounded;
    return true;
}

void keys_read(struct keys *keys, const struct store *store,
               const struct request *request, uint32_t first, uint32_t step)
{
    keys->count = 0;
    for (uint32_t i = first; i < request->argc && keys->count < KEYS_AHEAD;
         i += step)
        keys->ahead[keys->count++] = request_key(store, request, i);
    for (uint32_t i = 0; i < keys->count; i++)
        store_prefetch_bucket(store, keys->ahead[i].hash);
    for (uint32_t i = 0; i < keys->count; i++)
        store_prefetch_entry(store, keys->ahead[i].hash);
}

void reply_invalid_expiry(struct request *request)
{
    reply_error(&request->reply, "ERR invalid expire time in '%s' command",
                request->command->full_name);
}

void reply_wrong_arity(struct request *request)
{
    reply_error(&request->reply,
                "ERR wrong number of arguments for '%s' command",
                request->command->full_name);
}

static bool type_is(struct request *request, const struct entry *entry,
                    enum entry_type type)
{
    if (!entry || (enum entry_type)entry->type == type)
        return true;
    reply_wrong_type(&request->reply);
    return false;
}

bool typed_find(struct store *store, struct request *request, struct key key,
                enum entry_type type, struct entry **entry)
{
    *entry = store_find(store, key);
    return type_is(request, *entry, type);
}

bool typed_peek(struct store *store, struct request *request, struct key key,
                enum entry_type type, struct entry **entry)
{
    *entry = store_peek(store, key);
    return type_is(request, *entry, type);
}

bool string_find(struct store *store, struct request *request, struct key key,
                 struct entry **entry)
{
    return typed_find(store, request, key, ENTRY_STRING, entry);
}

bool string_peek(struct store *store, struct request *request, struct key key,
                 struct entry **entry)
{
    return typed_peek(store, request, key, ENTRY_STRING, entry);
}

bool string_fits(struct request *request, size_t size, size_t more)
{
    if (size <= STRING_SIZE_MAX && more <= STRING_SIZE_MAX - size)
        return true;
    reply_error(&request->reply, "ERR string exceeds maximum allowed size "
                                 "(proto-max-bulk-len)");
    return false;
}

bool reply_fits(struct request *request, uint64_t count)
{
    enum { BULK_SIZE_MIN = sizeof "$0\r\n\r\n" - 1 };
    size_t max = request->reply.out->max;
    if (max == 0 || count <= max / BULK_SIZE_MIN)
        return true;
    reply_error(&request->reply, "ERR value is out of range, the reply would "
                                 "exceed output_buffer_limits");
    return false;
}

bool range_resolve(int64_t *first, int64_t *last, int64_t size)
{
    if (*first < 0 && *last < 0 && *first > *last)
        return false;
    if (*first < 0)
        *first += size;
    if (*last < 0)
        *last += size;
    // A last position that lies before the start is taken for the start.
    if (*first < 0)
        *first = 0;
    if (*last < 0)
        *last = 0;
    if (*last >= size)
        *last = size - 1;
    return *first <= *last;
}
