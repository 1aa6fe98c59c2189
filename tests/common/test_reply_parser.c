// test_reply_parser.c -- all types, all splits, and what a liar may send.
// SPDX-License-Identifier: MIT
#include "common/client/reply_parser.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buffer.h"
#include "tests/test.h"

enum { SIZE_LIMIT = 1 << 20, ELEMENTS_LIMIT = 1000, DEPTH_LIMIT = 8 };

static const struct reply_limits limits = {SIZE_LIMIT, ELEMENTS_LIMIT,
                                           DEPTH_LIMIT};

// The tree in one line, so that a test can say all of it.
static void describe(struct buffer *out, const struct vega_reply *reply)
{
    static const char *const names[] = {
        "status",   "error",  "integer", "double", "boolean", "null", "bulk",
        "verbatim", "bignum", "array",   "map",    "set",     "push"};
    buffer_append_text(out, names[reply->type]);
    if (reply->type == VEGA_INTEGER)
        buffer_printf(out, " %lld", (long long)reply->integer);
    else if (reply->type == VEGA_BOOLEAN)
        buffer_printf(out, " %d", reply->boolean);
    else if (reply->type == VEGA_DOUBLE)
        buffer_printf(out, " %g", reply->number);
    else if (reply->type == VEGA_VERBATIM)
        buffer_printf(out, " %s", reply->format);
    if (reply->text && reply->type != VEGA_DOUBLE) {
        ck_assert_int_eq(reply->text[reply->size], '\0');
        buffer_printf(out, " '%.*s'", (int)reply->size, reply->text);
    }
    for (size_t i = 0; i < reply->count; i++) {
        buffer_append_text(out, i ? ", " : " [");
        describe(out, &reply->elements[i]);
    }
    if (reply->count)
        buffer_append_text(out, "]");
}

static void expect_tree(const struct vega_reply *reply, const char *expected)
{
    struct buffer text = {0};
    describe(&text, reply);
    buffer_append_byte(&text, '\0');
    ck_assert_str_eq(text.data, expected);
    buffer_deinit(&text);
}

static const struct {
    const char *bytes, *tree;
} good[] = {
    {"+OK\r\n", "status 'OK'"},
    {"+\r\n", "status ''"},
    {"-ERR no\r\n", "error 'ERR no'"},
    {":0\r\n", "integer 0"},
    {":9223372036854775807\r\n", "integer 9223372036854775807"},
    {":-9223372036854775808\r\n", "integer -9223372036854775808"},
    {"$5\r\nhello\r\n", "bulk 'hello'"},
    {"$0\r\n\r\n", "bulk ''"},
    {"$4\r\n\r\n\r\n\r\n", "bulk '\r\n\r\n'"},
    {"$-1\r\n", "null"},
    {"*-1\r\n", "null"},
    {"_\r\n", "null"},
    {"#t\r\n", "boolean 1"},
    {"#f\r\n", "boolean 0"},
    {",3.25\r\n", "double 3.25"},
    {",1e+20\r\n", "double 1e+20"},
    {",-inf\r\n", "double -inf"},
    {"(-12345678901234567890123\r\n", "bignum '-12345678901234567890123'"},
    {"=8\r\ntxt:text\r\n", "verbatim txt 'text'"},
    {"!6\r\nERR no\r\n", "error 'ERR no'"},
    {"*0\r\n", "array"},
    {"*2\r\n$1\r\na\r\n:1\r\n", "array [bulk 'a', integer 1]"},
    {"%1\r\n+k\r\n+v\r\n", "map [status 'k', status 'v']"},
    {"~1\r\n:1\r\n", "set [integer 1]"},
    {">1\r\n+hi\r\n", "push [status 'hi']"},
    {"*3\r\n*1\r\n*0\r\n_\r\n%1\r\n:1\r\n*2\r\n:2\r\n:3\r\n",
     "array [array [array], null, map [integer 1, array [integer 2, "
     "integer 3]]]"},
    {"*6\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n",
     "array [integer 1, integer 2, integer 3, integer 4, integer 5, "
     "integer 6]"},
    {"|1\r\n+ttl\r\n*2\r\n:1\r\n:2\r\n+OK\r\n", "status 'OK'"},
    {"*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n:2\r\n", "array [integer 1, integer 2]"},
    {"|1\r\n|1\r\n+a\r\n+b\r\n+c\r\n+d\r\n+OK\r\n", "status 'OK'"},
};

enum { GOOD_COUNT = sizeof good / sizeof *good };

TEST_FOR(every_type_becomes_its_tree, GOOD_COUNT)
{
    struct reply_parser parser;
    reply_parser_init(&parser, limits);
    struct slice input = slice_of(good[_i].bytes);
    struct vega_reply *reply;
    ck_assert_int_eq(reply_parser_take(&parser, &input, &reply),
                     REPLY_COMPLETE);
    ck_assert_uint_eq(input.size, 0);
    expect_tree(reply, good[_i].tree);
    vega_reply_free(reply);
    reply_parser_deinit(&parser);
}

// `need` must never ask for more than there will be.
TEST_FOR(a_reply_may_be_split_at_every_byte, GOOD_COUNT)
{
    struct slice all = slice_of(good[_i].bytes);
    for (size_t cut = 0; cut < all.size; cut++) {
        struct reply_parser parser;
        reply_parser_init(&parser, limits);
        struct slice input = {all.data, cut};
        struct vega_reply *reply;
        ck_assert_int_eq(reply_parser_take(&parser, &input, &reply),
                         REPLY_PARTIAL);
        size_t taken = cut - input.size;
        ck_assert_uint_gt(parser.need, input.size);
        ck_assert_uint_le(parser.need, all.size - taken);
        input = (struct slice){all.data + taken, all.size - taken};
        ck_assert_int_eq(reply_parser_take(&parser, &input, &reply),
                         REPLY_COMPLETE);
        expect_tree(reply, good[_i].tree);
        vega_reply_free(reply);
        reply_parser_deinit(&parser);
    }
}

TEST_FOR(a_skipper_takes_as_much_as_a_parser, GOOD_COUNT)
{
    struct slice all = slice_of(good[_i].bytes);
    for (size_t cut = 0; cut < all.size; cut++) {
        struct reply_skipper skipper = {0};
        struct slice input = {all.data, cut};
        ck_assert_int_eq(reply_skip(&skipper, &input), REPLY_PARTIAL);
        size_t taken = cut - input.size;
        input = (struct slice){all.data + taken, all.size - taken};
        ck_assert_int_eq(reply_skip(&skipper, &input), REPLY_COMPLETE);
        ck_assert_uint_eq(input.size, 0);
        ck_assert(!skipper.started);
    }
}

TEST(a_skipper_tells_errors_and_nulls)
{
    struct slice input = SLICE("-ERR x\r\n$-1\r\n+OK\r\n!1\r\nx\r\n_\r\n");
    static const bool errors[] = {true, false, false, true, false};
    static const bool nulls[] = {false, true, false, false, true};
    struct reply_skipper skipper = {0};
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(reply_skip(&skipper, &input), REPLY_COMPLETE);
        ck_assert_int_eq(skipper.is_error, errors[i]);
        ck_assert_int_eq(skipper.is_null, nulls[i]);
    }
    ck_assert_uint_eq(input.size, 0);
}

TEST(replies_are_taken_one_at_a_time)
{
    struct reply_parser parser;
    reply_parser_init(&parser, limits);
    struct slice input = SLICE(":1\r\n$1\r\na\r\n:3");
    struct vega_reply *reply;
    ck_assert_int_eq(reply_parser_take(&parser, &input, &reply),
                     REPLY_COMPLETE);
    expect_tree(reply, "integer 1");
    vega_reply_free(reply);
    ck_assert_uint_eq(parser.need, 0);
    ck_assert_int_eq(reply_parser_take(&parser, &input, &reply),
                     REPLY_COMPLETE);
    expect_tree(reply, "bulk 'a'");
    vega_reply_free(reply);
    ck_assert_int_eq(reply_parser_take(&parser, &input, &reply), REPLY_PARTIAL);
    ck_assert_uint_eq(input.size, 2);
    reply_parser_deinit(&parser);
}

TEST(half_a_reply_is_dropped_by_reset)
{
    struct reply_parser parser;
    reply_parser_init(&parser, limits);
    struct slice input = SLICE("*2\r\n*2\r\n$1\r\na\r\n");
    struct vega_reply *reply;
    ck_assert_int_eq(reply_parser_take(&parser, &input, &reply), REPLY_PARTIAL);
    reply_parser_reset(&parser);
    input = SLICE(":7\r\n");
    ck_assert_int_eq(reply_parser_take(&parser, &input, &reply),
                     REPLY_COMPLETE);
    expect_tree(reply, "integer 7");
    vega_reply_free(reply);
    reply_parser_deinit(&parser);
}

static const char *const bad[] = {
    "x\r\n",
    "\r\n",
    ":\r\n",
    ":-\r\n",
    ":1a\r\n",
    ":1\n",
    ":1\rx",
    ":9223372036854775808\r\n",
    ":-9223372036854775809\r\n",
    ":99999999999999999999\r\n",
    "+OK\n",
    "$-2\r\n",
    "$1\r\nab\r\n",
    "$1048577\r\n",
    "$9999999999999999999\r\n",
    "$?\r\n",
    "=-1\r\n",
    "=3\r\ntxt\r\n",
    "=4\r\ntext\r\n",
    "*-2\r\n",
    "%-1\r\n",
    "*2147483648\r\n",
    "#x\r\n",
    "#\r\n",
    "_x\r\n",
    ",\r\n",
    ", 1\r\n",
    ",0x10\r\n",
    ",1.5x\r\n",
    "(12a\r\n",
    "(\r\n",
};

TEST_FOR(what_is_no_reply_is_refused, (int)(sizeof bad / sizeof *bad))
{
    struct reply_parser parser;
    reply_parser_init(&parser, limits);
    struct slice input = slice_of(bad[_i]);
    struct vega_reply *reply;
    ck_assert_msg(reply_parser_take(&parser, &input, &reply) == REPLY_INVALID,
                  "accepted: %s", bad[_i]);
    ck_assert_ptr_nonnull(parser.error);
    reply_parser_deinit(&parser);
}

TEST(a_double_that_is_no_number_is_read)
{
    struct reply_token token;
    size_t need;
    ck_assert_int_eq(reply_token_read(SLICE(",nan\r\n"), 100, &token, &need),
                     REPLY_COMPLETE);
    ck_assert(isnan(token.number));
}

TEST(a_line_without_end_is_refused_at_its_limit)
{
    char *text = malloc(REPLY_LINE_MAX);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', REPLY_LINE_MAX);
    *text = '+';
    struct reply_token token;
    size_t need;
    struct slice input = {text, REPLY_LINE_MAX - 1};
    ck_assert_int_eq(reply_token_read(input, 100, &token, &need),
                     REPLY_PARTIAL);
    input.size++;
    ck_assert_int_eq(reply_token_read(input, 100, &token, &need),
                     REPLY_INVALID);
    free(text);
}

static enum reply_result take_repeated(const char *piece, int count)
{
    struct buffer bytes = {0};
    for (int i = 0; i < count; i++)
        buffer_append_text(&bytes, piece);
    struct reply_parser parser;
    reply_parser_init(&parser, limits);
    struct slice input = buffer_slice(&bytes);
    struct vega_reply *reply;
    enum reply_result result = reply_parser_take(&parser, &input, &reply);
    reply_parser_deinit(&parser);
    buffer_deinit(&bytes);
    return result;
}

TEST(nesting_is_bounded)
{
    ck_assert_int_eq(take_repeated("*1\r\n", DEPTH_LIMIT), REPLY_PARTIAL);
    ck_assert_int_eq(take_repeated("*1\r\n", DEPTH_LIMIT + 1), REPLY_INVALID);
    ck_assert_int_eq(take_repeated("*1\r\n", 100000), REPLY_INVALID);
}

TEST(the_number_of_elements_is_bounded_in_attributes_too)
{
    ck_assert_int_eq(take_repeated("*2\r\n*0\r\n", 2 * ELEMENTS_LIMIT),
                     REPLY_INVALID);
    ck_assert_int_eq(take_repeated("|1\r\n+a\r\n", ELEMENTS_LIMIT),
                     REPLY_INVALID);
}

// The header claims 2^31 - 1 elements; a parser that believed it would ask for
// 150 GB, which the sanitizers do not grant.
TEST(nothing_is_allocated_for_a_claim)
{
    ck_assert_int_eq(take_repeated("*2147483647\r\n", 3), REPLY_PARTIAL);
    ck_assert_int_eq(take_repeated("$1048576\r\n", 1), REPLY_PARTIAL);
}

TEST(the_size_of_a_reply_is_bounded_over_all_its_parts)
{
    struct buffer bytes = {0};
    buffer_append_text(&bytes, "*3\r\n");
    for (int i = 0; i < 3; i++) {
        buffer_printf(&bytes, "$%d\r\n", SIZE_LIMIT / 2);
        for (int j = 0; j < SIZE_LIMIT / 2; j++)
            buffer_append_byte(&bytes, 'x');
        buffer_append_text(&bytes, "\r\n");
    }
    struct reply_parser parser;
    reply_parser_init(&parser, limits);
    struct slice input = buffer_slice(&bytes);
    struct vega_reply *reply;
    ck_assert_int_eq(reply_parser_take(&parser, &input, &reply), REPLY_INVALID);
    ck_assert_str_eq(parser.error, "reply is too large");
    reply_parser_deinit(&parser);
    buffer_deinit(&bytes);
}
