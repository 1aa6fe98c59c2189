// test_sim_stream.c -- tests of common/sim/sim_stream.c.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_stream.h"

#include <stdio.h>
#include <string.h>

#include "common/base/list.h"
#include "tests/test.h"

enum { MILLION = 1000000 };

struct side {
    struct sim_stream_end end;
    struct buffer heard;
    int pieces, closed;
    bool hangs_up; // As soon as it hears anything.
};

struct world {
    struct sim sim;
    struct sim_network *network;
    struct sim_host *hosts[2];
    struct side client, server;
};

static void receive(struct sim_stream_end *end, struct slice bytes)
{
    struct side *side = container_of(end, struct side, end);
    buffer_append_slice(&side->heard, bytes);
    side->pieces++;
    if (side->hangs_up)
        sim_stream_close(end);
}

static void closed(struct sim_stream_end *end)
{
    container_of(end, struct side, end)->closed++;
}

static void world_init(struct world *world, uint64_t seed)
{
    *world = (struct world){0};
    sim_init(&world->sim, seed);
    world->network = sim_network_create(&world->sim);
    world->hosts[0] = sim_network_add(world->network, 1, "c1");
    world->hosts[1] = sim_network_add(world->network, 2, "n1");
    world->client.end.receive = world->server.end.receive = receive;
    world->client.end.closed = world->server.end.closed = closed;
    sim_stream_open(&world->client.end, world->hosts[0], &world->server.end,
                    world->hosts[1]);
}

static void world_deinit(struct world *world)
{
    sim_stream_drop(&world->client.end);
    sim_stream_drop(&world->server.end);
    buffer_deinit(&world->client.heard);
    buffer_deinit(&world->server.heard);
    sim_network_destroy(world->network);
    ck_assert(!sim_step(&world->sim));
    sim_deinit(&world->sim);
}

static void expect(const struct side *side, const char *text, int is_closed)
{
    ck_assert(slice_equal(buffer_slice(&side->heard), slice_of(text)));
    ck_assert_int_eq(side->closed, is_closed);
    ck_assert_int_eq(sim_stream_is_open(&side->end), !is_closed);
}

TEST(bytes_go_both_ways_and_take_their_time)
{
    struct world world;
    world_init(&world, 1);
    sim_stream_send(&world.client.end, SLICE("ping"));
    sim_stream_send(&world.server.end, SLICE("hello"));
    sim_run_until(&world.sim, 99);
    expect(&world.server, "", 0);
    sim_run_until(&world.sim, 1000);
    expect(&world.server, "ping", 0);
    expect(&world.client, "hello", 0);
    world_deinit(&world);
}

TEST(they_come_in_order_and_in_other_pieces_whatever_the_link_does)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct world world;
        struct buffer said = {0};
        world_init(&world, seed);
        struct sim_link bad = {.delay_us_max = 5000,
                               .lost_per_million = MILLION / 4,
                               .doubled_per_million = MILLION / 4,
                               .late_per_million = MILLION / 4,
                               .late_us_max = MILLION};
        sim_network_set_links(world.network, SIM_HOSTS_ALL, SIM_HOSTS_ALL,
                              &bad);
        for (int i = 0; i < 50; i++) {
            char text[24];
            snprintf(text, sizeof text, "word-%d ", i);
            buffer_append_text(&said, text);
            sim_stream_send(&world.client.end, slice_of(text));
            sim_run_for(&world.sim, 1000);
        }
        sim_run_for(&world.sim, 3 * MILLION);
        buffer_append_byte(&said, '\0');
        expect(&world.server, said.data, 0);
        ck_assert_int_gt(world.server.pieces, 50);
        buffer_deinit(&said);
        world_deinit(&world);
    }
}

TEST(who_closes_hears_nothing_and_the_other_gets_what_was_sent_before)
{
    struct world world;
    world_init(&world, 1);
    sim_stream_send(&world.client.end, SLICE("last words"));
    sim_stream_send(&world.server.end, SLICE("unheard"));
    sim_stream_close(&world.client.end);
    sim_stream_close(&world.client.end);
    sim_run_until(&world.sim, 1000);
    expect(&world.server, "last words", 1);
    ck_assert_uint_eq(world.client.heard.size, 0);
    ck_assert_int_eq(world.client.closed, 0);
    sim_stream_send(&world.server.end, SLICE("to nobody"));
    sim_stream_close(&world.server.end);
    world_deinit(&world);
}

TEST(an_end_may_close_itself_from_inside_its_callback)
{
    struct world world;
    world_init(&world, 1);
    world.server.hangs_up = true;
    for (int i = 0; i < 10; i++)
        sim_stream_send(&world.client.end, SLICE("x"));
    sim_run_until(&world.sim, 3000);
    ck_assert_int_eq(world.server.pieces, 1);
    expect(&world.client, "", 1);
    world_deinit(&world);
}

TEST(a_cut_holds_bytes_up_until_it_is_healed)
{
    struct world world;
    world_init(&world, 1);
    sim_network_cut(world.network, 1, 2);
    sim_stream_send(&world.client.end, SLICE("held"));
    sim_stream_send(&world.server.end, SLICE("other way"));
    sim_run_for(&world.sim, 2 * MILLION);
    expect(&world.server, "", 0);
    expect(&world.client, "other way", 0);
    sim_network_heal(world.network, 1, 2);
    sim_run_for(&world.sim, SIM_STREAM_RESEND_US);
    expect(&world.server, "held", 0);
    world_deinit(&world);
}

TEST(a_cut_that_lasts_is_the_end_for_both)
{
    struct world world;
    world_init(&world, 1);
    sim_network_split(world.network, 1);
    sim_stream_send(&world.client.end, SLICE("lost"));
    sim_run_for(&world.sim, SIM_STREAM_PATIENCE_US - 1);
    expect(&world.client, "", 0);
    sim_run_for(&world.sim, MILLION);
    expect(&world.client, "", 1);
    expect(&world.server, "", 1);
    world_deinit(&world);
}

TEST(a_cut_that_lasts_is_told_also_to_who_is_alone)
{
    struct world world;
    world_init(&world, 1);
    sim_network_split(world.network, 1);
    sim_stream_close(&world.client.end);
    sim_run_for(&world.sim, 2 * SIM_STREAM_PATIENCE_US);
    expect(&world.server, "", 1);
    world_deinit(&world);
}
