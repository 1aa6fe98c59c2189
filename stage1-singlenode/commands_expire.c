// commands_expire.c -- how long keys live.
//
// Times are kept as the millisecond at which a key ends. The commands differ
// in unit and in where they count from.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"

enum expire_condition {
    EXPIRE_IF_NONE = 1,    // NX: the key has no end.
    EXPIRE_IF_ANY = 2,     // XX: it has one.
    EXPIRE_IF_LATER = 4,   // GT: the new end is later; none is the latest.
    EXPIRE_IF_EARLIER = 8, // LT: it is earlier.
};

static const struct {
    const char *word;
    unsigned condition;
} expire_words[] = {
    {"NX", EXPIRE_IF_NONE},
    {"XX", EXPIRE_IF_ANY},
    {"GT", EXPIRE_IF_LATER},
    {"LT", EXPIRE_IF_EARLIER},
};

enum { EXPIRE_WORDS = sizeof expire_words / sizeof *expire_words };

static unsigned expire_condition_of(const struct request *request,
                                    uint32_t index)
{
    for (size_t i = 0; i < EXPIRE_WORDS; i++) {
        if (argument_is(request, index, expire_words[i].word))
            return expire_words[i].condition;
    }
    return 0;
}

static bool expire_conditions_read(struct request *request, unsigned *result)
{
    unsigned all = 0;
    for (uint32_t i = 3; i < request->argc; i++) {
        unsigned condition = expire_condition_of(request, i);
        if (!condition) {
            reply_error(&request->reply, "ERR Unsupported option %.*s",
                        SLICE_PRINT(request->argv[i]));
            return false;
        }
        all |= condition;
    }
    if ((all & EXPIRE_IF_NONE) && all != EXPIRE_IF_NONE) {
        reply_error(&request->reply, "ERR NX and XX, GT or LT options at the "
                                     "same time are not compatible");
        return false;
    }
    if ((all & EXPIRE_IF_LATER) && (all & EXPIRE_IF_EARLIER)) {
        reply_error(&request->reply, "ERR GT and LT options at the same time "
                                     "are not compatible");
        return false;
    }
    *result = all;
    return true;
}

static bool expire_conditions_hold(unsigned conditions,
                                   const struct entry *entry,
                                   int64_t expires_ms)
{
    bool has_end = entry_has_expiry(entry);
    int64_t now_ends = has_end ? entry_expires_ms(entry) : INT64_MAX;
    if ((conditions & EXPIRE_IF_NONE) && has_end)
        return false;
    if ((conditions & EXPIRE_IF_ANY) && !has_end)
        return false;
    if ((conditions & EXPIRE_IF_LATER) && expires_ms <= now_ends)
        return false;
    // Any time is earlier than none, even the last that there is.
    return !(conditions & EXPIRE_IF_EARLIER) || !has_end ||
           expires_ms < now_ends;
}

// Unlike in SET, a time that has passed is welcome: it deletes the key.
static bool argument_end(struct request *request, int64_t unit_ms,
                         int64_t since_ms, int64_t *expires_ms)
{
    int64_t value;
    if (!argument_int64(request, 2, &value))
        return false;
    if (__builtin_mul_overflow(value, unit_ms, &value) ||
        __builtin_add_overflow(value, since_ms, &value)) {
        reply_invalid_expiry(request);
        return false;
    }
    *expires_ms = value;
    return true;
}

static void expire_generic(struct store *store, struct request *request,
                           int64_t unit_ms, int64_t since_ms)
{
    unsigned conditions;
    int64_t expires_ms;
    if (!expire_conditions_read(request, &conditions) ||
        !argument_end(request, unit_ms, since_ms, &expires_ms))
        return;

    struct key key = request_key(store, request, 1);
    struct entry *entry = store_peek(store, key);
    bool sets = entry && expire_conditions_hold(conditions, entry, expires_ms);
    if (sets) {
        // A negative time is as good as 0, and cannot be taken for "none".
        store_set_expiry(store, key, expires_ms < 0 ? 0 : expires_ms);
        request_changed(request);
    }
    reply_integer(&request->reply, sets);
}

static void expire_run(struct store *store, struct request *request)
{
    expire_generic(store, request, MS_PER_SECOND, request->now_ms);
}

static void pexpire_run(struct store *store, struct request *request)
{
    expire_generic(store, request, 1, request->now_ms);
}

static void expireat_run(struct store *store, struct request *request)
{
    expire_generic(store, request, MS_PER_SECOND, 0);
}

static void pexpireat_run(struct store *store, struct request *request)
{
    expire_generic(store, request, 1, 0);
}

// Replies with the end of the key, counted from `since_ms`, in rounded units;
// -1 if it has none, -2 if there is no such key.
static void ttl_generic(struct store *store, struct request *request,
                        int64_t unit_ms, int64_t since_ms)
{
    struct entry *entry = store_peek(store, request_key(store, request, 1));
    int64_t result = -2;
    if (entry && !entry_has_expiry(entry)) {
        result = -1;
    } else if (entry) {
        int64_t left_ms = entry_expires_ms(entry) - since_ms;
        result = left_ms / unit_ms + (left_ms % unit_ms * 2 >= unit_ms);
    }
    reply_integer(&request->reply, result);
}

static void ttl_run(struct store *store, struct request *request)
{
    ttl_generic(store, request, MS_PER_SECOND, request->now_ms);
}

static void pttl_run(struct store *store, struct request *request)
{
    ttl_generic(store, request, 1, request->now_ms);
}

static void expiretime_run(struct store *store, struct request *request)
{
    ttl_generic(store, request, MS_PER_SECOND, 0);
}

static void pexpiretime_run(struct store *store, struct request *request)
{
    ttl_generic(store, request, 1, 0);
}

static void persist_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry = store_peek(store, key);
    bool removes = entry && entry_has_expiry(entry);
    if (removes) {
        store_set_expiry(store, key, ENTRY_NO_EXPIRY);
        request_changed(request);
    }
    reply_integer(&request->reply, removes);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_expire[] = {
    {"expire", -3, WRITE | FAST, 1, 1, 1, "Ends a key in some seconds",
     "key seconds [NX | XX | GT | LT]", "generic", "1.0.0", .run = expire_run,
     .access = "RW update"},
    {"pexpire", -3, WRITE | FAST, 1, 1, 1, "Ends a key in some milliseconds",
     "key milliseconds [NX | XX | GT | LT]", "generic", "2.6.0",
     .run = pexpire_run, .access = "RW update"},
    {"expireat", -3, WRITE | FAST, 1, 1, 1,
     "Ends a key at a time in seconds since 1970",
     "key unix-time-seconds [NX | XX | GT | LT]", "generic", "1.2.0",
     .run = expireat_run, .access = "RW update"},
    {"pexpireat", -3, WRITE | FAST, 1, 1, 1,
     "Ends a key at a time in milliseconds since 1970",
     "key unix-time-milliseconds [NX | XX | GT | LT]", "generic", "2.6.0",
     .run = pexpireat_run, .access = "RW update"},
    {"ttl", 2, READ | FAST, 1, 1, 1, "Returns the seconds that a key has left",
     "key", "generic", "1.0.0", .run = ttl_run,
     .tips = "nondeterministic_output"},
    {"pttl", 2, READ | FAST, 1, 1, 1,
     "Returns the milliseconds that a key has left", "key", "generic", "2.6.0",
     .run = pttl_run, .tips = "nondeterministic_output"},
    {"expiretime", 2, READ | FAST, 1, 1, 1,
     "Returns when a key ends, in seconds since 1970", "key", "generic",
     "7.0.0", .run = expiretime_run},
    {"pexpiretime", 2, READ | FAST, 1, 1, 1,
     "Returns when a key ends, in milliseconds since 1970", "key", "generic",
     "7.0.0", .run = pexpiretime_run},
    {"persist", 2, WRITE | FAST, 1, 1, 1, "Lets a key live without end", "key",
     "generic", "2.2.0", .run = persist_run, .access = "RW update"},
    {0},
};
