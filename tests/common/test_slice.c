// test_slice.c -- comparing, numbers, and the glob.
// SPDX-License-Identifier: MIT
#include "common/base/slice.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "common/base/random.h"
#include "tests/test.h"

TEST(order_is_bytewise_and_a_prefix_comes_first)
{
    static const struct slice ascending[] = {
        {"", 0},   {"\0", 1}, {"A", 1}, {"a", 1},    {"a\0", 2},
        {"aa", 2}, {"ab", 2}, {"b", 1}, {"\x80", 1}, {"\xff", 1}};
    int count = sizeof ascending / sizeof *ascending;
    for (int a = 0; a < count; a++) {
        for (int b = 0; b < count; b++) {
            int order = slice_compare(ascending[a], ascending[b]);
            ck_assert_int_eq((order > 0) - (order < 0), (a > b) - (a < b));
            ck_assert_int_eq(slice_equal(ascending[a], ascending[b]), a == b);
        }
    }
}

TEST(a_slice_of_nothing_needs_no_memory)
{
    struct slice nothing = {NULL, 0};
    int64_t integer;
    double number;
    ck_assert(slice_equal(nothing, SLICE("")));
    ck_assert(slice_equal_nocase(nothing, SLICE("")));
    ck_assert_int_eq(slice_compare(nothing, SLICE("")), 0);
    ck_assert(!slice_to_int64(nothing, &integer));
    ck_assert(!slice_to_double(nothing, &number));
    ck_assert(slice_matches(nothing, nothing, false));
    ck_assert(slice_matches(nothing, SLICE("*"), false));
    ck_assert(!slice_matches(SLICE("a"), nothing, false));
}

TEST(case_is_that_of_ascii_letters_only)
{
    ck_assert(slice_equal_nocase(SLICE("GeT[1]"), SLICE("gEt[1]")));
    ck_assert(!slice_equal_nocase(SLICE("get"), SLICE("gett")));
    ck_assert(!slice_equal_nocase(SLICE("@"), SLICE("`")));
    ck_assert(!slice_equal_nocase(SLICE("["), SLICE("{")));
    ck_assert(!slice_equal_nocase(SLICE("\xc4"), SLICE("\xe4")));
    ck_assert(slice_is(SLICE("EX"), "ex"));
    ck_assert(!slice_is(SLICE("EX\0"), "ex"));
    ck_assert(!slice_is(SLICE("E"), "ex"));
}

// Texts and what they are; NULL: no integer.
static const struct {
    struct slice text;
    const char *value;
} integers[] = {
    {{"0", 1}, "0"},
    {{"1", 1}, "1"},
    {{"-1", 2}, "-1"},
    {{"1000", 4}, "1000"},
    {{"9223372036854775807", 19}, "9223372036854775807"},
    {{"-9223372036854775808", 20}, "-9223372036854775808"},
    {{"9223372036854775808", 19}, NULL},
    {{"-9223372036854775809", 20}, NULL},
    {{"18446744073709551616", 20}, NULL},
    {{"99999999999999999999", 20}, NULL},
    {{"100000000000000000000", 21}, NULL},
    {{"", 0}, NULL},
    {{"-", 1}, NULL},
    {{"+1", 2}, NULL},
    {{"-0", 2}, NULL},
    {{"00", 2}, NULL},
    {{"01", 2}, NULL},
    {{"-01", 3}, NULL},
    {{"--1", 3}, NULL},
    {{" 1", 2}, NULL},
    {{"1 ", 2}, NULL},
    {{"1\0", 2}, NULL},
    {{"1.0", 3}, NULL},
    {{"1e3", 3}, NULL},
    {{"0x1", 3}, NULL},
    {{"1/", 2}, NULL},
    {{"1:", 2}, NULL},
    {{"one", 3}, NULL},
};

TEST_FOR(an_integer_is_canonical_or_none, sizeof integers / sizeof *integers)
{
    int64_t value = 77;
    bool is_one = slice_to_int64(integers[_i].text, &value);
    ck_assert_int_eq(is_one, integers[_i].value != NULL);
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, value);
    ck_assert_str_eq(text, is_one ? integers[_i].value : "77");
}

static void assert_formats(int64_t value)
{
    char text[INT64_TEXT_MAX], expected[32];
    size_t size = int64_format(text, value);
    int wanted = snprintf(expected, sizeof expected, "%" PRId64, value);
    ck_assert_uint_eq(size, (size_t)wanted);
    ck_assert_mem_eq(text, expected, size);
    int64_t back;
    ck_assert(slice_to_int64((struct slice){text, size}, &back));
    ck_assert_int_eq(back, value);
}

TEST(formatting_and_reading_an_integer_are_inverse)
{
    assert_formats(0);
    assert_formats(INT64_MAX);
    assert_formats(INT64_MIN);
    for (int64_t power = 1;; power *= 10) {
        for (int64_t step = -1; step <= 1; step++) {
            assert_formats(power + step);
            assert_formats(-power + step);
        }
        if (power > INT64_MAX / 10)
            break;
    }
    struct random random;
    random_init(&random, 1);
    for (int i = 0; i < 20000; i++)
        assert_formats((int64_t)random_next(&random) >>
                       random_below(&random, 64));
}

// What redis-server 7.0 accepts as a score (double) and in INCRBYFLOAT (long
// double).
static const struct {
    const char *text;
    double value;
    enum { NEITHER, BOTH, ONLY_LONG, TOO_LONG } accepted;
} numbers[] = {
    {"0", 0, BOTH},
    {"-0", -0.0, BOTH},
    {"1.5", 1.5, BOTH},
    {"3.0e3", 3000, BOTH},
    {".5", 0.5, BOTH},
    {"1.", 1, BOTH},
    {"+5", 5, BOTH},
    {"-2.5E-1", -0.25, BOTH},
    {"0x10", 16, BOTH},
    {"0X1p4", 16, BOTH},
    {"inf", INFINITY, BOTH},
    {"+inf", INFINITY, BOTH},
    {"-iNf", -INFINITY, BOTH},
    {"Infinity", INFINITY, BOTH},
    {"5e-324", 5e-324, BOTH},
    {"1.7976931348623157e308", 1.7976931348623157e308, BOTH},
    {"1e400", 0, ONLY_LONG},
    {"1e-400", 0, ONLY_LONG},
    {"1e5000", 0, TOO_LONG},
    {"1e-5000", 0, TOO_LONG},
    {"", 0, NEITHER},
    {".", 0, NEITHER},
    {"-", 0, NEITHER},
    {"1e", 0, NEITHER},
    {"0x", 0, NEITHER},
    {"1d", 0, NEITHER},
    {" 1", 0, NEITHER},
    {"\n1", 0, NEITHER},
    {"1 ", 0, NEITHER},
    {"1\t", 0, NEITHER},
    {"1,5", 0, NEITHER},
    {"nan", 0, NEITHER},
    {"-NaN", 0, NEITHER},
    {"nan(1)", 0, NEITHER},
    {"infinit", 0, NEITHER},
};

// Not under Valgrind, which computes with 64 bits; nor is it promised in C.
static bool long_double_is_wider(void)
{
    volatile long double large = 0x1p600L;
    return large * large / large == large;
}

TEST_FOR(a_score_is_what_redis_takes_for_one, sizeof numbers / sizeof *numbers)
{
    double value = 77;
    bool is_double = slice_to_double(slice_of(numbers[_i].text), &value);
    ck_assert_int_eq(is_double, numbers[_i].accepted == BOTH);
    ck_assert(value == (is_double ? numbers[_i].value : 77));
    if (is_double)
        ck_assert_int_eq(signbit(value), signbit(numbers[_i].value));
}

TEST_FOR(an_increment_is_what_redis_takes_for_one,
         sizeof numbers / sizeof *numbers)
{
    bool is_far =
        numbers[_i].accepted == ONLY_LONG || numbers[_i].accepted == TOO_LONG;
    if (is_far && !long_double_is_wider())
        return;
    long double value = 77;
    bool accepted = slice_to_long_double(slice_of(numbers[_i].text), &value);
    ck_assert_int_eq(accepted, numbers[_i].accepted == BOTH ||
                                   numbers[_i].accepted == ONLY_LONG);
    if (!accepted)
        ck_assert(value == 77);
    else if (!is_far)
        ck_assert((double)value == numbers[_i].value);
}

TEST(a_number_ends_with_its_slice)
{
    double value;
    long double wide;
    ck_assert(slice_to_double((struct slice){"12345", 2}, &value));
    ck_assert(value == 12);
    ck_assert(slice_to_long_double((struct slice){"1e9", 1}, &wide));
    ck_assert(wide == 1);
    ck_assert(!slice_to_double(SLICE("1\0"), &value));
    ck_assert(!slice_to_long_double(SLICE("1\0"), &wide));
}

TEST(a_number_of_more_than_5119_digits_is_none)
{
    static char digits[5120];
    memset(digits, '0', sizeof digits);
    digits[1] = '.';
    long double value;
    ck_assert(slice_to_long_double((struct slice){digits, 5119}, &value));
    ck_assert(!slice_to_long_double((struct slice){digits, 5120}, &value));
}

struct glob {
    const char *pattern, *text;
    bool matches;
};

// Each was put to redis-server 7.0 (SCAN 0 MATCH pattern).
static const struct glob globs[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "", false},
    {"abc", "abc", true},
    {"abc", "abd", false},
    {"abc", "ab", false},
    {"ab", "abc", false},
    {"abc", "ABC", false},
    {"?", "a", true},
    {"?", "", false},
    {"a?c", "abc", true},
    {"a?c", "ac", false},
    {"*", "", true},
    {"*", "anything", true},
    {"a*", "a", true},
    {"a**", "a", true},
    {"a*", "ba", false},
    {"*a", "bca", true},
    {"*a", "bcab", false},
    {"a*c", "abcbc", true},
    {"*ab*ab*", "abab", true},
    {"*ab*ab*", "abba", false},
    {"*?", "", false},
    {"*?", "a", true},
    {"a*?b", "ab", false},
    {"a*?b", "axb", true},
    {"h[ae]llo", "hello", true},
    {"h[ae]llo", "hillo", false},
    {"h[^e]llo", "hello", false},
    {"h[^e]llo", "hallo", true},
    {"[a-c]", "b", true},
    {"[a-c]", "d", false},
    {"[c-a]", "b", true},
    {"[a-cx-z0]", "y", true},
    {"[a-cx-z0]", "0", true},
    {"[a-cx-z0]", "-", false},
    {"*[0-9]", "key7", true},
    {"*[0-9]", "key", false},
    {"[!a]", "b", false},
    {"[!a]", "!", true},
    // Classes at their edges.
    {"[]", "]", false},
    {"[]a]", "a", false},
    {"[^]", "x", true},
    {"[", "[", false},
    {"*[", "[", false},
    {"[^", "x", true},
    {"[a", "a", true},
    {"[a-", "a", true},
    {"[a-", "-", true},
    {"[a-", "b", false},
    {"[a-z", "q", true},
    {"[a-]", "]", true}, // A range to ']', and no end.
    {"[a-]", "^", true},
    {"[a-]", "-", false},
    {"[--]", "A", true},
    {"[--]", "^", false},
    {"[\\-]", "-", true},
    {"[\\-]", "\\", false},
    {"[\\]]", "]", true},
    {"[\\", "\\", true},
    {"[a\\-z]", "m", false},
    {"[a\\-z]", "-", true},
    // Escapes.
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"\\?", "x", false},
    {"\\[a]", "[a]", true},
    {"\\\\", "\\", true},
    {"\\", "\\", true},
    {"a\\", "a\\", true},
    {"\\a", "a", true},
};

TEST_FOR(a_glob_matches_what_redis_matches, sizeof globs / sizeof *globs)
{
    const struct glob *glob = &globs[_i];
    ck_assert_int_eq(
        slice_matches(slice_of(glob->text), slice_of(glob->pattern), false),
        glob->matches);
}

TEST(a_glob_without_case_ignores_it_except_behind_a_backslash_in_a_class)
{
    ck_assert(slice_matches(SLICE("MaxClients"), SLICE("max*S"), true));
    ck_assert(slice_matches(SLICE("B"), SLICE("[a-c]"), true));
    ck_assert(slice_matches(SLICE("b"), SLICE("[A-C]"), true));
    ck_assert(slice_matches(SLICE("B"), SLICE("[b]"), true));
    ck_assert(!slice_matches(SLICE("B"), SLICE("[^b]"), true));
    ck_assert(slice_matches(SLICE("B"), SLICE("\\b"), true));
    ck_assert(!slice_matches(SLICE("B"), SLICE("[\\b]"), true));
    ck_assert(!slice_matches(SLICE("D"), SLICE("[a-c]"), true));
}

TEST(a_glob_takes_any_bytes)
{
    ck_assert(slice_matches(SLICE("a\0b"), SLICE("a\0b"), false));
    ck_assert(slice_matches(SLICE("a\0b"), SLICE("a?b"), false));
    ck_assert(!slice_matches(SLICE("a\0b"), SLICE("a"), false));
    ck_assert(slice_matches(SLICE("\xe9"), SLICE("[\x80-\xff]"), false));
    ck_assert(slice_matches(SLICE("\xe9"), SLICE("[a-\xff]"), false));
    ck_assert(!slice_matches(SLICE("\x7f"), SLICE("[\x80-\xff]"), false));
}

// The definition, without a thought about its cost.
static bool matches_plainly(const char *text, const char *pattern)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern == '*')
        return matches_plainly(text, pattern + 1) ||
               (*text && matches_plainly(text + 1, pattern));
    return *text && (*pattern == '?' || *pattern == *text) &&
           matches_plainly(text + 1, pattern + 1);
}

TEST(stars_agree_with_their_definition)
{
    struct random random;
    random_init(&random, 8);
    int matched = 0;
    for (int i = 0; i < 50000; i++) {
        char text[11] = {0}, pattern[8] = {0};
        for (uint64_t n = random_below(&random, sizeof text); n; n--)
            text[n - 1] = "ab"[random_below(&random, 2)];
        for (uint64_t n = random_below(&random, sizeof pattern); n; n--)
            pattern[n - 1] = "ab?**"[random_below(&random, 5)];
        bool expected = matches_plainly(text, pattern);
        ck_assert_int_eq(
            slice_matches(slice_of(text), slice_of(pattern), false), expected);
        matched += expected;
    }
    ck_assert_int_gt(matched, 5000);
}

TEST(a_hostile_pattern_ends_soon)
{
    // With backtracking over all stars this takes longer than the universe.
    static char text[20000], pattern[200];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = i % 2 ? '*' : 'a';
    pattern[sizeof pattern - 1] = 'b';
    struct slice all = {pattern, sizeof pattern};
    ck_assert(!slice_matches((struct slice){text, sizeof text}, all, false));
    memcpy(pattern + 100, "[^a]", 4);
    all.size = 104;
    ck_assert(!slice_matches((struct slice){text, sizeof text}, all, false));
}
