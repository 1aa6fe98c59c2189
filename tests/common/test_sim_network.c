// test_sim_network.c -- tests of common/sim/sim_network.c: what may become of a
// message, and what may not.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_network.h"

#include <stdio.h>
#include <string.h>

#include "common/base/list.h"
#include "tests/test.h"

enum { HOSTS = 4, MILLION = 1000000 };

// A process at each host but the last, which is the harness' own.
struct node {
    struct env_peers receiver;
    struct world *world;
    struct sim_host *host;
    struct sim_process *process;
    uint32_t from;       // Of the last message.
    struct buffer heard; // The bytes of all, one behind the other.
};

struct world {
    struct sim sim;
    struct sim_network *network;
    struct node nodes[HOSTS];
    struct buffer trace;
};

static void receive(struct env_peers *receiver, uint32_t from,
                    struct slice body)
{
    struct node *node = container_of(receiver, struct node, receiver);
    node->from = from;
    buffer_append_slice(&node->heard, body);
}

static void note_line(void *context, const char *line)
{
    buffer_printf(context, "%s\n", line);
}

static void node_start(struct node *node)
{
    node->process =
        sim_process_start(&node->world->sim, NULL, node->host->name);
    sim_network_join(node->host, node->process);
    env_peer_listen(&node->process->env, &node->receiver);
}

static void world_init(struct world *world, uint64_t seed)
{
    static const char *const names[] = {"n1", "n2", "n3", "c1"};
    *world = (struct world){0};
    sim_init(&world->sim, seed);
    world->sim.trace = note_line;
    world->sim.trace_context = &world->trace;
    world->network = sim_network_create(&world->sim);
    for (size_t i = 0; i < HOSTS; i++) {
        struct node *node = &world->nodes[i];
        node->world = world;
        node->receiver.receive = receive;
        node->host = sim_network_add(world->network, (uint32_t)i + 1, names[i]);
    }
    for (size_t i = 0; i < HOSTS - 1; i++)
        node_start(&world->nodes[i]);
    sim_host_listen(world->nodes[3].host, &world->nodes[3].receiver);
}

static void world_deinit(struct world *world)
{
    sim_network_check_invariants(world->network);
    for (size_t i = 0; i < HOSTS; i++) {
        if (world->nodes[i].process)
            sim_process_free(world->nodes[i].process);
        buffer_deinit(&world->nodes[i].heard);
    }
    sim_network_destroy(world->network);
    sim_deinit(&world->sim);
    buffer_deinit(&world->trace);
}

static enum status say(struct world *world, size_t from, uint32_t to,
                       const char *text)
{
    return env_peer_send(&world->nodes[from].process->env, to, slice_of(text));
}

static void expect_heard(struct world *world, size_t index, const char *text)
{
    struct slice heard = buffer_slice(&world->nodes[index].heard);
    ck_assert_msg(slice_equal(heard, slice_of(text)), "%.*s", (int)heard.size,
                  heard.data);
}

static bool trace_has(const struct world *world, const char *text)
{
    return memmem(world->trace.data, world->trace.size, text, strlen(text));
}

// All links alike, with these faults.
static void set_faults(struct world *world, struct sim_link link)
{
    if (!link.delay_us_max)
        link.delay_us_max = 100;
    sim_network_set_links(world->network, SIM_HOSTS_ALL, SIM_HOSTS_ALL, &link);
}

TEST(a_message_arrives_later_from_whom_it_was_sent)
{
    struct world world;
    world_init(&world, 1);
    ck_assert_int_eq(say(&world, 0, 2, "hello"), STATUS_OK);
    sim_end_round(&world.sim);
    expect_heard(&world, 1, "");
    sim_run_for(&world.sim, 1000);
    expect_heard(&world, 1, "hello");
    ck_assert_uint_eq(world.nodes[1].from, 1);
    ck_assert(trace_has(&world, "n1    m1 > n2   (5 bytes, #"));
    ck_assert(trace_has(&world, "n2    m1 < n1\n"));
    ck_assert_uint_eq(world.network->sent, 1);
    ck_assert_uint_eq(world.network->arrived, 1);
    world_deinit(&world);
}

TEST(hosts_of_the_harness_speak_with_those_of_nodes)
{
    struct world world;
    world_init(&world, 1);
    ck_assert_int_eq(sim_host_send(world.nodes[3].host, 1, SLICE("get")),
                     STATUS_OK);
    ck_assert_int_eq(say(&world, 0, 4, "value"), STATUS_OK);
    sim_run_for(&world.sim, 1000);
    expect_heard(&world, 0, "get");
    expect_heard(&world, 3, "value");
    world_deinit(&world);
}

TEST(some_messages_are_refused)
{
    struct world world;
    world_init(&world, 1);
    world.network->message_max = 5;
    world.network->queue_max = 8;
    ck_assert_int_eq(say(&world, 0, 9, "x"), STATUS_NOT_FOUND);
    ck_assert_int_eq(say(&world, 0, 1, "x"), STATUS_NOT_FOUND);
    ck_assert_int_eq(say(&world, 0, 2, "123456"), STATUS_INVALID);
    ck_assert_int_eq(say(&world, 0, 2, "12345"), STATUS_OK);
    ck_assert_int_eq(say(&world, 0, 2, "1234"), STATUS_FULL);
    ck_assert_int_eq(say(&world, 0, 3, "1234"), STATUS_OK);
    sim_run_for(&world.sim, 1000);
    ck_assert_int_eq(say(&world, 0, 2, "1234"), STATUS_OK);
    sim_process_kill(world.nodes[0].process);
    ck_assert_int_eq(say(&world, 0, 2, "x"), STATUS_CLOSED);
    world_deinit(&world);
}

TEST(messages_overtake_one_another)
{
    struct world world;
    world_init(&world, 1);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(say(&world, 0, 2, i % 2 ? "b" : "a"), STATUS_OK);
    sim_run_for(&world.sim, 1000);
    ck_assert_uint_eq(world.nodes[1].heard.size, 100);
    ck_assert(memmem(world.nodes[1].heard.data, 100, "aa", 2));
    world_deinit(&world);
}

TEST(some_are_lost_some_arrive_twice_some_late)
{
    static const struct {
        struct sim_link faults;
        size_t least, most, in_time_least, in_time_most;
    } cases[] = {
        {{.lost_per_million = MILLION / 2}, 400, 600, 400, 600},
        {{.lost_per_million = MILLION}, 0, 0, 0, 0},
        {{.doubled_per_million = MILLION / 2}, 1400, 1600, 1400, 1600},
        {{.late_per_million = MILLION / 2, .late_us_max = MILLION},
         1000,
         1000,
         400,
         600},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        world_init(&world, i);
        set_faults(&world, cases[i].faults);
        for (int j = 0; j < 1000; j++)
            ck_assert_int_eq(say(&world, 0, 2, "x"), STATUS_OK);
        sim_run_for(&world.sim, 100);
        ck_assert_uint_ge(world.nodes[1].heard.size, cases[i].in_time_least);
        ck_assert_uint_le(world.nodes[1].heard.size, cases[i].in_time_most);
        sim_run_for(&world.sim, MILLION);
        ck_assert_uint_ge(world.nodes[1].heard.size, cases[i].least);
        ck_assert_uint_le(world.nodes[1].heard.size, cases[i].most);
        ck_assert_uint_eq(world.network->arrived, world.nodes[1].heard.size);
        world_deinit(&world);
    }
}

TEST(a_slow_link_carries_one_after_the_other)
{
    struct world world;
    world_init(&world, 1);
    set_faults(&world, (struct sim_link){.bytes_per_second = 1000});
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(say(&world, 0, 2, "1234567890"), STATUS_OK);
    sim_run_until(&world.sim, 9999);
    expect_heard(&world, 1, "");
    sim_run_until(&world.sim, 20100);
    expect_heard(&world, 1, "12345678901234567890");
    sim_run_until(&world.sim, 40100);
    ck_assert_uint_eq(world.nodes[1].heard.size, 40);
    world_deinit(&world);
}

TEST(a_cut_is_of_one_direction)
{
    struct world world;
    world_init(&world, 1);
    sim_network_cut(world.network, 1, 2);
    ck_assert_int_eq(say(&world, 0, 2, "lost"), STATUS_OK);
    ck_assert_int_eq(say(&world, 1, 1, "back"), STATUS_OK);
    ck_assert_int_eq(say(&world, 0, 3, "aside"), STATUS_OK);
    sim_run_for(&world.sim, 1000);
    expect_heard(&world, 0, "back");
    expect_heard(&world, 1, "");
    expect_heard(&world, 2, "aside");
    ck_assert(trace_has(&world, "--    cut n1 > n2\n"));
    ck_assert(trace_has(&world, "--    m1 lost: cut\n"));
    sim_network_heal(world.network, SIM_HOSTS_ALL, SIM_HOSTS_ALL);
    ck_assert_int_eq(say(&world, 0, 2, "again"), STATUS_OK);
    sim_run_for(&world.sim, 1000);
    expect_heard(&world, 1, "again");
    ck_assert(trace_has(&world, "--    heal all > all\n"));
    world_deinit(&world);
}

TEST(what_is_on_its_way_falls_into_a_cut)
{
    struct world world;
    world_init(&world, 1);
    ck_assert_int_eq(say(&world, 0, 2, "x"), STATUS_OK);
    sim_network_cut(world.network, 1, 2);
    sim_run_for(&world.sim, 1000);
    expect_heard(&world, 1, "");
    ck_assert_uint_eq(world.network->lost, 1);

    sim_network_heal(world.network, 1, 2);
    ck_assert_int_eq(say(&world, 0, 2, "y"), STATUS_OK);
    sim_network_cut(world.network, 1, 2);
    sim_network_heal(world.network, 1, 2);
    sim_run_for(&world.sim, 1000);
    expect_heard(&world, 1, "y");
    world_deinit(&world);
}

TEST(a_split_leaves_each_side_to_itself)
{
    struct world world;
    world_init(&world, 1);
    sim_network_split(world.network, 1 | 2);
    for (size_t from = 0; from < 3; from++) {
        for (uint32_t to = 1; to <= HOSTS; to++)
            (void)say(&world, from, to, from == 2 ? "b" : "a");
    }
    sim_run_for(&world.sim, 1000);
    expect_heard(&world, 0, "a");
    expect_heard(&world, 1, "a");
    expect_heard(&world, 2, "");
    expect_heard(&world, 3, "b");
    world_deinit(&world);
}

TEST(a_message_outlives_its_sender_and_finds_the_next_life)
{
    struct world world;
    world_init(&world, 1);
    ck_assert_int_eq(say(&world, 0, 2, "to a former life"), STATUS_OK);
    sim_process_free(world.nodes[0].process);
    world.nodes[0].process = NULL;
    sim_process_free(world.nodes[1].process);
    sim_network_check_invariants(world.network);
    node_start(&world.nodes[1]);
    sim_run_for(&world.sim, 1000);
    expect_heard(&world, 1, "to a former life");
    world_deinit(&world);
}

TEST(nobody_hears_what_comes_to_the_dead_or_the_deaf)
{
    struct world world;
    world_init(&world, 1);
    ck_assert_int_eq(say(&world, 0, 2, "x"), STATUS_OK);
    sim_process_kill(world.nodes[1].process);
    env_peer_listen(&world.nodes[2].process->env, NULL);
    ck_assert_int_eq(say(&world, 0, 3, "x"), STATUS_OK);
    sim_run_for(&world.sim, 1000);
    expect_heard(&world, 1, "");
    expect_heard(&world, 2, "");
    ck_assert_uint_eq(world.network->lost, 2);
    ck_assert(trace_has(&world, "lost: nobody listens"));
    world_deinit(&world);
}

static void describe(void *context, struct slice body, struct buffer *words)
{
    (void)context;
    buffer_printf(words, "says %c", *body.data);
}

TEST(the_trace_says_what_a_message_says)
{
    struct world world;
    world_init(&world, 1);
    world.network->describe = describe;
    ck_assert_int_eq(say(&world, 0, 2, "x"), STATUS_OK);
    ck_assert(trace_has(&world, "n1    m1 > n2  says x (1 bytes, #"));
    world_deinit(&world);
}

static bool spares_all(void *context, uint64_t fault)
{
    (void)context, (void)fault;
    return true;
}

TEST(a_fault_may_be_spared_and_what_one_link_does_is_the_same_without_others)
{
    static const struct sim_link bad = {.delay_us_max = 500,
                                        .lost_per_million = MILLION / 3,
                                        .doubled_per_million = MILLION / 3};
    char heard[3][200];
    for (size_t run = 0; run < 3; run++) {
        struct world world;
        world_init(&world, 1);
        set_faults(&world, bad);
        if (run == 2)
            world.network->spares = spares_all;
        for (int i = 0; i < 100; i++) {
            char text[2] = {(char)('!' + i % 90)};
            if (run != 1)
                (void)say(&world, 2, 2, "");
            ck_assert_int_eq(say(&world, 0, 2, text), STATUS_OK);
        }
        sim_run_for(&world.sim, 1000);
        snprintf(heard[run], sizeof heard[run], "%.*s",
                 SLICE_PRINT(buffer_slice(&world.nodes[1].heard)));
        ck_assert_uint_gt(world.network->faults, 40);
        ck_assert_int_eq(world.network->lost > 0, run != 2);
        world_deinit(&world);
    }
    ck_assert_str_eq(heard[0], heard[1]);
    ck_assert_uint_eq(strlen(heard[2]), 100);
}

TEST(a_message_to_a_paused_process_waits_for_it)
{
    struct world world;
    world_init(&world, 1);
    sim_process_pause(world.nodes[1].process, 5000);
    ck_assert_int_eq(say(&world, 0, 2, "x"), STATUS_OK);
    sim_run_for(&world.sim, 4999);
    ck_assert_uint_eq(world.nodes[1].heard.size, 0);
    sim_run_for(&world.sim, 1);
    ck_assert_uint_eq(world.nodes[1].heard.size, 1);
    world_deinit(&world);
}

// The same but for one bit of a message's body.
static uint64_t hash_of_run(uint64_t seed, const char *text)
{
    struct world world;
    world_init(&world, seed);
    set_faults(&world, (struct sim_link){.lost_per_million = 100000,
                                         .doubled_per_million = 100000});
    for (size_t i = 0; i < 60; i++)
        (void)say(&world, i % 3, (uint32_t)(i + 1) % HOSTS + 1, text);
    sim_run_for(&world.sim, 1000);
    uint64_t hash = world.sim.hash;
    world_deinit(&world);
    return hash;
}

TEST(equal_seeds_give_equal_runs_and_bytes_count)
{
    ck_assert_uint_eq(hash_of_run(1, "a"), hash_of_run(1, "a"));
    ck_assert_uint_ne(hash_of_run(1, "a"), hash_of_run(2, "a"));
    ck_assert_uint_ne(hash_of_run(1, "a"), hash_of_run(1, "b"));
}
