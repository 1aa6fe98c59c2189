// test_key_places.c -- tests of stage3-sharding/key_places.c.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/key_places.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/client/reply_parser.h"
#include "tests/test.h"

static const char list[] =
    "*4\r\n"
    "*6\r\n$3\r\nget\r\n:2\r\n*1\r\n+readonly\r\n:1\r\n:1\r\n:1\r\n"
    "*6\r\n$4\r\nping\r\n:-1\r\n*0\r\n:0\r\n:0\r\n:0\r\n"
    "*6\r\n$6\r\nZUNION\r\n:-3\r\n~2\r\n+readonly\r\n+movablekeys\r\n"
    ":0\r\n:0\r\n:0\r\n"
    "*10\r\n$6\r\nobject\r\n:-2\r\n*0\r\n:0\r\n:0\r\n:0\r\n*0\r\n*0\r\n*0\r\n"
    "*2\r\n"
    "*6\r\n$15\r\nobject|encoding\r\n:3\r\n*0\r\n:2\r\n:2\r\n:1\r\n"
    "*6\r\n$11\r\nobject|help\r\n:2\r\n*0\r\n:0\r\n:0\r\n:0\r\n";

static struct vega_reply *parse(const char *text)
{
    struct reply_parser parser;
    struct slice rest = {text, strlen(text)};
    struct vega_reply *reply = NULL;
    reply_parser_init(&parser, (struct reply_limits){1000, 1000, 8});
    ck_assert_int_eq(reply_parser_take(&parser, &rest, &reply), REPLY_COMPLETE);
    reply_parser_deinit(&parser);
    return reply;
}

static struct key_places read_list(void)
{
    struct key_places places = {0};
    struct vega_reply *reply = parse(list);
    ck_assert(key_places_read(&places, reply));
    vega_reply_free(reply);
    return places;
}

static enum key_answer find(const struct key_places *places, size_t *index,
                            size_t argc, const char *const *argv)
{
    *index = 0;
    return key_places_find(places, &(struct route_command){argc, argv, NULL},
                           index);
}
#define FIND(...)                                                              \
    find(&places, &index,                                                      \
         sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),               \
         (const char *[]){__VA_ARGS__})

TEST(the_first_key_is_where_the_list_says_in_any_letter_case)
{
    struct key_places places = read_list();
    size_t index;
    ck_assert_int_eq(FIND("GeT", "k"), KEY_AT);
    ck_assert_uint_eq(index, 1);
    ck_assert_int_eq(FIND("PING"), KEY_NONE);
    ck_assert_int_eq(FIND("zunion", "1", "k"), KEY_ASK);
    ck_assert_int_eq(FIND("GETX", "k"), KEY_UNKNOWN);
    ck_assert_int_eq(FIND("GE", "k"), KEY_UNKNOWN);
    key_places_deinit(&places);
}

TEST(a_key_that_is_missing_is_none)
{
    struct key_places places = read_list();
    size_t index;
    ck_assert_int_eq(FIND("GET"), KEY_NONE);
    ck_assert_int_eq(FIND("OBJECT", "ENCODING"), KEY_NONE);
    key_places_deinit(&places);
}

TEST(subcommands_have_keys_of_their_own)
{
    struct key_places places = read_list();
    size_t index;
    ck_assert_int_eq(FIND("OBJECT", "Encoding", "k"), KEY_AT);
    ck_assert_uint_eq(index, 2);
    ck_assert_int_eq(FIND("OBJECT", "HELP"), KEY_NONE);
    ck_assert_int_eq(FIND("OBJECT", "NONE", "k"), KEY_UNKNOWN);
    key_places_deinit(&places);
}

TEST(names_of_any_length_are_only_unknown)
{
    struct key_places places = read_list();
    char name[1000];
    size_t index;
    memset(name, 'g', sizeof name);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(FIND(name, "k"), KEY_UNKNOWN);
    ck_assert_int_eq(FIND("OBJECT", name), KEY_UNKNOWN);
    key_places_deinit(&places);
}

TEST(what_is_no_list_tells_nothing)
{
    struct key_places places = read_list();
    struct vega_reply *reply = parse("-ERR unknown command\r\n");
    size_t index;
    ck_assert(!key_places_read(&places, reply));
    ck_assert_int_eq(FIND("GET", "k"), KEY_UNKNOWN);
    vega_reply_free(reply);
    reply =
        parse("*3\r\n:1\r\n*1\r\n$3\r\nget\r\n*4\r\n$3\r\nset\r\n:1\r\n*0\r\n"
              "$1\r\nx\r\n");
    ck_assert(key_places_read(&places, reply)); // Of entries that are none.
    ck_assert_int_eq(FIND("GET", "k"), KEY_UNKNOWN);
    vega_reply_free(reply);
    key_places_deinit(&places);
}
