// test_commands.c -- the rows say of each command what Redis 7.0 says.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"

#include <ctype.h>

#include "common/base/buffer.h"
#include "tests/test.h"

// As COMMAND INFO of Redis 7.0.15 has them; but KEYS works without a pattern.
static const struct fact {
    const char *name;
    int arity;
    const char *flags;
    int first_key, last_key, key_step;
} facts[] = {
    {"get", 2, "readonly fast", 1, 1, 1},
    {"set", -3, "write denyoom", 1, 1, 1},
    {"setnx", 3, "write denyoom fast", 1, 1, 1},
    {"setex", 4, "write denyoom", 1, 1, 1},
    {"psetex", 4, "write denyoom", 1, 1, 1},
    {"getset", 3, "write denyoom fast", 1, 1, 1},
    {"getdel", 2, "write fast", 1, 1, 1},
    {"getex", -2, "write fast", 1, 1, 1},
    {"mget", -2, "readonly fast", 1, -1, 1},
    {"mset", -3, "write denyoom", 1, -1, 2},
    {"msetnx", -3, "write denyoom", 1, -1, 2},
    {"append", 3, "write denyoom fast", 1, 1, 1},
    {"strlen", 2, "readonly fast", 1, 1, 1},
    {"setrange", 4, "write denyoom", 1, 1, 1},
    {"getrange", 4, "readonly", 1, 1, 1},
    {"substr", 4, "readonly", 1, 1, 1},
    {"incr", 2, "write denyoom fast", 1, 1, 1},
    {"decr", 2, "write denyoom fast", 1, 1, 1},
    {"incrby", 3, "write denyoom fast", 1, 1, 1},
    {"decrby", 3, "write denyoom fast", 1, 1, 1},
    {"incrbyfloat", 3, "write denyoom fast", 1, 1, 1},
    {"setbit", 4, "write denyoom", 1, 1, 1},
    {"getbit", 3, "readonly fast", 1, 1, 1},
    {"bitcount", -2, "readonly", 1, 1, 1},
    {"del", -2, "write", 1, -1, 1},
    {"unlink", -2, "write fast", 1, -1, 1},
    {"exists", -2, "readonly fast", 1, -1, 1},
    {"type", 2, "readonly fast", 1, 1, 1},
    {"touch", -2, "readonly fast", 1, -1, 1},
    {"rename", 3, "write", 1, 2, 1},
    {"renamenx", 3, "write fast", 1, 2, 1},
    {"copy", -3, "write denyoom", 1, 2, 1},
    {"randomkey", 1, "readonly", 0, 0, 0},
    {"keys", -1, "readonly", 0, 0, 0},
    {"scan", -2, "readonly", 0, 0, 0},
    {"dbsize", 1, "readonly fast", 0, 0, 0},
    {"flushdb", -1, "write", 0, 0, 0},
    {"flushall", -1, "write", 0, 0, 0},
    {"expire", -3, "write fast", 1, 1, 1},
    {"pexpire", -3, "write fast", 1, 1, 1},
    {"expireat", -3, "write fast", 1, 1, 1},
    {"pexpireat", -3, "write fast", 1, 1, 1},
    {"ttl", 2, "readonly fast", 1, 1, 1},
    {"pttl", 2, "readonly fast", 1, 1, 1},
    {"expiretime", 2, "readonly fast", 1, 1, 1},
    {"pexpiretime", 2, "readonly fast", 1, 1, 1},
    {"persist", 2, "write fast", 1, 1, 1},
    {"object", -2, "", 0, 0, 0},
    {"object|encoding", 3, "readonly", 2, 2, 1},
    {"object|idletime", 3, "readonly", 2, 2, 1},
    {"object|refcount", 3, "readonly", 2, 2, 1},
    {"object|help", 2, "loading stale", 0, 0, 0},
    {"object|freq", 3, "readonly", 2, 2, 1},
    {"memory", -2, "", 0, 0, 0},
    {"memory|help", 2, "loading stale", 0, 0, 0},
    {"memory|usage", -3, "readonly", 2, 2, 1},
};

enum { FACTS = sizeof facts / sizeof *facts };

static void append_flag(struct buffer *text, const struct command *row,
                        uint32_t flag, const char *name)
{
    if (!(row->flags & flag))
        return;
    if (text->size > 0)
        buffer_append_byte(text, ' ');
    buffer_append_text(text, name);
}

// In Redis' order.
static struct buffer flags_of(const struct command *row)
{
    struct buffer text = {0};
    append_flag(&text, row, COMMAND_WRITE, "write");
    append_flag(&text, row, COMMAND_READONLY, "readonly");
    append_flag(&text, row, COMMAND_DENYOOM, "denyoom");
    append_flag(&text, row, COMMAND_ADMIN, "admin");
    append_flag(&text, row, COMMAND_LOADING, "loading");
    append_flag(&text, row, COMMAND_STALE, "stale");
    append_flag(&text, row, COMMAND_FAST, "fast");
    return text;
}

static struct command_table *make_table(void)
{
    struct command_table *table = command_table_create();
    store_add_commands(table);
    return table;
}

TEST_FOR(a_row_says_what_redis_says, FACTS)
{
    const struct fact *fact = &facts[_i];
    struct command_table *table = make_table();
    const struct command *row = command_find_full(table, slice_of(fact->name));
    ck_assert_msg(row, "%s is missing", fact->name);
    ck_assert_int_eq(row->arity, fact->arity);
    ck_assert_int_eq(row->first_key, fact->first_key);
    ck_assert_int_eq(row->last_key, fact->last_key);
    ck_assert_int_eq(row->key_step, fact->key_step);
    struct buffer flags = flags_of(row);
    ck_assert_msg(slice_equal(buffer_slice(&flags), slice_of(fact->flags)),
                  "%s: %.*s", fact->name, SLICE_PRINT(buffer_slice(&flags)));
    buffer_deinit(&flags);
    command_table_destroy(table);
}

TEST(there_is_nothing_else_but_put_and_delete)
{
    struct command_table *table = make_table();
    ck_assert_uint_eq(command_id_count(table), FACTS + 2);
    ck_assert_str_eq(command_find(table, SLICE("put"))->since, "vega 1");
    ck_assert_str_eq(command_find(table, SLICE("delete"))->since, "vega 1");
    command_table_destroy(table);
}

TEST(summaries_are_sentences_without_a_full_stop)
{
    struct command_table *table = make_table();
    for (uint32_t id = 0; id < command_id_count(table); id++) {
        const char *summary = command_by_id(table, id)->summary;
        ck_assert(isupper((unsigned char)summary[0]));
        ck_assert(summary[strlen(summary) - 1] != '.');
    }
    command_table_destroy(table);
}
