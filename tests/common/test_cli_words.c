// test_cli_words.c -- quoting as in redis-cli.
// SPDX-License-Identifier: MIT
#include "common/client/cli_words.h"

#include "tests/test.h"

static void expect_words(struct slice line, size_t count,
                         const struct slice *expected)
{
    struct words words = {0};
    ck_assert(words_split(&words, line));
    ck_assert_uint_eq(words.count, count);
    for (size_t i = 0; i < count; i++) {
        struct slice word = {words.argv[i], words.sizes[i]};
        ck_assert_msg(slice_equal(word, expected[i]), "word %zu of %.*s: %.*s",
                      i, SLICE_PRINT(line), SLICE_PRINT(word));
        ck_assert_int_eq(words.argv[i][words.sizes[i]], '\0');
    }
    words_deinit(&words);
}

#define EXPECT(line, ...)                                                      \
    expect_words(SLICE(line),                                                  \
                 sizeof((struct slice[]){__VA_ARGS__}) / sizeof(struct slice), \
                 (struct slice[]){__VA_ARGS__})

TEST(words_are_separated_by_any_space)
{
    EXPECT("set a 1", SLICE("set"), SLICE("a"), SLICE("1"));
    EXPECT("  set\t a  1 \r", SLICE("set"), SLICE("a"), SLICE("1"));
}

TEST(double_quotes_know_escapes)
{
    EXPECT("\"a b\"", SLICE("a b"));
    EXPECT("\"\\x00\\xFf\\n\\r\\t\\a\\b\\\\\\\"\"",
           SLICE("\0\xff\n\r\t\a\b\\\""));
    EXPECT("\"\\xg1\\q\"", SLICE("xg1q"));
    EXPECT("\"\\x1\"", SLICE("x1"));
}

TEST(single_quotes_know_only_their_own)
{
    EXPECT("'a\\n\\'b'", SLICE("a\\n'b"));
}

TEST(quotes_make_empty_words_and_may_open_inside_a_word)
{
    EXPECT("set k \"\"", SLICE("set"), SLICE("k"), SLICE(""));
    EXPECT("a\"b c\"", SLICE("ab c"));
}

TEST(an_empty_line_has_no_words)
{
    struct words words = {0};
    ck_assert(words_split(&words, SLICE("  \t")));
    ck_assert_uint_eq(words.count, 0);
    words_deinit(&words);
}

static const char *const unbalanced[] = {
    "\"abc", "'abc", "\"a\\\"", "\"a\"b", "'a'b", "x \"", "\"a\\",
};

TEST_FOR(unbalanced_quotes_are_refused,
         (int)(sizeof unbalanced / sizeof *unbalanced))
{
    struct words words = {0};
    ck_assert_msg(!words_split(&words, slice_of(unbalanced[_i])),
                  "accepted: %s", unbalanced[_i]);
    ck_assert_uint_eq(words.count, 0);
    words_deinit(&words);
}

TEST(many_words_stay_where_argv_points)
{
    struct words words = {0};
    for (int i = 0; i < 1000; i++)
        words_append(&words, SLICE("word"));
    ck_assert_uint_eq(words.count, 1000);
    ck_assert_str_eq(words.argv[0], "word");
    ck_assert_str_eq(words.argv[999], "word");
    ck_assert(words_match(&words, 999, "WORD"));
    ck_assert(!words_match(&words, 1000, "word"));
    words_deinit(&words);
}
