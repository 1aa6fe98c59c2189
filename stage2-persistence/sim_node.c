// sim_node.c -- lives of a node of stage 2 in the simulated world.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/sim_node.h"

#include <stdio.h>

#include "common/base/check.h"

enum {
    SIM_NODE_RECOVER_US = 600 * 1000 * 1000,
    SIM_NODE_FINISH_US = 120 * 1000 * 1000,
};

void sim_node_init(struct sim_node *node, uint64_t seed,
                   const struct sim_node_watch *watch, void *context)
{
    *node = (struct sim_node){.watch = watch, .context = context};
    sim_init(&node->sim, seed);
    node->disk = sim_disk_create(&node->sim);
    for (size_t i = 0; i < SIM_NODE_CLIENTS; i++)
        snprintf(node->clients[i].name, sizeof node->clients[i].name, "c%zu",
                 i + 1);
}

void sim_node_deinit(struct sim_node *node)
{
    sim_node_end(node, false);
    sim_disk_destroy(node->disk);
    sim_deinit(&node->sim);
}

bool sim_node_is_alive(const struct sim_node *node)
{
    return node->process && !node->process->dead;
}

bool sim_node_serves(const struct sim_node *node)
{
    return sim_node_is_alive(node) && node->durable->aof != NULL;
}

// ---- A life

void sim_node_start(struct sim_node *node,
                    const struct sim_node_options *options)
{
    check(!node->process);
    node->process = sim_process_start(&node->sim, node->disk, "node");
    node->config = config_create();
    config_add(node->config, server_config_rows, &node->settings);
    config_add(node->config, node_config_rows, &node->node_settings);
    config_add(node->config, durable_config_rows, &node->durable_settings);
    struct config_error error = {0};
    enum status status = config_set(node->config, slice_of("fsync"),
                                    slice_of(options->fsync), &error);
    check(status == STATUS_OK);
    node->durable_settings.log_segment_size = options->segment_size;
    node->durable_settings.snapshot_log_size = options->snapshot_log_size;
    node->durable_settings.snapshot_compress = options->compress;
    node->node = durable_node_create(
        &(struct node_world){
            .env = &node->process->env,
            .config = node->config,
            .settings = &node->settings,
            .node_settings = &node->node_settings,
            .log = options->log,
            .program = "vega-sim",
            .config_path = "",
        },
        &node->durable_settings);
    node->server = durable_node_server(node->node);
    node->durable = durable_layer_of(node->server);
    node->watch->begins(node->context);
}

static void sim_node_settle_client(struct sim_node *node, size_t index)
{
    struct sim_node_client *client = &node->clients[index];
    struct session *session = client->session;
    session_resume(session);
    struct slice output = session_pending_output(session);
    while (sim_node_is_alive(node) && output.size && !session->killed) {
        node->watch->shows(node->context, index, output);
        client->received += output.size;
        session_sent(session, output.size);
        session_resume(session);
        output = session_pending_output(session);
    }
    if (sim_node_is_alive(node) && session_is_done(session)) {
        session_destroy(session);
        client->session = NULL;
    }
}

// What transports do at the end of a round. What resumes there may defer tasks.
static void sim_node_settle(struct sim_node *node)
{
    sim_end_round(&node->sim);
    for (size_t i = 0; i < SIM_NODE_CLIENTS && sim_node_is_alive(node); i++) {
        node->watch->looks(node->context);
        if (node->clients[i].session)
            sim_node_settle_client(node, i);
    }
    if (!sim_node_is_alive(node))
        return;
    node->watch->rests(node->context);
    sim_end_round(&node->sim);
    node->watch->settles(node->context);
}

// One event. False when there is none before `until_us`.
static bool sim_node_step(struct sim_node *node, int64_t until_us)
{
    const struct env_timer *first = env_timers_first(&node->sim.queue);
    if (!sim_node_is_alive(node) || !first || first->due_us > until_us)
        return false;
    sim_step(&node->sim);
    sim_node_settle(node);
    return true;
}

void sim_node_run_for(struct sim_node *node, int64_t us)
{
    int64_t until_us = node->sim.now_us + us;
    while (sim_node_step(node, until_us) && !node->halted) {
    }
    if (sim_node_is_alive(node) && !node->halted)
        sim_run_until(&node->sim, until_us);
}

const char *sim_node_recover(struct sim_node *node)
{
    int64_t until_us = node->sim.now_us + SIM_NODE_RECOVER_US;
    while (!sim_node_serves(node) && !durable_node_is_unusable(node->node) &&
           sim_node_step(node, until_us)) {
    }
    if (!sim_node_is_alive(node) || sim_node_serves(node))
        return NULL;
    const char *reason =
        node->durable->recovery ? recovery_error(node->durable->recovery) : "";
    return *reason ? reason : "it takes too long";
}

static void sim_node_bury(struct sim_node *node)
{
    for (size_t i = 0; i < SIM_NODE_CLIENTS; i++)
        sim_node_disconnect(node, i);
    durable_node_destroy(node->node);
    config_destroy(node->config);
    sim_process_free(node->process);
    node->process = NULL;
    node->node = NULL;
    node->server = NULL;
    node->durable = NULL;
}

bool sim_node_end(struct sim_node *node, bool power)
{
    if (!node->process)
        return false;
    if (node->process->dead) {
        power = !node->disk->knobs.crash.kill;
        node->disk->knobs.crash = (struct sim_crash){0};
    } else if (power) {
        sim_power_cut(node->disk);
    } else {
        sim_process_kill(node->process);
    }
    sim_node_bury(node);
    return power;
}

bool sim_node_finish(struct sim_node *node)
{
    bool served = sim_node_serves(node);
    sim_node_settle(node);
    for (size_t i = 0; i < SIM_NODE_CLIENTS; i++)
        sim_node_disconnect(node, i);
    int64_t until_us = node->sim.now_us + SIM_NODE_FINISH_US;
    bool done = false;
    while (sim_node_is_alive(node) &&
           !(done = durable_node_finish(node->node)) &&
           sim_node_step(node, until_us)) {
    }
    return sim_node_is_alive(node) && done && served &&
           node->durable->state != DURABLE_FAILED;
}

// ---- Clients

static void sim_node_client_changed(struct transport *transport)
{
    (void)transport;
}

bool sim_node_client_is_heard(const struct sim_node *node, size_t index)
{
    struct session *session = node->clients[index].session;
    return session && session_wants_input(session);
}

void sim_node_connect(struct sim_node *node, size_t index)
{
    struct sim_node_client *client = &node->clients[index];
    client->transport.changed = sim_node_client_changed;
    client->session = session_create(node->server, &client->transport);
    client->received = 0;
}

void sim_node_disconnect(struct sim_node *node, size_t index)
{
    struct sim_node_client *client = &node->clients[index];
    if (client->session)
        session_destroy(client->session);
    client->session = NULL;
}

void sim_node_send(struct sim_node *node, size_t index, struct slice bytes)
{
    session_receive(node->clients[index].session, bytes);
    sim_node_settle(node);
}
