// test_commands_counter.c -- INCR and its relatives, up to the edges.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#define OVERFLOW "-ERR increment or decrement would overflow\r\n"
#define NOT_FINITE "-ERR increment would produce NaN or Infinity\r\n"
#define NOT_A_FLOAT "-ERR value is not a valid float\r\n"

TEST(counters_start_at_zero_and_keep_their_lifetime)
{
    harness_expect((const struct golden[]){
        {"incr k", INTEGER(1)},
        {"incrby k 41", INTEGER(42)},
        {"decr k", INTEGER(41)},
        {"decrby k 50", INTEGER(-9)},
        {"get k", "$2\r\n-9\r\n"},
        {"expire k 10", INTEGER(1)},
        {"incr k", INTEGER(-8)},
        {"ttl k", INTEGER(10)},
        {"decr other", INTEGER(-1)},
        {"decrby another -5", INTEGER(5)},
        {0},
    });
}

TEST(counters_stop_at_the_edges_of_64_bits)
{
    harness_expect((const struct golden[]){
        {"set k 9223372036854775806", OK},
        {"incr k", INTEGER(9223372036854775807)},
        {"incr k", OVERFLOW},
        {"incrby k 1", OVERFLOW},
        {"decrby k -1", OVERFLOW},
        {"get k", "$19\r\n9223372036854775807\r\n"},
        {"set k -9223372036854775808", OK},
        {"decr k", OVERFLOW},
        {"incrby k -1", OVERFLOW},
        {"incrby k 9223372036854775807", INTEGER(-1)},
        {"decrby k -9223372036854775808", "-ERR decrement would overflow\r\n"},
        {"incrby k 9223372036854775808", NOT_AN_INTEGER},
        {0},
    });
}

TEST(counters_take_nothing_but_plain_decimals)
{
    harness_expect((const struct golden[]){
        {"set k \" 1\"", OK},
        {"incr k", NOT_AN_INTEGER},
        {"set k 01", OK},
        {"incr k", NOT_AN_INTEGER},
        {"set k \"\"", OK},
        {"incr k", NOT_AN_INTEGER},
        {"set k 1.0", OK},
        {"decr k", NOT_AN_INTEGER},
        {"incrby k x", NOT_AN_INTEGER},
        {"incrby lst x", NOT_AN_INTEGER},
        {"incr lst", WRONG_TYPE},
        {"incr k 1", WRONG_ARITY("incr")},
        {0},
    });
}

// Not under Valgrind, which computes with 64 bits; nor is it promised in C.
// What hangs on the digits or the range beyond those is tested where it is.
static bool long_double_is_wider(void)
{
    volatile long double large = 0x1p600L;
    return large * large / large == large;
}

TEST(incrbyfloat_answers_plain_decimals)
{
    harness_expect((const struct golden[]){
        {"incrbyfloat k 3.25", "$4\r\n3.25\r\n"},
        {"incrbyfloat k -3.25", "$1\r\n0\r\n"},
        {"incrbyfloat k -0", "$1\r\n0\r\n"},
        {"incrbyfloat k 1e-20", "$1\r\n0\r\n"},
        {"incrbyfloat k -1e-20", "$1\r\n0\r\n"},
        {"incrbyfloat k 5.0e3", "$4\r\n5000\r\n"},
        {"incrbyfloat k 0x10", "$4\r\n5016\r\n"},
        {"set h 10.50", OK},
        {"expire h 10", INTEGER(1)},
        {"incrbyfloat h -0.25", "$5\r\n10.25\r\n"},
        {"ttl h", INTEGER(10)},
        {0},
    });
}

TEST(incrbyfloat_has_the_digits_of_a_long_double)
{
    if (!long_double_is_wider())
        return;
    harness_expect((const struct golden[]){
        {"incrbyfloat k 3.14", "$4\r\n3.14\r\n"},
        {"incrbyfloat k -3.14", "$1\r\n0\r\n"},
        {"set h 10.50", OK},
        {"incrbyfloat h 0.1", "$4\r\n10.6\r\n"},
        {"set big 1e17", OK},
        {"incrbyfloat big 1", "$18\r\n100000000000000001\r\n"},
        {0},
    });
}

TEST(incrbyfloat_refuses_what_is_no_number)
{
    harness_expect((const struct golden[]){
        {"incrbyfloat k x", NOT_A_FLOAT},
        {"incrbyfloat k nan", NOT_A_FLOAT},
        {"incrbyfloat k \"\"", NOT_A_FLOAT},
        {"incrbyfloat k \" 1\"", NOT_A_FLOAT},
        {"incrbyfloat k \"1 \"", NOT_A_FLOAT},
        {"set k abc", OK},
        {"incrbyfloat k 1", NOT_A_FLOAT},
        {"incrbyfloat lst x", WRONG_TYPE},
        {"get k", "$3\r\nabc\r\n"},
        {0},
    });
}

TEST(a_sum_is_finite_however_large)
{
    if (!long_double_is_wider())
        return;
    harness_expect((const struct golden[]){
        {"incrbyfloat k inf", NOT_FINITE},
        {"incrbyfloat k -inf", NOT_FINITE},
        {"set large 1e4932", OK},
        {"incrbyfloat large 1e4932", NOT_FINITE},
        {"get large", "$6\r\n1e4932\r\n"},
        {0},
    });
    struct harness harness;
    harness_init(&harness, 2);
    struct slice reply = harness_run(&harness, "incrbyfloat k 1e4931");
    ck_assert_int_eq(strncmp(reply.data, "$4932\r\n1000000", 14), 0);
    harness_deinit(&harness);
}

TEST(counters_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"incr k", true},
        {"incrby k x", false},
        {"incrby k 9223372036854775807", false},
        {"decrby k 1", true},
        {"incrbyfloat k 0", true},
        {"incrbyfloat k x", false},
        {"incr lst", false},
        {0},
    });
}
