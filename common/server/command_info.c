// command_info.c -- a command's row in the words of COMMAND INFO.
// SPDX-License-Identifier: MIT
#include "common/server/command_describe.h"

struct flag_name {
    uint32_t flag;
    const char *name;
};

// In the order of Redis.
static const struct flag_name flag_names[] = {
    {COMMAND_WRITE, "write"},
    {COMMAND_READONLY, "readonly"},
    {COMMAND_DENYOOM, "denyoom"},
    {COMMAND_ADMIN, "admin"},
    {COMMAND_PUBSUB, "pubsub"},
    {COMMAND_NOSCRIPT, "noscript"},
    {COMMAND_BLOCKING, "blocking"},
    {COMMAND_LOADING, "loading"},
    {COMMAND_STALE, "stale"},
    {COMMAND_FAST, "fast"},
    {COMMAND_NO_AUTH, "no_auth"},
    {COMMAND_NO_MULTI, "no_multi"},
    {COMMAND_ALLOW_BUSY, "allow_busy"},
    {COMMAND_SKIP_SLOWLOG, "skip_slowlog"},
    {COMMAND_MOVABLE_KEYS, "movablekeys"},
};

struct category {
    uint32_t flags;    // Any command with one of these, or ...
    const char *group; // ... of this group.
    const char *name;
};

static const struct category categories[] = {
    {0, "generic", "@keyspace"},
    {COMMAND_READONLY, NULL, "@read"},
    {COMMAND_WRITE, NULL, "@write"},
    {0, "set", "@set"},
    {0, "sorted-set", "@sortedset"},
    {0, "list", "@list"},
    {0, "hash", "@hash"},
    {0, "string", "@string"},
    {0, "bitmap", "@bitmap"},
    {0, "pubsub", "@pubsub"},
    {COMMAND_ADMIN, NULL, "@admin"},
    {COMMAND_FAST, NULL, "@fast"},
    {0, NULL, "@slow"}, // What is not fast.
    {COMMAND_BLOCKING, NULL, "@blocking"},
    {COMMAND_ADMIN | COMMAND_DANGEROUS, NULL, "@dangerous"},
    {0, "connection", "@connection"},
    {0, "transactions", "@transaction"},
    {0, "scripting", "@scripting"},
};

enum {
    FLAG_NAMES = sizeof flag_names / sizeof *flag_names,
    CATEGORIES = sizeof categories / sizeof *categories,
};

static bool is_in(const struct command *command,
                  const struct category *category)
{
    if (category->flags)
        return command->flags & category->flags;
    if (!category->group)
        return !(command->flags & COMMAND_FAST);
    // A container does nothing itself.
    return (!command->subcommands || command->serve) &&
           !strcmp(command->group, category->group);
}

bool command_in_category(const struct command *command, struct slice name)
{
    for (size_t i = 0; i < CATEGORIES; i++) {
        if (slice_is(name, categories[i].name + 1))
            return is_in(command, &categories[i]);
    }
    return false;
}

size_t command_subcommand_count(const struct command *command)
{
    size_t count = 0;
    while (command->subcommands && command->subcommands[count].name)
        count++;
    return count;
}

static void reply_flags(struct reply *reply, const struct command *command)
{
    size_t count = 0;
    for (size_t i = 0; i < FLAG_NAMES; i++)
        count += (command->flags & flag_names[i].flag) != 0;
    reply_set(reply, count);
    for (size_t i = 0; i < FLAG_NAMES; i++) {
        if (command->flags & flag_names[i].flag)
            reply_status(reply, flag_names[i].name);
    }
}

static void reply_categories(struct reply *reply, const struct command *command)
{
    size_t count = 0;
    for (size_t i = 0; i < CATEGORIES; i++)
        count += is_in(command, &categories[i]);
    reply_set(reply, count);
    for (size_t i = 0; i < CATEGORIES; i++) {
        if (is_in(command, &categories[i]))
            reply_status(reply, categories[i].name);
    }
}

// The next of the words between single spaces, up to `end`.
static struct slice next_word(const char *at, const char *end)
{
    const char *space = memchr(at, ' ', (size_t)(end - at));
    return (struct slice){at, (size_t)((space ? space : end) - at)};
}

static void reply_words(struct reply *reply, const char *text, size_t size,
                        void (*each)(struct reply *reply, struct slice word))
{
    const char *end = text + size;
    size_t count = size > 0;
    for (size_t i = 0; i < size; i++)
        count += text[i] == ' ';
    reply_set(reply, count);
    for (const char *at = text; count > 0; count--) {
        struct slice word = next_word(at, end);
        each(reply, word);
        at = word.data + word.size + 1;
    }
}

static void reply_status_word(struct reply *reply, struct slice word)
{
    reply_bytes(reply, SLICE("+"));
    reply_bytes(reply, word);
    reply_bytes(reply, SLICE("\r\n"));
}

static void reply_key_flags(struct reply *reply, const char *access,
                            size_t size)
{
    reply_bulk_text(reply, "flags");
    reply_words(reply, access, size, reply_status_word);
}

static void reply_number(struct reply *reply, const char *name, int64_t value)
{
    reply_bulk_text(reply, name);
    reply_integer(reply, value);
}

// "type" and the start of "spec", with `count` fields to follow.
static void reply_spec(struct reply *reply, const char *name, const char *type,
                       size_t count)
{
    reply_bulk_text(reply, name);
    reply_map(reply, 2);
    reply_bulk_text(reply, "type");
    reply_bulk_text(reply, type);
    reply_bulk_text(reply, "spec");
    reply_map(reply, count);
}

// Here the last key counts from the first.
static void reply_range(struct reply *reply, const struct command *command,
                        int first, int last)
{
    reply_spec(reply, "begin_search", "index", 1);
    reply_number(reply, "index", first);
    reply_spec(reply, "find_keys", "range", 3);
    reply_number(reply, "lastkey", last < 0 ? last : last - first);
    reply_number(reply, "keystep", command->key_step);
    reply_number(reply, "limit", 0);
}

// The keys that an argument counts stand behind it.
static void reply_counted(struct reply *reply, const struct command *command)
{
    reply_spec(reply, "begin_search", "index", 1);
    reply_number(reply, "index", command->key_count);
    reply_spec(reply, "find_keys", "keynum", 3);
    reply_number(reply, "keynumidx", 0);
    reply_number(reply, "firstkey", 1);
    reply_number(reply, "keystep", 1);
}

static const char *access_of(const struct command *command)
{
    if (command->access)
        return command->access;
    if (command->flags & COMMAND_NO_KEYS)
        return "not_key";
    return command->flags & COMMAND_WRITE ? "RW access update" : "RO access";
}

// One specification says it all, unless the first key is another matter.
static void reply_keys(struct reply *reply, const struct command *command)
{
    if (!command->first_key && !command->key_count) {
        reply_set(reply, 0);
        return;
    }
    const char *access = access_of(command);
    const char *rest = strstr(access, "; ");
    reply_set(reply, rest ? 2 : 1);
    int first = command->first_key;
    if (rest) {
        reply_map(reply, 3);
        reply_key_flags(reply, access, (size_t)(rest - access));
        reply_range(reply, command, first, first);
        access = rest + 2;
        first++;
    }
    reply_map(reply, 3);
    reply_key_flags(reply, access, strlen(access));
    if (command->key_count)
        reply_counted(reply, command);
    else
        reply_range(reply, command, first, command->last_key);
}

void command_reply_info(struct reply *reply, const struct command *command)
{
    reply_array(reply, 10);
    reply_bulk_text(reply, command->full_name);
    reply_integer(reply, command->arity);
    reply_flags(reply, command);
    reply_integer(reply, command->first_key);
    reply_integer(reply, command->last_key);
    reply_integer(reply, command->key_step);
    reply_categories(reply, command);
    const char *tips = command->tips ? command->tips : "";
    reply_words(reply, tips, strlen(tips), reply_bulk);
    reply_keys(reply, command);

    size_t count = command_subcommand_count(command);
    reply_set(reply, count);
    for (size_t i = 0; i < count; i++)
        command_reply_info(reply, &command->subcommands[i]);
}
