// test_linear_search.c -- the search against one that tries every order, and
// against histories of a store that is correct.
// SPDX-License-Identifier: MIT
#include "common/sim/linear_search.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "common/sim/kv_model.h"
#include "tests/common/random_history.h"
#include "tests/test.h"

enum { SMALL_MAX = 8 };

// Without the variable, `normal`: slow checkers do less of the same.
static size_t operations(size_t normal)
{
    const char *given = getenv("OPERATIONS");
    size_t wanted = given ? strtoul(given, NULL, 10) : 200000;
    return wanted < 200000 ? normal * wanted / 200000 : normal;
}

static struct linear_answer search(const struct client_history *history,
                                   uint64_t until)
{
    const struct client_operation **list =
        xcalloc(history->count + 1, sizeof(void *));
    for (size_t i = 0; i < history->count; i++)
        list[i] = &history->operations[i];
    struct linear_problem problem = {.model = &kv_model,
                                     .operations = list,
                                     .count = history->count,
                                     .until = until};
    struct linear_answer answer = {0};
    linear_search(&problem, &answer);
    free(list);
    return answer;
}

// ---- Every order

struct orders {
    const struct client_history *history;
    uint64_t until;
    bool taken[SMALL_MAX];
};

static bool is_known(const struct orders *orders, size_t i)
{
    const struct client_operation *operation = &orders->history->operations[i];
    return operation->outcome == CLIENT_OK &&
           operation->returned <= orders->until;
}

// Nothing that is left returned before it.
static bool may_be_next(const struct orders *orders, size_t i)
{
    const struct client_operation *all = orders->history->operations;
    if (orders->taken[i] || all[i].outcome == CLIENT_FAILED ||
        all[i].invoked > orders->until)
        return false;
    for (size_t j = 0; j < orders->history->count; j++) {
        if (!orders->taken[j] && is_known(orders, j) &&
            all[j].returned < all[i].invoked)
            return false;
    }
    return true;
}

static bool some_order(struct orders *orders, struct slice state)
{
    bool found = true;
    for (size_t i = 0; i < orders->history->count; i++)
        found &= orders->taken[i] || !is_known(orders, i);
    for (size_t i = 0; i < orders->history->count && !found; i++) {
        const struct client_operation *operation =
            &orders->history->operations[i];
        struct buffer next = {0};
        buffer_append_slice(&next, state);
        if (may_be_next(orders, i) &&
            kv_model.apply(&operation->steps[0], is_known(orders, i), &next)) {
            orders->taken[i] = true;
            found = some_order(orders, buffer_slice(&next));
            orders->taken[i] = false;
        }
        buffer_deinit(&next);
    }
    return found;
}

static void compare(const struct client_history *history, uint64_t until,
                    uint64_t seed, size_t verdicts[2])
{
    struct orders orders = {.history = history, .until = until};
    bool is_ok = some_order(&orders, (struct slice){0});
    enum linear_verdict verdict = search(history, until).verdict;
    ck_assert_msg((verdict == LINEAR_OK) == is_ok &&
                      verdict != LINEAR_UNDECIDED,
                  "seed %lu: an order %s", (unsigned long)seed,
                  is_ok ? "exists" : "does not exist");
    verdicts[is_ok]++;
}

TEST(the_verdict_is_that_of_trying_every_order)
{
    size_t count = operations(6000), verdicts[2] = {0};
    for (uint64_t seed = 1; seed <= count; seed++) {
        struct random random;
        random_init(&random, seed);
        struct random_history_options options = {
            .operations = 2 + random_below(&random, SMALL_MAX - 2),
            .clients = 2 + random_below(&random, 4),
            .values = 1 + (uint32_t)random_below(&random, 3),
            .unknown_percent = (uint32_t)random_below(&random, 60),
            .counts = random_below(&random, 2)};
        struct client_history history = random_history(&random, &options);
        uint64_t until = random_below(&random, 2)
                             ? UINT64_MAX
                             : random_below(&random, history.events + 1);
        ck_assert_int_eq(search(&history, until).verdict, LINEAR_OK);
        for (uint64_t i = random_below(&random, 3) + 1; i > 0; i--)
            random_history_spoil(&history, &random);
        compare(&history, until, seed, verdicts);
        client_history_deinit(&history);
    }
    ck_assert_uint_gt(verdicts[false], count / 10);
    ck_assert_uint_gt(verdicts[true], count / 10);
}

TEST(what_a_correct_store_does_has_an_order)
{
    size_t count = operations(60);
    for (uint64_t seed = 1; seed <= count; seed++) {
        struct random random;
        random_init(&random, seed);
        struct random_history_options options = {
            .operations = 1000,
            .clients = 1 + random_below(&random, 10),
            .values = 1 + (uint32_t)random_below(&random, 1000),
            .unknown_percent = (uint32_t)random_below(&random, 3),
            .counts = random_below(&random, 2)};
        struct client_history history = random_history(&random, &options);
        struct linear_answer answer = search(&history, UINT64_MAX);
        ck_assert_msg(answer.verdict == LINEAR_OK,
                      "seed %lu: verdict %d after %lu steps",
                      (unsigned long)seed, (int)answer.verdict,
                      (unsigned long)answer.steps);
        client_history_deinit(&history);
    }
}

TEST(the_order_that_it_tells_goes_as_far_as_any)
{
    struct client_history history = {0};
    struct slice none = {0}, a = SLICE("a");
    struct client_step set = {.kind = KV_SET, .key = SLICE("x"), .argument = a};
    struct client_step get = {.kind = KV_GET, .key = SLICE("x")};
    size_t first = client_history_invoke(&history, 1, 0, &set, 1);
    client_history_return(&history, first, 1, CLIENT_OK, &none);
    size_t second = client_history_invoke(&history, 1, 2, &get, 1);
    client_history_return(&history, second, 3, CLIENT_OK, &a);
    size_t third = client_history_invoke(&history, 1, 4, &get, 1);
    client_history_return(&history, third, 5, CLIENT_OK, &none);
    const struct client_operation *list[] = {
        &history.operations[0], &history.operations[1], &history.operations[2]};
    struct linear_answer answer = {.wants_order = true};
    linear_search(&(struct linear_problem){.model = &kv_model,
                                           .operations = list,
                                           .count = 3,
                                           .until = UINT64_MAX},
                  &answer);
    ck_assert_int_eq(answer.verdict, LINEAR_BROKEN);
    ck_assert_uint_eq(answer.order_count, 2);
    ck_assert_ptr_eq(answer.order[0], list[0]);
    ck_assert_ptr_eq(answer.order[1], list[1]);
    free(answer.order);
    client_history_deinit(&history);
}
