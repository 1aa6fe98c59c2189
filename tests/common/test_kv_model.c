// test_kv_model.c -- tests of common/sim/kv_model.c.
// SPDX-License-Identifier: MIT
#include "common/sim/kv_model.h"

#include "tests/common/history_text.h"
#include "tests/test.h"

// Takes one operation after another. The first that cannot be, from 1; or 0.
static size_t first_wrong(const struct client_history *history)
{
    struct buffer state = {0};
    size_t wrong = 0;
    for (size_t i = 0; i < history->count && !wrong; i++) {
        const struct client_operation *operation = &history->operations[i];
        bool known = operation->outcome == CLIENT_OK;
        for (size_t j = 0; j < operation->count; j++) {
            if (!kv_model.apply(&operation->steps[j], known, &state))
                wrong = i + 1;
        }
    }
    buffer_deinit(&state);
    return wrong;
}

static const struct {
    const char *events[6];
    size_t wrong;
} cases[] = {
    {{"1> get x", "1< -", "1> set x a", "1<", "1> get x", "1< a"}, 0},
    {{"1> set x a", "1<", "1> get x", "1< b"}, 2},
    {{"1> set x a", "1<", "1> get x", "1< -"}, 2},
    {{"1> set x ''", "1<", "1> get x", "1< -"}, 2},
    {{"1> set x ''", "1<", "1> get x", "1< ''"}, 0},
    {{"1> set x a", "1<", "1> set x", "1<", "1> get x", "1< -"}, 0},
    {{"1> del x", "1< 0", "1> set x a", "1<", "1> del x", "1< 1"}, 0},
    {{"1> set x a", "1<", "1> del x", "1< 0"}, 2},
    {{"1> setnx x a", "1< 1", "1> setnx x b", "1< 0", "1> get x", "1< a"}, 0},
    {{"1> setnx x a", "1< 0"}, 1},
    {{"1> incrby x 5", "1< 5", "1> incrby x -7", "1< -2", "1> get x", "1< -2"},
     0},
    {{"1> incrby x 5", "1< 6"}, 1},
    {{"1> set x a", "1<", "1> incrby x 1", "1?"}, 2},
    {{"1> append x ab", "1< 2", "1> append x c", "1< 3", "1> get x", "1< abc"},
     0},
    {{"1> append x ''", "1< 0", "1> get x", "1< ''"}, 0},
    {{"1> append x ab", "1< 3"}, 1},
    {{"1> expect x -, set x a", "1<", "1> expect x a", "1<"}, 0},
    {{"1> expect x a, set x b", "1?"}, 1},
    {{"1> set x a, set y b", "1<", "1> get y, get x", "1< b a"}, 0},
};

TEST_FOR(a_step_is_right_in_some_states_and_wrong_in_others,
         sizeof cases / sizeof *cases)
{
    size_t count = 0;
    while (count < 6 && cases[_i].events[count])
        count++;
    struct client_history history = history_of(cases[_i].events, count);
    ck_assert_uint_eq(first_wrong(&history), cases[_i].wrong);
    client_history_deinit(&history);
}

TEST(equal_stores_are_equal_bytes)
{
    struct buffer states[2] = {{0}};
    struct client_step a = {
        .kind = KV_SET, .key = SLICE("a"), .argument = SLICE("1")};
    struct client_step b = {
        .kind = KV_SET, .key = SLICE("b"), .argument = SLICE("22")};
    ck_assert(kv_model.apply(&a, true, &states[0]));
    ck_assert(kv_model.apply(&b, true, &states[0]));
    ck_assert(kv_model.apply(&b, true, &states[1]));
    ck_assert(!slice_equal(buffer_slice(&states[0]), buffer_slice(&states[1])));
    ck_assert(kv_model.apply(&a, true, &states[1]));
    ck_assert(slice_equal(buffer_slice(&states[0]), buffer_slice(&states[1])));
    a.argument = b.argument = (struct slice){0};
    ck_assert(kv_model.apply(&a, true, &states[0]));
    ck_assert(kv_model.apply(&b, true, &states[0]));
    ck_assert_uint_eq(states[0].size, 0);
    buffer_deinit(&states[0]);
    buffer_deinit(&states[1]);
}
