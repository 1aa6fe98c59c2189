// test_doubt.c -- which keys may not be shown any more.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <string.h>

#include "common/base/hash.h"
#include "common/server/argv.h"
#include "common/server/flat.h"
#include "common/server/server.h"
#include "stage1-singlenode/commands.h"
#include "stage2-persistence/doubt.h"

enum { WORDS_MAX = 16 };

static struct command_table *table;
static struct doubt doubt;
static const struct hash_secret secret = {{7}};

static void setup(void)
{
    table = command_table_create();
    server_add_commands(table);
    store_add_commands(table);
    doubt_init(&doubt, table, &secret);
}

static void teardown(void)
{
    doubt_deinit(&doubt);
    command_table_destroy(table);
}

// The words of a line, which is changed.
static uint32_t split(char *line, struct slice words[WORDS_MAX])
{
    uint32_t count = 0;
    for (char *word; (word = strsep(&line, " "));) {
        ck_assert_uint_lt(count, WORDS_MAX);
        words[count++] = slice_of(word);
    }
    return count;
}

static void add(const char *text)
{
    char line[256];
    struct slice words[WORDS_MAX];
    strcpy(line, text);
    uint32_t count = split(line, words);
    doubt_add(&doubt, words, count);
}

static bool concerns(const char *text)
{
    char line[256];
    struct slice words[WORDS_MAX];
    const struct command *found;
    strcpy(line, text);
    uint32_t count = split(line, words);
    struct request request = {.argv = words, .argc = count};
    request.command = command_resolve(table, words, count, &found);
    ck_assert_ptr_nonnull(request.command);
    return doubt_concerns(&doubt, &request);
}

TEST(without_doubt_everything_may_be_read)
{
    setup();
    ck_assert(!concerns("GET a"));
    ck_assert(!concerns("DBSIZE"));
    ck_assert(!concerns("SCAN 0"));
    teardown();
}

TEST(a_key_that_was_written_is_in_doubt_and_no_other)
{
    setup();
    add("SET a 1");
    ck_assert(concerns("GET a"));
    ck_assert(concerns("MGET b a"));
    ck_assert(concerns("STRLEN a"));
    ck_assert(!concerns("GET b"));
    ck_assert(!concerns("GET aa"));
    ck_assert(!concerns("MGET b c"));
    teardown();
}

TEST(all_keys_of_a_command_are)
{
    setup();
    add("MSET a 1 b 2");
    add("RENAME c d");
    add("ZUNIONSTORE e 1 f");
    for (const char *key = "abcde"; *key; key++) {
        char line[] = {'G', 'E', 'T', ' ', *key, '\0'};
        ck_assert_msg(concerns(line), "%s", line);
    }
    ck_assert(!concerns("GET g"));
    teardown();
}

TEST(what_looks_at_keys_that_it_does_not_name_is_concerned)
{
    setup();
    add("SET a 1");
    ck_assert(concerns("SCAN 0"));
    ck_assert(concerns("KEYS *"));
    ck_assert(concerns("DBSIZE"));
    ck_assert(concerns("RANDOMKEY"));
    teardown();
}

TEST(what_was_written_without_naming_keys_concerns_all)
{
    setup();
    add("FLUSHALL");
    ck_assert(concerns("GET a"));
    teardown();
}

TEST(a_command_that_nobody_knows_concerns_all)
{
    setup();
    add("NOSUCH a");
    ck_assert(concerns("GET b"));
    teardown();
}

TEST(the_keys_of_a_transaction_are_those_of_its_commands)
{
    struct argv flat = {0}, versions = {0};
    struct slice set[] = {SLICE("SET"), SLICE("a"), SLICE("1")};
    struct slice push[] = {SLICE("RPUSH"), SLICE("b"), SLICE("x")};
    setup();
    argv_add(&versions, SLICE("watched"));
    argv_add(&versions, SLICE("0"));
    flat_begin(&flat, SLICE("EXEC"), &versions);
    flat_begin_commands(&flat, 2);
    flat_add_command(&flat, 1, set, 3);
    flat_add_command(&flat, 2, push, 3);
    doubt_add(&doubt, argv_slices(&flat), flat.count);
    ck_assert(concerns("GET a"));
    ck_assert(concerns("LLEN b"));
    ck_assert(!concerns("GET watched"));
    ck_assert(!concerns("GET EXEC"));
    argv_deinit(&flat);
    argv_deinit(&versions);
    teardown();
}

TEST(many_writes_of_a_key_are_one_doubt)
{
    setup();
    for (int i = 0; i < 1000; i++)
        add("INCR a");
    ck_assert_uint_eq(doubt.keys.count, 1);
    ck_assert(!doubt.everything);
    teardown();
}
