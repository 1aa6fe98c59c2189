// test_trace.c -- tests of labs/harness/trace.c.
// SPDX-License-Identifier: MIT
#include "labs/harness/trace.h"

#include "tests/test.h"

static struct trace trace_of(const char *text)
{
    struct trace trace = {0};
    text_add(&trace.text, bytes_of(text));
    trace_parse(&trace);
    return trace;
}

TEST(lines_have_the_event_that_they_follow)
{
    struct trace trace = trace_of("S\nE one\nQ 1 2\nE two\nZ\n");
    ck_assert_uint_eq(trace.count, 5);
    ck_assert_uint_eq(trace.events, 2);
    ck_assert_uint_eq(trace.lines[0].event, 0);
    ck_assert_uint_eq(trace.lines[2].event, 1);
    ck_assert_uint_eq(trace.lines[4].event, 2);
    ck_assert_uint_eq(trace_event(&trace, 2).size, 3);
    trace_deinit(&trace);
}

TEST(the_first_event_that_differs_is_told)
{
    struct trace a = trace_of("E one\nE two\nE three\n");
    struct trace b = trace_of("E one\nE TWO\nE three\n");
    struct trace shorter = trace_of("E one\nE two\n");
    ck_assert_uint_eq(trace_first_difference(&a, &a), 0);
    ck_assert_uint_eq(trace_first_difference(&a, &b), 2);
    ck_assert_uint_eq(trace_first_difference(&a, &shorter), 3);
    ck_assert_uint_ne(a.hash, b.hash);
    trace_deinit(&a);
    trace_deinit(&b);
    trace_deinit(&shorter);
}

TEST(escapes_are_taken_back)
{
    struct text out = {0};
    trace_unescape(bytes_of("a\\x0d\\x0a\\x5cb\\x"), &out);
    ck_assert_str_eq(out.data, "a\r\n\\b\\x");
    text_deinit(&out);
}
