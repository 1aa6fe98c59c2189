// commands_hash.c -- hashes and the fields that the caller names: HSET, HGET,
// HINCRBY, ...; and all at once: HGETALL.
//
// A small hash is answered in the order of insertion, as in Redis; a table in
// its dense order, where Redis has an order of its own.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/float_text.h"
#include "stage1-singlenode/hash.h"

#include <math.h>

// ---- Writing

// Sets fields in the key's hash, which is made if `entry` is NULL, and says so
// by `event`. Returns how many were new.
static int64_t set_fields(struct store *store, struct request *request,
                          const char *event, struct entry *entry,
                          const struct slice *pairs, uint32_t count)
{
    struct key key = request_key(store, request, 1);
    struct object *hash =
        entry ? entry_object(entry)
              : hash_create(store_secret(store), store_limits(store));
    int64_t added = 0;
    for (uint32_t i = 0; i < count; i += 2)
        added += hash_set(hash, pairs[i], pairs[i + 1]);
    if (entry)
        store_object_changed(store, key, entry);
    else
        store_put_object(store, key, hash);
    request_changed(request);
    store_notify(store, NOTIFY_HASH, event, key.name);
    return added;
}

// HSET and HMSET. False: the reply is written.
static bool set_all(struct store *store, struct request *request,
                    int64_t *added)
{
    struct entry *entry;
    if (request->argc % 2 != 0) {
        reply_wrong_arity(request);
        return false;
    }
    if (!typed_peek(store, request, request_key(store, request, 1), ENTRY_HASH,
                    &entry))
        return false;
    *added = set_fields(store, request, "hset", entry, request->argv + 2,
                        request->argc - 2);
    return true;
}

static void hset_run(struct store *store, struct request *request)
{
    int64_t added;
    if (set_all(store, request, &added))
        reply_integer(&request->reply, added);
}

static void hmset_run(struct store *store, struct request *request)
{
    int64_t added;
    if (set_all(store, request, &added))
        reply_ok(&request->reply);
}

static bool get_field(const struct entry *entry, struct slice field,
                      struct slice *value)
{
    return entry && hash_get(entry_object(entry), field, value);
}

static void hsetnx_run(struct store *store, struct request *request)
{
    struct entry *entry;
    struct slice value;
    if (!typed_peek(store, request, request_key(store, request, 1), ENTRY_HASH,
                    &entry))
        return;
    bool sets = !get_field(entry, request->argv[2], &value);
    if (sets)
        set_fields(store, request, "hset", entry, request->argv + 2, 2);
    reply_integer(&request->reply, sets);
}

static void hdel_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    int64_t removed = 0;
    if (!typed_peek(store, request, key, ENTRY_HASH, &entry))
        return;
    for (uint32_t i = 2; entry && i < request->argc; i++)
        removed += hash_remove(entry_object(entry), request->argv[i]);
    if (removed > 0) {
        store_notify(store, NOTIFY_HASH, "hdel", key.name);
        store_object_changed(store, key, entry);
        request_changed(request);
    }
    reply_integer(&request->reply, removed);
}

static void set_number(struct store *store, struct request *request,
                       const char *event, struct entry *entry,
                       struct slice text)
{
    const struct slice pair[] = {request->argv[2], text};
    set_fields(store, request, event, entry, pair, 2);
}

static void hincrby_run(struct store *store, struct request *request)
{
    struct entry *entry;
    struct slice old;
    int64_t amount, value = 0;
    if (!argument_int64(request, 3, &amount) ||
        !typed_peek(store, request, request_key(store, request, 1), ENTRY_HASH,
                    &entry))
        return;
    if (get_field(entry, request->argv[2], &old) &&
        !slice_to_int64(old, &value)) {
        reply_error(&request->reply, "ERR hash value is not an integer");
        return;
    }
    if (__builtin_add_overflow(value, amount, &value)) {
        reply_error(&request->reply,
                    "ERR increment or decrement would overflow");
        return;
    }
    char text[INT64_TEXT_MAX];
    set_number(store, request, "hincrby", entry,
               (struct slice){text, int64_format(text, value)});
    reply_integer(&request->reply, value);
}

static bool argument_finite(struct request *request, uint32_t index,
                            long double *value)
{
    const char *complaint = NULL;
    if (!slice_to_long_double(request->argv[index], value))
        complaint = "ERR value is not a valid float";
    else if (!isfinite(*value))
        complaint = "ERR value is NaN or Infinity";
    if (complaint)
        reply_error(&request->reply, "%s", complaint);
    return !complaint;
}

static void hincrbyfloat_run(struct store *store, struct request *request)
{
    struct entry *entry;
    struct slice old;
    long double amount, value = 0;
    if (!argument_finite(request, 3, &amount) ||
        !typed_peek(store, request, request_key(store, request, 1), ENTRY_HASH,
                    &entry))
        return;
    if (get_field(entry, request->argv[2], &old) &&
        !slice_to_long_double(old, &value)) {
        reply_error(&request->reply, "ERR hash value is not a float");
        return;
    }
    value += amount;
    if (!isfinite(value)) {
        reply_error(&request->reply,
                    "ERR increment would produce NaN or Infinity");
        return;
    }
    char text[FLOAT_TEXT_MAX];
    struct slice sum = {text, float_format(text, value)};
    set_number(store, request, "hincrbyfloat", entry, sum);
    reply_bulk(&request->reply, sum);
}

// ---- Reading

// The key's hash for a command that reads.
static bool find(struct store *store, struct request *request,
                 struct entry **entry)
{
    return typed_find(store, request, request_key(store, request, 1),
                      ENTRY_HASH, entry);
}

static void reply_field(struct reply *reply, const struct entry *entry,
                        struct slice field)
{
    struct slice value;
    if (get_field(entry, field, &value))
        reply_bulk(reply, value);
    else
        reply_null(reply);
}

static void hget_run(struct store *store, struct request *request)
{
    struct entry *entry;
    if (find(store, request, &entry))
        reply_field(&request->reply, entry, request->argv[2]);
}

static void hmget_run(struct store *store, struct request *request)
{
    struct entry *entry;
    if (!find(store, request, &entry))
        return;
    reply_array(&request->reply, request->argc - 2);
    for (uint32_t i = 2; i < request->argc; i++)
        reply_field(&request->reply, entry, request->argv[i]);
}

static void hexists_run(struct store *store, struct request *request)
{
    struct entry *entry;
    struct slice value;
    if (find(store, request, &entry))
        reply_integer(&request->reply,
                      get_field(entry, request->argv[2], &value));
}

static void hstrlen_run(struct store *store, struct request *request)
{
    struct entry *entry;
    struct slice value = {0};
    if (!find(store, request, &entry))
        return;
    get_field(entry, request->argv[2], &value);
    reply_integer(&request->reply, (int64_t)value.size);
}

static size_t count_of(const struct entry *entry)
{
    return entry ? hash_count(entry_object(entry)) : 0;
}

static void hlen_run(struct store *store, struct request *request)
{
    struct entry *entry;
    if (find(store, request, &entry))
        reply_integer(&request->reply, (int64_t)count_of(entry));
}

static void reply_key(void *context, struct hash_pair pair)
{
    reply_bulk(context, pair.field);
}

static void reply_value(void *context, struct hash_pair pair)
{
    reply_bulk(context, pair.value);
}

static void reply_pair(void *context, struct hash_pair pair)
{
    reply_bulk(context, pair.field);
    reply_bulk(context, pair.value);
}

static void reply_all(struct store *store, struct request *request,
                      void (*header)(struct reply *reply, size_t count),
                      void (*each)(void *context, struct hash_pair pair))
{
    struct entry *entry;
    if (!find(store, request, &entry))
        return;
    header(&request->reply, count_of(entry));
    if (entry)
        hash_each(entry_object(entry), each, &request->reply);
}

static void hkeys_run(struct store *store, struct request *request)
{
    reply_all(store, request, reply_array, reply_key);
}

static void hvals_run(struct store *store, struct request *request)
{
    reply_all(store, request, reply_array, reply_value);
}

static void hgetall_run(struct store *store, struct request *request)
{
    reply_all(store, request, reply_map, reply_pair);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_hash[] = {
    {"hset", -4, STORE | FAST, 1, 1, 1,
     "Sets fields of a hash and counts the new ones",
     "key field value [field value ...]", "hash", "2.0.0", .run = hset_run,
     .access = "RW update"},
    {"hmset", -4, STORE | FAST, 1, 1, 1, "Sets fields of a hash",
     "key field value [field value ...]", "hash", "2.0.0", .run = hmset_run,
     .access = "RW update"},
    {"hsetnx", 4, STORE | FAST, 1, 1, 1,
     "Sets a field of a hash unless it is there", "key field value", "hash",
     "2.0.0", .run = hsetnx_run, .access = "RW insert"},
    {"hdel", -3, WRITE | FAST, 1, 1, 1,
     "Removes fields from a hash and counts those that were there",
     "key field [field ...]", "hash", "2.0.0", .run = hdel_run,
     .access = "RW delete"},
    {"hincrby", 4, STORE | FAST, 1, 1, 1,
     "Adds to the integer in a field of a hash", "key field increment", "hash",
     "2.0.0", .run = hincrby_run},
    {"hincrbyfloat", 4, STORE | FAST, 1, 1, 1,
     "Adds to the floating point number in a field of a hash",
     "key field increment", "hash", "2.6.0", .run = hincrbyfloat_run},
    {"hget", 3, READ | FAST, 1, 1, 1, "Returns the value of a field of a hash",
     "key field", "hash", "2.0.0", .run = hget_run},
    {"hmget", -3, READ | FAST, 1, 1, 1,
     "Returns the values of several fields of a hash", "key field [field ...]",
     "hash", "2.0.0", .run = hmget_run},
    {"hexists", 3, READ | FAST, 1, 1, 1, "Tells whether a hash has a field",
     "key field", "hash", "2.0.0", .run = hexists_run, .access = "RO"},
    {"hstrlen", 3, READ | FAST, 1, 1, 1,
     "Returns the number of bytes of the value of a field of a hash",
     "key field", "hash", "3.2.0", .run = hstrlen_run, .access = "RO"},
    {"hlen", 2, READ | FAST, 1, 1, 1, "Counts the fields of a hash", "key",
     "hash", "2.0.0", .run = hlen_run, .access = "RO"},
    {"hkeys", 2, READ, 1, 1, 1, "Returns all fields of a hash", "key", "hash",
     "2.0.0", .run = hkeys_run, .tips = "nondeterministic_output_order"},
    {"hvals", 2, READ, 1, 1, 1, "Returns the values of all fields of a hash",
     "key", "hash", "2.0.0", .run = hvals_run,
     .tips = "nondeterministic_output_order"},
    {"hgetall", 2, READ, 1, 1, 1, "Returns all fields and values of a hash",
     "key", "hash", "2.0.0", .run = hgetall_run,
     .tips = "nondeterministic_output_order"},
    {0},
};
