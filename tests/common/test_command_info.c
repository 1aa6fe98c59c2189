// test_command_info.c -- the ten fields of COMMAND INFO, as Redis 7 gives them
// for rows like these.
// SPDX-License-Identifier: MIT
#include "common/server/command_describe.h"
#include "tests/test.h"

static void nothing(struct store *store, struct request *request)
{
    (void)store, (void)request;
}

#define END "A row", "", "string", "1.0.0", .run = nothing

static const struct command subcommands[] = {
    {"freq", 3, COMMAND_READONLY, 2, 2, 1, "A row", "", "generic", "1.0.0",
     .run = nothing},
    {0},
};

static const struct command rows[] = {
    {"get", 2, COMMAND_READONLY | COMMAND_FAST, 1, 1, 1, END},
    {"mset", -3, COMMAND_WRITE | COMMAND_DENYOOM, 1, -1, 2, END},
    {"rename", 3, COMMAND_WRITE, 1, 2, 1, END},
    {"move", 3, COMMAND_WRITE, 1, 2, 1, END,
     .access = "RW access delete; RW insert"},
    {"scan", -2, COMMAND_READONLY, 0, 0, 0, END,
     .tips = "nondeterministic_output request_policy:special"},
    {"pop", -4, COMMAND_WRITE | COMMAND_MOVABLE_KEYS, 0, 0, 0, END,
     .key_count = 2},
    {"store", -4, COMMAND_WRITE | COMMAND_MOVABLE_KEYS, 1, 1, 1, END,
     .key_count = 2, .access = "OW update; RO access"},
    {"object", -2, 0, 0, 0, 0, "A row", "", "generic", "1.0.0",
     .subcommands = subcommands},
    {0},
};

static struct command_table *table;
static struct buffer out;

// COMMAND INFO of `name`, with line ends as spaces.
static const char *describe(const char *name, int protocol)
{
    struct reply reply = {.out = &out, .protocol = protocol};
    table = command_table_create();
    command_table_add(table, rows);
    command_reply_info(&reply, command_find_full(table, slice_of(name)));
    buffer_append_byte(&out, '\0');
    size_t kept = 0;
    for (size_t i = 0; i < out.size; i++) {
        if (out.data[i] != '\r')
            out.data[kept++] = out.data[i] == '\n' ? ' ' : out.data[i];
    }
    return out.data;
}

static void teardown(void)
{
    command_table_destroy(table);
    buffer_deinit(&out);
}

TEST(a_row_has_ten_fields)
{
    ck_assert_str_eq(
        describe("get", 2),
        "*10 $3 get :2 *2 +readonly +fast :1 :1 :1 *3 +@read +@string +@fast "
        "*0 *1 *6 $5 flags *2 +RO +access $12 begin_search *4 $4 type $5 index "
        "$4 spec *2 $5 index :1 $9 find_keys *4 $4 type $5 range $4 spec *6 $7 "
        "lastkey :0 $7 keystep :1 $5 limit :0 *0 ");
    teardown();
}

TEST(resp3_has_sets_and_maps)
{
    ck_assert_str_eq(
        describe("get", 3),
        "*10 $3 get :2 ~2 +readonly +fast :1 :1 :1 ~3 +@read +@string +@fast "
        "~0 ~1 %3 $5 flags ~2 +RO +access $12 begin_search %2 $4 type $5 index "
        "$4 spec %1 $5 index :1 $9 find_keys %2 $4 type $5 range $4 spec %3 $7 "
        "lastkey :0 $7 keystep :1 $5 limit :0 ~0 ");
    teardown();
}

TEST(keys_up_to_the_end_keep_their_negative_position)
{
    const char *text = describe("mset", 2);
    ck_assert_ptr_nonnull(strstr(text, ":1 :-1 :2 "));
    ck_assert_ptr_nonnull(strstr(text, "*3 +RW +access +update "));
    ck_assert_ptr_nonnull(
        strstr(text, "$7 lastkey :-1 $7 keystep :2 $5 limit :0 "));
    teardown();
}

TEST(a_last_key_counts_from_the_first_in_a_key_specification)
{
    const char *text = describe("rename", 2);
    ck_assert_ptr_nonnull(strstr(text, ":1 :2 :1 "));
    ck_assert_ptr_nonnull(strstr(text, "$7 lastkey :1 "));
    teardown();
}

#define RANGE(first)                                                           \
    "$12 begin_search *4 $4 type $5 index $4 spec *2 $5 index :" first         \
    " $9 find_keys *4 $4 type $5 range $4 spec *6 $7 lastkey :0 $7 keystep "   \
    ":1 $5 limit :0 "
#define COUNTED(at)                                                            \
    "$12 begin_search *4 $4 type $5 index $4 spec *2 $5 index :" at            \
    " $9 find_keys *4 $4 type $6 keynum $4 spec *6 $9 keynumidx :0 $8 "        \
    "firstkey :1 $7 keystep :1 "

TEST(a_first_key_that_is_another_matter_has_its_own_specification)
{
    ck_assert_ptr_nonnull(
        strstr(describe("move", 2),
               "*2 *6 $5 flags *3 +RW +access +delete " RANGE(
                   "1") "*6 $5 flags *2 +RW +insert " RANGE("2")));
    teardown();
}

TEST(counted_keys_are_told_as_such)
{
    ck_assert_ptr_nonnull(
        strstr(describe("pop", 2),
               "*1 *6 $5 flags *3 +RW +access +update " COUNTED("2")));
    teardown();
    ck_assert_ptr_nonnull(
        strstr(describe("store", 2),
               "*2 *6 $5 flags *2 +OW +update " RANGE(
                   "1") "*6 $5 flags *2 +RO +access " COUNTED("2")));
    teardown();
}

TEST(tips_are_words)
{
    ck_assert_ptr_nonnull(strstr(describe("scan", 2),
                                 "*2 $23 nondeterministic_output $22 "
                                 "request_policy:special *0 *0 "));
    teardown();
}

TEST(a_container_shows_its_subcommands_and_little_of_its_own)
{
    const char *text = describe("object", 2);
    static const char start[] =
        "*10 $6 object :-2 *0 :0 :0 :0 *1 +@slow *0 *0 *1 *10 $11 object|freq "
        ":3 *1 +readonly :2 :2 :1 *3 +@keyspace +@read +@slow *0 *1 ";
    ck_assert_int_eq(strncmp(text, start, strlen(start)), 0);
    teardown();
}

TEST(categories_follow_from_flags_and_group)
{
    const struct command get = rows[0], mset = rows[1];
    ck_assert(command_in_category(&get, SLICE("read")));
    ck_assert(command_in_category(&get, SLICE("FAST")));
    ck_assert(command_in_category(&get, SLICE("string")));
    ck_assert(!command_in_category(&get, SLICE("slow")));
    ck_assert(!command_in_category(&get, SLICE("write")));
    ck_assert(command_in_category(&mset, SLICE("slow")));
    ck_assert(command_in_category(&mset, SLICE("write")));
    ck_assert(!command_in_category(&mset, SLICE("nosuch")));
    ck_assert(!command_in_category(&mset, SLICE("")));
}
