// test_commands_string.c -- GET, SET and their relatives, reply for reply.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

TEST(get_returns_what_set_or_put_wrote)
{
    harness_expect((const struct golden[]){
        {"get k", NIL},
        {"set k v", OK},
        {"get k", "$1\r\nv\r\n"},
        {"PUT k \"\"", OK},
        {"GeT k", "$0\r\n\r\n"},
        {"set \"\" \"a\\r\\nb\\xff\"", OK},
        {"get \"\"", "$5\r\na\r\nb\xff\r\n"},
        {"get lst", WRONG_TYPE},
        {"get", WRONG_ARITY("get")},
        {"get a b", WRONG_ARITY("get")},
        {"set k", WRONG_ARITY("set")},
        {"put k v nx", WRONG_ARITY("put")},
        {"set lst now-a-string", OK},
        {"get lst", "$12\r\nnow-a-string\r\n"},
        {0},
    });
}

TEST(a_value_may_hold_any_byte)
{
    struct harness harness;
    harness_init(&harness, 2);
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    struct slice value = {bytes, sizeof bytes};
    harness_run_argv(&harness, (struct slice[]){SLICE("set"), value, value}, 3);
    struct slice reply =
        harness_run_argv(&harness, (struct slice[]){SLICE("get"), value}, 2);
    ck_assert_uint_eq(reply.size, strlen("$256\r\n") + 256 + strlen("\r\n"));
    ck_assert_mem_eq(reply.data + strlen("$256\r\n"), bytes, sizeof bytes);
    harness_deinit(&harness);
}

TEST(set_obeys_nx_xx_and_get_together)
{
    harness_expect((const struct golden[]){
        {"set k 1 xx", NIL},
        {"set k 1 xx get", NIL},
        {"get k", NIL},
        {"set k 1 nx get", NIL},
        {"get k", "$1\r\n1\r\n"},
        {"set k 2 nx", NIL},
        {"set k 2 NX GET", "$1\r\n1\r\n"},
        {"set k 3 get xx", "$1\r\n1\r\n"},
        {"set k 4 nx nx", NIL},
        {"get k", "$1\r\n3\r\n"},
        {"set k 4 nx xx", SYNTAX_ERROR},
        {"set k 4 xx nx", SYNTAX_ERROR},
        {"set k 4 nonsense", SYNTAX_ERROR},
        {"set k 4 persist", SYNTAX_ERROR},
        {"set lst 4 get", WRONG_TYPE},
        {"set lst 4 nx get", WRONG_TYPE},
        {"set lst 4 nx", NIL},
        {0},
    });
}

TEST(set_takes_lifetimes_in_four_ways)
{
    harness_expect((const struct golden[]){
        {"set k v ex 2", OK},
        {"pttl k", INTEGER(2000)},
        {"set k v px 1500", OK},
        {"pttl k", INTEGER(1500)},
        {"set k v exat 1700000009", OK},
        {"pttl k", INTEGER(9000)},
        {"set k v pxat 1700000000800", OK},
        {"pttl k", INTEGER(800)},
        {"set k v keepttl", OK},
        {"pttl k", INTEGER(800)},
        {"set k v", OK},
        {"pttl k", INTEGER(-1)},
        {"set k v px 5", OK},
        {"+4", ""},
        {"get k", "$1\r\nv\r\n"},
        {"+1", ""},
        {"get k", NIL},
        {"set k v exat 1", OK},
        {"get k", NIL},
        {"set k v px 10 xx", NIL},
        {"set k v ex 1 ex 7", OK},
        {"ttl k", INTEGER(7)},
        {0},
    });
}

TEST(set_refuses_lifetimes_that_make_no_sense)
{
    harness_expect((const struct golden[]){
        {"set k v ex 0", INVALID_EXPIRY("set")},
        {"set k v px -1", INVALID_EXPIRY("set")},
        {"set k v exat 0", INVALID_EXPIRY("set")},
        {"set k v ex 9223372036854775807", INVALID_EXPIRY("set")},
        {"set k v ex 9223372036854775", INVALID_EXPIRY("set")},
        {"set k v px 9223372036854775807", INVALID_EXPIRY("set")},
        {"set k v exat 9223372036854776", INVALID_EXPIRY("set")},
        {"set k v ex 9223372036854775808", NOT_AN_INTEGER},
        {"set k v ex 1.5", NOT_AN_INTEGER},
        {"set k v ex 01", NOT_AN_INTEGER},
        {"set k v ex", SYNTAX_ERROR},
        {"set k v ex 1 px 1", SYNTAX_ERROR},
        {"set k v ex 1 keepttl", SYNTAX_ERROR},
        {"set k v keepttl pxat 1", SYNTAX_ERROR},
        {"set lst v ex 0 get", INVALID_EXPIRY("set")},
        {"exists k", INTEGER(0)},
        {"set k v pxat 9223372036854775807", OK},
        {"pexpiretime k", INTEGER(9223372036854775807)},
        {0},
    });
}

TEST(setnx_setex_psetex_write_under_their_conditions)
{
    harness_expect((const struct golden[]){
        {"setnx k 1", INTEGER(1)},
        {"setnx k 2", INTEGER(0)},
        {"get k", "$1\r\n1\r\n"},
        {"setnx lst 2", INTEGER(0)},
        {"setex k 10 3", OK},
        {"ttl k", INTEGER(10)},
        {"psetex k 1 4", OK},
        {"get k", "$1\r\n4\r\n"},
        {"+1", ""},
        {"setnx k 5", INTEGER(1)},
        {"ttl k", INTEGER(-1)},
        {"setex k 0 v", INVALID_EXPIRY("setex")},
        {"psetex k -5 v", INVALID_EXPIRY("psetex")},
        {"setex k 9223372036854775 v", INVALID_EXPIRY("setex")},
        {"psetex k 9223372036854775807 v", INVALID_EXPIRY("psetex")},
        {"setex k v 10", NOT_AN_INTEGER},
        {"get k", "$1\r\n5\r\n"},
        {0},
    });
}

TEST(getset_and_getdel_return_what_was_there)
{
    harness_expect((const struct golden[]){
        {"getset k 1", NIL},
        {"expire k 100", INTEGER(1)},
        {"getset k 2", "$1\r\n1\r\n"},
        {"ttl k", INTEGER(-1)},
        {"getset lst 2", WRONG_TYPE},
        {"getdel k", "$1\r\n2\r\n"},
        {"getdel k", NIL},
        {"getdel lst", WRONG_TYPE},
        {"exists k lst", INTEGER(1)},
        {0},
    });
}

TEST(getex_changes_only_the_lifetime)
{
    harness_expect((const struct golden[]){
        {"getex k", NIL},
        {"getex k ex 0", NIL},
        {"getex k ex", SYNTAX_ERROR},
        {"set k v", OK},
        {"getex k", "$1\r\nv\r\n"},
        {"ttl k", INTEGER(-1)},
        {"getex k ex 10", "$1\r\nv\r\n"},
        {"ttl k", INTEGER(10)},
        {"getex k", "$1\r\nv\r\n"},
        {"ttl k", INTEGER(10)},
        {"getex k pxat 1700000000500", "$1\r\nv\r\n"},
        {"pttl k", INTEGER(500)},
        {"getex k persist persist", "$1\r\nv\r\n"},
        {"ttl k", INTEGER(-1)},
        {"getex k px 0", INVALID_EXPIRY("getex")},
        {"getex k px x", NOT_AN_INTEGER},
        {"getex k persist ex 1", SYNTAX_ERROR},
        {"getex k ex 1 persist", SYNTAX_ERROR},
        {"getex k keepttl", SYNTAX_ERROR},
        {"getex k nx", SYNTAX_ERROR},
        {"getex lst ex 0", WRONG_TYPE},
        {"getex k exat 1", "$1\r\nv\r\n"},
        {"exists k", INTEGER(0)},
        {0},
    });
}

TEST(mget_answers_null_for_what_is_no_string)
{
    harness_expect((const struct golden[]){
        {"mset a 1 b 2 a 3", OK},
        {"mget a nokey b lst", "*4\r\n$1\r\n3\r\n$-1\r\n$1\r\n2\r\n$-1\r\n"},
        {"mset a", WRONG_ARITY("mset")},
        {"mset a 1 b", WRONG_ARITY("mset")},
        {"mget", WRONG_ARITY("mget")},
        {0},
    });
}

TEST(msetnx_writes_all_or_nothing)
{
    harness_expect((const struct golden[]){
        {"msetnx a 1 b 2 a 3", INTEGER(1)},
        {"mget a b", "*2\r\n$1\r\n3\r\n$1\r\n2\r\n"},
        {"msetnx c 1 a 4", INTEGER(0)},
        {"exists c", INTEGER(0)},
        {"msetnx c 1 lst 4", INTEGER(0)},
        {"msetnx c 1 d", WRONG_ARITY("msetnx")},
        {0},
    });
}

TEST(string_commands_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"get k", false},
        {"set k v xx", false},
        {"set k v", true},
        {"set k v nx", false},
        {"set k v ex 0", false},
        {"set lst v get", false},
        {"getex k", false},
        {"getex k persist", false},
        {"getex k ex 5", true},
        {"getex k persist", true},
        {"getex k exat 1", true},
        {"getex k ex 5", false},
        {"getdel k", false},
        {"setnx k v", true},
        {"setnx k v", false},
        {"msetnx k v a b", false},
        {"mset a b", true},
        {"mset a", false},
        {"mget a k", false},
        {"getset a c", true},
        {"getset lst c", false},
        {"getdel a", true},
        {0},
    });
}

// More keys than are fetched ahead at once, and not a multiple of that.
TEST(a_thousand_pairs_are_written_and_read_in_order)
{
    enum { PAIRS = 1001 };
    static char names[PAIRS][8], values[PAIRS][8];
    static struct slice pairs[1 + 2 * PAIRS], keys[1 + PAIRS];
    struct buffer wanted = {0};
    struct harness harness;
    harness_init(&harness, 2);
    pairs[0] = SLICE("mset");
    keys[0] = SLICE("mget");
    buffer_printf(&wanted, "*%d\r\n", PAIRS);
    for (size_t i = 0; i < PAIRS; i++) {
        snprintf(names[i], sizeof names[i], "k%zu", i);
        snprintf(values[i], sizeof values[i], "v%04zu", i);
        pairs[1 + 2 * i] = keys[1 + i] = slice_of(names[i]);
        pairs[2 + 2 * i] = slice_of(values[i]);
        buffer_printf(&wanted, "$5\r\n%s\r\n", values[i]);
    }
    harness_run_argv(&harness, pairs, 1 + 2 * PAIRS);
    ck_assert_uint_eq(store_count(harness.store), PAIRS);
    ck_assert(slice_equal(harness_run_argv(&harness, keys, 1 + PAIRS),
                          buffer_slice(&wanted)));
    buffer_deinit(&wanted);
    harness_deinit(&harness);
}
