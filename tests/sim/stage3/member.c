// member.c -- lives of a node of stage 3 in the simulated world.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage3/member.h"

#include <string.h>

#include "common/base/check.h"
#include "stage2-persistence/durable_config.h"

void member_init(struct member *member)
{
    member->disk = sim_disk_create(member->host->network->sim);
    member->disk->knobs.delay_us = member->options->disk_delay_us;
    list_init(&member->guests);
}

void member_deinit(struct member *member)
{
    member_end(member, false);
    sim_disk_destroy(member->disk);
}

// ---- The beginning

// What --node or --peers make of the operator's list.
static void member_make_map(struct member *member)
{
    const struct topology *list = member->list;
    struct topology *map = &member->map;
    topology_init(map);
    for (uint16_t i = 0; i < list->count; i++) {
        const struct topology_node *given = &list->nodes[i];
        struct topology_node *node = topology_add(map, slice_of(given->id));
        if (!member->options->lists_all && i != member->index)
            continue;
        node->weight = given->weight;
        node->client = given->client;
    }
    map->self = member->index;
}

static void member_configure(struct member *member)
{
    member->config = config_create();
    config_add(member->config, server_config_rows, &member->settings);
    config_add(member->config, node_config_rows, &member->node_settings);
    config_add(member->config, durable_config_rows, &member->durable_settings);
    struct config_error error = {0};
    enum status status = config_set(member->config, slice_of("fsync"),
                                    slice_of(member->options->fsync), &error);
    check(status == STATUS_OK);
    member->durable_settings.log_segment_size = member->options->segment_size;
    member->durable_settings.snapshot_log_size =
        member->options->snapshot_log_size;
}

static void member_end_round(struct sim_round *round)
{
    struct member *member = container_of(round, struct member, round);
    list_for_each_safe (link, &member->guests) {
        struct guest *guest = container_of(link, struct guest, link);
        if (!member_is_alive(member) || member->process->paused)
            return;
        if (guest->busy)
            guest_settle(guest);
    }
}

void member_start(struct member *member)
{
    check(!member->process);
    member->lives++;
    member->stops = false;
    member->process = sim_process_start(member->host->network->sim,
                                        member->disk, member->host->name);
    sim_network_join(member->host, member->process);
    member_configure(member);
    member_make_map(member);
    member->watch->begins(member->context, member);
    member->node = sharded_node_create(
        &(struct node_world){
            .env = &member->process->env,
            .config = member->config,
            .settings = &member->settings,
            .node_settings = &member->node_settings,
            .program = "vega-sim",
            .config_path = "",
        },
        &member->durable_settings, &member->map, false);
    member->server = sharded_node_server(member->node);
    member->durable = durable_layer_of(member->server);
    member->shard = shard_layer_of(member->server);
    internal_requests_init(&member->hands, member->server);
    member->round.end = member_end_round;
    sim_add_round(member->process->sim, &member->round);
    member->watch->is_made(member->context, member);
}

// ---- The end

// The kernel of a process that ended says so to its clients.
static void member_leave_guests(struct member *member, bool power)
{
    list_for_each_safe (link, &member->guests) {
        struct guest *guest = container_of(link, struct guest, link);
        if (power)
            sim_stream_drop(&guest->end);
        guest_destroy(guest);
    }
}

void member_hang_up(struct member *member)
{
    member_leave_guests(member, false);
}

void member_end(struct member *member, bool power)
{
    if (!member->process)
        return;
    if (member->process->dead)
        member->disk->knobs.crash = (struct sim_crash){0};
    else if (power)
        sim_power_cut(member->disk);
    else
        sim_process_kill(member->process);
    sim_remove_round(&member->round);
    member_leave_guests(member, power);
    sharded_node_destroy(member->node);
    internal_requests_deinit(&member->hands);
    topology_deinit(&member->map);
    config_destroy(member->config);
    sim_process_free(member->process);
    member->process = NULL;
    member->node = NULL;
    member->server = NULL;
    member->durable = NULL;
    member->shard = NULL;
}

void member_stop(struct member *member)
{
    sim_note_of(member->process->sim, member->host->name, "is told to stop");
    member_leave_guests(member, false);
    member->stops = true;
}

void member_look(struct member *member)
{
    if (!member->process)
        return;
    if (member->process->dead)
        member_end(member, !member->disk->knobs.crash.kill);
    else if (member->stops && !member->process->paused &&
             sharded_node_finish(member->node))
        member_end(member, false);
}

// ---- Clients

struct guest *member_accept(struct member *member)
{
    if (!member_is_alive(member) || member->stops)
        return NULL;
    return guest_create(member);
}

void member_show(struct member *member, const struct guest *guest,
                 struct slice bytes)
{
    member->watch->shows(member->context, member, guest, bytes);
}
