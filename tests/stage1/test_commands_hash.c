// test_commands_hash.c -- HSET, HGET, HINCRBY and the like.
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#define OVERFLOW "-ERR increment or decrement would overflow\r\n"
#define NOT_FINITE "-ERR increment would produce NaN or Infinity\r\n"

TEST(hset_counts_new_fields_and_hdel_old_ones)
{
    harness_expect((const struct golden[]){
        {"hset h f 1 g 2 f 3", INTEGER(2)},
        {"hset h f 4 h 5", INTEGER(1)},
        {"hmset h f 6 i 7", OK},
        {"hlen h", INTEGER(4)},
        {"type h", "+hash\r\n"},
        {"hget h f", "$1\r\n6\r\n"},
        {"hdel h f nobody f", INTEGER(1)},
        {"hdel h g h i", INTEGER(3)},
        {"exists h", INTEGER(0)},
        {"hdel h f", INTEGER(0)},
        {"hlen h", INTEGER(0)},
        {0},
    });
}

TEST(fields_and_values_come_in_pairs)
{
    harness_expect((const struct golden[]){
        {"hset h f", WRONG_ARITY("hset")},
        {"hset lst f v g", WRONG_ARITY("hset")},
        {"hmset h f v g", WRONG_ARITY("hmset")},
        {"hmset h f", WRONG_ARITY("hmset")},
        {"hmget h", WRONG_ARITY("hmget")},
        {"exists h", INTEGER(0)},
        {0},
    });
}

TEST(hsetnx_leaves_a_field_that_is_there)
{
    harness_expect((const struct golden[]){
        {"hsetnx h f 1", INTEGER(1)},
        {"hsetnx h f 2", INTEGER(0)},
        {"hget h f", "$1\r\n1\r\n"},
        {"hsetnx h g 2", INTEGER(1)},
        {"hlen h", INTEGER(2)},
        {0},
    });
}

TEST(single_fields_are_read)
{
    harness_expect((const struct golden[]){
        {"hset h f hello \"\" \"\"", INTEGER(2)},
        {"hget h nobody", NIL},
        {"hget nokey f", NIL},
        {"hget h \"\"", "$0\r\n\r\n"},
        {"hmget h f nobody f", "*3\r\n$5\r\nhello\r\n" NIL "$5\r\nhello\r\n"},
        {"hmget nokey a b", "*2\r\n" NIL NIL},
        {"hexists h f", INTEGER(1)},
        {"hexists h nobody", INTEGER(0)},
        {"hexists nokey f", INTEGER(0)},
        {"hstrlen h f", INTEGER(5)},
        {"hstrlen h nobody", INTEGER(0)},
        {"hstrlen nokey f", INTEGER(0)},
        {0},
    });
}

TEST(whole_hashes_are_read_in_their_order)
{
    harness_expect((const struct golden[]){
        {"hset h b 1 a 2", INTEGER(2)},
        {"hset h b 3", INTEGER(0)},
        {"hgetall h", "%2\r\n$1\r\nb\r\n$1\r\n3\r\n$1\r\na\r\n$1\r\n2\r\n"},
        {"hkeys h", "*2\r\n$1\r\nb\r\n$1\r\na\r\n"},
        {"hvals h", "*2\r\n$1\r\n3\r\n$1\r\n2\r\n"},
        {"hgetall nokey", "%0\r\n"},
        {"hkeys nokey", "*0\r\n"},
        {"hvals nokey", "*0\r\n"},
        {0},
    });
}

TEST(hincrby_adds_to_an_integer)
{
    harness_expect((const struct golden[]){
        {"hincrby h n 5", INTEGER(5)},
        {"hincrby h n -7", INTEGER(-2)},
        {"hget h n", "$2\r\n-2\r\n"},
        {"hset h n 9223372036854775807", INTEGER(0)},
        {"hincrby h n 1", OVERFLOW},
        {"hincrby h n -1", INTEGER(9223372036854775806)},
        {"hset h m -9223372036854775808 w \" 1\"", INTEGER(2)},
        {"hincrby h m -1", OVERFLOW},
        {"hincrby h w 1", "-ERR hash value is not an integer\r\n"},
        {"hincrby h n x", NOT_AN_INTEGER},
        {"hincrby lst n x", NOT_AN_INTEGER},
        {"hincrby lst n 1", WRONG_TYPE},
        {0},
    });
}

TEST(hincrbyfloat_adds_to_a_number)
{
    const char *amount = "-ERR value is not a valid float\r\n";
    harness_expect((const struct golden[]){
        {"hincrbyfloat h n 1.5", "$3\r\n1.5\r\n"},
        {"hincrbyfloat h n 1.5", "$1\r\n3\r\n"},
        {"hincrby h n 1", INTEGER(4)},
        {"hincrbyfloat h n -5.0e3", "$5\r\n-4996\r\n"},
        {"hset h w abc i inf", INTEGER(2)},
        {"hincrbyfloat h w 1", "-ERR hash value is not a float\r\n"},
        {"hincrbyfloat h n nan", amount},
        {"hincrbyfloat h n abc", amount},
        {"hincrbyfloat lst n abc", amount},
        {"hincrbyfloat lst n 1", WRONG_TYPE},
        {"hget h n", "$5\r\n-4996\r\n"},
        {0},
    });
    if (getenv("VALGRIND")) // Its LDBL_MAX is infinite.
        return;
    harness_expect((const struct golden[]){
        {"hset h n 1 i inf", INTEGER(2)},
        {"hincrbyfloat h i 1", NOT_FINITE},
        {"hincrbyfloat h n inf", "-ERR value is NaN or Infinity\r\n"},
        {0},
    });
}

TEST(a_hash_says_how_it_is_kept)
{
    const char *small = "$8\r\nlistpack\r\n";
    const char *large = "$9\r\nhashtable\r\n";
    harness_expect((const struct golden[]){
        {"hset h f 1", INTEGER(1)},
        {"object encoding h", small},
        {"hset h g 0123456789012345678901234567890123456789012345678901234567"
         "890123",
         INTEGER(1)},
        {"object encoding h", small},
        {"hset h g 0123456789012345678901234567890123456789012345678901234567"
         "8901234",
         INTEGER(0)},
        {"object encoding h", large},
        {"hdel h g", INTEGER(1)},
        {"object encoding h", large},
        {"hgetall h", "%1\r\n$1\r\nf\r\n$1\r\n1\r\n"},
        {0},
    });
}

TEST(hashes_refuse_other_types)
{
    static const char *const lines[] = {
        "hset lst f v",   "hmset lst f v", "hsetnx lst f v", "hget lst f",
        "hmget lst f",    "hdel lst f",    "hexists lst f",  "hlen lst",
        "hstrlen lst f",  "hkeys lst",     "hvals lst",      "hgetall lst",
        "hrandfield lst", "hscan lst 0",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        harness_expect((const struct golden[]){{lines[i], WRONG_TYPE}, {0}});
}

TEST(hash_commands_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"hset h f v", true},
        {"hset h f v", true},
        {"hset h f", false},
        {"hmset h f v", true},
        {"hsetnx h f v", false},
        {"hsetnx h g 1", true},
        {"hget h f", false},
        {"hgetall h", false},
        {"hincrby h f 1", false},
        {"hincrby h g 1", true},
        {"hincrbyfloat h g x", false},
        {"hincrbyfloat h g 1", true},
        {"hincrby lst g 1", false},
        {"hdel h nobody", false},
        {"hdel nokey f", false},
        {"hdel h f", true},
        {0},
    });
}
