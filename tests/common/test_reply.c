// test_reply.c -- replies in both protocols, byte by byte.
// SPDX-License-Identifier: MIT
#include "common/wire/reply.h"

#include <math.h>
#include <stdint.h>

#include "tests/test.h"

static void write_ok(struct reply *r)
{
    reply_ok(r);
}

static void write_status(struct reply *r)
{
    reply_status(r, "PONG");
}

static void write_error(struct reply *r)
{
    reply_error(r, "ERR bad '%s'\r\n", "a\r\n+OK");
}

static void write_integers(struct reply *r)
{
    reply_integer(r, 0);
    reply_integer(r, INT64_MIN);
    reply_integer(r, INT64_MAX);
}

static void write_bulks(struct reply *r)
{
    reply_bulk(r, SLICE(""));
    reply_bulk(r, SLICE("a\r\nb"));
    reply_bulk_text(r, "xyz");
    reply_bulk_integer(r, -42);
}

static void write_nulls(struct reply *r)
{
    reply_null(r);
    reply_null_array(r);
}

static void write_headers(struct reply *r)
{
    reply_array(r, 0);
    reply_map(r, 2);
    reply_set(r, 3);
    reply_push(r, 1);
}

static void write_booleans(struct reply *r)
{
    reply_boolean(r, true);
    reply_boolean(r, false);
}

static void write_doubles(struct reply *r)
{
    reply_double(r, 1.5);
    reply_double(r, 0.1);
    reply_double(r, -INFINITY);
    reply_double(r, INFINITY);
    reply_double(r, NAN);
}

static void write_verbatim(struct reply *r)
{
    reply_verbatim(r, SLICE("a:1\r\n"));
}

static const struct {
    void (*write)(struct reply *reply);
    const char *resp2, *resp3;
} cases[] = {
    {write_ok, "+OK\r\n", "+OK\r\n"},
    {write_status, "+PONG\r\n", "+PONG\r\n"},
    {write_error, "-ERR bad 'a  +OK'\r\n", "-ERR bad 'a  +OK'\r\n"},
    {write_integers, ":0\r\n:-9223372036854775808\r\n:9223372036854775807\r\n",
     ":0\r\n:-9223372036854775808\r\n:9223372036854775807\r\n"},
    {write_bulks, "$0\r\n\r\n$4\r\na\r\nb\r\n$3\r\nxyz\r\n$3\r\n-42\r\n",
     "$0\r\n\r\n$4\r\na\r\nb\r\n$3\r\nxyz\r\n$3\r\n-42\r\n"},
    {write_nulls, "$-1\r\n*-1\r\n", "_\r\n_\r\n"},
    {write_headers, "*0\r\n*4\r\n*3\r\n*1\r\n", "*0\r\n%2\r\n~3\r\n>1\r\n"},
    {write_booleans, ":1\r\n:0\r\n", "#t\r\n#f\r\n"},
    {write_doubles,
     "$3\r\n1.5\r\n$19\r\n0.10000000000000001\r\n$4\r\n-inf\r\n$3\r\ninf\r\n"
     "$3\r\nnan\r\n",
     ",1.5\r\n,0.10000000000000001\r\n,-inf\r\n,inf\r\n,nan\r\n"},
    {write_verbatim, "$5\r\na:1\r\n\r\n", "=9\r\ntxt:a:1\r\n\r\n"},
};

TEST_FOR(replies_have_the_bytes_of_their_protocol, sizeof cases / sizeof *cases)
{
    for (int protocol = 2; protocol <= 3; protocol++) {
        struct buffer out = {0};
        struct reply reply = {&out, protocol, 0};
        cases[_i].write(&reply);
        const char *expected =
            protocol == 2 ? cases[_i].resp2 : cases[_i].resp3;
        ck_assert_uint_eq(out.size, strlen(expected));
        ck_assert_mem_eq(out.data, expected, out.size);
        buffer_deinit(&out);
    }
}

TEST(errors_are_counted)
{
    struct buffer out = {0};
    struct reply reply = {&out, 2, 0};
    reply_ok(&reply);
    reply_syntax_error(&reply);
    reply_not_an_integer(&reply);
    reply_wrong_type(&reply);
    ck_assert_uint_eq(reply.errors, 3);
    buffer_deinit(&out);
}

TEST(a_full_buffer_drops_whole_pieces_and_says_so)
{
    struct buffer out = {.max = 100};
    struct reply reply = {&out, 2, 0};
    char bytes[200] = {0};
    reply_bulk(&reply, (struct slice){bytes, sizeof bytes});
    ck_assert(out.overflowed);
    ck_assert_uint_eq(out.size, 0);
    buffer_deinit(&out);
}
