// test_check.c -- an assertion that fails names its place and stops.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>

#include "tests/common/child.h"
#include "tests/test.h"

static const int LINE_OF_FALSEHOOD = __LINE__ + 3;
static void claim_a_falsehood(void)
{
    check(1 + 1 == 3);
}

TEST(a_failed_check_names_its_place_and_aborts)
{
    char said[256], expected[256];
    int status = child_run(claim_a_falsehood, said, sizeof said);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
    snprintf(expected, sizeof expected, "%s:%d: check failed: 1 + 1 == 3\n",
             __FILE__, LINE_OF_FALSEHOOD);
    ck_assert_str_eq(said, expected);
}

TEST(a_check_that_holds_evaluates_its_condition_once)
{
    int evaluated = 0;
    check(++evaluated);
    ck_assert_int_eq(evaluated, 1);
}

TEST(a_check_is_one_statement)
{
    bool reached = false;
    if (!reached)
        check(true);
    else
        reached = true;
    ck_assert(!reached);
}
