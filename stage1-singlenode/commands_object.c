// commands_object.c -- what is under the hood: OBJECT and MEMORY.
//
// These are the only commands whose answers show how a value is kept. They
// answer what Redis would, where clients and tests rely on it.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"

enum {
    // Redis keeps one object for each of the integers below 10,000 and never
    // counts its users; that shows as the largest count.
    SHARED_INTEGERS = 10000,
    SHARED_REFERENCES = INT32_MAX,
};

// The entry of the key in argv[2]; NULL after replying that there is none.
static struct entry *object_find(struct store *store, struct request *request)
{
    struct entry *entry = store_peek(store, request_key(store, request, 2));
    if (!entry)
        reply_null(&request->reply);
    return entry;
}

static void object_encoding_run(struct store *store, struct request *request)
{
    struct entry *entry = object_find(store, request);
    if (entry)
        reply_bulk_text(&request->reply, entry_encoding_name(entry));
}

static void object_idletime_run(struct store *store, struct request *request)
{
    struct entry *entry = object_find(store, request);
    if (!entry)
        return;
    if (store_notes_frequency(store))
        reply_error(&request->reply,
                    "ERR An LFU maxmemory policy is selected, idle time not "
                    "tracked. Please note that when switching between policies "
                    "at runtime LRU and LFU data will take some time to "
                    "adjust.");
    else
        reply_integer(&request->reply,
                      store_idle_ms(store, entry) / MS_PER_SECOND);
}

static void object_freq_run(struct store *store, struct request *request)
{
    struct entry *entry = object_find(store, request);
    if (!entry)
        return;
    if (store_notes_frequency(store))
        reply_integer(&request->reply, store_frequency(store, entry));
    else
        reply_error(&request->reply,
                    "ERR An LFU maxmemory policy is not selected, access "
                    "frequency not tracked. Please note that when switching "
                    "between policies at runtime LRU and LFU data will take "
                    "some time to adjust.");
}

static bool object_is_shared(const struct store *store,
                             const struct entry *entry)
{
    int64_t value;
    return store_shares_integers(store) && entry->type == ENTRY_STRING &&
           !(entry->flags & ENTRY_RAW) &&
           slice_to_int64(entry_string(entry), &value) && value >= 0 &&
           value < SHARED_INTEGERS;
}

static void object_refcount_run(struct store *store, struct request *request)
{
    struct entry *entry = object_find(store, request);
    if (entry)
        reply_integer(&request->reply,
                      object_is_shared(store, entry) ? SHARED_REFERENCES : 1);
}

static void reply_lines(struct reply *reply, const char *const *lines,
                        size_t count)
{
    reply_array(reply, count);
    for (size_t i = 0; i < count; i++)
        reply_status(reply, lines[i]);
}

static void object_help_run(struct store *store, struct request *request)
{
    (void)store;
    static const char *const lines[] = {
        "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "ENCODING <key>",
        "    How the value is kept: for a string int, embstr or raw.",
        "FREQ <key>",
        "    How often the key was used lately, on a logarithmic scale; only",
        "    where keys are evicted by frequency.",
        "IDLETIME <key>",
        "    Seconds since the key was last used, roughly.",
        "REFCOUNT <key>",
        "    How many references to the value there are.",
        "HELP",
        "    Prints this help.",
    };
    reply_lines(&request->reply, lines, sizeof lines / sizeof *lines);
}

static bool usage_options_read(struct request *request)
{
    for (uint32_t i = 3; i < request->argc; i += 2) {
        int64_t samples = -1;
        if (argument_is(request, i, "SAMPLES") && i + 1 < request->argc &&
            !argument_int64(request, i + 1, &samples))
            return false;
        if (samples < 0) {
            reply_syntax_error(&request->reply);
            return false;
        }
    }
    return true;
}

static void memory_usage_run(struct store *store, struct request *request)
{
    if (!usage_options_read(request))
        return;
    struct entry *entry = object_find(store, request);
    if (entry)
        reply_integer(&request->reply,
                      (int64_t)store_entry_memory(store, entry));
}

static void memory_help_run(struct store *store, struct request *request)
{
    (void)store;
    static const char *const lines[] = {
        "MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "USAGE <key> [SAMPLES <count>]",
        "    Bytes that the key, its value and its share of the table take.",
        "HELP",
        "    Prints this help.",
    };
    reply_lines(&request->reply, lines, sizeof lines / sizeof *lines);
}

enum { HELP = COMMAND_LOADING | COMMAND_STALE };

static const struct command object_subcommands[] = {
    {"encoding", 3, READ, 2, 2, 1, "Returns how a key's value is kept", "key",
     "generic", "2.2.3", .run = object_encoding_run, .access = "RO",
     .tips = "nondeterministic_output"},
    {"freq", 3, READ, 2, 2, 1, "Returns how often a key is used", "key",
     "generic", "4.0.0", .run = object_freq_run, .access = "RO",
     .tips = "nondeterministic_output"},
    {"idletime", 3, READ, 2, 2, 1,
     "Returns the seconds since a key was last used", "key", "generic", "2.2.3",
     .run = object_idletime_run, .access = "RO",
     .tips = "nondeterministic_output"},
    {"refcount", 3, READ, 2, 2, 1,
     "Returns how many references to a key's value there are", "key", "generic",
     "2.2.3", .run = object_refcount_run, .access = "RO",
     .tips = "nondeterministic_output"},
    {"help", 2, HELP, 0, 0, 0, "Lists the subcommands", "", "generic", "6.2.0",
     .run = object_help_run},
    {0},
};

static const struct command memory_subcommands[] = {
    {"usage", -3, READ, 2, 2, 1, "Returns the bytes that a key takes",
     "key [SAMPLES count]", "server", "4.0.0", .run = memory_usage_run,
     .access = "RO"},
    {"help", 2, HELP, 0, 0, 0, "Lists the subcommands", "", "server", "4.0.0",
     .run = memory_help_run},
    {0},
};

const struct command commands_object[] = {
    {"object", -2, 0, 0, 0, 0, "Tells how values are kept", "", "generic",
     "2.2.3", .subcommands = object_subcommands},
    {"memory", -2, 0, 0, 0, 0, "Tells what memory is used for", "", "server",
     "4.0.0", .subcommands = memory_subcommands},
    {0},
};
