// commands_counter.c -- strings that are numbers: INCR and its relatives.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/float_text.h"

#include <math.h>

static void counter_add(struct store *store, struct request *request,
                        int64_t amount)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    int64_t value = 0;
    if (!string_peek(store, request, key, &entry))
        return;
    if (entry && !slice_to_int64(entry_string(entry), &value)) {
        reply_not_an_integer(&request->reply);
        return;
    }
    if (__builtin_add_overflow(value, amount, &value)) {
        reply_error(&request->reply,
                    "ERR increment or decrement would overflow");
        return;
    }
    char text[INT64_TEXT_MAX];
    size_t size = int64_format(text, value);
    store_update_string(store, key, (struct slice){text, size});
    request_changed(request);
    store_notify(store, NOTIFY_STRING, "incrby", key.name);
    reply_integer(&request->reply, value);
}

static void incr_run(struct store *store, struct request *request)
{
    counter_add(store, request, 1);
}

static void decr_run(struct store *store, struct request *request)
{
    counter_add(store, request, -1);
}

static void incrby_run(struct store *store, struct request *request)
{
    int64_t amount;
    if (argument_int64(request, 2, &amount))
        counter_add(store, request, amount);
}

static void decrby_run(struct store *store, struct request *request)
{
    int64_t amount;
    if (!argument_int64(request, 2, &amount))
        return;
    if (amount == INT64_MIN)
        reply_error(&request->reply, "ERR decrement would overflow");
    else
        counter_add(store, request, -amount);
}

static bool float_read(struct request *request, struct slice text,
                       long double *value)
{
    if (slice_to_long_double(text, value))
        return true;
    reply_error(&request->reply, "ERR value is not a valid float");
    return false;
}

static void incrbyfloat_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    long double value = 0, amount;
    if (!string_peek(store, request, key, &entry) ||
        (entry && !float_read(request, entry_string(entry), &value)) ||
        !float_read(request, request->argv[2], &amount))
        return;
    value += amount;
    if (!isfinite(value)) {
        reply_error(&request->reply,
                    "ERR increment would produce NaN or Infinity");
        return;
    }
    char text[FLOAT_TEXT_MAX];
    struct slice sum = {text, float_format(text, value)};
    store_update_string(store, key, sum);
    request_changed(request);
    store_notify(store, NOTIFY_STRING, "incrbyfloat", key.name);
    reply_bulk(&request->reply, sum);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_counter[] = {
    {"incr", 2, STORE | FAST, 1, 1, 1,
     "Adds one to the integer of a key; an absent key counts as 0", "key",
     "string", "1.0.0", .run = incr_run},
    {"decr", 2, STORE | FAST, 1, 1, 1,
     "Takes one from the integer of a key; an absent key counts as 0", "key",
     "string", "1.0.0", .run = decr_run},
    {"incrby", 3, STORE | FAST, 1, 1, 1, "Adds to the integer of a key",
     "key increment", "string", "1.0.0", .run = incrby_run},
    {"decrby", 3, STORE | FAST, 1, 1, 1, "Takes from the integer of a key",
     "key decrement", "string", "1.0.0", .run = decrby_run},
    {"incrbyfloat", 3, STORE | FAST, 1, 1, 1,
     "Adds to the floating point number of a key", "key increment", "string",
     "2.6.0", .run = incrbyfloat_run},
    {0},
};
