// test_commands_expire.c -- EXPIRE, TTL and PERSIST on a virtual clock.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#define NX_WITH_OTHERS                                                         \
    "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"
#define GT_WITH_LT                                                             \
    "-ERR GT and LT options at the same time are not compatible\r\n"

TEST(a_key_ends_on_the_millisecond)
{
    harness_expect((const struct golden[]){
        {"set k v", OK},
        {"pexpire k 1500", INTEGER(1)},
        {"+1499", ""},
        {"exists k", INTEGER(1)},
        {"pttl k", INTEGER(1)},
        {"+1", ""},
        {"exists k", INTEGER(0)},
        {"pttl k", INTEGER(-2)},
        {"expire k 10", INTEGER(0)},
        {0},
    });
}

TEST(lifetimes_are_told_in_rounded_seconds_and_milliseconds)
{
    harness_expect((const struct golden[]){
        {"set k v", OK},
        {"ttl k", INTEGER(-1)},
        {"expiretime k", INTEGER(-1)},
        {"ttl nokey", INTEGER(-2)},
        {"pexpiretime nokey", INTEGER(-2)},
        {"pexpire k 1499", INTEGER(1)},
        {"ttl k", INTEGER(1)},
        {"expiretime k", INTEGER(1700000001)},
        {"pexpiretime k", INTEGER(1700000001499)},
        {"pexpire k 1500", INTEGER(1)},
        {"ttl k", INTEGER(2)},
        {"expiretime k", INTEGER(1700000002)},
        {"expireat k 1700000100", INTEGER(1)},
        {"ttl k", INTEGER(100)},
        {"pexpireat k 1700000000001", INTEGER(1)},
        {"pttl k", INTEGER(1)},
        {"ttl k", INTEGER(0)},
        {"pexpireat k 9223372036854775807", INTEGER(1)},
        {"expiretime k", INTEGER(9223372036854776)},
        {"pexpiretime k", INTEGER(9223372036854775807)},
        {0},
    });
}

TEST(a_time_that_has_passed_deletes)
{
    harness_expect((const struct golden[]){
        {"mset a 1 b 2 c 3 d 4 e 5", OK},
        {"expire a 0", INTEGER(1)},
        {"pexpire b -1", INTEGER(1)},
        {"expireat c 1", INTEGER(1)},
        {"pexpireat d 1700000000000", INTEGER(1)},
        {"pexpireat e -1", INTEGER(1)},
        {"dbsize", INTEGER(1)},
        {0},
    });
}

TEST(persist_removes_an_end)
{
    harness_expect((const struct golden[]){
        {"persist k", INTEGER(0)},
        {"set k v", OK},
        {"persist k", INTEGER(0)},
        {"expire k 10", INTEGER(1)},
        {"persist k", INTEGER(1)},
        {"+10000", ""},
        {"get k", "$1\r\nv\r\n"},
        {0},
    });
}

TEST(expire_obeys_its_conditions)
{
    harness_expect((const struct golden[]){
        {"set k v", OK},
        {"expire k 10 xx", INTEGER(0)},
        {"expire k 10 gt", INTEGER(0)},
        {"expire k 10 xx lt", INTEGER(0)},
        {"expire k 10 nx", INTEGER(1)},
        {"expire k 20 nx", INTEGER(0)},
        {"expire k 10 gt", INTEGER(0)},
        {"expire k 10 lt", INTEGER(0)},
        {"expire k 20 gt", INTEGER(1)},
        {"expire k 15 LT XX", INTEGER(1)},
        {"expire k 16 lt", INTEGER(0)},
        {"ttl k", INTEGER(15)},
        {"expire k -1 gt", INTEGER(0)},
        {"expire k -1 lt", INTEGER(1)},
        {"exists k", INTEGER(0)},
        {"set k v", OK},
        {"pexpireat k 9223372036854775807 lt", INTEGER(1)},
        {0},
    });
}

TEST(expire_refuses_what_contradicts_or_overflows)
{
    harness_expect((const struct golden[]){
        {"expire k x", NOT_AN_INTEGER},
        {"expire k 10 foo", "-ERR Unsupported option foo\r\n"},
        {"expire k x foo", "-ERR Unsupported option foo\r\n"},
        {"expire k 10 nx xx", NX_WITH_OTHERS},
        {"expire k x nx gt", NX_WITH_OTHERS},
        {"expire k 10 lt nx", NX_WITH_OTHERS},
        {"expire k 10 gt lt", GT_WITH_LT},
        {"expire k 9223372036854775807", INVALID_EXPIRY("expire")},
        {"expire k -9223372036854775808", INVALID_EXPIRY("expire")},
        {"expire k 9223372036854775", INVALID_EXPIRY("expire")},
        {"pexpire k 9223372036854775807", INVALID_EXPIRY("pexpire")},
        {"expireat k 9223372036854776", INVALID_EXPIRY("expireat")},
        {"pexpireat k 9223372036854775808", NOT_AN_INTEGER},
        {"expireat k 9223372036854775", INTEGER(0)},
        {0},
    });
}

TEST(expire_commands_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"expire k 1", false},
        {"set k v", true},
        {"expire k 10 xx", false},
        {"persist k", false},
        {"expire k 10", true},
        {"ttl k", false},
        {"persist k", true},
        {"expire k -1", true},
        {"expire k -1", false},
        {0},
    });
}
