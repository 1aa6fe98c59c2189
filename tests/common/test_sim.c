// test_sim.c -- virtual time, the order of events, the trace and its hash.
// SPDX-License-Identifier: MIT
#include "common/sim/sim.h"

#include <string.h>

#include "common/base/buffer.h"
#include "common/base/list.h"
#include "tests/test.h"

struct event {
    struct env_timer timer;
    struct sim *sim;
    struct buffer *order;
    char letter;
    int again;
};

static void event_fire(struct env_timer *timer)
{
    struct event *event = container_of(timer, struct event, timer);
    buffer_append_byte(event->order, event->letter);
    sim_note(event->sim, "event %c", event->letter);
    if (event->again-- > 0)
        sim_start(event->sim, timer, 10);
}

static struct event event_of(struct sim *sim, struct buffer *order, char letter)
{
    return (struct event){
        .timer.fire = event_fire, .sim = sim, .order = order, .letter = letter};
}

static void expect_order(struct buffer *order, const char *expected)
{
    ck_assert(slice_equal(buffer_slice(order), slice_of(expected)));
    buffer_clear(order);
}

TEST(events_happen_by_time_and_equal_ones_in_the_order_of_their_start)
{
    struct sim sim;
    sim_init(&sim, 1);
    struct buffer order = {0};
    struct event a = event_of(&sim, &order, 'a');
    struct event b = event_of(&sim, &order, 'b');
    struct event c = event_of(&sim, &order, 'c');
    sim_start(&sim, &a.timer, 20);
    sim_start(&sim, &b.timer, 10);
    sim_start(&sim, &c.timer, 20);
    sim_check_invariants(&sim);
    ck_assert(sim_step(&sim));
    ck_assert_int_eq(sim.now_us, 10);
    expect_order(&order, "b");
    ck_assert(sim_step(&sim));
    ck_assert(sim_step(&sim));
    ck_assert_int_eq(sim.now_us, 20);
    expect_order(&order, "ac");
    ck_assert(!sim_step(&sim));
    ck_assert_uint_eq(sim.events, 3);
    sim_deinit(&sim);
    buffer_deinit(&order);
}

TEST(running_until_a_time_includes_it_and_stops_there)
{
    struct sim sim;
    sim_init(&sim, 1);
    struct buffer order = {0};
    struct event a = event_of(&sim, &order, 'a');
    a.again = 5;
    sim_start(&sim, &a.timer, 10);
    sim_run_until(&sim, 30);
    expect_order(&order, "aaa");
    ck_assert_int_eq(sim.now_us, 30);
    sim_run_for(&sim, 9);
    expect_order(&order, "");
    ck_assert_int_eq(sim.now_us, 39);
    sim_stop(&sim, &a.timer);
    sim_stop(&sim, &a.timer);
    sim_run_for(&sim, 1000);
    expect_order(&order, "");
    ck_assert_int_eq(sim.now_us, 1039);
    sim_deinit(&sim);
    buffer_deinit(&order);
}

static void keep_line(void *context, const char *line)
{
    strcpy(context, line);
}

TEST(a_line_of_the_trace_says_when_and_who)
{
    char line[600] = "";
    struct sim sim;
    sim_init(&sim, 1);
    sim.trace = keep_line;
    sim.trace_context = line;
    sim_run_until(&sim, 12345);
    sim_note_of(&sim, "n1", "sync %s  ok", "a.log");
    ck_assert_str_eq(line, "      12.345 ms  n1    sync a.log  ok");
    sim_note(&sim, "done");
    ck_assert_str_eq(line, "      12.345 ms  --    done");

    char text[1000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    sim_note(&sim, "%s", text);
    ck_assert_uint_lt(strlen(line), 512);
    sim_deinit(&sim);
}

static uint64_t hash_of(uint64_t seed, int64_t start_us, bool traced)
{
    char line[600];
    struct sim sim;
    struct buffer order = {0};
    sim_init(&sim, seed);
    if (traced) {
        sim.trace = keep_line;
        sim.trace_context = line;
    }
    struct event a = event_of(&sim, &order, 'a');
    sim_start(&sim, &a.timer, start_us);
    sim_run_until(&sim, 1000);
    sim_note(&sim, "%d", (int)sim_between(&sim, 0, 1 << 30));
    uint64_t hash = sim.hash;
    sim_deinit(&sim);
    buffer_deinit(&order);
    return hash;
}

TEST(the_hash_is_a_function_of_seed_and_events_and_not_of_being_watched)
{
    ck_assert_uint_eq(hash_of(7, 10, false), hash_of(7, 10, false));
    ck_assert_uint_eq(hash_of(7, 10, false), hash_of(7, 10, true));
    ck_assert_uint_ne(hash_of(7, 10, false), hash_of(8, 10, false));
    ck_assert_uint_ne(hash_of(7, 10, false), hash_of(7, 11, false));
}

struct counted_round {
    struct sim_round round;
    int ends;
};

static void counted_end(struct sim_round *round)
{
    container_of(round, struct counted_round, round)->ends++;
}

TEST(a_round_ends_before_and_after_each_event)
{
    struct sim sim;
    struct buffer order = {0};
    sim_init(&sim, 1);
    struct counted_round counted = {.round.end = counted_end};
    sim_add_round(&sim, &counted.round);
    struct event a = event_of(&sim, &order, 'a');
    sim_start(&sim, &a.timer, 10);
    sim_step(&sim);
    ck_assert_int_eq(counted.ends, 2);
    sim_step(&sim);
    ck_assert_int_eq(counted.ends, 3);
    sim_remove_round(&counted.round);
    sim_end_round(&sim);
    ck_assert_int_eq(counted.ends, 3);
    sim_deinit(&sim);
    buffer_deinit(&order);
}

TEST(chances_are_kept_and_the_impossible_draws_nothing)
{
    struct sim sim;
    sim_init(&sim, 1);
    struct random before = sim.random;
    ck_assert(!sim_chance(&sim, 0));
    ck_assert_mem_eq(&before, &sim.random, sizeof before);
    int hits = 0;
    bool low = false, high = false;
    for (int i = 0; i < 1000; i++) {
        ck_assert(sim_chance(&sim, 1000000));
        hits += sim_chance(&sim, 250000);
        uint64_t drawn = sim_between(&sim, 3, 5);
        ck_assert(drawn >= 3 && drawn <= 5);
        low |= drawn == 3;
        high |= drawn == 5;
    }
    ck_assert_int_gt(hits, 200);
    ck_assert_int_lt(hits, 300);
    ck_assert(low && high);
    sim_deinit(&sim);
}
