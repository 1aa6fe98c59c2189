// test_sim_network_abd.c -- a register on five nodes in the simulated world,
// with every fault of the network: the right one is linearizable in every run,
// each wrong one is found out, and equal seeds give equal runs.
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/sim/kv_model.h"
#include "common/sim/linearizability.h"
#include "common/sim/shrink.h"
#include "common/sim/sim_network.h"
#include "common/sim/sim_sequence.h"
#include "tests/common/abd_world.h"
#include "tests/test.h"

static struct linear_report judge(enum abd_bug bug, uint64_t seed)
{
    struct abd_options options = {.seed = seed,
                                  .bug = bug,
                                  .nodes = 5,
                                  .clients = 5,
                                  .operations = 60,
                                  .faults = true};
    struct abd_result result = abd_run(&options);
    struct linear_report report;
    linearizability_check(&result.history, &kv_model,
                          &(struct linear_limits){0}, &report);
    buffer_append_byte(&report.story, '\0');
    client_history_deinit(&result.history);
    return report;
}

TEST(the_right_register_is_linearizable_under_every_fault)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct linear_report report = judge(ABD_RIGHT, seed);
        ck_assert_msg(report.verdict == LINEAR_OK, "SEED=%lu: %s",
                      (unsigned long)seed, report.story.data);
        linear_report_deinit(&report);
    }
}

TEST_FOR(a_wrong_register_is_found_out, 3)
{
    int found = 0;
    for (uint64_t seed = 1; seed <= 60 && !found; seed++) {
        struct linear_report report =
            judge((enum abd_bug)(ABD_READS_DO_NOT_WRITE + _i), seed);
        found += report.verdict == LINEAR_BROKEN;
        ck_assert_int_ne(report.verdict, LINEAR_UNDECIDED);
        linear_report_deinit(&report);
    }
    ck_assert_int_eq(found, 1);
}

TEST(every_seed_gives_the_same_run_twice)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct abd_options options = {.seed = seed,
                                      .nodes = 7,
                                      .clients = 10,
                                      .operations = 100,
                                      .faults = true};
        struct abd_result first = abd_run(&options);
        struct abd_result second = abd_run(&options);
        ck_assert_uint_eq(first.hash, second.hash);
        ck_assert_uint_eq(first.events, second.events);
        client_history_deinit(&first.history);
        client_history_deinit(&second.history);
    }
}

// ---- Made small, and drawn

// A schedule: operations, trouble and bad luck, one behind the other.
struct smaller {
    struct abd_options options;
    struct shrink shrink;
    size_t starts[ABD_PARTS]; // Of each kind, in shrink.kept.
    size_t counts[ABD_PARTS];
};

static bool is_left_out(void *context, enum abd_part part, size_t number)
{
    const struct smaller *smaller = context;
    return number < smaller->counts[part] &&
           !smaller->shrink.kept[smaller->starts[part] + number];
}

static bool is_broken(void *context)
{
    struct smaller *smaller = context;
    struct abd_result result = abd_run(&smaller->options);
    struct linear_report report;
    linearizability_check(&result.history, &kv_model,
                          &(struct linear_limits){0}, &report);
    bool broken = report.verdict == LINEAR_BROKEN;
    linear_report_deinit(&report);
    client_history_deinit(&result.history);
    return broken;
}

// A group is what one client asks, all trouble, or all bad luck.
static void divide(struct smaller *smaller, const size_t counts[ABD_PARTS])
{
    struct shrink *shrink = &smaller->shrink;
    size_t clients = smaller->options.clients;
    for (size_t part = 0; part < ABD_PARTS; part++) {
        smaller->starts[part] = shrink->count;
        smaller->counts[part] = counts[part];
        shrink->count += counts[part];
    }
    size_t *groups = xcalloc(shrink->count, sizeof *groups);
    shrink->kept = xmalloc(shrink->count);
    memset(shrink->kept, true, shrink->count);
    for (size_t i = 0; i < shrink->count; i++)
        groups[i] = i < smaller->starts[ABD_TROUBLE]    ? i % clients
                    : i < smaller->starts[ABD_BAD_LUCK] ? clients
                                                        : clients + 1;
    shrink->groups = groups;
    shrink->group_count = clients + 2;
}

static void draw_line(void *context, const char *line)
{
    sim_sequence_add(context, line);
}

TEST(a_failing_run_is_made_small_and_can_be_drawn)
{
    struct smaller smaller = {.options = {.bug = ABD_READS_DO_NOT_WRITE,
                                          .nodes = 5,
                                          .clients = 5,
                                          .operations = 60,
                                          .faults = true}};
    smaller.options.seed = 1;
    while (!is_broken(&smaller))
        ck_assert_uint_lt(smaller.options.seed++, 60);
    struct abd_result whole = abd_run(&smaller.options);
    client_history_deinit(&whole.history);
    divide(&smaller, whole.parts);
    smaller.options.skips = is_left_out;
    smaller.options.context = &smaller;
    smaller.shrink.fails = is_broken;
    smaller.shrink.context = &smaller;
    smaller.shrink.tries_max = 1000;
    ck_assert(is_broken(&smaller));
    shrink_run(&smaller.shrink);
    ck_assert(is_broken(&smaller));
    ck_assert_uint_lt(shrink_kept(&smaller.shrink), smaller.shrink.count / 3);

    struct sim_sequence sequence = {0};
    smaller.options.trace = draw_line;
    smaller.options.trace_context = &sequence;
    ck_assert(is_broken(&smaller));
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    sim_sequence_print(&sequence, 20, out);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "set x"));
    free(text);
    sim_sequence_deinit(&sequence);
    free((size_t *)smaller.shrink.groups);
    free(smaller.shrink.kept);
}
