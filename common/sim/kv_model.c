// kv_model.c -- a store of keys, one step at a time.
//
// A state is the keys that have a value, in their order:
//
//     u32 size of the key, its bytes, u32 size of the value, its bytes; ...
//
// so that equal stores have equal bytes.
// SPDX-License-Identifier: MIT
#include "common/sim/kv_model.h"

#include "common/base/check.h"
#include "common/base/codec.h"

// Where a key is in a state, or would be.
struct kv_place {
    size_t at, size; // Of its entry; size 0: it is not there.
    struct slice value;
};

static struct slice kv_read(const struct buffer *state, size_t at)
{
    return (struct slice){state->data + at + 4, get_u32(state->data + at)};
}

static struct kv_place kv_find(const struct buffer *state, struct slice key)
{
    size_t at = 0;
    while (at < state->size) {
        struct slice name = kv_read(state, at);
        struct slice value = kv_read(state, at + 4 + name.size);
        size_t size = 8 + name.size + value.size;
        int order = slice_compare(name, key);
        if (order == 0)
            return (struct kv_place){at, size, value};
        if (order > 0)
            break;
        at += size;
    }
    return (struct kv_place){.at = at};
}

static void kv_append(struct buffer *out, struct slice bytes)
{
    char size[4];
    put_u32(size, (uint32_t)bytes.size);
    buffer_append(out, size, sizeof size);
    buffer_append_slice(out, bytes);
}

// Gives the key that value, or none when it has no data. The value may lie in
// the state.
static void kv_put(struct buffer *state, struct slice key, struct slice value)
{
    struct kv_place place = kv_find(state, key);
    struct buffer entry = {0};
    if (value.data) {
        kv_append(&entry, key);
        kv_append(&entry, value);
    }
    size_t rest = state->size - place.at - place.size;
    buffer_reserve(state, entry.size);
    if (rest)
        memmove(state->data + place.at + entry.size,
                state->data + place.at + place.size, rest);
    if (entry.size)
        memcpy(state->data + place.at, entry.data, entry.size);
    state->size = place.at + entry.size + rest;
    buffer_deinit(&entry);
}

static bool kv_is_number(struct slice text, int64_t number)
{
    int64_t value;
    return slice_to_int64(text, &value) && value == number;
}

static bool kv_increment(const struct client_step *step, struct slice value,
                         bool known, struct buffer *state)
{
    int64_t number = 0, by = 0;
    if (value.data && !slice_to_int64(value, &number))
        return false;
    check(slice_to_int64(step->argument, &by));
    if (__builtin_add_overflow(number, by, &number) ||
        (known && !kv_is_number(step->result, number)))
        return false;
    char text[INT64_TEXT_MAX];
    kv_put(state, step->key, (struct slice){text, int64_format(text, number)});
    return true;
}

static bool kv_append_value(const struct client_step *step, struct slice value,
                            bool known, struct buffer *state)
{
    struct buffer longer = {0};
    buffer_append_slice(&longer, value);
    buffer_append_slice(&longer, step->argument);
    bool may_be = !known || kv_is_number(step->result, (int64_t)longer.size);
    if (may_be)
        kv_put(state, step->key,
               longer.data ? buffer_slice(&longer) : SLICE(""));
    buffer_deinit(&longer);
    return may_be;
}

static bool kv_apply(const struct client_step *step, bool known,
                     struct buffer *state)
{
    struct slice value = kv_find(state, step->key).value;
    bool is_there = value.data;
    switch (step->kind) {
    case KV_GET:
        return !known || client_value_equal(value, step->result);
    case KV_EXPECT:
        return client_value_equal(value, step->argument);
    case KV_SET_NEW:
        if (known && !kv_is_number(step->result, !is_there))
            return false;
        if (!is_there)
            kv_put(state, step->key, step->argument);
        return true;
    case KV_DELETE:
        kv_put(state, step->key, (struct slice){0});
        return !known || kv_is_number(step->result, is_there);
    case KV_INCREMENT:
        return kv_increment(step, value, known, state);
    case KV_APPEND:
        return kv_append_value(step, value, known, state);
    default:
        check(step->kind == KV_SET);
        kv_put(state, step->key, step->argument);
        return true;
    }
}

static bool kv_only_reads(uint32_t kind)
{
    return kind == KV_GET || kind == KV_EXPECT;
}

static const char *const kv_names[] = {
    [KV_GET] = "get",       [KV_SET] = "set",          [KV_SET_NEW] = "setnx",
    [KV_DELETE] = "del",    [KV_INCREMENT] = "incrby", [KV_APPEND] = "append",
    [KV_EXPECT] = "expect",
};

const struct linear_model kv_model = {
    .names = kv_names,
    .only_reads = kv_only_reads,
    .apply = kv_apply,
};
