// commands_string.c -- whole strings: GET, SET and their relatives.
//
// A value that a reply needs is copied into the reply before the key changes.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"

// The ways to give a lifetime, for SET and GETEX.
static const struct expiry_option {
    const char *word;
    int64_t unit_ms;
    bool absolute;
} expiry_options[] = {
    {"EX", MS_PER_SECOND, false},
    {"PX", 1, false},
    {"EXAT", MS_PER_SECOND, true},
    {"PXAT", 1, true},
};

enum { EXPIRY_OPTIONS = sizeof expiry_options / sizeof *expiry_options };

struct string_options {
    bool if_absent, if_present; // NX, XX
    bool get;
    bool keep_expiry; // KEEPTTL
    bool persist;
    const struct expiry_option *expiry; // NULL: none.
    uint32_t expiry_at;                 // The position of its time.
};

static void reply_string(struct request *request, const struct entry *entry)
{
    if (entry)
        reply_bulk(&request->reply, entry_string(entry));
    else
        reply_null(&request->reply);
}

// Replies with the key's string, or null. False if it is of another type.
static bool string_get(struct store *store, struct request *request,
                       struct key key)
{
    struct entry *entry;
    if (!string_find(store, request, key, &entry))
        return false;
    reply_string(request, entry);
    return true;
}

static void string_set(struct store *store, struct request *request,
                       struct key key, struct slice value, int64_t expires_ms)
{
    store_set_string(store, key, value, expires_ms);
    request_changed(request);
    store_notify(store, NOTIFY_STRING, "set", key.name);
    if (expires_ms != ENTRY_NO_EXPIRY)
        store_notify(store, NOTIFY_GENERIC, "expire", key.name);
}

static void get_run(struct store *store, struct request *request)
{
    string_get(store, request, request_key(store, request, 1));
}

static void put_run(struct store *store, struct request *request)
{
    string_set(store, request, request_key(store, request, 1), request->argv[2],
               ENTRY_NO_EXPIRY);
    reply_ok(&request->reply);
}

// An option with a time after it. The same one may come again, and the last
// one counts; two different ones contradict each other.
static bool expiry_option_take(const struct request *request, uint32_t at,
                               struct string_options *options)
{
    if (options->keep_expiry || options->persist || at + 1 == request->argc)
        return false;
    for (size_t i = 0; i < EXPIRY_OPTIONS; i++) {
        const struct expiry_option *option = &expiry_options[i];
        if (!argument_is(request, at, option->word))
            continue;
        if (options->expiry && options->expiry != option)
            return false;
        options->expiry = option;
        options->expiry_at = at + 1;
        return true;
    }
    return false;
}

static bool set_option_take(const struct request *request, uint32_t at,
                            struct string_options *options)
{
    if (argument_is(request, at, "NX") && !options->if_present)
        return options->if_absent = true;
    if (argument_is(request, at, "XX") && !options->if_absent)
        return options->if_present = true;
    if (argument_is(request, at, "GET"))
        return options->get = true;
    if (argument_is(request, at, "KEEPTTL") && !options->expiry)
        return options->keep_expiry = true;
    return false;
}

static bool getex_option_take(const struct request *request, uint32_t at,
                              struct string_options *options)
{
    if (argument_is(request, at, "PERSIST") && !options->expiry)
        return options->persist = true;
    return false;
}

typedef bool take_option(const struct request *request, uint32_t at,
                         struct string_options *options);

// Reads argv[first] and on; `take_own` knows the options that take no time.
static bool string_options_read(struct request *request, uint32_t first,
                                take_option *take_own,
                                struct string_options *options)
{
    for (uint32_t at = first; at < request->argc; at++) {
        if (take_own(request, at, options))
            continue;
        if (!expiry_option_take(request, at, options)) {
            reply_syntax_error(&request->reply);
            return false;
        }
        at++;
    }
    return true;
}

static bool string_options_expiry(struct request *request,
                                  const struct string_options *options,
                                  int64_t *expires_ms)
{
    if (!options->expiry)
        return true;
    return argument_expiry(
        request, options->expiry_at, options->expiry->unit_ms,
        options->expiry->absolute ? 0 : request->now_ms, expires_ms);
}

static void set_with_options(struct store *store, struct request *request)
{
    struct string_options options = {0};
    int64_t expires_ms = ENTRY_NO_EXPIRY;
    if (!string_options_read(request, 3, set_option_take, &options) ||
        !string_options_expiry(request, &options, &expires_ms))
        return;

    struct key key = request_key(store, request, 1);
    if (options.get && !string_get(store, request, key))
        return;
    bool found = store_peek(store, key);
    if ((options.if_absent && found) || (options.if_present && !found)) {
        if (!options.get)
            reply_null(&request->reply);
        return;
    }
    if (options.keep_expiry) {
        store_update_string(store, key, request->argv[2]);
        request_changed(request);
        store_notify(store, NOTIFY_STRING, "set", key.name);
    } else {
        string_set(store, request, key, request->argv[2], expires_ms);
    }
    if (!options.get)
        reply_ok(&request->reply);
}

static void set_run(struct store *store, struct request *request)
{
    if (request->argc == 3)
        put_run(store, request);
    else
        set_with_options(store, request);
}

static void setnx_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    bool absent = !store_peek(store, key);
    if (absent)
        string_set(store, request, key, request->argv[2], ENTRY_NO_EXPIRY);
    reply_integer(&request->reply, absent);
}

static void set_for_time(struct store *store, struct request *request,
                         int64_t unit_ms)
{
    int64_t expires_ms;
    if (!argument_expiry(request, 2, unit_ms, request->now_ms, &expires_ms))
        return;
    string_set(store, request, request_key(store, request, 1), request->argv[3],
               expires_ms);
    reply_ok(&request->reply);
}

static void setex_run(struct store *store, struct request *request)
{
    set_for_time(store, request, MS_PER_SECOND);
}

static void psetex_run(struct store *store, struct request *request)
{
    set_for_time(store, request, 1);
}

static void getset_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    if (string_get(store, request, key))
        string_set(store, request, key, request->argv[2], ENTRY_NO_EXPIRY);
}

static void getdel_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    if (string_get(store, request, key) && store_delete(store, key))
        request_changed(request);
}

static void getex_run(struct store *store, struct request *request)
{
    struct string_options options = {0};
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    int64_t expires_ms = ENTRY_NO_EXPIRY;
    if (!string_options_read(request, 2, getex_option_take, &options) ||
        !string_find(store, request, key, &entry))
        return;
    // Redis looks at the time only if there is a key to give it to.
    if (entry && !string_options_expiry(request, &options, &expires_ms))
        return;
    reply_string(request, entry);

    bool changes =
        options.expiry || (options.persist && entry && entry_has_expiry(entry));
    if (entry && changes) {
        store_set_expiry(store, key, expires_ms);
        request_changed(request);
    }
}

static void mget_run(struct store *store, struct request *request)
{
    struct keys keys;
    reply_array(&request->reply, request->argc - 1);
    for (uint32_t at = 1; at < request->argc; at += keys.count) {
        keys_read(&keys, store, request, at, 1);
        for (uint32_t i = 0; i < keys.count; i++) {
            struct entry *entry = store_find(store, keys.ahead[i]);
            bool is_string = entry && entry->type == ENTRY_STRING;
            reply_string(request, is_string ? entry : NULL);
        }
    }
}

static void set_pairs(struct store *store, struct request *request)
{
    struct keys keys;
    for (uint32_t at = 1; at < request->argc; at += 2 * keys.count) {
        keys_read(&keys, store, request, at, 2);
        for (uint32_t i = 0; i < keys.count; i++)
            string_set(store, request, keys.ahead[i],
                       request->argv[at + 2 * i + 1], ENTRY_NO_EXPIRY);
    }
}

static void mset_run(struct store *store, struct request *request)
{
    if (request->argc % 2 == 0) {
        reply_wrong_arity(request);
        return;
    }
    set_pairs(store, request);
    reply_ok(&request->reply);
}

static void msetnx_run(struct store *store, struct request *request)
{
    if (request->argc % 2 == 0) {
        reply_wrong_arity(request);
        return;
    }
    for (uint32_t i = 1; i < request->argc; i += 2) {
        if (store_peek(store, request_key(store, request, i))) {
            reply_integer(&request->reply, 0);
            return;
        }
    }
    set_pairs(store, request);
    reply_integer(&request->reply, 1);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_string[] = {
    {"get", 2, READ | FAST, 1, 1, 1, //
     "Returns the string of a key", "key", "string", "1.0.0", .run = get_run},
    {"set", -3, STORE, 1, 1, 1,
     "Gives a key a string, under a condition or for a time if asked to",
     "key value [NX | XX] [GET] [EX seconds | PX milliseconds | "
     "EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
     "string", "1.0.0", .run = set_run,
     .access = "RW access update variable_flags"},
    {"put", 3, STORE, 1, 1, 1, //
     "Gives a key a string", "key value", "string", "vega 1", .run = put_run},
    {"setnx", 3, STORE | FAST, 1, 1, 1,
     "Gives a key a string unless the key exists", "key value", "string",
     "1.0.0", .run = setnx_run, .access = "OW insert"},
    {"setex", 4, STORE, 1, 1, 1, "Gives a key a string for some seconds",
     "key seconds value", "string", "2.0.0", .run = setex_run,
     .access = "OW update"},
    {"psetex", 4, STORE, 1, 1, 1, "Gives a key a string for some milliseconds",
     "key milliseconds value", "string", "2.6.0", .run = psetex_run,
     .access = "OW update"},
    {"getset", 3, STORE | FAST, 1, 1, 1,
     "Gives a key a string and returns the one before", "key value", "string",
     "1.0.0", .run = getset_run},
    {"getdel", 2, WRITE | FAST, 1, 1, 1,
     "Returns the string of a key and deletes the key", "key", "string",
     "6.2.0", .run = getdel_run, .access = "RW access delete"},
    {"getex", -2, WRITE | FAST, 1, 1, 1,
     "Returns the string of a key and changes how long the key lives",
     "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | "
     "PXAT unix-time-milliseconds | PERSIST]",
     "string", "6.2.0", .run = getex_run},
    {"mget", -2, READ | FAST, 1, -1, 1, "Returns the strings of several keys",
     "key [key ...]", "string", "1.0.0", .run = mget_run,
     .tips = "request_policy:multi_shard"},
    {"mset", -3, STORE, 1, -1, 2, "Gives several keys a string each, at once",
     "key value [key value ...]", "string", "1.0.1", .run = mset_run,
     .access = "OW update",
     .tips = "request_policy:multi_shard response_policy:all_succeeded"},
    {"msetnx", -3, STORE, 1, -1, 2,
     "Gives several keys a string each, unless one of the keys exists",
     "key value [key value ...]", "string", "1.0.1", .run = msetnx_run,
     .access = "OW insert",
     .tips = "request_policy:multi_shard response_policy:agg_min"},
    {0},
};
