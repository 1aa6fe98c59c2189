// test_commands_hash_scan.c -- HRANDFIELD, HSCAN.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"

#include <stdio.h>

#include "tests/test.h"

// A hash "h" with the fields f0, f1, ... and their numbers as values.
static void make_hash(struct harness *harness, int count)
{
    char line[64];
    for (int i = 0; i < count; i++) {
        snprintf(line, sizeof line, "hset h f%d %d", i, i);
        harness_run(harness, line);
    }
}

// Reads the number behind one of the kinds of header, or a bulk string's.
static long take_number(struct slice *reply, const char *kinds)
{
    const char *end = memchr(reply->data, '\n', reply->size);
    ck_assert(end && strchr(kinds, reply->data[0]));
    long number = strtol(reply->data + 1, NULL, 10);
    reply->size -= (size_t)(end + 1 - reply->data);
    reply->data = end + 1;
    return number;
}

static struct slice take_bulk(struct slice *reply)
{
    size_t size = (size_t)take_number(reply, "$");
    struct slice bulk = {reply->data, size};
    reply->data += size + 2;
    reply->size -= size + 2;
    return bulk;
}

// Reads a field and, if there is one, its value, which says the same number.
static int take_field(struct slice *reply, bool value)
{
    int64_t number, of_value;
    struct slice field = take_bulk(reply);
    ck_assert_int_eq(field.data[0], 'f');
    field = (struct slice){field.data + 1, field.size - 1};
    ck_assert(slice_to_int64(field, &number));
    if (value) {
        ck_assert(slice_to_int64(take_bulk(reply), &of_value));
        ck_assert_int_eq(number, of_value);
    }
    return (int)number;
}

TEST(random_fields_of_nothing_and_of_one)
{
    harness_expect((const struct golden[]){
        {"hrandfield nokey", NIL},
        {"hrandfield nokey 1", "*0\r\n"},
        {"hrandfield nokey -1 withvalues", "*0\r\n"},
        {"hset h f v", INTEGER(1)},
        {"hrandfield h", "$1\r\nf\r\n"},
        {"hrandfield h 0", "*0\r\n"},
        {"hrandfield h 0 withvalues", "*0\r\n"},
        {"hrandfield h 5", "*1\r\n$1\r\nf\r\n"},
        {"hrandfield h -2", "*2\r\n$1\r\nf\r\n$1\r\nf\r\n"},
        {0},
    });
}

TEST(hrandfield_checks_its_arguments_before_the_key)
{
    const char *range = "-ERR value is out of range\r\n";
    harness_expect((const struct golden[]){
        {"hrandfield lst x", NOT_AN_INTEGER},
        {"hrandfield lst 1 bad", SYNTAX_ERROR},
        {"hrandfield lst 1 withvalues x", SYNTAX_ERROR},
        {"hrandfield lst -9223372036854775808",
         "-ERR value is out of range, value must between "
         "-9223372036854775807 and 9223372036854775807\r\n"},
        {"hrandfield lst 4611686018427387904 withvalues", range},
        {"hrandfield lst -4611686018427387904 withvalues", range},
        {"hrandfield lst 9223372036854775807", WRONG_TYPE},
        {"hrandfield lst 4611686018427387903 WITHVALUES", WRONG_TYPE},
        {0},
    });
}

TEST_FOR(pairs_are_flat_in_resp2_and_nested_in_resp3, 2)
{
    static const char *const all[] = {
        "*4\r\n$2\r\nf0\r\n$1\r\n0\r\n$2\r\nf1\r\n$1\r\n1\r\n",
        "*2\r\n*2\r\n$2\r\nf0\r\n$1\r\n0\r\n*2\r\n$2\r\nf1\r\n$1\r\n1\r\n",
    };
    struct harness harness;
    harness_init(&harness, 2 + _i);
    make_hash(&harness, 2);
    ck_assert(slice_equal(harness_run(&harness, "hrandfield h 2 withvalues"),
                          slice_of(all[_i])));
    harness_deinit(&harness);
}

// In both encodings, with and without repetition, with and without values.
TEST_FOR(every_field_is_about_equally_likely, 8)
{
    enum { PICKS = 20 };
    bool large = _i & 1, repeats = _i & 2, values = _i & 4;
    int count = large ? 600 : 30, rounds = large ? 6000 : 1000;
    int seen[600] = {0}, wanted = rounds * PICKS / count;
    struct harness harness;
    char line[64];
    harness_init(&harness, 2);
    make_hash(&harness, count);
    snprintf(line, sizeof line, "hrandfield h %d%s", repeats ? -PICKS : PICKS,
             values ? " withvalues" : "");
    for (int round = 0; round < rounds; round++) {
        bool here[600] = {false};
        struct slice reply = harness_run(&harness, line);
        ck_assert_int_eq(take_number(&reply, "*"), values ? 2 * PICKS : PICKS);
        for (int i = 0; i < PICKS; i++) {
            int field = take_field(&reply, values);
            ck_assert(field >= 0 && field < count);
            ck_assert(repeats || !here[field]);
            here[field] = true;
            seen[field]++;
        }
    }
    for (int i = 0; i < count; i++) {
        ck_assert_int_gt(seen[i], wanted / 2);
        ck_assert_int_lt(seen[i], wanted * 3 / 2);
    }
    harness_deinit(&harness);
}

TEST(hscan_answers_a_small_hash_in_one_go)
{
    harness_expect((const struct golden[]){
        {"hscan nokey 0", "*2\r\n$1\r\n0\r\n*0\r\n"},
        {"hscan nokey 0 bad", "*2\r\n$1\r\n0\r\n*0\r\n"},
        {"hscan nokey x", "-ERR invalid cursor\r\n"},
        {"hscan lst 0 bad", WRONG_TYPE},
        {"hset h b 1 a 2", INTEGER(2)},
        {"hscan h 0 count 1", "*2\r\n$1\r\n0\r\n*4\r\n$1\r\nb\r\n$1\r\n1\r\n"
                              "$1\r\na\r\n$1\r\n2\r\n"},
        {"hscan h 99 match a", "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$1\r\n2\r\n"},
        {"hscan h 0 match 1", "*2\r\n$1\r\n0\r\n*0\r\n"},
        {"hscan h 0 novalues", SYNTAX_ERROR},
        {"hscan h 0 count 0", SYNTAX_ERROR},
        {0},
    });
}

TEST(hscan_walks_over_a_table_by_count)
{
    enum { COUNT = 1003, STEP = 100 };
    int seen[COUNT] = {0}, calls = 0;
    struct harness harness;
    char line[64];
    int64_t cursor = 0;
    harness_init(&harness, 2);
    make_hash(&harness, COUNT);
    do {
        snprintf(line, sizeof line, "hscan h %d count %d", (int)cursor, STEP);
        struct slice reply = harness_run(&harness, line);
        ck_assert_int_eq(take_number(&reply, "*"), 2);
        ck_assert(slice_to_int64(take_bulk(&reply), &cursor));
        long items = take_number(&reply, "*");
        ck_assert_int_eq(items, cursor ? 2 * STEP : 2 * (COUNT % STEP));
        for (long i = 0; i < items; i += 2)
            seen[take_field(&reply, true)]++;
        ck_assert_int_lt(++calls, COUNT);
    } while (cursor != 0);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(seen[i], 1);
    harness_deinit(&harness);
}

TEST(random_and_scanning_commands_change_nothing)
{
    harness_expect_changes((const struct golden_change[]){
        {"hset h f v g w", true},
        {"hrandfield h", false},
        {"hrandfield h 1", false},
        {"hrandfield h -1 withvalues", false},
        {"hscan h 0", false},
        {0},
    });
}

TEST(more_repetitions_than_a_reply_can_hold_are_refused_at_once)
{
    struct harness harness;
    harness_init(&harness, 2);
    harness_run(&harness, "hset k a 1");
    harness.reply.max = 800;
    struct slice reply = harness_run(&harness, "hrandfield k -100");
    ck_assert_int_eq(reply.data[0], '*');
    reply = harness_run(&harness, "hrandfield k -9000000000000");
    ck_assert(slice_equal(
        reply, SLICE("-ERR value is out of range, the reply would exceed "
                     "output_buffer_limits\r\n")));
    ck_assert(!harness.reply.overflowed);
    harness_deinit(&harness);
}
