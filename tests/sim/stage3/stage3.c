// stage3.c -- what vega-sim does with a cluster of stage 3.
//
// The parts of a plan, for the shrinker: its faults, in the order of their
// times, and then its clients. They are grouped by the kind of fault, and all
// clients are one group.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage3/stage3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/sim/shrink.h"
#include "tests/sim/stage3/cluster.h"

enum {
    STAGE3_PARTS_MAX = PLAN_FAULTS_MAX + PLAN_CUSTOMERS_MAX,
    STAGE3_TRIES_MAX = 400,
};

static void stage3_run_plan(const struct plan *plan, struct trace *trace,
                            struct seed_result *result)
{
    struct cluster *cluster = xmalloc(sizeof *cluster);
    cluster_init(cluster, plan);
    cluster->sim.trace = trace_line;
    cluster->sim.trace_context = trace;
    cluster_run(cluster);
    *result = (struct seed_result){.hash = cluster->sim.hash,
                                   .events = cluster->sim.events,
                                   .asked = cluster->history.count};
    for (size_t i = 0; i < plan->member_count; i++)
        result->lives += cluster->members[i].lives - 1;
    memcpy(result->failure, cluster->failure, sizeof result->failure);
    cluster_deinit(cluster);
    free(cluster);
}

static void stage3_run(uint64_t seed, struct trace *trace,
                       struct seed_result *result)
{
    struct plan plan;
    plan_draw(&plan, seed);
    stage3_run_plan(&plan, trace, result);
}

const struct seed_stage stage3_seeds = {
    .name = "3", .shrinks = true, .run = stage3_run};

// ---- Parts of a plan

static size_t stage3_parts(const struct plan *plan)
{
    return plan->fault_count + plan->customer_count;
}

static void stage3_apply(struct plan *plan, const bool *kept)
{
    for (size_t i = 0; i < plan->fault_count; i++)
        plan->faults[i].kept = kept[i];
    for (size_t i = 0; i < plan->customer_count; i++)
        plan->customer_kept[i] = kept[plan->fault_count + i];
}

static void stage3_say_again(const struct plan *plan, const bool *kept,
                             struct trace *trace)
{
    struct buffer parts = {0};
    for (size_t i = 0; i < stage3_parts(plan); i++) {
        if (kept[i])
            buffer_printf(&parts, "%s%zu", parts.size ? "," : "", i + 1);
    }
    trace_begin(trace, "--stage 3 --seed %" PRIu64 " --keep %.*s", plan->seed,
                SLICE_PRINT(buffer_slice(&parts)));
    buffer_deinit(&parts);
}

static void stage3_print_plan(const struct plan *plan)
{
    printf("%zu nodes, fsync %s, %s\n", plan->member_count, plan->options.fsync,
           plan->options.lists_all ? "all have the list"
                                   : "weights are learned");
    for (size_t i = 0; i < plan->fault_count; i++) {
        struct buffer words = {0};
        fault_describe(plan, &plan->faults[i], &words);
        if (plan->faults[i].kept)
            printf("%4zu  %.*s\n", i + 1, SLICE_PRINT(buffer_slice(&words)));
        buffer_deinit(&words);
    }
    for (size_t i = 0; i < plan->customer_count; i++) {
        if (plan->customer_kept[i])
            printf("%4zu  c%zu\n", plan->fault_count + i + 1, i + 1);
    }
}

static bool stage3_run_kept(const struct plan *plan, const bool *kept,
                            struct trace *trace)
{
    struct seed_result result;
    stage3_say_again(plan, kept, trace);
    stage3_print_plan(plan);
    stage3_run_plan(plan, trace, &result);
    if (result.failure[0])
        trace_print_failure(trace, result.failure);
    return !result.failure[0];
}

bool stage3_keep(struct trace *trace, uint64_t seed, const char *parts)
{
    struct plan plan;
    bool kept[STAGE3_PARTS_MAX] = {false};
    plan_draw(&plan, seed);
    for (char *end; *parts; parts = *end ? end + 1 : end) {
        size_t part = strtoul(parts, &end, 10);
        if (end == parts)
            break;
        if (part >= 1 && part <= stage3_parts(&plan))
            kept[part - 1] = true;
    }
    stage3_apply(&plan, kept);
    return stage3_run_kept(&plan, kept, trace);
}

// ---- The shrinker

struct stage3_shrink {
    struct shrink shrink;
    struct plan plan;
    bool kept[STAGE3_PARTS_MAX];
    size_t groups[STAGE3_PARTS_MAX];
    char rule[3]; // That must be broken: "S3".
};

static bool stage3_fails(void *context)
{
    struct stage3_shrink *self = context;
    struct trace silent = {0};
    struct seed_result result;
    stage3_apply(&self->plan, self->kept);
    stage3_run_plan(&self->plan, &silent, &result);
    return strncmp(result.failure, self->rule, 2) == 0;
}

static void stage3_shrink_run(struct stage3_shrink *self)
{
    size_t count = stage3_parts(&self->plan);
    for (size_t i = 0; i < count; i++) {
        bool is_fault = i < self->plan.fault_count;
        self->kept[i] = true;
        self->groups[i] =
            is_fault ? self->plan.faults[i].kind : (size_t)FAULT_KINDS;
    }
    self->shrink = (struct shrink){.kept = self->kept,
                                   .count = count,
                                   .groups = self->groups,
                                   .group_count = FAULT_KINDS + 1,
                                   .fails = stage3_fails,
                                   .context = self,
                                   .tries_max = STAGE3_TRIES_MAX};
    shrink_run(&self->shrink);
    stage3_apply(&self->plan, self->kept);
}

bool stage3_shrink(struct trace *trace, uint64_t seed)
{
    struct stage3_shrink self = {0};
    struct trace silent = {0};
    struct seed_result result;
    plan_draw(&self.plan, seed);
    stage3_run_plan(&self.plan, &silent, &result);
    if (!result.failure[0]) {
        printf("seed %" PRIu64 " breaks no rule\n", seed);
        return true;
    }
    memcpy(self.rule, result.failure, 2);
    stage3_shrink_run(&self);
    printf("%zu of %zu parts are enough, found by %zu runs:\n",
           shrink_kept(&self.shrink), self.shrink.count, self.shrink.tries);
    return stage3_run_kept(&self.plan, self.kept, trace);
}
