// test_session_guarantees.c -- tests of common/sim/session_guarantees.c.
// SPDX-License-Identifier: MIT
#include "common/sim/session_guarantees.h"

#include <string.h>

#include "common/sim/kv_model.h"
#include "tests/common/history_text.h"
#include "tests/common/random_history.h"
#include "tests/test.h"

static struct session_report judge(const struct client_history *history)
{
    struct session_values values;
    struct session_report report;
    session_values_init(&values, history, &kv_model);
    session_guarantees_check(history, &kv_model, &values.versions, &report);
    session_values_deinit(&values);
    buffer_append_byte(&report.story, '\0');
    return report;
}

static const struct {
    const char *what, *broken;
    const char *events[10];
} cases[] = {
    {"a read of what oneself wrote",
     NULL,
     {"1> set x a", "1<", "1> get x", "1< a"}},
    {"a read of what another one wrote later",
     NULL,
     {"1> set x a", "1<", "2> set x b", "2<", "1> get x", "1< b"}},
    {"a read from before one's own write",
     "read your writes",
     {"2> set x a", "2<", "1> set x b", "1<", "1> get x", "1< a"}},
    {"nothing, after one's own write",
     "read your writes",
     {"1> set x a", "1<", "1> get x", "1< -"}},
    {"a stale read of another client",
     NULL,
     {"2> set x a", "2<", "1> set x b", "1<", "2> get x", "2< a"}},
    {"reads that go back",
     "monotonic reads",
     {"1> set x a", "1<", "1> set x b", "1<", "2> get x", "2< b", "2> get x",
      "2< a"}},
    {"reads by two clients that go back",
     NULL,
     {"1> set x a", "1<", "1> set x b", "1<", "2> get x", "2< b", "3> get x",
      "3< a"}},
    {"writes that overlap have no order",
     NULL,
     {"1> set x a", "2> set x b", "1<", "2<", "3> get x", "3< a", "3> get x",
      "3< b"}},
    {"reads that overlap have none either",
     NULL,
     {"1> set x a", "1<", "1> set x b", "1<", "2> get x", "2> get x", "2< a"}},
    {"a write without an answer promises nothing",
     NULL,
     {"1> set x a", "1?", "1> get x", "1< -"}},
    {"another key", NULL, {"1> set x a", "1<", "1> get y", "1< -"}},
    {"one of two keys",
     "read your writes",
     {"1> set x a, set y a", "1<", "1> get x, get y", "1< a -"}},
};

TEST_FOR(sessions_keep_what_they_are_promised_or_not,
         sizeof cases / sizeof *cases)
{
    size_t count = 0;
    while (count < 10 && cases[_i].events[count])
        count++;
    struct client_history history = history_of(cases[_i].events, count);
    struct session_report report = judge(&history);
    ck_assert_msg(report.kept == !cases[_i].broken, "%s: %s", cases[_i].what,
                  report.story.data);
    if (cases[_i].broken)
        ck_assert_str_eq(report.broken, cases[_i].broken);
    session_report_deinit(&report);
    client_history_deinit(&history);
}

// Numbers: the larger, the newer.
static bool is_smaller(const struct session_versions *versions,
                       const struct client_step *later,
                       const struct client_step *earlier)
{
    (void)versions;
    struct slice old = later->kind == KV_GET ? later->result : later->argument;
    struct slice new =
        earlier->kind == KV_GET ? earlier->result : earlier->argument;
    return slice_compare(old, new) < 0;
}

TEST(the_store_says_what_is_older)
{
    static const struct {
        const char *events[4], *broken;
    } writes[] = {
        {{"1> set x 2", "1<", "1> set x 1", "1<"}, "monotonic writes"},
        {{"1> get x", "1< 2", "1> set x 1", "1<"}, "writes follow reads"},
        {{"1> set x 1", "1<", "1> set x 2", "1<"}, NULL},
    };
    static const struct session_versions versions = {is_smaller};
    for (size_t i = 0; i < 3; i++) {
        struct client_history history = history_of(writes[i].events, 4);
        struct session_report report;
        session_guarantees_check(&history, &kv_model, &versions, &report);
        ck_assert_int_eq(report.kept, !writes[i].broken);
        if (writes[i].broken)
            ck_assert_str_eq(report.broken, writes[i].broken);
        session_report_deinit(&report);
        client_history_deinit(&history);
    }
}

TEST(the_story_names_both_operations)
{
    static const char *const events[] = {"1> set x a", "1<", "1> get x",
                                         "1< -"};
    struct client_history history = HISTORY_OF(events);
    struct session_report report = judge(&history);
    ck_assert_str_eq(
        report.story.data,
        "read your writes: broken in the session of c1\n"
        "    c1  set x \"a\" -> nothing  [0.000, 0.001] ms\n"
        "    c1  get x -> nothing  [0.002, 0.003] ms  <-- an older version\n");
    session_report_deinit(&report);
    client_history_deinit(&history);
}

TEST(a_store_that_is_correct_keeps_all_promises)
{
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct random random;
        random_init(&random, seed);
        struct random_history_options options = {.operations = 300,
                                                 .clients = 5,
                                                 .only_sets = true,
                                                 .unknown_percent = 3};
        struct client_history history = random_history(&random, &options);
        struct session_report report = judge(&history);
        ck_assert_msg(report.kept, "seed %lu: %s", (unsigned long)seed,
                      report.story.data);
        session_report_deinit(&report);
        client_history_deinit(&history);
    }
}
