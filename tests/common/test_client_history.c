// test_client_history.c -- tests of common/sim/client_history.c.
// SPDX-License-Identifier: MIT
#include "common/sim/client_history.h"

#include "common/sim/kv_model.h"
#include "tests/common/history_text.h"
#include "tests/test.h"

TEST(an_operation_knows_its_place_among_all_events)
{
    static const char *const events[] = {"1> get x", "2> set x a", "2<", "1< a",
                                         "3> get x"};
    struct client_history history = HISTORY_OF(events);
    ck_assert_uint_eq(history.count, 3);
    ck_assert_uint_eq(history.events, 5);
    ck_assert_uint_eq(history.operations[0].invoked, 1);
    ck_assert_uint_eq(history.operations[0].returned, 4);
    ck_assert_uint_eq(history.operations[1].returned, 3);
    ck_assert_uint_eq(history.operations[2].returned, UINT64_MAX);
    ck_assert_int_eq(history.operations[2].outcome, CLIENT_UNKNOWN);
    client_history_deinit(&history);
}

TEST(a_return_without_an_answer_has_no_place)
{
    static const char *const events[] = {"1> set x a", "1?", "2> get x",
                                         "2< -"};
    struct client_history history = HISTORY_OF(events);
    ck_assert_uint_eq(history.operations[0].returned, UINT64_MAX);
    ck_assert_int_eq(history.operations[0].returned_us, 1);
    ck_assert_uint_eq(history.operations[1].invoked, 2);
    client_history_deinit(&history);
}

TEST(bytes_are_copied_and_an_empty_value_is_not_an_absent_one)
{
    char key[] = "k", value[] = "v";
    struct client_history history = {0};
    struct client_step steps[] = {
        {.kind = KV_SET, .key = SLICE(key), .argument = SLICE(value)},
        {.kind = KV_SET, .key = SLICE(key), .argument = SLICE("")},
        {.kind = KV_GET, .key = SLICE(key)}};
    size_t index = client_history_invoke(&history, 1, 0, steps, 3);
    struct slice results[] = {SLICE("OK"), {0}, SLICE("")};
    client_history_return(&history, index, 1, CLIENT_OK, results);
    *key = *value = '?';
    const struct client_step *seen = history.operations[0].steps;
    ck_assert(slice_equal(seen[0].key, SLICE("k")));
    ck_assert(slice_equal(seen[0].argument, SLICE("v")));
    ck_assert(slice_equal(seen[0].result, SLICE("OK")));
    ck_assert_ptr_nonnull(seen[1].argument.data);
    ck_assert_ptr_null(seen[1].result.data);
    ck_assert_ptr_null(seen[2].argument.data);
    ck_assert_ptr_nonnull(seen[2].result.data);
    client_history_deinit(&history);
}

TEST(words_say_who_asked_what_and_when)
{
    static const struct {
        const char *events[2], *words;
    } cases[] = {
        {{"1> set x a", "1<"}, "c1  set x \"a\" -> nothing  [0.000, 0.001] ms"},
        {{"2> get x, get y", "2< '' -"},
         "c2  get x -> \"\", get y -> nothing  [0.000, 0.001] ms"},
        {{"3> incrby n 5", "3!"},
         "c3  incrby n \"5\" -> failed  [0.000, 0.001] ms"},
        {{"3> del n", "3?"}, "c3  del n  [0.000, unknown outcome]"},
        {{"3> append n \x01\xff", "3< 2"},
         "c3  append n \"\\x01\\xff\" -> \"2\"  [0.000, 0.001] ms"},
        {{"3> set n 123456789012345678901234567890", "3?"},
         "c3  set n \"123456789012345678901234...\"  [0.000, unknown "
         "outcome]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client_history history = history_of(cases[i].events, 2);
        struct buffer words = {0};
        client_operation_describe(&history.operations[0], kv_model.names,
                                  &words);
        buffer_append_byte(&words, '\0');
        ck_assert_str_eq(words.data, cases[i].words);
        buffer_deinit(&words);
        client_history_deinit(&history);
    }
}
