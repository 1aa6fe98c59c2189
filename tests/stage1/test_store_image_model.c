// test_store_image_model.c -- nodes of the same history are the same.
//
//     make -C tests run ONLY=test_store_image_model SEED=123 OPERATIONS=100000
//
// Random commands of all families go to four stores: the first, which also
// reclaims what has expired at odd times; another with a hash secret of its
// own; one that gets only what changed the first, as a log would; and one that
// was loaded from an image of the first half-way, again and again. Replies and
// digests must be equal. A failure names the run after the test: its seed is
// SEED (default 0) plus that.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>

#include "stage1-singlenode/image.h"
#include "stage1-singlenode/store_layer.h"
#include "tests/stage1/command_harness.h"
#include "tests/stage1/image_harness.h"
#include "tests/stage1/node_harness.h"
#include "tests/test.h"

enum {
    RUNS = 4,
    OPERATIONS_DEFAULT = 20000, // A run.
    RELOAD_EVERY = 1000,
    KEYS = 16,
    FAVOURITES = 13, // Apart for commands that begin with H, L, R, S or Z.
    MEMBERS = 60,
};

enum store_role { FIRST, OTHER, REPLAYED, RELOADED, STORES };

// '@' is a key, '#' a member or value, '%' a small integer, '~' a score. Some
// stand there more often, so that structures grow.
static const char *const commands[] = {
    "SET @ #",
    "SET @ # PX 9%",
    "SET @ # KEEPTTL",
    "SETNX @ #",
    "GETSET @ #",
    "GETDEL @",
    "GETEX @ PX 9%",
    "MSET @ # @ #",
    "MSETNX @ # @ #",
    "GET @",
    "APPEND @ #",
    "SETRANGE @ % #",
    "SETBIT @ % 1",
    "INCRBY @ %",
    "INCRBYFLOAT @ ~",
    "PEXPIRE @ 9%",
    "PEXPIRE @ -1",
    "PERSIST @",
    "PTTL @",
    "DEL @ @",
    "UNLINK @",
    "EXISTS @ @",
    "TYPE @",
    "RENAME @ @",
    "RENAMENX @ @",
    "COPY @ @ REPLACE",
    "OBJECT ENCODING @",
    "LPUSH @ # #",
    "RPUSH @ # # #",
    "RPUSH @ # # # # #",
    "LPUSHX @ #",
    "LPOP @",
    "RPOP @ 2",
    "LRANGE @ 0 -1",
    "LINDEX @ %",
    "LSET @ % #",
    "LINSERT @ BEFORE # #",
    "LREM @ % #",
    "LTRIM @ % -1",
    "LMOVE @ @ LEFT RIGHT",
    "LPOS @ #",
    "SADD @ # #",
    "SADD @ % % %",
    "SADD @ # # # # # #",
    "SREM @ # #",
    "SMOVE @ @ #",
    "SPOP @",
    "SPOP @ 3",
    "SRANDMEMBER @ -3",
    "SRANDMEMBER @ 3",
    "SMEMBERS @",
    "SSCAN @ 0 COUNT 5",
    "SINTERSTORE @ @ @",
    "SUNIONSTORE @ @ @",
    "SDIFFSTORE @ @ @",
    "HSET @ # #",
    "HSET @ # # # # # #",
    "HSETNX @ # #",
    "HDEL @ # #",
    "HINCRBY @ # %",
    "HINCRBYFLOAT @ # ~",
    "HGETALL @",
    "HRANDFIELD @ -3 WITHVALUES",
    "HRANDFIELD @ 3",
    "HSCAN @ 0 COUNT 5",
    "ZADD @ ~ #",
    "ZADD @ ~ # ~ # ~ #",
    "ZADD @ GT CH ~ #",
    "ZINCRBY @ ~ #",
    "ZREM @ # #",
    "ZRANGE @ 0 -1 WITHSCORES",
    "ZRANK @ #",
    "ZPOPMIN @",
    "ZPOPMAX @ 2",
    "ZRANDMEMBER @ -3 WITHSCORES",
    "ZRANDMEMBER @ 3",
    "ZSCAN @ 0 COUNT 5",
    "ZREMRANGEBYRANK @ % %",
    "ZREMRANGEBYSCORE @ ~ ~",
    "ZRANGESTORE @ @ 0 5",
    "ZUNIONSTORE @ 2 @ @",
    "ZINTERSTORE @ 2 @ @",
    "ZDIFFSTORE @ 2 @ @",
};
enum { COMMANDS = sizeof commands / sizeof *commands };

struct model {
    struct random random;
    struct harness nodes[STORES]; // The last one from the first reload on.
    bool reloaded;
};

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static int below(struct model *model, uint64_t bound)
{
    return (int)random_below(&model->random, bound);
}

static void append_member(struct model *model, struct buffer *line)
{
    int number = below(model, MEMBERS);
    if (number % 3 == 0)
        buffer_printf(line, "%d", number * number * number);
    else if (number % 20 == 1)
        buffer_printf(line, "a-long-member-of-some-bytes-%d", number);
    else
        buffer_printf(line, "m%d", number);
}

static void append_score(struct model *model, struct buffer *line)
{
    static const char *const odd[] = {"inf", "-inf", "0", "-0.0"};
    int number = below(model, 20);
    if (number < 4)
        buffer_append_text(line, odd[number]);
    else
        buffer_printf(line, "%g", (number - 10) * 0.25);
}

// Mostly the one that its family likes, or few commands would meet a value of
// their type.
static void append_key(struct model *model, struct buffer *line, char family)
{
    int number = below(model, 4) ? family % FAVOURITES : below(model, KEYS);
    buffer_printf(line, "k%d", number);
}

// Owned by the caller.
static struct buffer make_line(struct model *model)
{
    struct buffer line = {0};
    const char *command = commands[below(model, COMMANDS)];
    for (const char *at = command; *at; at++) {
        if (*at == '@')
            append_key(model, &line, *command);
        else if (*at == '#')
            append_member(model, &line);
        else if (*at == '%')
            buffer_printf(&line, "%d", below(model, 40));
        else if (*at == '~')
            append_score(model, &line);
        else
            buffer_append_byte(&line, *at);
    }
    buffer_append_byte(&line, '\0');
    return line;
}

static void make_node(struct harness *node, int secret_byte)
{
    struct hash_secret secret;
    memset(&secret, secret_byte, sizeof secret);
    harness_init(node, 2);
    store_destroy(node->store);
    node->store = store_create(&secret);
}

// Small ones, so that encodings change all the time.
static void lower_limits(struct harness *node)
{
    store_set_limits(node->store, &(struct limits){
                                      .list_max_listpack_size = 4,
                                      .hash_max_listpack_entries = 8,
                                      .hash_max_listpack_value = 20,
                                      .set_max_intset_entries = 8,
                                      .zset_max_listpack_entries = 8,
                                      .zset_max_listpack_value = 20,
                                  });
}

// The same line at the same time with the same randomness as the first.
static void run_too(struct model *model, enum store_role role, const char *line)
{
    struct harness *first = &model->nodes[FIRST], *node = &model->nodes[role];
    node->now_ms = first->now_ms;
    node->seed = first->seed - 1;
    struct slice reply = harness_run(node, line);
    ck_assert_msg(slice_equal(reply, buffer_slice(&first->reply)),
                  "%s\nfirst: %.*s\nstore %d: %.*s", line,
                  SLICE_PRINT(buffer_slice(&first->reply)), (int)role,
                  SLICE_PRINT(reply));
    ck_assert_int_eq(node->changed, first->changed);
}

static void run_everywhere(struct model *model)
{
    struct harness *first = &model->nodes[FIRST];
    struct buffer line = make_line(model);
    harness_run(first, line.data);
    run_too(model, OTHER, line.data);
    if (first->changed)
        run_too(model, REPLAYED, line.data);
    if (model->reloaded)
        run_too(model, RELOADED, line.data);
    buffer_deinit(&line);
}

static void compare_digests(struct model *model)
{
    int64_t now_ms = model->nodes[FIRST].now_ms;
    uint64_t digests[STORES];
    for (int i = 0; i < (model->reloaded ? STORES : RELOADED); i++) {
        struct store *store = model->nodes[i].store;
        store_begin(store, now_ms, 0);
        digests[i] = store_digest(store);
        store_check_invariants(store);
        ck_assert_msg(digests[i] == digests[FIRST], "store %d", i);
    }
}

static void reload(struct model *model)
{
    struct image_bytes image;
    struct image_source source;
    struct image_load load;
    struct harness *node = &model->nodes[RELOADED];
    image_bytes_init(&image);
    ck_assert_int_eq(
        store_save(model->nodes[FIRST].store, &image.writer, NULL, NULL),
        STATUS_OK);
    if (model->reloaded)
        harness_deinit(node);
    make_node(node, 40 + below(model, 100));
    image_source_init(&source, &image);
    ck_assert(image_load_begin(&load, node->store, &source.reader));
    ck_assert(image_load_some(&load, UINT64_MAX));
    model->reloaded = true;
    image_source_deinit(&source);
    image_bytes_deinit(&image);
}

TEST_FOR(stores_of_one_history_are_the_same, RUNS)
{
    struct model model = {0};
    random_init(&model.random, setting("SEED", 0) + (uint64_t)_i);
    for (int i = 0; i < RELOADED; i++) {
        make_node(&model.nodes[i], i);
        lower_limits(&model.nodes[i]);
    }
    uint64_t operations = setting("OPERATIONS", OPERATIONS_DEFAULT);
    for (uint64_t i = 1; i <= operations; i++) {
        struct harness *first = &model.nodes[FIRST];
        if (below(&model, 10) == 0)
            first->now_ms += below(&model, 200);
        if (below(&model, 20) == 0) {
            store_begin(first->store, first->now_ms, 0);
            store_tick(first->store);
        }
        run_everywhere(&model);
        if (i % RELOAD_EVERY == 0) {
            compare_digests(&model);
            reload(&model);
            compare_digests(&model);
        }
    }
    for (int i = 0; i < (model.reloaded ? STORES : RELOADED); i++)
        harness_deinit(&model.nodes[i]);
}

static struct store *store_of(struct node_harness *harness)
{
    return ((struct store_layer *)harness->layer.below)->store;
}

// Several commands between two lines; the requests that go down are few.
static void run_between(struct model *model, struct node_client *client,
                        const char *begin, const char *end)
{
    node_client_send(client, begin);
    for (int i = below(model, 6); i >= 0; i--) {
        struct buffer line = make_line(model);
        node_client_send(client, line.data);
        buffer_deinit(&line);
    }
    node_client_send(client, end);
}

TEST_FOR(transactions_replay_to_the_same_store, RUNS)
{
    enum { TRANSACTIONS = 500 };
    static struct node_harness first, replayed; // Too large for a stack.
    struct model model = {0};
    struct node_client client;
    random_init(&model.random, setting("SEED", 0) + (uint64_t)_i);
    node_init(&first);
    node_init(&replayed);
    node_client_open(&client, &first);
    for (int i = 0; i < TRANSACTIONS; i++) {
        node_advance_ms(&first, below(&model, 200));
        bool interactive = below(&model, 2);
        run_between(&model, &client, interactive ? "BEGIN" : "MULTI",
                    interactive ? "COMMIT" : "EXEC");
    }
    node_replay(&first, &replayed);
    int64_t now_ms = store_now_ms(store_of(&first));
    ck_assert_int_le(store_now_ms(store_of(&replayed)), now_ms);
    store_begin(store_of(&replayed), now_ms, 0);
    ck_assert_uint_gt(store_count(store_of(&first)), 0);
    ck_assert_uint_eq(store_digest(store_of(&first)),
                      store_digest(store_of(&replayed)));
    node_client_close(&client);
    node_deinit(&first);
    node_deinit(&replayed);
}
