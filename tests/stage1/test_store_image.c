// test_store_image.c -- what comes back of stores, and what damage does.
// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "stage1-singlenode/image.h"
#include "stage1-singlenode/store.h"
#include "tests/stage1/command_harness.h"
#include "tests/stage1/image_harness.h"
#include "tests/test.h"

static struct store *make_store(int secret_byte)
{
    struct hash_secret secret;
    memset(&secret, secret_byte, sizeof secret);
    return store_create(&secret);
}

// As harness_init, with another hash secret.
static void init_with_secret(struct harness *harness, int secret_byte)
{
    harness_init(harness, 2);
    store_destroy(harness->store);
    harness->store = make_store(secret_byte);
}

static void save(const struct harness *harness, struct image_bytes *image)
{
    image_bytes_init(image);
    ck_assert_int_eq(store_save(harness->store, &image->writer, NULL, NULL),
                     STATUS_OK);
}

// True if it was valid; then the store is as its rules say.
static bool load(struct store *store, const struct image_bytes *image,
                 uint64_t step)
{
    struct image_source source;
    struct image_load state = {0};
    image_source_init(&source, image);
    bool valid = image_load_begin(&state, store, &source.reader);
    while (valid && state.loaded < state.count)
        valid = image_load_some(&state, step);
    if (valid)
        valid = image_load_some(&state, step);
    ck_assert(valid != source.reader.invalid);
    if (valid)
        store_check_invariants(store);
    image_source_deinit(&source);
    return valid;
}

// A second node with what the first one saved.
static void reload(const struct harness *from, struct harness *to, int secret)
{
    struct image_bytes image;
    save(from, &image);
    init_with_secret(to, secret);
    ck_assert(load(to->store, &image, 10));
    to->now_ms = from->now_ms;
    to->seed = from->seed;
    image_bytes_deinit(&image);
    ck_assert_uint_eq(store_digest(to->store), store_digest(from->store));
}

// Runs the lines up to the first that is "RELOAD"; the rest on what was loaded.
static void expect_reloaded(const struct golden *rows)
{
    struct harness first, second;
    init_with_secret(&first, 1);
    for (; strcmp(rows->line, "RELOAD"); rows++)
        harness_run(&first, rows->line);
    reload(&first, &second, 2);
    for (rows++; rows->line; rows++) {
        struct slice reply = harness_run(&second, rows->line);
        ck_assert_msg(slice_equal(reply, slice_of(rows->reply)),
                      "%s\nwanted: %s\ncame:   %.*s", rows->line, rows->reply,
                      SLICE_PRINT(reply));
    }
    harness_deinit(&first);
    harness_deinit(&second);
}

TEST(an_empty_store_comes_back)
{
    expect_reloaded((const struct golden[]){
        {"RELOAD", ""},
        {"DBSIZE", INTEGER(0)},
        {0},
    });
}

TEST(strings_come_back_with_expiry_and_encoding)
{
    expect_reloaded((const struct golden[]){
        {"SET a 1", OK},
        {"SET b 1", OK},
        {"APPEND b 2", OK},
        {"SET c word PX 5000", OK},
        {"SET \"\" \"\"", OK},
        {"RELOAD", ""},
        {"DBSIZE", INTEGER(4)},
        {"OBJECT ENCODING a", "$3\r\nint\r\n"},
        {"OBJECT ENCODING b", "$3\r\nraw\r\n"},
        {"PTTL c", INTEGER(5000)},
        {"PTTL a", INTEGER(-1)},
        {"GET c", "$4\r\nword\r\n"},
        {"GET \"\"", "$0\r\n\r\n"},
        {0},
    });
}

TEST(a_list_comes_back_in_order)
{
    expect_reloaded((const struct golden[]){
        {"RPUSH l a b \"\" c", ""},
        {"PEXPIRE l 100", ""},
        {"RELOAD", ""},
        {"LRANGE l 0 -1", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$0\r\n\r\n$1\r\nc\r\n"},
        {"LINDEX l -1", "$1\r\nc\r\n"},
        {"PTTL l", INTEGER(100)},
        {0},
    });
}

TEST(a_set_never_turns_back)
{
    expect_reloaded((const struct golden[]){
        {"SADD i 3 -1 70000", ""},
        {"SADD t a 1 2 3", ""},
        {"SREM t a", ""},
        {"RELOAD", ""},
        {"OBJECT ENCODING i", "$6\r\nintset\r\n"},
        {"SMEMBERS i", "*3\r\n$2\r\n-1\r\n$1\r\n3\r\n$5\r\n70000\r\n"},
        {"OBJECT ENCODING t", "$9\r\nhashtable\r\n"},
        {"SMEMBERS t", "*3\r\n$1\r\n3\r\n$1\r\n1\r\n$1\r\n2\r\n"},
        {0},
    });
}

#define LONG "12345678901234567890123456789012345678901234567890123456789012345"

TEST(a_hash_never_turns_back)
{
    expect_reloaded((const struct golden[]){
        {"HSET p b 1 a 2 \"\" \"\"", ""},
        {"HSET t long " LONG " b 2 c 3", ""},
        {"HDEL t long", ""},
        {"RELOAD", ""},
        {"OBJECT ENCODING p", "$8\r\nlistpack\r\n"},
        {"HKEYS p", "*3\r\n$1\r\nb\r\n$1\r\na\r\n$0\r\n\r\n"},
        {"HGET p a", "$1\r\n2\r\n"},
        {"OBJECT ENCODING t", "$9\r\nhashtable\r\n"},
        {"HKEYS t", "*2\r\n$1\r\nc\r\n$1\r\nb\r\n"},
        {"HGET t b", "$1\r\n2\r\n"},
        {0},
    });
}

TEST(a_sorted_set_never_turns_back)
{
    expect_reloaded((const struct golden[]){
        {"ZADD p 2 a 1 b 1 c -inf d", ""},
        {"ZADD l 5 " LONG " 2 a 1 b 1 c inf d", ""},
        {"ZREM l " LONG, ""},
        {"RELOAD", ""},
        {"OBJECT ENCODING p", "$8\r\nlistpack\r\n"},
        {"ZRANGE p 0 -1", "*4\r\n$1\r\nd\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\na\r\n"},
        {"OBJECT ENCODING l", "$8\r\nskiplist\r\n"},
        {"ZRANGE l 0 -1", "*4\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\na\r\n$1\r\nd\r\n"},
        {"ZRANK l a", INTEGER(2)},
        {"ZSCORE l d", "$3\r\ninf\r\n"},
        {0},
    });
}

TEST(what_has_expired_is_left_out)
{
    struct harness first, second;
    init_with_secret(&first, 1);
    harness_run(&first, "SET a 1 PX 10");
    harness_run(&first, "SET b 1 PX 11");
    first.now_ms += 10;
    harness_run(&first, "SET c 1");
    ck_assert_uint_eq(store_count(first.store), 3);
    reload(&first, &second, 1);
    ck_assert_uint_eq(store_count(second.store), 2);
    ck_assert_uint_eq(store_expiring_count(second.store), 1);
    ck_assert_int_eq(store_now_ms(second.store), first.now_ms);
    harness_deinit(&first);
    harness_deinit(&second);
}

static struct key key_of(const struct harness *harness, const char *name)
{
    return store_key(harness->store, slice_of(name));
}

TEST_FOR(versions_the_count_of_writes_and_limits_come_back, 2)
{
    struct harness first, second;
    struct limits limits = LIMITS_DEFAULT;
    limits.list_max_listpack_size = _i ? -5 : INT32_MAX;
    limits.zset_max_listpack_value = _i ? 0 : INT32_MAX;
    init_with_secret(&first, 1);
    store_set_limits(first.store, &limits);
    harness_run(&first, "SET a 1");
    harness_run(&first, "SET b 1");
    harness_run(&first, "DEL a");
    reload(&first, &second, 2);
    ck_assert_uint_eq(store_peek(second.store, key_of(&second, "b"))->version,
                      2);
    ck_assert(!memcmp(store_limits(second.store), &limits, sizeof limits));
    harness_run(&second, "SET c 1");
    ck_assert_uint_eq(store_peek(second.store, key_of(&second, "c"))->version,
                      4);
    harness_deinit(&first);
    harness_deinit(&second);
}

static void note_progress(void *context, uint64_t done)
{
    uint64_t *last = context;
    ck_assert_uint_ge(done, *last);
    *last = done;
}

TEST(a_store_of_many_blocks_comes_back)
{
    struct harness first, second;
    struct image_bytes image;
    char line[512];
    init_with_secret(&first, 1);
    for (int i = 0; i < 20000; i++) {
        snprintf(line, sizeof line, "SET key:%d %0*d", i, 1 + i % 200, i);
        harness_run(&first, line);
    }
    uint64_t done = 0;
    image_bytes_init(&image);
    store_save(first.store, &image.writer, note_progress, &done);
    ck_assert_uint_eq(done, 20000);
    ck_assert_uint_gt(image.count, 3);
    init_with_secret(&second, 2);
    ck_assert(load(second.store, &image, UINT64_MAX));
    second.now_ms = first.now_ms;
    ck_assert_uint_eq(store_digest(first.store), store_digest(second.store));
    image_bytes_deinit(&image);
    harness_deinit(&first);
    harness_deinit(&second);
}

static enum status no_space(struct image_writer *writer, struct slice block)
{
    (void)writer;
    (void)block;
    return STATUS_FULL;
}

TEST(saving_reports_a_failure)
{
    struct harness harness;
    struct image_writer writer = {.full = no_space};
    init_with_secret(&harness, 1);
    ck_assert_int_eq(store_save(harness.store, &writer, NULL, NULL),
                     STATUS_FULL);
    buffer_deinit(&writer.block);
    harness_deinit(&harness);
}

// ---- Damage

// A small store with everything in it.
static void save_example(struct image_bytes *image)
{
    static const char *const lines[] = {
        "SET string word PX 5000",
        "APPEND raw word",
        "RPUSH list a b",
        "SADD integers 1 2 300",
        "SADD words a b c",
        "HSET packed a 1 b 2",
        "HSET table a " LONG,
        "ZADD pairs 1 a 2 b",
        "ZADD large 1 " LONG " 2 b 2 c",
    };
    struct harness harness;
    init_with_secret(&harness, 1);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        harness_run(&harness, lines[i]);
    save(&harness, image);
    ck_assert_uint_eq(image->count, 1);
    harness_deinit(&harness);
}

// Loads it, and throws all away.
static bool try_load(const struct image_bytes *image)
{
    struct store *store = make_store(3);
    bool valid = load(store, image, 3);
    store_destroy(store);
    return valid;
}

TEST(an_image_cut_anywhere_is_refused)
{
    struct image_bytes image;
    save_example(&image);
    ck_assert(try_load(&image));
    while (image.bytes.size > 0) {
        image.ends[0] = --image.bytes.size;
        ck_assert(!try_load(&image));
    }
    image_bytes_deinit(&image);
}

TEST(bytes_behind_the_last_entry_are_refused)
{
    struct image_bytes image;
    save_example(&image);
    buffer_append_byte(&image.bytes, 0);
    image.ends[0]++;
    ck_assert(!try_load(&image));
    image_bytes_deinit(&image);
}

// Most flips give another valid image; none may break the store.
TEST(any_bit_may_flip)
{
    struct image_bytes image;
    save_example(&image);
    for (size_t i = 0; i < 8 * image.bytes.size; i++) {
        char bit = (char)(1 << i % 8);
        image.bytes.data[i / 8] ^= bit;
        try_load(&image);
        image.bytes.data[i / 8] ^= bit;
    }
    ck_assert(try_load(&image));
    image_bytes_deinit(&image);
}

// Images of one entry with the key "k", by hand.
struct crafted {
    const char *fault;
    uint8_t type;
    struct slice value;
};

#define BYTES(literal)                                                         \
    {                                                                          \
        (literal), sizeof(literal) - 1                                         \
    }
#define ONE "\0\0\0\0\0\0\xf0\x3f" // 1.0
#define TWO "\0\0\0\0\0\0\0\x40"
#define NAN_BYTES "\1\0\0\0\0\0\xf0\x7f"
#define INTEGER_1 "\1\0\0\0\0\0\0\0"
#define INTEGER_2 "\2\0\0\0\0\0\0\0"

static const struct crafted crafted[] = {
    {"", ENTRY_STRING, BYTES("\1x")},
    {"", ENTRY_LIST, BYTES("\2\1x\1x")},
    {"", ENTRY_SET, BYTES("\0\2" INTEGER_1 INTEGER_2)},
    {"", ENTRY_SET, BYTES("\1\2\1b\1a")},
    {"", ENTRY_HASH, BYTES("\0\2\1b\1x\1a\1x")},
    {"", ENTRY_HASH, BYTES("\1\2\1b\1x\1a\1x")},
    {"", ENTRY_ZSET, BYTES("\0\2\1b" ONE "\1a" TWO)},
    {"", ENTRY_ZSET, BYTES("\1\2\1b\1a\1" ONE "\0" ONE)},
    {"unknown type", 5, BYTES("\1x")},
    {"an empty list", ENTRY_LIST, BYTES("\0")},
    {"more than there can be", ENTRY_LIST, BYTES("\xff\xff\xff\xff\x0f\1x")},
    {"an empty set", ENTRY_SET, BYTES("\0\0")},
    {"unknown encoding", ENTRY_SET, BYTES("\2\1\1x")},
    {"integers twice", ENTRY_SET, BYTES("\0\2" INTEGER_1 INTEGER_1)},
    {"integers descend", ENTRY_SET, BYTES("\0\2" INTEGER_2 INTEGER_1)},
    {"members twice", ENTRY_SET, BYTES("\1\2\1a\1a")},
    {"unknown encoding", ENTRY_HASH, BYTES("\2\1\1x\1x")},
    {"an empty hash", ENTRY_HASH, BYTES("\1\0")},
    {"fields twice", ENTRY_HASH, BYTES("\0\2\1a\1x\1a\1x")},
    {"fields twice", ENTRY_HASH, BYTES("\1\2\1a\1x\1a\1x")},
    {"unknown encoding", ENTRY_ZSET, BYTES("\2\1\1b" ONE)},
    {"an empty sorted set", ENTRY_ZSET, BYTES("\1\0")},
    {"scores descend", ENTRY_ZSET, BYTES("\0\2\1a" TWO "\1b" ONE)},
    {"members descend", ENTRY_ZSET, BYTES("\0\2\1b" ONE "\1a" ONE)},
    {"members twice", ENTRY_ZSET, BYTES("\0\2\1a" ONE "\1a" TWO)},
    {"not a number", ENTRY_ZSET, BYTES("\0\1\1a" NAN_BYTES)},
    {"members twice", ENTRY_ZSET, BYTES("\1\2\1a\1a\0" ONE "\1" TWO)},
    {"order descends", ENTRY_ZSET, BYTES("\1\2\1a\1b\1" ONE "\0" ONE)},
    {"an index twice", ENTRY_ZSET, BYTES("\1\2\1a\1b\0" ONE "\0" TWO)},
    {"no such index", ENTRY_ZSET, BYTES("\1\1\1a\1" ONE)},
    {"not a number", ENTRY_ZSET, BYTES("\1\1\1a\0" NAN_BYTES)},
};
enum { CRAFTED = sizeof crafted / sizeof *crafted };

// With so many entries, and a first entry of that kind.
static void craft(struct image_bytes *image, uint64_t count, uint64_t version,
                  uint8_t type, uint8_t flags, struct slice value)
{
    static const struct limits limits = LIMITS_DEFAULT;
    struct image_writer *writer = &image->writer;
    image_bytes_init(image);
    image_put_u64(writer, HARNESS_START_MS);
    image_put_count(writer, 1); // One write.
    image_put_count(writer, (uint64_t)(limits.list_max_listpack_size + 5));
    image_put_count(writer, (uint64_t)limits.hash_max_listpack_entries);
    image_put_count(writer, (uint64_t)limits.hash_max_listpack_value);
    image_put_count(writer, (uint64_t)limits.set_max_intset_entries);
    image_put_count(writer, (uint64_t)limits.zset_max_listpack_entries);
    image_put_count(writer, (uint64_t)limits.zset_max_listpack_value);
    image_put_count(writer, count);
    image_put_count(writer, 0);
    for (uint64_t i = 0; i < count; i++) {
        image_put_u8(writer, type);
        image_put_u8(writer, flags);
        image_put_count(writer, version);
        image_put_bytes(writer, SLICE("k"));
        buffer_append_slice(&writer->block, value);
    }
    image_flush(writer);
}

TEST_FOR(what_breaks_the_rules_of_a_value_is_refused, CRAFTED)
{
    const struct crafted *row = &crafted[_i];
    struct image_bytes image;
    craft(&image, 1, 1, row->type, 0, row->value);
    ck_assert_msg(try_load(&image) == !*row->fault, "%s", row->fault);
    image_bytes_deinit(&image);
}

TEST(what_breaks_the_rules_of_an_entry_is_refused)
{
    const struct {
        uint64_t count, version;
        uint8_t type, flags;
        bool valid;
    } rows[] = {
        {1, 1, ENTRY_STRING, 0, true},  {1, 1, ENTRY_STRING, 2, true},
        {2, 1, ENTRY_STRING, 0, false}, // The same key twice,
        {1, 2, ENTRY_STRING, 0, false}, // a version to come,
        {1, 1, ENTRY_STRING, 4, false}, // an unknown flag,
        {1, 1, ENTRY_LIST, 2, false},   // a list that is a raw string.
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct image_bytes image;
        craft(&image, rows[i].count, rows[i].version, rows[i].type,
              rows[i].flags, SLICE("\1x"));
        ck_assert_msg(try_load(&image) == rows[i].valid, "row %zu", i);
        image_bytes_deinit(&image);
    }
}

// ---- The digest

TEST(a_digest_depends_on_all_that_is_state)
{
    static const char *const lines[] = {
        "SET a 1",        "SET a 2",    "APPEND a x",  "PEXPIRE a 5000",
        "PEXPIRE a 6000", "PERSIST a",  "RENAME a b",  "SADD s 1 2",
        "SADD s a",       "SREM s a",   "RPUSH l a b", "LSET l 0 b",
        "LSET l 0 b",     "HSET h a 1", "ZADD z 1 a",  "ZADD z 2 a",
        "DEL b",          "FLUSHALL",
    };
    enum { LINES = sizeof lines / sizeof *lines };
    uint64_t digests[LINES + 1];
    struct harness one, other;
    init_with_secret(&one, 1);
    init_with_secret(&other, 2);
    digests[0] = store_digest(one.store);
    for (size_t i = 0; i < LINES; i++) {
        harness_run(&one, lines[i]);
        harness_run(&other, lines[i]);
        digests[i + 1] = store_digest(one.store);
        ck_assert_uint_eq(digests[i + 1], store_digest(other.store));
        for (size_t j = 0; j <= i; j++)
            ck_assert_msg(digests[j] != digests[i + 1], "%s", lines[i]);
    }
    harness_deinit(&one);
    harness_deinit(&other);
}

TEST(reclaiming_what_has_expired_changes_no_digest)
{
    struct harness harness;
    init_with_secret(&harness, 1);
    harness_run(&harness, "SET a 1 PX 10");
    harness_run(&harness, "SADD b 1 2");
    harness_run(&harness, "PEXPIRE b 10");
    harness_run(&harness, "SET c 1");
    uint64_t before = store_digest(harness.store);
    store_begin(harness.store, HARNESS_START_MS + 10, 0);
    uint64_t digest = store_digest(harness.store);
    ck_assert_uint_ne(before, digest);
    ck_assert(!store_peek(harness.store, key_of(&harness, "a")));
    ck_assert_uint_eq(store_digest(harness.store), digest);
    while (store_tick(harness.store))
        ;
    ck_assert_uint_eq(store_count(harness.store), 1);
    ck_assert_uint_eq(store_digest(harness.store), digest);
    harness_deinit(&harness);
}
