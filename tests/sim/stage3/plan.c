// plan.c -- what a seed settles for a run of a simulated cluster.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage3/plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/random.h"
#include "tests/sim/stage3/keys.h"

enum { PLAN_MILLION = 1000 * 1000, PLAN_SECOND_US = 1000 * 1000 };

// How often each kind is drawn, of the sum.
static const struct {
    const char *name;
    uint64_t weight;
} kinds[FAULT_KINDS] = {
    [FAULT_POWER] = {"power cut", 14},
    [FAULT_KILL] = {"kill -9", 8},
    [FAULT_STOP] = {"clean stop", 4},
    [FAULT_CRASH_CALL] = {"crash at a call of the disk", 8},
    [FAULT_BAD_DISK] = {"disk fails", 3},
    [FAULT_PAUSE] = {"pause", 7},
    [FAULT_HANG_UP] = {"connections break", 5},
    [FAULT_SLOW_DISK] = {"slow disk", 5},
    [FAULT_CLOCK_JUMP] = {"clock jumps", 4},
    [FAULT_CLOCK_PACE] = {"clock runs wrong", 3},
    [FAULT_CUT] = {"cut", 18},
    [FAULT_BAD_LINKS] = {"bad links", 12},
    [FAULT_MOVE] = {"move", 50},
};

static bool chance(struct random *random, uint64_t percent)
{
    return random_below(random, 100) < percent;
}

static enum fault_kind draw_kind(struct random *random)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < FAULT_KINDS; i++)
        sum += kinds[i].weight;
    uint64_t at = random_below(random, sum);
    enum fault_kind kind = 0;
    while (at >= kinds[kind].weight)
        at -= kinds[kind++].weight;
    return kind;
}

// Some hosts, neither none nor all of `count`.
static uint64_t draw_set(struct random *random, size_t count)
{
    return 1 + random_below(random, (UINT64_C(1) << count) - 2);
}

static void draw_links(struct random *random, struct sim_link *link)
{
    *link = (struct sim_link){.delay_us_min = 100, .delay_us_max = 2000};
    if (chance(random, 60))
        link->lost_per_million = 20000 + (uint32_t)random_below(random, 300000);
    if (chance(random, 40))
        link->doubled_per_million = (uint32_t)random_below(random, 300000);
    if (chance(random, 40)) {
        link->late_per_million = (uint32_t)random_below(random, 200000);
        link->late_us_max = (int64_t)random_below(random, 4 * PLAN_SECOND_US);
    }
    if (chance(random, 30))
        link->bytes_per_second = 5000 + random_below(random, 100000);
}

// Cuts part some hosts from all others, or, one way, from some.
static void draw_sides(const struct plan *plan, struct random *random,
                       struct fault *fault)
{
    size_t count = plan->member_count + plan->customer_count;
    fault->both_ways = chance(random, 50);
    fault->from = draw_set(random, count);
    fault->to = ~fault->from;
    if (!fault->both_ways && chance(random, 50))
        fault->to = draw_set(random, count);
    if (fault->kind == FAULT_BAD_LINKS && fault->both_ways)
        fault->from = fault->to = SIM_HOSTS_ALL;
}

static void draw_fault(const struct plan *plan, struct random *random,
                       struct fault *fault)
{
    bool always = strcmp(plan->options.fsync, "always") == 0;
    *fault = (struct fault){
        .kind = draw_kind(random),
        .at_us = PLAN_BEGINS_US +
                 (int64_t)random_below(random, PLAN_QUIET_US - PLAN_BEGINS_US),
        .for_us = 1000 + (int64_t)random_below(
                             random, chance(random, 50) ? PLAN_SECOND_US
                                                        : 6 * PLAN_SECOND_US),
        .member = random_below(random, plan->member_count),
        .crash = {.at_call = 1 + random_below(random, 40),
                  .how = (enum sim_crash_how)random_below(random, 3),
                  .kill = !always || chance(random, 40)},
        .fails = chance(random, 50) ? SIM_CALL_WRITE : SIM_CALL_SYNC,
        .tag = random_below(random, KEYS_TAGS),
        .told = random_below(random, UINT64_C(1) << plan->member_count),
        .kept = true,
    };
    // What was not synced may be lost then, and has been answered.
    if (fault->kind == FAULT_POWER && !always)
        fault->kind = FAULT_KILL;
    int64_t most =
        fault->kind == FAULT_CLOCK_PACE ? 100000 : 20 * PLAN_SECOND_US;
    fault->amount = (int64_t)random_below(random, 2 * (uint64_t)most) - most;
    draw_links(random, &fault->link);
    draw_sides(plan, random, fault);
}

static int fault_compare(const void *a, const void *b)
{
    const struct fault *x = a, *y = b;
    return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

void plan_draw(struct plan *plan, uint64_t seed)
{
    static const char *const policies[] = {"always", "always",   "always",
                                           "always", "everysec", "no"};
    static const int64_t sizes[] = {16384, 65536, 262144};
    static const int64_t delays_us[] = {0, 0, 3000, 15000};
    struct random random;
    random_init(&random, seed);
    *plan = (struct plan){
        .seed = seed,
        .member_count = 3 + random_below(&random, PLAN_MEMBERS_MAX - 2),
        .customer_count = 2 + random_below(&random, PLAN_CUSTOMERS_MAX - 1),
        .options = {.fsync = policies[random_below(&random, 6)],
                    .segment_size = sizes[random_below(&random, 3)],
                    .snapshot_log_size =
                        (int64_t)random_below(&random, 2) * 20000,
                    .disk_delay_us = delays_us[random_below(&random, 4)],
                    .lists_all = chance(&random, 75)},
        .fault_count = 1 + random_below(&random, PLAN_FAULTS_MAX),
        .mourns = chance(&random, 25),
    };
    bool equal = chance(&random, 70);
    for (size_t i = 0; i < PLAN_MEMBERS_MAX; i++)
        plan->weights[i] = equal ? 1 : 1 + (uint32_t)random_below(&random, 3);
    for (size_t i = 0; i < plan->customer_count; i++)
        plan->customer_kept[i] = true;
    for (size_t i = 0; i < plan->fault_count; i++)
        draw_fault(plan, &random, &plan->faults[i]);
    qsort(plan->faults, plan->fault_count, sizeof *plan->faults, fault_compare);
}

// ---- Words

static void describe_set(const struct plan *plan, uint64_t set,
                         struct buffer *words)
{
    if (set == SIM_HOSTS_ALL) {
        buffer_append_text(words, " all");
        return;
    }
    for (size_t i = 0; i < plan->member_count + plan->customer_count; i++) {
        bool is_member = i < plan->member_count;
        if (set >> i & 1)
            buffer_printf(words, " %c%zu", is_member ? 'n' : 'c',
                          is_member ? i + 1 : i - plan->member_count + 1);
    }
}

static void describe_links(const struct sim_link *link, struct buffer *words)
{
    buffer_printf(words,
                  ": lose %u %%, double %u %%, %u %% late by %" PRId64 " ms",
                  link->lost_per_million / (PLAN_MILLION / 100),
                  link->doubled_per_million / (PLAN_MILLION / 100),
                  link->late_per_million / (PLAN_MILLION / 100),
                  link->late_us_max / 1000);
    if (link->bytes_per_second)
        buffer_printf(words, ", %" PRIu64 " B/s", link->bytes_per_second);
}

void fault_describe(const struct plan *plan, const struct fault *fault,
                    struct buffer *words)
{
    buffer_printf(words, "%" PRId64 " ms, for %" PRId64 " ms: %s",
                  fault->at_us / 1000, fault->for_us / 1000,
                  kinds[fault->kind].name);
    if (fault->kind < FAULT_CUT)
        buffer_printf(words, " of n%zu", fault->member + 1);
    if (fault->kind == FAULT_CLOCK_JUMP || fault->kind == FAULT_CLOCK_PACE)
        buffer_printf(words, " by %" PRId64 " %s", fault->amount,
                      fault->kind == FAULT_CLOCK_JUMP ? "us" : "ppm");
    if (fault->kind == FAULT_MOVE)
        buffer_printf(words, " {t%zu} to n%zu, told:", fault->tag,
                      fault->member + 1);
    if (fault->kind == FAULT_MOVE)
        describe_set(plan, fault->told, words);
    if (fault->kind != FAULT_CUT && fault->kind != FAULT_BAD_LINKS)
        return;
    describe_set(plan, fault->from, words);
    buffer_append_text(words, fault->both_ways ? " <>" : " >");
    describe_set(plan, fault->to, words);
    if (fault->kind == FAULT_BAD_LINKS)
        describe_links(&fault->link, words);
}
