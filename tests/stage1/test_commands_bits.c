// test_commands_bits.c -- SETBIT, GETBIT, BITCOUNT.
// SPDX-License-Identifier: MIT
#include "common/base/random.h"
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#define BAD_OFFSET "-ERR bit offset is not an integer or out of range\r\n"
#define BAD_BIT "-ERR bit is not an integer or out of range\r\n"

TEST(bit_zero_is_the_highest_of_the_first_byte)
{
    harness_expect((const struct golden[]){
        {"setbit k 1 1", INTEGER(0)},
        {"get k", "$1\r\n@\r\n"},
        {"setbit k 7 1", INTEGER(0)},
        {"get k", "$1\r\nA\r\n"},
        {"setbit k 1 0", INTEGER(1)},
        {"setbit k 1 1", INTEGER(0)},
        {"setbit k 14 1", INTEGER(0)},
        {"strlen k", INTEGER(2)},
        {"getbit k 14", INTEGER(1)},
        {"getbit k 15", INTEGER(0)},
        {"getbit k 4294967295", INTEGER(0)},
        {"getbit nokey 0", INTEGER(0)},
        {"setbit zeros 20 0", INTEGER(0)},
        {"strlen zeros", INTEGER(3)},
        {0},
    });
}

TEST(bit_commands_check_offset_bit_and_type)
{
    harness_expect((const struct golden[]){
        {"setbit k -1 1", BAD_OFFSET},
        {"setbit k x 1", BAD_OFFSET},
        {"setbit k 4294967296 1", BAD_OFFSET},
        {"getbit k -1", BAD_OFFSET},
        {"getbit k 4294967296", BAD_OFFSET},
        {"setbit k 0 2", BAD_BIT},
        {"setbit k 0 -1", BAD_BIT},
        {"setbit k 0 x", BAD_BIT},
        {"setbit k x x", BAD_OFFSET},
        {"exists k", INTEGER(0)},
        {"setbit lst 0 1", WRONG_TYPE},
        {"getbit lst 0", WRONG_TYPE},
        {"bitcount lst", WRONG_TYPE},
        {0},
    });
}

TEST(bitcount_counts_ranges_of_bytes_and_bits)
{
    harness_expect((const struct golden[]){
        {"set k foobar", OK},
        {"bitcount k", INTEGER(26)},
        {"bitcount k 0 0", INTEGER(4)},
        {"bitcount k 1 1", INTEGER(6)},
        {"bitcount k 1 1 byte", INTEGER(6)},
        {"bitcount k 5 30 BIT", INTEGER(17)},
        {"bitcount k 9 9 BIT", INTEGER(1)},
        {"bitcount k -1 -1 BIT", INTEGER(0)},
        {"bitcount k -2 -2 BIT", INTEGER(1)},
        {"bitcount k 0 -1", INTEGER(26)},
        {"bitcount k -100 100", INTEGER(26)},
        {"bitcount k 4 2", INTEGER(0)},
        {"bitcount k 9223372036854775807 9223372036854775807", INTEGER(0)},
        {"bitcount k 9223372036854775807 9223372036854775807 bit", INTEGER(0)},
        {"bitcount nokey 1", INTEGER(0)},
        {"bitcount nokey 0 1 foo", INTEGER(0)},
        {"bitcount k 1", SYNTAX_ERROR},
        {"bitcount k 0 1 foo", SYNTAX_ERROR},
        {"bitcount k -1 -2 foo", INTEGER(0)},
        {"bitcount k 0 1 bit x", SYNTAX_ERROR},
        {"bitcount k a 1", NOT_AN_INTEGER},
        {"bitcount k 0 b", NOT_AN_INTEGER},
        {"set e \"\"", OK},
        {"bitcount e", INTEGER(0)},
        {"bitcount e 0 -1 bit", INTEGER(0)},
        {0},
    });
}

// Random strings and ranges against counting bit by bit.
TEST(bitcount_agrees_with_counting_one_by_one)
{
    struct harness harness;
    struct random random;
    harness_init(&harness, 2);
    random_init(&random, 7);
    for (int round = 0; round < 300; round++) {
        char bytes[64], line[64], wanted[32];
        size_t size = 1 + random_below(&random, sizeof bytes);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)random_next(&random);
        struct slice set[] = {SLICE("set"), SLICE("k"), {bytes, size}};
        harness_run_argv(&harness, set, 3);

        uint64_t first = random_below(&random, size * 8);
        uint64_t last = first + random_below(&random, size * 8 - first);
        int count = 0;
        for (uint64_t at = first; at <= last; at++)
            count += (unsigned char)bytes[at / 8] >> (7 - at % 8) & 1;
        snprintf(line, sizeof line, "bitcount k %d %d bit", (int)first,
                 (int)last);
        snprintf(wanted, sizeof wanted, ":%d\r\n", count);
        ck_assert(slice_equal(harness_run(&harness, line), slice_of(wanted)));
    }
    harness_deinit(&harness);
}

TEST(bit_commands_say_exactly_when_they_change_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"setbit k 0 0", true},
        {"setbit k 0 0", false},
        {"setbit k 0 1", true},
        {"setbit k 0 1", false},
        {"setbit k 9 0", true},
        {"setbit lst 0 1", false},
        {"setbit k 0 2", false},
        {"getbit k 0", false},
        {"bitcount k", false},
        {0},
    });
}
