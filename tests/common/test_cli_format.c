// test_cli_format.c -- what people, pipes and programs get to see.
// SPDX-License-Identifier: MIT
#include "common/client/cli_format.h"

#include "common/client/reply_parser.h"
#include "tests/test.h"

static void expect_text(const char *resp, enum cli_format format,
                        const char *expected)
{
    struct reply_parser parser;
    reply_parser_init(&parser, (struct reply_limits){1 << 20, 1000, 64});
    struct slice input = slice_of(resp);
    struct vega_reply *reply;
    ck_assert_int_eq(reply_parser_take(&parser, &input, &reply),
                     REPLY_COMPLETE);
    struct buffer text = {0};
    cli_format_reply(&text, reply, format);
    buffer_append_byte(&text, '\0');
    ck_assert_str_eq(text.data, expected);
    buffer_deinit(&text);
    vega_reply_free(reply);
    reply_parser_deinit(&parser);
}

#define TEN                                                                    \
    ":1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n:7\r\n:8\r\n:9\r\n*2\r\n+a\r\n+b\r\n"

static const struct {
    const char *resp, *labelled, *raw, *json;
} table[] = {
    {"+OK\r\n", "OK\n", "OK\n", "\"OK\"\n"},
    {"-ERR x\r\n", "(error) ERR x\n", "ERR x\n", "{\"error\":\"ERR x\"}\n"},
    {":-1\r\n", "(integer) -1\n", "-1\n", "-1\n"},
    {"$3\r\na\"\n\r\n", "\"a\\\"\\n\"\n", "a\"\n\n", "\"a\\\"\\n\"\n"},
    {"$2\r\n\x01\xff\r\n", "\"\\x01\\xff\"\n", "\x01\xff\n",
     "\"\\u0001\\u00ff\"\n"},
    {"$4\r\n\xc3\xa9\xc3(\r\n", "\"\\xc3\\xa9\\xc3(\"\n", "\xc3\xa9\xc3(\n",
     "\"\xc3\xa9\\u00c3(\"\n"},
    {"$-1\r\n", "(nil)\n", "\n", "null\n"},
    {"*0\r\n", "(empty array)\n", "\n", "[]\n"},
    {"%0\r\n", "(empty hash)\n", "\n", "{}\n"},
    {"~0\r\n", "(empty set)\n", "\n", "[]\n"},
    {",1.5\r\n", "(double) 1.5\n", "1.5\n", "1.5\n"},
    {",0.1\r\n", "(double) 0.1\n", "0.1\n", "0.1\n"},
    {",.5\r\n", "(double) .5\n", ".5\n", "0.5\n"},
    {"(+12\r\n", "+12\n", "+12\n", "12\n"},
    {",inf\r\n", "(double) inf\n", "inf\n", "\"inf\"\n"},
    {"#t\r\n", "(true)\n", "(true)\n", "true\n"},
    {"(123\r\n", "123\n", "123\n", "123\n"},
    {"=6\r\ntxt:hi\r\n", "hi\n", "hi\n", "\"hi\"\n"},
    {"*2\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n",
     "1) \"a\"\n2) 1) (integer) 1\n   2) (nil)\n", "a\n1\n\n",
     "[\"a\",[1,null]]\n"},
    {"%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:2\r\n:3\r\n",
     "1# a => (integer) 1\n2# b => 1) (integer) 2\n   2) (integer) 3\n",
     "a 1\nb 2\n3\n", "{\"a\":1,\"b\":[2,3]}\n"},
    {"%1\r\n:1\r\n*0\r\n", "1# (integer) 1 => (empty array)\n", "1 \n",
     "{\"1\":[]}\n"},
    {"~2\r\n:1\r\n:2\r\n", "1~ (integer) 1\n2~ (integer) 2\n", "1\n2\n",
     "[1,2]\n"},
    {"*10\r\n" TEN,
     " 1) (integer) 1\n 2) (integer) 2\n 3) (integer) 3\n 4) (integer) 4\n"
     " 5) (integer) 5\n 6) (integer) 6\n 7) (integer) 7\n 8) (integer) 8\n"
     " 9) (integer) 9\n10) 1) a\n    2) b\n",
     "1\n2\n3\n4\n5\n6\n7\n8\n9\na\nb\n",
     "[1,2,3,4,5,6,7,8,9,[\"a\",\"b\"]]\n"},
};

TEST_FOR(a_reply_reads_well_in_each_format, (int)(sizeof table / sizeof *table))
{
    expect_text(table[_i].resp, CLI_FORMAT_LABELLED, table[_i].labelled);
    expect_text(table[_i].resp, CLI_FORMAT_RAW, table[_i].raw);
    expect_text(table[_i].resp, CLI_FORMAT_JSON, table[_i].json);
}
