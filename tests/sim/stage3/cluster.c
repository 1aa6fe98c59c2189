// cluster.c -- a cluster of stage 3 in the simulated world.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage3/cluster.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "stage3-sharding/hello.h"
#include "tests/sim/stage3/verdict.h"

enum {
    CLUSTER_ADDRESS = 0x0a000001, // 10.0.0.1 is the first node.
    CLUSTER_JUMPS_US = 20 * 1000 * 1000,
    CLUSTER_CUSTOMERS_US = 700 * 1000, // When they come, at the latest.
};

void cluster_fail(struct cluster *cluster, const char *format, ...)
{
    if (cluster_failed(cluster))
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(cluster->failure, sizeof cluster->failure, format, args);
    va_end(args);
    sim_note(&cluster->sim, "BROKEN: %s", cluster->failure);
}

// ---- The world

static void cluster_describe(void *context, struct slice body,
                             struct buffer *words)
{
    (void)context;
    struct hello hello;
    struct hello_range range;
    if (!hello_decode(body, &hello))
        return;
    uint64_t epoch = 0;
    while (hello_next_range(&hello.ranges, &range))
        epoch = range.epoch > epoch ? range.epoch : epoch;
    buffer_printf(words, "map #%04x", (unsigned)(hello.digest & 0xffff));
    if (epoch)
        buffer_printf(words, " v%" PRIu64, epoch);
}

static struct sim_host *cluster_find(void *context, uint32_t address,
                                     uint16_t port)
{
    struct cluster *cluster = context;
    uint32_t index = address - CLUSTER_ADDRESS;
    return index < cluster->plan->member_count && port == MEMBER_PORT
               ? cluster->members[index].host
               : NULL;
}

static struct sim_stream_end *cluster_accept(void *context, struct sim_host *at,
                                             struct sim_host *from)
{
    struct cluster *cluster = context;
    struct guest *guest = member_accept(&cluster->members[at->index]);
    (void)from;
    return guest ? &guest->end : NULL;
}

static void cluster_make_list(struct cluster *cluster)
{
    struct topology *list = &cluster->list;
    topology_init(list);
    for (size_t i = 0; i < cluster->plan->member_count; i++) {
        char text[64];
        snprintf(text, sizeof text, "n%zu", i + 1);
        struct topology_node *node = topology_add(list, slice_of(text));
        node->weight = cluster->plan->weights[i];
        snprintf(text, sizeof text, "10.0.0.%zu:%d", i + 1, MEMBER_PORT);
        check(topology_address_parse(slice_of(text), &node->client));
    }
    list->self = 0;
    check(topology_plan(list));
}

static void cluster_make_members(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->plan->member_count; i++) {
        const struct topology_node *node = &cluster->list.nodes[i];
        struct member *member = &cluster->members[i];
        member->index = (uint16_t)i;
        member->host =
            sim_network_add(cluster->network, node->number, node->id);
        member->list = &cluster->list;
        member->options = &cluster->plan->options;
        member->watch = &verdict_watch;
        member->context = cluster;
        member_init(member);
    }
}

static void cluster_hear_complaint(void *context, const char *what)
{
    cluster_fail(context, "S8: %s", what);
}

static void cluster_make_customers(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->plan->customer_count; i++) {
        char name[32];
        struct customer *customer = &cluster->customers[i];
        snprintf(name, sizeof name, "c%zu", i + 1);
        // Numbers of nodes come of a digest; none is as small as this.
        customer->caller.host =
            sim_network_add(cluster->network, (uint32_t)i + 1, name);
        customer->index = i;
        customer->list = &cluster->list;
        customer->phase = &cluster->phase;
        customer->history = &cluster->history;
        customer->complains = cluster_hear_complaint;
        customer->context = cluster;
        customer_init(customer, cluster->plan->seed);
    }
}

void cluster_init(struct cluster *cluster, const struct plan *plan)
{
    *cluster = (struct cluster){.plan = plan};
    sim_init(&cluster->sim, plan->seed);
    cluster->network = sim_network_create(&cluster->sim);
    cluster->network->describe = cluster_describe;
    cluster->sockets = (struct sockets){.network = cluster->network,
                                        .find = cluster_find,
                                        .accept = cluster_accept,
                                        .context = cluster};
    cluster_make_list(cluster);
    ledger_init(&cluster->ledger, &cluster->list);
    cluster->mover =
        (struct mover){&cluster->ledger, cluster->members, plan->member_count};
    cluster_make_members(cluster);
    cluster_make_customers(cluster);
}

void cluster_deinit(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->plan->customer_count; i++)
        caller_end(&cluster->customers[i].caller);
    for (size_t i = 0; i < cluster->plan->member_count; i++)
        member_deinit(&cluster->members[i]);
    sim_network_destroy(cluster->network);
    sim_deinit(&cluster->sim);
    client_history_deinit(&cluster->history);
    ledger_deinit(&cluster->ledger);
    topology_deinit(&cluster->list);
}

// ---- Time

static void cluster_look(struct cluster *cluster)
{
    mover_look(&cluster->mover);
    verdict_look(cluster);
    for (size_t i = 0; i < cluster->plan->member_count; i++)
        member_look(&cluster->members[i]);
}

void cluster_run_until(struct cluster *cluster, int64_t until_us)
{
    struct sim *sim = &cluster->sim;
    const struct env_timer *first;
    while (!cluster_failed(cluster) &&
           (first = env_timers_first(&sim->queue)) &&
           first->due_us <= until_us) {
        sim_step(sim);
        cluster_look(cluster);
    }
    if (!cluster_failed(cluster) && sim->now_us < until_us)
        sim_run_until(sim, until_us);
}

// ---- The run

static void cluster_begin(struct cluster *cluster)
{
    const struct plan *plan = cluster->plan;
    for (size_t i = 0; i < plan->member_count; i++)
        member_start(&cluster->members[i]);
    for (size_t i = 0; i < plan->customer_count; i++) {
        struct customer *customer = &cluster->customers[i];
        if (plan->customer_kept[i])
            caller_start(
                &customer->caller, &cluster->sockets, customer->caller.host,
                (int64_t)random_below(&customer->random, CLUSTER_CUSTOMERS_US),
                customer_run);
    }
}

// The first of the plan's times behind *at_us, and what is to be done then.
static bool cluster_next_time(const struct cluster *cluster, int64_t *at_us)
{
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < cluster->plan->fault_count; i++) {
        const struct fault *fault = &cluster->plan->faults[i];
        int64_t times_us[] = {fault->at_us, fault->at_us + fault->for_us};
        for (size_t j = 0; j < 2; j++) {
            if (times_us[j] > *at_us && times_us[j] < next_us)
                next_us = times_us[j];
        }
    }
    *at_us = next_us;
    return next_us < PLAN_QUIET_US;
}

static void cluster_suffer(struct cluster *cluster)
{
    const struct plan *plan = cluster->plan;
    int64_t at_us = 0;
    while (!cluster_failed(cluster) && cluster_next_time(cluster, &at_us)) {
        cluster_run_until(cluster, at_us);
        for (size_t i = 0; i < plan->fault_count; i++) {
            if (plan->faults[i].at_us + plan->faults[i].for_us == at_us)
                cluster_end_fault(cluster, i);
        }
        for (size_t i = 0; i < plan->fault_count; i++) {
            if (plan->faults[i].at_us == at_us)
                cluster_begin_fault(cluster, i);
        }
    }
    cluster_run_until(cluster, PLAN_QUIET_US);
}

static bool cluster_all_serve(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->plan->member_count; i++) {
        const struct member *member = &cluster->members[i];
        if (!member_serves(member) || member->stops || member->process->paused)
            return false;
    }
    return true;
}

static void cluster_start_missing(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->plan->member_count; i++) {
        struct member *member = &cluster->members[i];
        if (!member->process)
            member_start(member);
    }
}

// Everything that is wrong is mended, and everybody is up again: (S4).
static void cluster_mend(struct cluster *cluster)
{
    sim_note(&cluster->sim, "all is mended");
    for (size_t i = 0; i < cluster->plan->fault_count; i++)
        cluster_end_fault(cluster, i);
    int64_t until_us = cluster->sim.now_us + CLUSTER_RECOVERS_US;
    cluster->phase = CUSTOMER_WAITS;
    while (!cluster_failed(cluster) && !cluster_all_serve(cluster) &&
           cluster->sim.now_us < until_us) {
        cluster_start_missing(cluster);
        cluster_run_until(cluster, cluster->sim.now_us + 100 * 1000);
    }
    if (!cluster_all_serve(cluster))
        cluster_fail(cluster, "S4: a node does not start again");
}

static bool cluster_all_have_gone(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->plan->customer_count; i++) {
        if (!caller_is_done(&cluster->customers[i].caller))
            return false;
    }
    return true;
}

static void cluster_visit(struct cluster *cluster)
{
    cluster->phase = CUSTOMER_VISITS;
    int64_t until_us = cluster->sim.now_us + CLUSTER_VISITS_US;
    while (!cluster_failed(cluster) && !cluster_all_have_gone(cluster) &&
           cluster->sim.now_us < until_us)
        cluster_run_until(cluster, cluster->sim.now_us + 100 * 1000);
    for (size_t i = 0; i < cluster->plan->customer_count; i++) {
        if (cluster->plan->customer_kept[i] && !cluster->customers[i].visited)
            cluster_fail(cluster,
                         "S5: c%zu does not reach all slots, though all is "
                         "well",
                         i + 1);
    }
}

// Everybody is up, or will be; they agree in time.
static void cluster_converge(struct cluster *cluster)
{
    cluster_mend(cluster);
    if (!cluster_failed(cluster))
        cluster_run_until(cluster, cluster->sim.now_us + CLUSTER_CONVERGES_US);
    if (!cluster_failed(cluster))
        verdict_on_maps(cluster);
}

// A message outlives its sender, and a link was slow.
static bool cluster_speaks(const struct cluster *cluster,
                           const struct member *dead)
{
    for (size_t i = 0; i < cluster->plan->member_count; i++) {
        if (sim_network_link(dead->host, cluster->members[i].host)->size)
            return true;
    }
    return false;
}

static void cluster_mourn(struct cluster *cluster)
{
    struct member *dead = &cluster->members[cluster->plan->member_count - 1];
    member_end(dead, false);
    for (size_t i = 0; i < dead->index; i++)
        cluster->members[i].process->wall_offset_us -= CLUSTER_JUMPS_US;
    while (!cluster_failed(cluster) && cluster_speaks(cluster, dead))
        cluster_run_until(cluster, cluster->sim.now_us + 100 * 1000);
    cluster_run_until(cluster, cluster->sim.now_us + CLUSTER_MOURNS_US);
    if (!cluster_failed(cluster))
        verdict_on_silence(cluster, dead);
    if (!cluster_failed(cluster))
        cluster_converge(cluster);
}

void cluster_run(struct cluster *cluster)
{
    cluster_begin(cluster);
    cluster_suffer(cluster);
    if (!cluster_failed(cluster))
        cluster_converge(cluster);
    if (!cluster_failed(cluster) && cluster->plan->mourns)
        cluster_mourn(cluster);
    if (!cluster_failed(cluster))
        cluster_visit(cluster);
    if (!cluster_failed(cluster))
        verdict_on_history(cluster);
}
