// test_commands_fault.c -- FAULT cuts a node off from others and heals that.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/commands_cluster.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "tests/stage3/shard_harness.h"
#include "tests/test.h"

static struct shard_harness *harness;

static void setup(void)
{
    harness = xcalloc(1, sizeof *harness);
    shard_init(harness);
}

static void teardown(void)
{
    shard_deinit(harness);
    free(harness);
}

TEST(what_is_cut_stays_so_until_it_is_healed)
{
    setup();
    shard_expect(harness, "fault list", "*0\r\n");
    shard_expect(harness, "fault cut n2 n3", "+OK\r\n");
    ck_assert(harness->cut[1] && harness->cut[2]);
    shard_expect(harness, "fault list", "*2\r\n$2\r\nn2\r\n$2\r\nn3\r\n");
    shard_expect(harness, "fault heal n2", "+OK\r\n");
    ck_assert(!harness->cut[1] && harness->cut[2]);
    shard_expect(harness, "fault list", "*1\r\n$2\r\nn3\r\n");
    shard_expect(harness, "fault cut n2", "+OK\r\n");
    shard_expect(harness, "fault heal", "+OK\r\n");
    ck_assert(!harness->cut[1] && !harness->cut[2]);
    shard_expect(harness, "fault list", "*0\r\n");
    teardown();
}

TEST(health_says_who_is_cut_off)
{
    setup();
    shard_expect(harness, "health", "+ok: it takes requests\r\n");
    shard_ask(harness, 0, "fault cut n3");
    ck_assert_ptr_nonnull(
        strstr(shard_ask(harness, 0, "health"),
               "degraded: FAULT has cut node n3 off from this one"));
    shard_ask(harness, 0, "fault heal");
    ck_assert_ptr_null(strstr(shard_ask(harness, 0, "health"), "FAULT"));
    teardown();
}

static const struct {
    const char *line, *reply;
} refused[] = {
    {"fault cut n2 n4", "-ERR there is no node 'n4'\r\n"},
    {"fault cut n2 N3", "-ERR there is no node 'N3'\r\n"},
    {"fault cut n2 n1", "-ERR 'n1' is this node itself\r\n"},
    {"fault heal n2 n4", "-ERR there is no node 'n4'\r\n"},
    {"fault cut n2 234567890123456789012345678901234567890",
     "-ERR there is no node '23456789012345678901234567890123'\r\n"},
    {"fault cut", "-ERR wrong number of arguments for 'fault|cut' command\r\n"},
    {"fault bogus", "-ERR unknown subcommand 'bogus'. Try FAULT HELP.\r\n"},
};

TEST_FOR(what_is_refused_cuts_and_heals_nothing,
         (int)(sizeof refused / sizeof *refused))
{
    setup();
    shard_ask(harness, 0, "fault cut n3");
    shard_expect(harness, refused[_i].line, refused[_i].reply);
    ck_assert(!harness->cut[1] && harness->cut[2]);
    shard_expect(harness, "fault list", "*1\r\n$2\r\nn3\r\n");
    teardown();
}

TEST(a_world_that_cannot_be_cut_says_so)
{
    setup();
    harness->ops.peer_cut = NULL;
    shard_expect(harness, "fault cut n2", "-ERR denied\r\n");
    shard_expect(harness, "fault list", "*0\r\n");
    teardown();
}
