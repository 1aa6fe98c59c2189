// test_commands_set_algebra.c -- SINTER, SUNION, SDIFF and what stores them.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"

#include <stdio.h>

#include "common/base/random.h"
#include "tests/test.h"

#define SETS                                                                   \
    {"sadd a 1 2 3 4", INTEGER(4)}, {"sadd b 2 4 6", INTEGER(3)},              \
    {                                                                          \
        "sadd c 4 x", INTEGER(2)                                               \
    }

TEST(intersections_have_what_all_sets_have)
{
    harness_expect((const struct golden[]){
        SETS,
        {"sinter a", "~4\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n"},
        {"sinter a b", "~2\r\n$1\r\n2\r\n$1\r\n4\r\n"},
        {"sinter a b c", "~1\r\n$1\r\n4\r\n"},
        {"sinter a a", "~4\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n"},
        {"sinter a nokey b", "~0\r\n"},
        {"sinter nokey", "~0\r\n"},
        {"sinter nokey lst", WRONG_TYPE},
        {"sinter lst nokey", WRONG_TYPE},
        {"sinter", WRONG_ARITY("sinter")},
        {0},
    });
}

TEST(unions_have_what_any_set_has)
{
    harness_expect((const struct golden[]){
        SETS,
        {"sunion b nokey", "~3\r\n$1\r\n2\r\n$1\r\n4\r\n$1\r\n6\r\n"},
        {"sunion b a", "~5\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n"
                       "$1\r\n6\r\n"},
        {"sunion b c", "~4\r\n$1\r\n2\r\n$1\r\n4\r\n$1\r\n6\r\n$1\r\nx\r\n"},
        {"sunion nokey nokey", "~0\r\n"},
        {"sunion a lst", WRONG_TYPE},
        {0},
    });
}

TEST(differences_have_what_the_first_set_has_alone)
{
    harness_expect((const struct golden[]){
        SETS,
        {"sdiff a", "~4\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n"},
        {"sdiff a b", "~2\r\n$1\r\n1\r\n$1\r\n3\r\n"},
        {"sdiff c a b", "~1\r\n$1\r\nx\r\n"},
        {"sdiff a nokey b", "~2\r\n$1\r\n1\r\n$1\r\n3\r\n"},
        {"sdiff a a", "~0\r\n"},
        {"sdiff nokey a", "~0\r\n"},
        {"sdiff nokey lst", WRONG_TYPE},
        {0},
    });
}

TEST(results_are_stored_over_whatever_was_there)
{
    harness_expect((const struct golden[]){
        SETS,
        {"sinterstore lst a b", INTEGER(2)},
        {"smembers lst", "~2\r\n$1\r\n2\r\n$1\r\n4\r\n"},
        {"set d x px 100", OK},
        {"sunionstore d a b", INTEGER(5)},
        {"ttl d", INTEGER(-1)},
        {"object encoding d", "$6\r\nintset\r\n"},
        {"sdiffstore d a b", INTEGER(2)},
        {"smembers d", "~2\r\n$1\r\n1\r\n$1\r\n3\r\n"},
        {"sinterstore d c", INTEGER(2)},
        {"object encoding d", "$9\r\nhashtable\r\n"},
        {0},
    });
}

TEST(an_empty_result_deletes_the_destination)
{
    harness_expect((const struct golden[]){
        SETS,
        {"set d x", OK},
        {"sinterstore d a nokey", INTEGER(0)},
        {"exists d", INTEGER(0)},
        {"sdiffstore a a b c a", INTEGER(0)},
        {"exists a", INTEGER(0)},
        {"sunionstore a nokey", INTEGER(0)},
        {0},
    });
}

TEST(a_source_may_be_the_destination)
{
    harness_expect((const struct golden[]){
        SETS,
        {"sinterstore a a b", INTEGER(2)},
        {"smembers a", "~2\r\n$1\r\n2\r\n$1\r\n4\r\n"},
        {"sunionstore a b a a", INTEGER(3)},
        {"sdiffstore a a c", INTEGER(2)},
        {"smembers a", "~2\r\n$1\r\n2\r\n$1\r\n6\r\n"},
        {0},
    });
}

TEST(a_wrong_type_among_the_sources_leaves_the_destination)
{
    harness_expect((const struct golden[]){
        SETS,
        {"sinterstore a nokey lst", WRONG_TYPE},
        {"sunionstore a b lst", WRONG_TYPE},
        {"sdiffstore a lst", WRONG_TYPE},
        {"scard a", INTEGER(4)},
        {0},
    });
}

TEST(sintercard_counts_up_to_a_limit)
{
    harness_expect((const struct golden[]){
        SETS,
        {"sintercard 2 a b", INTEGER(2)},
        {"sintercard 2 a b limit 0", INTEGER(2)},
        {"sintercard 2 a b LIMIT 1", INTEGER(1)},
        {"sintercard 2 a b limit 1 limit 9", INTEGER(2)},
        {"sintercard 1 a", INTEGER(4)},
        {"sintercard 2 a nokey", INTEGER(0)},
        {0},
    });
}

TEST(sintercard_checks_its_arguments_in_order)
{
    const char *keys = "-ERR numkeys should be greater than 0\r\n";
    const char *more =
        "-ERR Number of keys can't be greater than number of args\r\n";
    const char *limit = "-ERR LIMIT can't be negative\r\n";
    harness_expect((const struct golden[]){
        {"sintercard 0 a", keys},
        {"sintercard x a", keys},
        {"sintercard -1 a", keys},
        {"sintercard 2 a", more},
        {"sintercard 4294967297 a", more},
        {"sintercard 1 a limit", SYNTAX_ERROR},
        {"sintercard 1 a b", SYNTAX_ERROR},
        {"sintercard 1 a limit -1", limit},
        {"sintercard 1 a limit x", limit},
        {"sintercard 2 nokey lst", WRONG_TYPE},
        {"sintercard 1", WRONG_ARITY("sintercard")},
        {0},
    });
}

TEST(set_algebra_says_exactly_when_it_changes_something)
{
    harness_expect_changes((const struct golden_change[]){
        {"sadd a 1 2", true},
        {"sinter a a", false},
        {"sunion a a", false},
        {"sdiff a nokey", false},
        {"sintercard 1 a", false},
        {"sinterstore d a", true},
        {"sinterstore d a", true},
        {"sinterstore d nokey", true},
        {"sinterstore d nokey", false},
        {"sunionstore d lst", false},
        {0},
    });
}

// Sets as bits: member i of set k is bit i of bits[k].
enum { MEMBERS = 24, KEYS = 5 };

static int64_t harness_number(struct harness *harness, const char *line)
{
    struct slice reply = harness_run(harness, line);
    int64_t number = 0;
    ck_assert_msg(
        reply.data[0] == ':' &&
            slice_to_int64((struct slice){reply.data + 1, reply.size - 3},
                           &number),
        "%s: %.*s", line, SLICE_PRINT(reply));
    return number;
}

static uint32_t stored_bits(struct harness *harness, const char *format)
{
    uint32_t bits = 0;
    char line[64], member[16];
    for (unsigned i = 0; i < MEMBERS; i++) {
        snprintf(member, sizeof member, format, i);
        snprintf(line, sizeof line, "sismember d %s", member);
        bits |= (uint32_t)harness_number(harness, line) << i;
    }
    return bits;
}

static void change_one(struct harness *harness, struct random *random,
                       uint32_t bits[KEYS], const char *format)
{
    char line[64], member[16];
    unsigned k = (unsigned)random_below(random, KEYS);
    unsigned i = (unsigned)random_below(random, MEMBERS);
    snprintf(member, sizeof member, format, i);
    snprintf(line, sizeof line, "%s s%u %s",
             random_below(random, 3) ? "sadd" : "srem", k, member);
    bool add = line[1] == 'a';
    ck_assert_int_eq(harness_number(harness, line),
                     (bits[k] >> i & 1) != (unsigned)add);
    bits[k] = add ? bits[k] | 1u << i : bits[k] & ~(1u << i);
}

// In the words of the commands: what one of them makes of two operands.
static uint32_t combine(const char *name, uint32_t a, uint32_t b)
{
    return name[1] == 'i' ? a & b : name[1] == 'u' ? a | b : a & ~b;
}

TEST_FOR(random_results_match_operations_on_bits, 2)
{
    static const char *const names[] = {"sinterstore", "sunionstore",
                                        "sdiffstore"};
    static const char *const formats[] = {"%u", "m%u"};
    uint32_t bits[KEYS] = {0};
    struct harness harness;
    struct random random;
    char line[64];
    random_init(&random, (uint64_t)_i);
    harness_init(&harness, 2);
    for (int step = 0; step < 3000; step++) {
        change_one(&harness, &random, bits, formats[_i]);
        if (step % 10 != 0)
            continue;
        const char *name = names[random_below(&random, 3)];
        int size = snprintf(line, sizeof line, "%s d", name);
        uint32_t wanted = 0;
        for (uint64_t j = 0, n = 1 + random_below(&random, 6); j < n; j++) {
            unsigned k = (unsigned)random_below(&random, KEYS);
            wanted = j ? combine(name, wanted, bits[k]) : bits[k];
            size +=
                snprintf(line + size, sizeof line - (size_t)size, " s%u", k);
        }
        ck_assert_int_eq(harness_number(&harness, line),
                         __builtin_popcount(wanted));
        ck_assert_uint_eq(stored_bits(&harness, formats[_i]), wanted);
    }
    harness_deinit(&harness);
}
