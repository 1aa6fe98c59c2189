// test_commands.c -- the rows say of each command what Redis 7.0 says.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"

#include <ctype.h>

#include "common/base/buffer.h"
#include "common/server/server.h"
#include "tests/test.h"

// As COMMAND INFO of Redis 7.0.15 has them; but KEYS works without a pattern.
static const struct fact {
    const char *name;
    const char *flags;
    int arity;
    int first_key, last_key, key_step;
} facts[] = {
    {"get", "readonly fast", 2, 1, 1, 1},
    {"set", "write denyoom", -3, 1, 1, 1},
    {"setnx", "write denyoom fast", 3, 1, 1, 1},
    {"setex", "write denyoom", 4, 1, 1, 1},
    {"psetex", "write denyoom", 4, 1, 1, 1},
    {"getset", "write denyoom fast", 3, 1, 1, 1},
    {"getdel", "write fast", 2, 1, 1, 1},
    {"getex", "write fast", -2, 1, 1, 1},
    {"mget", "readonly fast", -2, 1, -1, 1},
    {"mset", "write denyoom", -3, 1, -1, 2},
    {"msetnx", "write denyoom", -3, 1, -1, 2},
    {"append", "write denyoom fast", 3, 1, 1, 1},
    {"strlen", "readonly fast", 2, 1, 1, 1},
    {"setrange", "write denyoom", 4, 1, 1, 1},
    {"getrange", "readonly", 4, 1, 1, 1},
    {"substr", "readonly", 4, 1, 1, 1},
    {"incr", "write denyoom fast", 2, 1, 1, 1},
    {"decr", "write denyoom fast", 2, 1, 1, 1},
    {"incrby", "write denyoom fast", 3, 1, 1, 1},
    {"decrby", "write denyoom fast", 3, 1, 1, 1},
    {"incrbyfloat", "write denyoom fast", 3, 1, 1, 1},
    {"setbit", "write denyoom", 4, 1, 1, 1},
    {"getbit", "readonly fast", 3, 1, 1, 1},
    {"bitcount", "readonly", -2, 1, 1, 1},
    {"del", "write", -2, 1, -1, 1},
    {"unlink", "write fast", -2, 1, -1, 1},
    {"exists", "readonly fast", -2, 1, -1, 1},
    {"type", "readonly fast", 2, 1, 1, 1},
    {"touch", "readonly fast", -2, 1, -1, 1},
    {"rename", "write", 3, 1, 2, 1},
    {"renamenx", "write fast", 3, 1, 2, 1},
    {"copy", "write denyoom", -3, 1, 2, 1},
    {"randomkey", "readonly", 1, 0, 0, 0},
    {"keys", "readonly", -1, 0, 0, 0},
    {"scan", "readonly", -2, 0, 0, 0},
    {"dbsize", "readonly fast", 1, 0, 0, 0},
    {"flushdb", "write", -1, 0, 0, 0},
    {"flushall", "write", -1, 0, 0, 0},
    {"expire", "write fast", -3, 1, 1, 1},
    {"pexpire", "write fast", -3, 1, 1, 1},
    {"expireat", "write fast", -3, 1, 1, 1},
    {"pexpireat", "write fast", -3, 1, 1, 1},
    {"ttl", "readonly fast", 2, 1, 1, 1},
    {"pttl", "readonly fast", 2, 1, 1, 1},
    {"expiretime", "readonly fast", 2, 1, 1, 1},
    {"pexpiretime", "readonly fast", 2, 1, 1, 1},
    {"persist", "write fast", 2, 1, 1, 1},
    {"sadd", "write denyoom fast", -3, 1, 1, 1},
    {"srem", "write fast", -3, 1, 1, 1},
    {"sismember", "readonly fast", 3, 1, 1, 1},
    {"smismember", "readonly fast", -3, 1, 1, 1},
    {"scard", "readonly fast", 2, 1, 1, 1},
    {"smembers", "readonly", 2, 1, 1, 1},
    {"smove", "write fast", 4, 1, 2, 1},
    {"spop", "write fast", -2, 1, 1, 1},
    {"srandmember", "readonly", -2, 1, 1, 1},
    {"sscan", "readonly", -3, 1, 1, 1},
    {"sinter", "readonly", -2, 1, -1, 1},
    {"sunion", "readonly", -2, 1, -1, 1},
    {"sdiff", "readonly", -2, 1, -1, 1},
    {"sinterstore", "write denyoom", -3, 1, -1, 1},
    {"sunionstore", "write denyoom", -3, 1, -1, 1},
    {"sdiffstore", "write denyoom", -3, 1, -1, 1},
    {"sintercard", "readonly", -3, 0, 0, 0},
    {"hset", "write denyoom fast", -4, 1, 1, 1},
    {"hmset", "write denyoom fast", -4, 1, 1, 1},
    {"hsetnx", "write denyoom fast", 4, 1, 1, 1},
    {"hdel", "write fast", -3, 1, 1, 1},
    {"hincrby", "write denyoom fast", 4, 1, 1, 1},
    {"hincrbyfloat", "write denyoom fast", 4, 1, 1, 1},
    {"hget", "readonly fast", 3, 1, 1, 1},
    {"hmget", "readonly fast", -3, 1, 1, 1},
    {"hexists", "readonly fast", 3, 1, 1, 1},
    {"hstrlen", "readonly fast", 3, 1, 1, 1},
    {"hlen", "readonly fast", 2, 1, 1, 1},
    {"hkeys", "readonly", 2, 1, 1, 1},
    {"hvals", "readonly", 2, 1, 1, 1},
    {"hgetall", "readonly", 2, 1, 1, 1},
    {"hrandfield", "readonly", -2, 1, 1, 1},
    {"hscan", "readonly", -3, 1, 1, 1},
    {"zadd", "write denyoom fast", -4, 1, 1, 1},
    {"zincrby", "write denyoom fast", 4, 1, 1, 1},
    {"zrem", "write fast", -3, 1, 1, 1},
    {"zcard", "readonly fast", 2, 1, 1, 1},
    {"zscore", "readonly fast", 3, 1, 1, 1},
    {"zmscore", "readonly fast", -3, 1, 1, 1},
    {"zrank", "readonly fast", 3, 1, 1, 1},
    {"zrevrank", "readonly fast", 3, 1, 1, 1},
    {"zrange", "readonly", -4, 1, 1, 1},
    {"zrevrange", "readonly", -4, 1, 1, 1},
    {"zrangebyscore", "readonly", -4, 1, 1, 1},
    {"zrevrangebyscore", "readonly", -4, 1, 1, 1},
    {"zrangebylex", "readonly", -4, 1, 1, 1},
    {"zrevrangebylex", "readonly", -4, 1, 1, 1},
    {"zrangestore", "write denyoom", -5, 1, 2, 1},
    {"zcount", "readonly fast", 4, 1, 1, 1},
    {"zlexcount", "readonly fast", 4, 1, 1, 1},
    {"zremrangebyrank", "write", 4, 1, 1, 1},
    {"zremrangebyscore", "write", 4, 1, 1, 1},
    {"zremrangebylex", "write", 4, 1, 1, 1},
    {"zunion", "readonly", -3, 0, 0, 0},
    {"zinter", "readonly", -3, 0, 0, 0},
    {"zdiff", "readonly", -3, 0, 0, 0},
    {"zunionstore", "write denyoom", -4, 1, 1, 1},
    {"zinterstore", "write denyoom", -4, 1, 1, 1},
    {"zdiffstore", "write denyoom", -4, 1, 1, 1},
    {"zintercard", "readonly", -3, 0, 0, 0},
    {"zpopmin", "write fast", -2, 1, 1, 1},
    {"zpopmax", "write fast", -2, 1, 1, 1},
    {"zmpop", "write", -4, 0, 0, 0},
    {"bzpopmin", "write fast", -3, 1, -2, 1},
    {"bzpopmax", "write fast", -3, 1, -2, 1},
    {"bzmpop", "write", -5, 0, 0, 0},
    {"zrandmember", "readonly", -2, 1, 1, 1},
    {"zscan", "readonly", -3, 1, 1, 1},
    {"multi", "loading stale fast", 1, 0, 0, 0},
    {"exec", "loading stale", 1, 0, 0, 0},
    {"discard", "loading stale fast", 1, 0, 0, 0},
    {"watch", "loading stale fast", -2, 1, -1, 1},
    {"unwatch", "loading stale fast", 1, 0, 0, 0},
    {"object", "", -2, 0, 0, 0},
    {"object|encoding", "readonly", 3, 2, 2, 1},
    {"object|idletime", "readonly", 3, 2, 2, 1},
    {"object|refcount", "readonly", 3, 2, 2, 1},
    {"object|help", "loading stale", 2, 0, 0, 0},
    {"object|freq", "readonly", 3, 2, 2, 1},
    {"memory", "", -2, 0, 0, 0},
    {"memory|help", "loading stale", 2, 0, 0, 0},
    {"memory|usage", "readonly", -3, 2, 2, 1},
    {"lpush", "write denyoom fast", -3, 1, 1, 1},
    {"rpush", "write denyoom fast", -3, 1, 1, 1},
    {"lpushx", "write denyoom fast", -3, 1, 1, 1},
    {"rpushx", "write denyoom fast", -3, 1, 1, 1},
    {"lpop", "write fast", -2, 1, 1, 1},
    {"rpop", "write fast", -2, 1, 1, 1},
    {"llen", "readonly fast", 2, 1, 1, 1},
    {"lrange", "readonly", 4, 1, 1, 1},
    {"lindex", "readonly", 3, 1, 1, 1},
    {"lset", "write denyoom", 4, 1, 1, 1},
    {"linsert", "write denyoom", 5, 1, 1, 1},
    {"lrem", "write", 4, 1, 1, 1},
    {"ltrim", "write", 4, 1, 1, 1},
    {"lpos", "readonly", -3, 1, 1, 1},
    {"lmove", "write denyoom", 5, 1, 2, 1},
    {"rpoplpush", "write denyoom", 3, 1, 2, 1},
    {"lmpop", "write", -4, 0, 0, 0},
    {"blpop", "write", -3, 1, -2, 1},
    {"brpop", "write", -3, 1, -2, 1},
    {"blmove", "write denyoom", 6, 1, 2, 1},
    {"brpoplpush", "write denyoom", 4, 1, 2, 1},
    {"blmpop", "write", -5, 0, 0, 0},
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
    server_add_commands(table);
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

TEST(rows_that_redis_lacks_say_so)
{
    static const char *const names[] = {"put",    "delete",   "begin",
                                        "commit", "rollback", "batch"};
    struct command_table *table = make_table();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_str_eq(command_find(table, slice_of(names[i]))->since,
                         "vega 1");
    command_table_destroy(table);
}

TEST(every_row_of_movable_keys_tells_where_they_are)
{
    struct command_table *table = make_table();
    for (uint32_t id = 0; id < command_id_count(table); id++) {
        const struct command *row = command_by_id(table, id);
        ck_assert_msg(!(row->flags & COMMAND_MOVABLE_KEYS) == !row->key_count ||
                          row->find_keys,
                      "%s", row->full_name);
    }
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
