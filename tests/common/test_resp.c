// test_resp.c -- requests as bytes.
// SPDX-License-Identifier: MIT
#include "common/wire/resp.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

// Parses all of `input`; the words of each request end in '|', requests in
// '\n', and what stopped it is the last line.
static char *parse_all(struct slice input)
{
    struct resp_parser parser;
    resp_parser_init(&parser);
    struct buffer out = {0};
    struct resp_request request;
    enum resp_status status = RESP_PARTIAL;
    while (input.size &&
           (status = resp_parse_request(&parser, input, &request)) == RESP_OK) {
        for (uint32_t i = parser.count - request.argc; i < parser.count; i++) {
            buffer_append_slice(&out, parser.arguments[i]);
            buffer_append_text(&out, "|");
        }
        buffer_append_text(&out, "\n");
        ck_assert_uint_gt(request.size, 0);
        ck_assert_uint_le(request.size, input.size);
        input.data += request.size;
        input.size -= request.size;
        resp_parser_reset(&parser);
    }
    if (status == RESP_INVALID)
        buffer_append_text(&out, parser.error);
    else if (input.size)
        buffer_append_text(&out, "partial");
    buffer_append_byte(&out, '\0');
    resp_parser_deinit(&parser);
    return out.data;
}

static const struct {
    const char *input, *expected;
} cases[] = {
    {"*1\r\n$4\r\nPING\r\n", "PING|\n"},
    {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n", "SET|k||\n"},
    {"*2\r\n$1\r\na\r\n$4\r\n\r\n\r\n\r\n", "a|\r\n\r\n|\n"},
    {"*0\r\n*-1\r\n*1\r\n$1\r\na\r\n", "\n\na|\n"},
    {"\r\n*1\r\n$1\r\na\r\n", "\na|\n"},
    // Inline.
    {"PUT a 1\r\nGET a\n", "PUT|a|1|\nGET|a|\n"},
    {"  a\t b  \r\n", "a|b|\n"},
    {"ECHO \"a b\\x41\\n\\\"\" 'it\\'s \\n'\r\n", "ECHO|a bA\n\"|it's \\n|\n"},
    {"a\"b\" c\r\n", "ab|c|\n"},
    {"\"\" ''\r\n", "||\n"},
    {"\"\\x4\" \"\\xzz\"\r\n", "x4|xzz|\n"},
    {"a \"b\r\n", "Protocol error: unbalanced quotes in request"},
    {"a \"b\"c\r\n", "Protocol error: unbalanced quotes in request"},
    {"a 'b\\'\r\n", "Protocol error: unbalanced quotes in request"},
    // Not yet whole.
    {"*", "partial"},
    {"*1", "partial"},
    {"*1\r", "partial"},
    {"*-", "partial"},
    {"*1\r\n", "partial"},
    {"*1\r\n$4\r\nPING\r", "partial"},
    {"PING", "partial"},
    // Never whole.
    {"*a\r\n", "Protocol error: invalid multibulk length"},
    {"*01\r\n", "Protocol error: invalid multibulk length"},
    {"*+1\r\n", "Protocol error: invalid multibulk length"},
    {"*\r\n", "Protocol error: invalid multibulk length"},
    {"*1\n", "Protocol error: invalid multibulk length"},
    {"*1048577\r\n", "Protocol error: invalid multibulk length"},
    {"*9223372036854775808\r\n", "Protocol error: invalid multibulk length"},
    {"*11111111111111111111111", "Protocol error: invalid multibulk length"},
    {"*1\r\n:5\r\n", "Protocol error: expected '$', got ':'"},
    {"*1\r\n\r\n", "Protocol error: expected '$', got ' '"},
    {"*1\r\n$-1\r\n", "Protocol error: invalid bulk length"},
    {"*1\r\n$x\r\n", "Protocol error: invalid bulk length"},
    {"*1\r\n$\r\n", "Protocol error: invalid bulk length"},
    {"*1\r\n$536870913\r\n", "Protocol error: invalid bulk length"},
    {"*1\r\n$4611686018427387904\r\n", "Protocol error: invalid bulk length"},
    {"*1\r\n$1\r\nabc\r\n", "Protocol error: expected CRLF after bulk"},
};

TEST_FOR(requests_are_read_or_refused, sizeof cases / sizeof *cases)
{
    char *result = parse_all(slice_of(cases[_i].input));
    ck_assert_str_eq(result, cases[_i].expected);
    free(result);
}

TEST(arguments_may_hold_any_byte)
{
    char *result = parse_all(SLICE("*1\r\n$3\r\n\0\n\xff\r\n"));
    ck_assert_mem_eq(result, "\0\n\xff|\n", 5);
    free(result);
}

// Feeds `input` in portions that end at `cut` and at the end, trying again only
// when `need` bytes are there, as a session does.
static void parse_in_two(struct slice input, size_t cut, uint32_t requests)
{
    struct resp_parser parser;
    resp_parser_init(&parser);
    size_t used = 0, need = 0;
    uint32_t count = 0;
    for (int portion = 0; portion < 2; portion++) {
        size_t available = portion ? input.size : cut;
        while (used < available && available - used >= need) {
            struct resp_request request;
            enum resp_status status = resp_parse_request(
                &parser, (struct slice){input.data + used, available - used},
                &request);
            ck_assert_int_ne(status, RESP_INVALID);
            need = status == RESP_PARTIAL ? request.need : 0;
            if (status == RESP_PARTIAL) {
                ck_assert_uint_gt(need, available - used);
                ck_assert_uint_le(need, input.size - used);
                break;
            }
            used += request.size;
            count++;
        }
    }
    ck_assert_uint_eq(used, input.size);
    ck_assert_uint_eq(count, requests);
    resp_parser_deinit(&parser);
}

TEST(a_request_split_anywhere_is_the_same_request)
{
    struct slice input = SLICE("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nva\r\nl\r\n"
                               "PUT \"a b\" 1\r\n\r\n*1\r\n$4\r\nPING\r\n");
    for (size_t cut = 0; cut <= input.size; cut++)
        parse_in_two(input, cut, 4);
}

static void append_large_request(struct buffer *request, uint32_t argc)
{
    buffer_printf(request, "*%u\r\n", argc);
    for (uint32_t i = 0; i < argc; i++)
        buffer_append_text(request, "$3\r\nabc\r\n");
}

TEST(a_large_request_split_anywhere_is_the_same_request)
{
    struct buffer request = {0};
    append_large_request(&request, 100);
    for (size_t cut = 0; cut <= request.size; cut++)
        parse_in_two(buffer_slice(&request), cut, 1);
    buffer_deinit(&request);
}

// The bound that makes a million arguments, one byte at a time, harmless: each
// try waits for a fixed share of what is missing.
TEST(tries_at_a_large_request_are_few)
{
    struct buffer request = {0};
    append_large_request(&request, 100000);
    struct resp_parser parser;
    resp_parser_init(&parser);
    struct resp_request parsed = {0};
    uint32_t tries = 0;
    enum resp_status status = RESP_PARTIAL;
    for (size_t size = 1; status == RESP_PARTIAL; size++) {
        if (size < parsed.need)
            continue;
        ck_assert_uint_le(size, request.size);
        status = resp_parse_request(&parser, (struct slice){request.data, size},
                                    &parsed);
        tries++;
    }
    ck_assert_int_eq(status, RESP_OK);
    ck_assert_uint_eq(parsed.argc, 100000);
    ck_assert_uint_lt(tries, 100);
    resp_parser_deinit(&parser);
    buffer_deinit(&request);
}

TEST(an_error_in_a_small_request_is_noticed_at_once)
{
    struct resp_parser parser;
    resp_parser_init(&parser);
    struct resp_request request;
    ck_assert_int_eq(resp_parse_request(&parser, SLICE("*9\r\n"), &request),
                     RESP_PARTIAL);
    ck_assert_uint_eq(request.need, 5);
    ck_assert_int_eq(resp_parse_request(&parser, SLICE("*9\r\nx"), &request),
                     RESP_INVALID);
    resp_parser_deinit(&parser);
}

TEST(a_stranger_gets_small_limits)
{
    struct resp_parser parser;
    resp_parser_init(&parser);
    parser.arguments_max = 10;
    parser.bulk_max = 16384;
    struct resp_request request;
    ck_assert_int_eq(resp_parse_request(&parser, SLICE("*11\r\n"), &request),
                     RESP_INVALID);
    ck_assert_str_eq(parser.error,
                     "Protocol error: unauthenticated multibulk length");
    ck_assert_int_eq(
        resp_parse_request(&parser, SLICE("*1\r\n$16385\r\n"), &request),
        RESP_INVALID);
    ck_assert_str_eq(parser.error,
                     "Protocol error: unauthenticated bulk length");
    resp_parser_deinit(&parser);
}

TEST(an_inline_line_is_bounded)
{
    size_t size = RESP_INLINE_MAX;
    char *line = malloc(size);
    memset(line, 'a', size);
    char *result = parse_all((struct slice){line, size - 1});
    ck_assert_str_eq(result, "partial");
    free(result);
    result = parse_all((struct slice){line, size});
    ck_assert_str_eq(result, "Protocol error: too big inline request");
    free(result);
    free(line);
}

TEST(a_broken_request_leaves_no_arguments_behind)
{
    struct resp_parser parser;
    resp_parser_init(&parser);
    struct resp_request request;
    resp_parse_request(&parser, SLICE("*2\r\n$1\r\na\r\n"), &request);
    ck_assert_uint_eq(parser.count, 0);
    resp_parse_request(&parser, SLICE("*2\r\n$1\r\na\r\nx"), &request);
    ck_assert_uint_eq(parser.count, 0);
    resp_parser_deinit(&parser);
}
