// test_judge.c -- tests of labs/harness/judge.c: traces made by hand.
// SPDX-License-Identifier: MIT
#include "labs/harness/judge.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

static const char *const steps[] = {
    "node always 65536 0 0",
    "keys s1 n1",
    "start",
    "c1 set s1 a",
    "c2 incr n1",
    "c1 get s1",
    "power",
    "c3 mset s1 x n1 y",
    "c1 del s1",
};
enum { SET = 4, INCR, GET, POWER, MSET, DEL };

// The trace is lines as a subject writes them.
static struct finding judged(const char *lines, struct limits limits)
{
    struct schedule schedule = {0};
    struct trace trace = {0};
    struct finding finding;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        schedule_add(&schedule, "%s", steps[i]);
    text_add(&trace.text, bytes_of(lines));
    trace_parse(&trace);
    judge(&schedule, &trace, &limits, &finding);
    schedule_deinit(&schedule);
    trace_deinit(&trace);
    return finding;
}

static enum rule rule_of(const char *lines)
{
    struct finding finding = judged(lines, (struct limits){0});
    enum rule rule = finding.rule;
    finding_deinit(&finding);
    return rule;
}

#define OK "\\x0d\\x0a"
#define START "S\nK\nR 6 $-1" OK "$-1" OK "+PONG" OK "\nW\n"
#define SET_SENT "E 1 ms c1 > set\nQ 1 4\n"
#define SET_TOLD "E 2 ms c1 <\nR 1 +OK" OK "\n"
#define INCR_SENT "Q 2 5\n"
#define INCR_TOLD "R 2 :1" OK "\n"
#define AGAIN(s1, n1) "S\nK\nR 6 " s1 OK n1 OK "+PONG" OK "\nW\n"
#define NONE "$-1"
#define A "$1" OK "a"
#define ONE "$1" OK "1"

TEST(what_was_told_and_came_back_keeps_the_rules)
{
    ck_assert_int_eq(rule_of(START SET_SENT SET_TOLD INCR_SENT INCR_TOLD
                             "D power\n" AGAIN(A, ONE)),
                     RULE_NONE);
}

TEST(what_nobody_was_told_of_may_be_gone)
{
    ck_assert_int_eq(rule_of(START SET_SENT "D power\n" AGAIN(NONE, NONE)),
                     RULE_NONE);
    ck_assert_int_eq(rule_of(START SET_SENT "D power\n" AGAIN(A, NONE)),
                     RULE_NONE);
}

TEST(what_was_told_must_not_be_gone)
{
    struct finding finding =
        judged(START SET_SENT SET_TOLD INCR_SENT "D power\n" AGAIN(NONE, NONE),
               (struct limits){0});
    ck_assert_int_eq(finding.rule, RULE_LOST);
    ck_assert_uint_eq(finding.step, SET);
    ck_assert_uint_eq(finding.told_event, 2);
    ck_assert_str_eq(finding.expected.data, "s1 = a");
    ck_assert_str_eq(finding.got.data, "s1 = (nothing)");
    finding_deinit(&finding);
}

TEST(a_later_request_without_an_earlier_one_is_no_state_that_ever_was)
{
    ck_assert_int_eq(
        rule_of(START SET_SENT INCR_SENT "D power\n" AGAIN(NONE, ONE)),
        RULE_NEVER);
}

TEST(a_request_that_was_executed_twice_is_found)
{
    ck_assert_int_eq(
        rule_of(START INCR_SENT INCR_TOLD "D kill\n" AGAIN(NONE, "$1" OK "2")),
        RULE_NEVER);
}

TEST(half_of_a_request_is_found)
{
    ck_assert_int_eq(rule_of(START "Q 3 8\nD power\n" AGAIN("$1" OK "x", NONE)),
                     RULE_NEVER);
}

TEST(a_read_tells_of_what_others_wrote)
{
    ck_assert_int_eq(rule_of(START SET_SENT "Q 2 6\nE 3 ms c2 <\nR 2 " A OK
                                            "\nD power\n" AGAIN(NONE, NONE)),
                     RULE_LOST);
    // One that overtook the write tells of nothing.
    ck_assert_int_eq(rule_of(START SET_SENT "Q 2 6\nR 2 " NONE OK
                                            "\nD power\n" AGAIN(NONE, NONE)),
                     RULE_NONE);
}

TEST(a_read_of_what_was_answered_must_see_it)
{
    ck_assert_int_eq(
        rule_of(START SET_SENT SET_TOLD "Q 2 6\nR 2 " NONE OK "\n"),
        RULE_REPLY);
}

TEST(a_clean_stop_keeps_what_nobody_was_told_of_too)
{
    ck_assert_int_eq(rule_of(START SET_SENT "D stop\n" AGAIN(NONE, NONE)),
                     RULE_LOST);
    ck_assert_int_eq(rule_of(START SET_SENT "D unclean\n"), RULE_UNSTOPPED);
}

TEST(a_refusal_wants_a_reason)
{
    static const char refused[] =
        START SET_SENT "R 1 -MISCONF" OK "\nD power\n" AGAIN(NONE, NONE);
    ck_assert_int_eq(rule_of(refused), RULE_ERROR);
    struct finding finding = judged(refused, (struct limits){.errors = true});
    ck_assert_int_eq(finding.rule, RULE_NONE);
    finding_deinit(&finding);
}

TEST(what_was_refused_must_not_come_back_and_what_is_unknown_may)
{
    struct limits limits = {.errors = true};
    struct finding finding = judged(
        START SET_SENT "R 1 -MISCONF" OK "\nD power\n" AGAIN(A, NONE), limits);
    ck_assert_int_eq(finding.rule, RULE_NEVER);
    finding_deinit(&finding);
    finding = judged(
        START SET_SENT "R 1 -UNKNOWN" OK "\nD power\n" AGAIN(A, NONE), limits);
    ck_assert_int_eq(finding.rule, RULE_NONE);
    finding_deinit(&finding);
}

TEST(a_node_that_does_not_start_breaks_a_rule_unless_it_may)
{
    ck_assert_int_eq(rule_of("X damaged\n"), RULE_REFUSED);
    struct finding finding =
        judged("X damaged\n", (struct limits){.refusals = true});
    ck_assert_int_eq(finding.rule, RULE_NONE);
    finding_deinit(&finding);
}

TEST(a_run_without_a_node_that_serves_shows_nothing)
{
    ck_assert_int_eq(rule_of("D power\n"), RULE_REFUSED);
    ck_assert_int_eq(rule_of(""), RULE_REFUSED);
}

TEST(without_a_start_no_node_is_missed)
{
    struct schedule schedule = {0};
    struct trace trace = {0};
    struct limits limits = {0};
    struct finding finding;
    schedule_add(&schedule, "node always 65536 0 0");
    judge(&schedule, &trace, &limits, &finding);
    ck_assert_int_eq(finding.rule, RULE_NONE);
    finding_deinit(&finding);
    schedule_deinit(&schedule);
}

TEST(a_request_without_an_answer_is_found_when_there_was_time)
{
    ck_assert_int_eq(rule_of(START SET_SENT "Z\n"), RULE_SILENT);
    ck_assert_int_eq(rule_of(START SET_SENT SET_TOLD "Z\n"), RULE_NONE);
}

TEST(files_beyond_the_bound_are_found)
{
    struct finding finding =
        judged("S\nU 101\n", (struct limits){.size_max = 100});
    ck_assert_int_eq(finding.rule, RULE_SIZE);
    finding_deinit(&finding);
    finding = judged("S\nU 100\n", (struct limits){.size_max = 100});
    ck_assert_int_eq(finding.rule, RULE_NONE);
    finding_deinit(&finding);
}

TEST(a_reply_that_nobody_asked_for_is_found)
{
    ck_assert_int_eq(rule_of(START "R 1 +OK" OK "\n"), RULE_REPLY);
}

// What a graded program might write itself.
TEST(nonsense_breaks_a_rule_and_nothing_else)
{
    ck_assert_int_eq(rule_of(START "Q 1 99999\n"), RULE_ENDED);
    ck_assert_int_eq(rule_of(START "Q 9 4\n"), RULE_ENDED);
    ck_assert_int_eq(
        rule_of("R 77 x\n\n\\x\nR\nQ\nW\nK\nR 6 $999\nW\n") != RULE_LOST, true);
}
