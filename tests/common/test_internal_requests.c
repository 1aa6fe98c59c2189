// test_internal_requests.c -- what the node itself submits.
// SPDX-License-Identifier: MIT
#include "common/server/internal_requests.h"

#include "tests/common/session_harness.h"
#include "tests/test.h"

static struct harness harness;
static struct internal_requests requests;

static void setup(void)
{
    harness_init(&harness);
    internal_requests_init(&requests, &harness.server);
}

static void teardown(void)
{
    internal_requests_deinit(&requests);
    harness_deinit(&harness);
}

static void submit(const char *name)
{
    const struct slice argv[] = {slice_of(name), SLICE("a")};
    internal_requests_submit(&requests,
                             command_find(harness.server.commands, argv[0]),
                             argv, 2, harness.server.now_ms);
}

TEST(a_request_of_the_node_goes_down_the_stack)
{
    setup();
    submit("say");
    ck_assert_uint_eq(harness.executed, 1);
    ck_assert_uint_eq(requests.pending, 0);
    submit("say"); // Its reply does not grow behind the other's.
    ck_assert_uint_eq(requests.reply.size, strlen("$1\r\na\r\n"));
    ck_assert_uint_eq(harness.server.stats.commands_processed, 0);
    teardown();
}

TEST(one_that_is_kept_is_pending)
{
    setup();
    submit("later");
    submit("later");
    ck_assert_uint_eq(requests.pending, 2);
    harness_answer(&harness, 0);
    ck_assert_uint_eq(requests.pending, 1);
    harness_answer(&harness, 0);
    ck_assert_uint_eq(requests.pending, 0);
    teardown();
}
