// test_linearizability.c -- histories whose verdicts are known.
// SPDX-License-Identifier: MIT
#include "common/sim/linearizability.h"

#include <string.h>

#include "common/sim/kv_model.h"
#include "tests/common/history_text.h"
#include "tests/test.h"

static enum linear_verdict judge(const struct client_history *history,
                                 struct linear_report *report)
{
    linearizability_check(history, &kv_model, &(struct linear_limits){0},
                          report);
    buffer_append_byte(&report->story, '\0');
    return report->verdict;
}

static const struct {
    const char *what;
    enum linear_verdict verdict;
    const char *events[12];
} cases[] = {
    {"nothing happened", LINEAR_OK, {0}},
    {"a read sees a write that runs",
     LINEAR_OK,
     {"1> set x a", "2> get x", "2< a", "1<"}},
    {"a read need not see a write that runs",
     LINEAR_OK,
     {"1> set x a", "2> get x", "2< -", "1<"}},
    {"a read must see what has returned",
     LINEAR_BROKEN,
     {"1> set x a", "1<", "2> get x", "2< -"}},
    {"what nobody wrote is not read",
     LINEAR_BROKEN,
     {"1> set x a", "2> get x", "2< b", "1<"}},
    {"once seen, a write stays seen by others",
     LINEAR_BROKEN,
     {"1> set x a", "2> get x", "2< a", "3> get x", "3< -", "1<"}},
    {"two writes that overlap may be in either order",
     LINEAR_OK,
     {"1> set x a", "2> set x b", "1<", "2<", "3> get x", "3< a"}},
    {"but in one for all",
     LINEAR_BROKEN,
     {"1> set x a", "2> set x b", "1<", "2<", "3> get x", "3< a", "3> get x",
      "3< b"}},
    {"a write that was overwritten does not come back",
     LINEAR_BROKEN,
     {"1> set x a", "1<", "1> set x b", "1<", "2> get x", "2< a"}},
    {"a lost update of a counter",
     LINEAR_BROKEN,
     {"1> incrby n 1", "2> incrby n 1", "1< 1", "2< 1"}},
    {"a counter counts both",
     LINEAR_OK,
     {"1> incrby n 1", "2> incrby n 1", "1< 2", "2< 1"}},
    {"what is unknown may take effect late",
     LINEAR_OK,
     {"1> set x a", "1?", "2> get x", "2< -", "2> get x", "2< a"}},
    {"or never", LINEAR_OK, {"1> set x a", "1?", "2> get x", "2< -"}},
    {"but only once",
     LINEAR_BROKEN,
     {"1> incrby n 1", "1?", "2> incrby n 1", "2< 2", "2> incrby n 1", "2< 4"}},
    {"and not before it was asked for",
     LINEAR_BROKEN,
     {"2> get x", "2< a", "1> set x a", "1?"}},
    {"what has failed takes no effect",
     LINEAR_BROKEN,
     {"1> set x a", "1!", "2> get x", "2< a"}},
    {"keys are judged one by one",
     LINEAR_OK,
     {"1> set x a", "2> set y b", "2<", "1<", "2> get x", "2< a", "1> get y",
      "1< b"}},
    {"a write of two keys is seen whole",
     LINEAR_BROKEN,
     {"1> set x a, set y a", "2> get x, get y", "2< a -", "1<"}},
    {"reads of joined keys agree in their order",
     LINEAR_BROKEN,
     {"1> set x a", "2> set y b", "3> get x, get y", "3< a -",
      "4> get x, get y", "4< - b", "1<", "2<"}},
    {"one by one the same would be right",
     LINEAR_OK,
     {"1> set x a", "2> set y b", "3> get x", "3< a", "4> get y", "4< b", "1<",
      "2<"}},
    {"only one of two can have changed it",
     LINEAR_BROKEN,
     {"1> expect x -, set x a", "2> expect x -, set x b", "1<", "2<"}},
};

TEST_FOR(known_histories_have_their_verdicts, sizeof cases / sizeof *cases)
{
    size_t count = 0;
    while (count < 12 && cases[_i].events[count])
        count++;
    struct client_history history = history_of(cases[_i].events, count);
    struct linear_report report;
    ck_assert_msg(judge(&history, &report) == cases[_i].verdict, "%s: %s",
                  cases[_i].what, report.story.data);
    ck_assert(!report.culprit == (cases[_i].verdict == LINEAR_OK));
    linear_report_deinit(&report);
    client_history_deinit(&history);
}

TEST(the_story_names_the_operations_of_the_smallest_beginning)
{
    static const char *const events[] = {
        "1> set x a", "1<",       "2> set x b", "2<",         "3> get x",
        "3< a",       "1> get x", "1< b",       "1> set x c", "1<"};
    struct client_history history = HISTORY_OF(events);
    struct linear_report report;
    ck_assert_int_eq(judge(&history, &report), LINEAR_BROKEN);
    ck_assert_ptr_eq(report.culprit, &history.operations[2]);
    ck_assert_uint_eq(report.prefix, 3);
    ck_assert(report.is_smallest);
    ck_assert_str_eq(
        report.story.data,
        "not linearizable: key x\n"
        "  the smallest beginning that is broken: 3 of 5 operations\n"
        "    c1  set x \"a\" -> nothing  [0.000, 0.001] ms\n"
        "    c2  set x \"b\" -> nothing  [0.002, 0.003] ms\n"
        "    c3  get x -> \"a\"  [0.004, 0.005] ms  <-- no order\n"
        "  an order that goes as far as any ends with\n"
        "    c1  set x \"a\" -> nothing  [0.000, 0.001] ms\n"
        "    c2  set x \"b\" -> nothing  [0.002, 0.003] ms\n");
    linear_report_deinit(&report);
    client_history_deinit(&history);
}

// The return of c2 is the first that no order passes, but only because of what
// c1 is answered later.
TEST(a_beginning_does_not_know_what_returns_later)
{
    static const char *const events[] = {"1> incrby n 1", "2> get n", "2< 1",
                                         "3> incrby n 1", "3< 2",     "1< 2"};
    struct client_history history = HISTORY_OF(events);
    struct linear_report report;
    ck_assert_int_eq(judge(&history, &report), LINEAR_BROKEN);
    ck_assert_ptr_eq(report.culprit, &history.operations[0]);
    ck_assert_uint_eq(report.prefix, 3);
    linear_report_deinit(&report);
    client_history_deinit(&history);
}

TEST(what_cannot_be_finished_is_undecided_and_never_passed)
{
    // Twelve writes at once, of which none is read.
    struct client_history history = {0};
    struct slice result = SLICE("?");
    for (uint32_t client = 0; client < 12; client++) {
        char value = (char)('a' + client);
        struct client_step step = {
            .kind = KV_APPEND, .key = SLICE("x"), .argument = {&value, 1}};
        client_history_invoke(&history, client, 0, &step, 1);
    }
    struct client_step get = {.kind = KV_GET, .key = SLICE("x")};
    size_t read = client_history_invoke(&history, 12, 0, &get, 1);
    client_history_return(&history, read, 1, CLIENT_OK, &result);
    struct linear_report report;
    linearizability_check(&history, &kv_model,
                          &(struct linear_limits){.steps_max = 1000}, &report);
    ck_assert_int_eq(report.verdict, LINEAR_UNDECIDED);
    ck_assert_ptr_null(report.culprit);
    buffer_append_byte(&report.story, '\0');
    ck_assert_ptr_nonnull(
        strstr(report.story.data, "undecided: key x: 13 operations, 12 of"));
    linear_report_deinit(&report);

    linearizability_check(&history, &kv_model,
                          &(struct linear_limits){.memory_max = 1 << 16},
                          &report);
    ck_assert_int_eq(report.verdict, LINEAR_UNDECIDED);
    linear_report_deinit(&report);
    client_history_deinit(&history);
}

TEST(an_object_that_is_broken_outweighs_one_that_is_undecided)
{
    static const char *const events[] = {
        "1> append x a", "2> append x b", "3> append x c", "4> get x",
        "4< cabcabc",    "5> get y",      "5< a"};
    struct client_history history = HISTORY_OF(events);
    struct linear_report report;
    linearizability_check(&history, &kv_model,
                          &(struct linear_limits){.steps_max = 5}, &report);
    ck_assert_int_eq(report.verdict, LINEAR_BROKEN);
    ck_assert(slice_equal(report.culprit->steps[0].key, SLICE("y")));
    linear_report_deinit(&report);
    client_history_deinit(&history);
}

// Unknown writes, each of which may be the one that is read, or none.
TEST(writes_that_may_or_may_not_be_are_told_apart_quickly)
{
    struct client_history history = {0};
    for (uint32_t i = 0; i < 200; i++) {
        char value[2] = {(char)('a' + i % 26), (char)('a' + i / 26)};
        struct client_step set = {
            .kind = KV_SET, .key = SLICE("x"), .argument = {value, 2}};
        struct client_step get = {.kind = KV_GET, .key = SLICE("x")};
        struct slice result = i < 199 ? set.argument : SLICE("never");
        client_history_invoke(&history, i, i, &set, 1);
        size_t read = client_history_invoke(&history, 1000, i, &get, 1);
        client_history_return(&history, read, i, CLIENT_OK, &result);
    }
    struct linear_report report;
    ck_assert_int_eq(judge(&history, &report), LINEAR_BROKEN);
    ck_assert_uint_eq(report.prefix, history.count);
    ck_assert_uint_lt(report.steps, 1000000);
    linear_report_deinit(&report);
    client_history_deinit(&history);
}
