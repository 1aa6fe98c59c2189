// test_health.c -- the worst of what server and layers say.
// SPDX-License-Identifier: MIT
#include "common/server/health.h"

#include "tests/common/session_harness.h"
#include "tests/test.h"

static struct harness harness;
static struct client client;
static enum health_state state;
static const char *reason;

static void say_health(struct layer *layer, struct health *health)
{
    (void)layer;
    health_note(health, state, "%s", reason);
}

static void setup(void)
{
    harness_init(&harness);
    client_open(&client, &harness);
    harness.layer.health = say_health;
    state = HEALTH_OK;
    reason = "";
}

static void teardown(void)
{
    client_close(&client);
    harness_deinit(&harness);
}

TEST(a_layer_that_is_well_changes_nothing)
{
    setup();
    client_send(&client, "health\r\n");
    client_expect(&client, "+ok: it takes requests\r\n");
    teardown();
}

TEST(a_layer_says_what_is_wrong_with_it)
{
    setup();
    state = HEALTH_READONLY;
    reason = "the log cannot be synced";
    client_send(&client, "health\r\n");
    client_expect(&client, "+readonly: the log cannot be synced\r\n");
    client_send(&client, "stats\r\n");
    ck_assert_ptr_nonnull(strstr(client_take(&client),
                                 "\"health\": {\n    \"state\": \"readonly\","
                                 "\n    \"reason\": \"the log cannot be"));
    teardown();
}

TEST(the_worst_counts)
{
    setup();
    state = HEALTH_DEGRADED;
    reason = "the last snapshot failed";
    struct layer above = harness.layer;
    above.below = &harness.layer;
    harness.server.stack = &above;
    client_send(&client, "health\r\n");
    client_expect(&client, "+degraded: the last snapshot failed\r\n");
    harness.server.loading.active = true;
    client_send(&client, "health\r\n");
    client_expect(&client, "+loading: 0 % of the data are loaded\r\n");
    harness.server.stopping = true;
    client_send(&client, "health\r\n");
    client_expect(&client, "+stopping: it finishes what it has accepted\r\n");
    harness.server.stack = &harness.layer;
    teardown();
}

TEST(of_equals_the_first_one_counts)
{
    struct health health = {0};
    health_note(&health, HEALTH_READONLY, "a %d", 1);
    health_note(&health, HEALTH_READONLY, "b");
    health_note(&health, HEALTH_DEGRADED, "c");
    ck_assert_int_eq(health.state, HEALTH_READONLY);
    ck_assert_str_eq(health.reason, "a 1");
    health_note(&health, HEALTH_STOPPING, "%0300d", 0); // Too long: cut.
    ck_assert_uint_eq(strlen(health.reason), HEALTH_REASON_SIZE - 1);
}
