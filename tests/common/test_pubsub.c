// test_pubsub.c -- topics and subscriptions: a model test, and what is left.
// SPDX-License-Identifier: MIT
#include "common/server/pubsub.h"

#include <stdio.h>

#include "common/base/random.h"
#include "tests/common/session_harness.h"
#include "tests/test.h"

enum { SESSIONS = 8, NAMES = 20, STEPS = 2000 };

static struct harness harness;
static struct client clients[SESSIONS];
static bool member[SESSIONS][PUBSUB_KINDS][NAMES];

static void setup(void)
{
    harness_init(&harness);
    memset(member, 0, sizeof member);
    for (int i = 0; i < SESSIONS; i++)
        client_open(&clients[i], &harness);
}

static void teardown(void)
{
    for (int i = 0; i < SESSIONS; i++)
        client_close(&clients[i]);
    pubsub_check_invariants(&harness.server.pubsub);
    harness_deinit(&harness); // Checks that no topic is left.
}

static struct slice name_of(int number, char text[24])
{
    snprintf(text, 24, "name%d", number);
    return slice_of(text);
}

static void expect_counts(int number)
{
    char text[24];
    size_t channel = 0, pattern = 0, shard = 0;
    for (int i = 0; i < SESSIONS; i++) {
        channel += member[i][PUBSUB_CHANNEL][number];
        pattern += member[i][PUBSUB_PATTERN][number];
        shard += member[i][PUBSUB_SHARD][number];
    }
    struct pubsub *pubsub = &harness.server.pubsub;
    struct slice name = name_of(number, text);
    ck_assert_uint_eq(pubsub_member_count(pubsub, PUBSUB_CHANNEL, name),
                      channel);
    ck_assert_uint_eq(pubsub_publish(pubsub, name, SLICE("m")),
                      channel + pattern);
    ck_assert_uint_eq(pubsub_member_count(pubsub, PUBSUB_SHARD, name), shard);
    ck_assert_uint_eq(pubsub_publish_shard(pubsub, name, SLICE("m")), shard);
}

TEST(random_comings_and_goings_agree_with_a_table)
{
    struct random random;
    random_init(&random, 3);
    setup();
    for (int step = 0; step < STEPS; step++) {
        char text[24];
        int who = (int)(random_next(&random) % SESSIONS);
        int number = (int)(random_next(&random) % NAMES);
        enum pubsub_kind kind = random_next(&random) % PUBSUB_KINDS;
        struct session *session = clients[who].session;
        struct slice name = name_of(number, text);
        bool *is = &member[who][kind][number];
        if (random_next(&random) % 100 == 0) {
            pubsub_leave(session);
            memset(member[who], 0, sizeof member[who]);
            ck_assert_ptr_null(session->subscriber);
        } else if (random_next(&random) % 2) {
            ck_assert(pubsub_subscribe(session, kind, name) == !*is);
            *is = true;
        } else {
            ck_assert(pubsub_unsubscribe(session, kind, name) == *is);
            *is = false;
        }
        expect_counts(number);
        client_take(&clients[who]);
        if (step % 100 == 0)
            pubsub_check_invariants(&harness.server.pubsub);
    }
    teardown();
}

TEST(a_name_may_be_given_from_the_subscription_itself)
{
    setup();
    struct session *session = clients[0].session;
    pubsub_subscribe(session, PUBSUB_PATTERN, SLICE(""));
    struct slice name = pubsub_oldest(session, PUBSUB_PATTERN);
    ck_assert(pubsub_unsubscribe(session, PUBSUB_PATTERN, name));
    ck_assert_ptr_null(session->subscriber);
    teardown();
}

TEST(the_oldest_subscription_is_the_first_one_made)
{
    setup();
    struct session *session = clients[0].session;
    pubsub_subscribe(session, PUBSUB_CHANNEL, SLICE("b"));
    pubsub_subscribe(session, PUBSUB_CHANNEL, SLICE("a"));
    pubsub_subscribe(session, PUBSUB_CHANNEL, SLICE("b"));
    struct slice oldest = pubsub_oldest(session, PUBSUB_CHANNEL);
    ck_assert(slice_equal(oldest, SLICE("b")));
    ck_assert_uint_eq(pubsub_count(session, PUBSUB_CHANNEL), 2);
    ck_assert_uint_eq(pubsub_count(session, PUBSUB_PATTERN), 0);
    teardown();
}

TEST(channels_are_compared_by_bytes_and_patterns_by_case)
{
    setup();
    struct pubsub *pubsub = &harness.server.pubsub;
    pubsub_subscribe(clients[0].session, PUBSUB_CHANNEL, SLICE("a*"));
    pubsub_subscribe(clients[1].session, PUBSUB_PATTERN, SLICE("a*"));
    ck_assert_uint_eq(pubsub_publish(pubsub, SLICE("a*"), SLICE("")), 2);
    ck_assert_uint_eq(pubsub_publish(pubsub, SLICE("ab"), SLICE("")), 1);
    ck_assert_uint_eq(pubsub_publish(pubsub, SLICE("Ab"), SLICE("")), 0);
    teardown();
}
