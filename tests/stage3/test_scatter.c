// test_scatter.c -- tests of stage3-sharding/scatter.c.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/scatter.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "tests/test.h"

// Slots: "b" 3300, "c" 7365, "a" 15495, "d" 11298.
#define COMMAND(...)                                                           \
    (struct route_command)                                                     \
    {                                                                          \
        sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                \
            (const char *[]){__VA_ARGS__}, NULL                                \
    }

static void expect_part(const struct route_split *split, size_t part,
                        const char *expected)
{
    char text[256] = "";
    ck_assert_uint_lt(part, split->count);
    const struct route_command *command = &split->parts[part];
    for (size_t i = 0; i < command->argc; i++) {
        if (i)
            strcat(text, " ");
        strncat(text, command->argv[i], command->sizes[i]);
    }
    ck_assert_str_eq(text, expected);
}

static struct vega_reply *reply_of(enum vega_type type, const char *text,
                                   int64_t integer)
{
    struct vega_reply *reply = xcalloc(1, sizeof *reply);
    reply->type = type;
    reply->integer = integer;
    reply->text = text ? xstrdup(text) : NULL;
    reply->size = text ? strlen(text) : 0;
    return reply;
}

static struct vega_reply *array_of(size_t count, const char *const *texts)
{
    struct vega_reply *reply = reply_of(VEGA_ARRAY, NULL, 0);
    reply->count = count;
    reply->elements = xcalloc(count, sizeof *reply->elements);
    for (size_t i = 0; i < count; i++) {
        struct vega_reply *bulk = reply_of(VEGA_BULK, texts[i], 0);
        reply->elements[i] = *bulk;
        free(bulk);
    }
    return reply;
}
#define ARRAY_OF(...)                                                          \
    array_of(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),           \
             (const char *[]){__VA_ARGS__})

TEST(what_cannot_be_done_key_by_key_stays_whole)
{
    ck_assert_ptr_null(scatter(&COMMAND("GET", "a")));
    ck_assert_ptr_null(scatter(&COMMAND("SINTER", "a", "b")));
    ck_assert_ptr_null(scatter(&COMMAND("MSETNX", "a", "1", "b", "2")));
    ck_assert_ptr_null(scatter(&COMMAND("RENAME", "a", "b")));
    ck_assert_ptr_null(scatter(&(struct route_command){0}));
}

TEST(what_lies_in_one_slot_stays_whole)
{
    ck_assert_ptr_null(scatter(&COMMAND("DEL", "a")));
    ck_assert_ptr_null(scatter(&COMMAND("DEL", "a", "{a}b", "x{a}")));
    ck_assert_ptr_null(scatter(&COMMAND("MSET", "a", "1", "{a}", "2")));
}

TEST(what_is_malformed_is_left_to_the_server)
{
    ck_assert_ptr_null(scatter(&COMMAND("MGET")));
    ck_assert_ptr_null(scatter(&COMMAND("MSET", "a", "1", "b")));
    ck_assert_ptr_null(scatter(&COMMAND("BATCH", "PUT", "a", "1", "PUT", "b")));
    ck_assert_ptr_null(scatter(&COMMAND("BATCH", "GET", "a", "INCR", "b")));
    ck_assert_ptr_null(scatter(&COMMAND("BATCH", "GET", "a", "GET")));
}

TEST(each_slot_has_a_part_with_its_keys_in_their_order)
{
    struct route_split *split =
        scatter(&COMMAND("unlink", "a", "b", "{a}2", "c", "{b}2", "a"));
    ck_assert_ptr_nonnull(split);
    ck_assert_uint_eq(split->count, 3);
    expect_part(split, 0, "unlink b {b}2");
    expect_part(split, 1, "unlink c");
    expect_part(split, 2, "unlink a {a}2 a");
    split->destroy(split);
}

TEST(keys_may_hold_any_bytes)
{
    static const char *const argv[] = {"DEL", "a\0b", "b"};
    static const size_t sizes[] = {3, 3, 1};
    struct route_split *split =
        scatter(&(struct route_command){3, argv, sizes});
    ck_assert_ptr_nonnull(split);
    ck_assert_uint_eq(split->count, 2);
    size_t total = split->parts[0].sizes[1] + split->parts[1].sizes[1];
    ck_assert_uint_eq(total, 4);
    split->destroy(split);
}

TEST(numbers_are_added)
{
    struct route_split *split = scatter(&COMMAND("EXISTS", "a", "b", "c"));
    struct vega_reply *replies[] = {reply_of(VEGA_INTEGER, NULL, 1),
                                    reply_of(VEGA_INTEGER, NULL, 20),
                                    reply_of(VEGA_INTEGER, NULL, 300)};
    struct vega_reply *whole = split->join(split, replies);
    ck_assert_int_eq(whole->type, VEGA_INTEGER);
    ck_assert_int_eq(whole->integer, 321);
    vega_reply_free(whole);
    split->destroy(split);
}

TEST(pairs_stay_together_and_one_ok_stands_for_all)
{
    struct route_split *split = scatter(&COMMAND("MSET", "a", "1", "b", "2"));
    expect_part(split, 0, "MSET b 2");
    expect_part(split, 1, "MSET a 1");
    struct vega_reply *replies[] = {reply_of(VEGA_STATUS, "OK", 0),
                                    reply_of(VEGA_STATUS, "OK", 0)};
    struct vega_reply *whole = split->join(split, replies);
    ck_assert_str_eq(whole->text, "OK");
    vega_reply_free(whole);
    split->destroy(split);
}

TEST(values_come_in_the_places_of_their_keys)
{
    struct route_split *split =
        scatter(&COMMAND("MGET", "a", "b", "{a}2", "c"));
    struct vega_reply *replies[] = {ARRAY_OF("B"), ARRAY_OF("C"),
                                    ARRAY_OF("A", "A2")};
    struct vega_reply *whole = split->join(split, replies);
    static const char *const expected[] = {"A", "B", "A2", "C"};
    ck_assert_uint_eq(whole->count, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_str_eq(whole->elements[i].text, expected[i]);
    vega_reply_free(whole);
    split->destroy(split);
}

TEST(operations_of_a_batch_keep_their_arguments_and_places)
{
    struct route_split *split = scatter(&COMMAND(
        "BATCH", "PUT", "a", "1", "GET", "b", "DELETE", "a", "put", "b", "2"));
    ck_assert_ptr_nonnull(split);
    expect_part(split, 0, "BATCH GET b put b 2");
    expect_part(split, 1, "BATCH PUT a 1 DELETE a");
    struct vega_reply *replies[] = {ARRAY_OF("none", "OK2"),
                                    ARRAY_OF("OK1", "gone")};
    struct vega_reply *whole = split->join(split, replies);
    static const char *const expected[] = {"OK1", "none", "gone", "OK2"};
    for (int i = 0; i < 4; i++)
        ck_assert_str_eq(whole->elements[i].text, expected[i]);
    vega_reply_free(whole);
    split->destroy(split);
}

TEST(one_error_stands_for_all)
{
    struct route_split *split = scatter(&COMMAND("DEL", "a", "b", "c"));
    struct vega_reply *replies[] = {reply_of(VEGA_INTEGER, NULL, 1),
                                    reply_of(VEGA_ERROR, "ERR no", 0),
                                    reply_of(VEGA_ERROR, "ERR never", 0)};
    struct vega_reply *whole = split->join(split, replies);
    ck_assert_int_eq(whole->type, VEGA_ERROR);
    ck_assert_str_eq(whole->text, "ERR no");
    vega_reply_free(whole);
    split->destroy(split);
}

TEST(a_part_with_too_few_values_is_an_error_not_a_crash)
{
    struct route_split *split = scatter(&COMMAND("MGET", "a", "b", "{a}2"));
    struct vega_reply *replies[] = {ARRAY_OF("B"), ARRAY_OF("A")};
    struct vega_reply *whole = split->join(split, replies);
    ck_assert_int_eq(whole->type, VEGA_ERROR);
    vega_reply_free(whole);
    split->destroy(split);
}
