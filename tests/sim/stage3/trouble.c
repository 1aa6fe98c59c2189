// trouble.c -- the faults of a plan, as they begin and end.
//
// Links are what they would be without any fault, changed by all faults that
// are under way, in their order; so faults may overlap, and the end of one
// mends nothing of another.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
#include "common/base/list.h"
#include "tests/sim/stage3/verdict.h"

enum {
    TROUBLE_DELAY_US_MIN = 100,
    TROUBLE_DELAY_US_MAX = 1000,
    TROUBLE_DISK_US = 5000,
};

static void trouble_note(struct cluster *cluster, const struct fault *fault,
                         const char *what)
{
    struct buffer words = {0};
    fault_describe(cluster->plan, fault, &words);
    sim_note(&cluster->sim, "%s: %.*s", what,
             SLICE_PRINT(buffer_slice(&words)));
    buffer_deinit(&words);
}

// ---- Links

static void trouble_with_links(struct cluster *cluster,
                               const struct fault *fault)
{
    struct sim_network *network = cluster->network;
    bool is_cut = fault->kind == FAULT_CUT;
    if (is_cut)
        sim_network_cut(network, fault->from, fault->to);
    else
        sim_network_set_links(network, fault->from, fault->to, &fault->link);
    if (is_cut && fault->both_ways)
        sim_network_cut(network, fault->to, fault->from);
}

static void trouble_set_links(struct cluster *cluster)
{
    static const enum fault_kind kinds[] = {FAULT_BAD_LINKS, FAULT_CUT};
    struct sim_link healthy = {.delay_us_min = TROUBLE_DELAY_US_MIN,
                               .delay_us_max = TROUBLE_DELAY_US_MAX};
    sim_network_set_links(cluster->network, SIM_HOSTS_ALL, SIM_HOSTS_ALL,
                          &healthy);
    for (size_t k = 0; k < 2; k++) { // A bad link that is cut stays cut.
        for (size_t i = 0; i < cluster->plan->fault_count; i++) {
            const struct fault *fault = &cluster->plan->faults[i];
            if (cluster->under_way[i] && fault->kind == kinds[k])
                trouble_with_links(cluster, fault);
        }
    }
}

// ---- Nodes

static void trouble_with_node(const struct fault *fault, struct member *member)
{
    struct sim_disk_knobs *knobs = &member->disk->knobs;
    switch (fault->kind) {
    case FAULT_POWER:
    case FAULT_KILL:
        member_end(member, fault->kind == FAULT_POWER);
        return;
    case FAULT_STOP:
        member_stop(member);
        return;
    case FAULT_CRASH_CALL:
        knobs->crash = fault->crash;
        knobs->crash.at_call += member->disk->calls;
        return;
    case FAULT_BAD_DISK:
        knobs->fail[fault->fails] = (struct sim_failure){
            .skip = fault->crash.at_call, .times = 1, .status = STATUS_IO};
        return;
    case FAULT_PAUSE:
        sim_process_pause(member->process, fault->for_us);
        return;
    case FAULT_HANG_UP:
        member_hang_up(member);
        return;
    case FAULT_SLOW_DISK:
        knobs->slow_per_million = 100000;
        knobs->delay_us += TROUBLE_DISK_US;
        return;
    case FAULT_CLOCK_JUMP:
        member->process->wall_offset_us += fault->amount;
        return;
    case FAULT_CLOCK_PACE:
        sim_process_set_pace(member->process, fault->amount);
        return;
    default:
        check(false);
    }
}

static void trouble_is_over(const struct fault *fault, struct member *member)
{
    struct sim_disk_knobs *knobs = &member->disk->knobs;
    if (fault->kind == FAULT_CRASH_CALL)
        knobs->crash = (struct sim_crash){0};
    if (fault->kind == FAULT_SLOW_DISK) {
        knobs->slow_per_million = 0;
        knobs->delay_us = member->options->disk_delay_us;
    }
    if (fault->kind == FAULT_CLOCK_PACE && member_is_alive(member))
        sim_process_set_pace(member->process, 0);
    if (fault->kind == FAULT_BAD_DISK) {
        knobs->fail[fault->fails] = (struct sim_failure){0};
        member_end(member, false); // It takes no more writes: see (D1).
    }
    // Whoever stops has the time that it takes.
    if (fault->kind < FAULT_PAUSE && !member->process)
        member_start(member);
}

// ---- Both

void cluster_begin_fault(struct cluster *cluster, size_t index)
{
    const struct fault *fault = &cluster->plan->faults[index];
    struct member *member = &cluster->members[fault->member];
    if (!fault->kept)
        return;
    if (fault->kind == FAULT_MOVE) {
        if (mover_move(&cluster->mover, fault->tag, member->index, fault->told))
            trouble_note(cluster, fault, "done");
        return;
    }
    bool is_of_node = fault->kind < FAULT_CUT;
    if (is_of_node && (!member_is_alive(member) || member->stops))
        return; // It is in trouble already.
    cluster->under_way[index] = true;
    trouble_note(cluster, fault, "begins");
    if (is_of_node && member_serves(member))
        verdict_on_store(cluster, member);
    if (is_of_node)
        trouble_with_node(fault, member);
    else
        trouble_set_links(cluster);
}

void cluster_end_fault(struct cluster *cluster, size_t index)
{
    const struct fault *fault = &cluster->plan->faults[index];
    if (!cluster->under_way[index])
        return;
    cluster->under_way[index] = false;
    trouble_note(cluster, fault, "over");
    if (fault->kind < FAULT_CUT)
        trouble_is_over(fault, &cluster->members[fault->member]);
    else
        trouble_set_links(cluster);
}
