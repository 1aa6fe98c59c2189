// durable_harness.c -- see durable_harness.h.
// SPDX-License-Identifier: MIT
#include "tests/stage2/durable_harness.h"

#include <string.h>

#include "common/base/check.h"
#include "tests/test.h"

enum { STEP_US = 250 };

static void client_changed(struct transport *transport)
{
    (void)transport; // Looked at after every step.
}

// What a transport does at the end of its round, until nothing moves.
static void settle_client(struct durable_client *client)
{
    struct session *session = client->session;
    if (!session)
        return;
    session_resume(session);
    struct slice output = session_pending_output(session);
    while (output.size) {
        buffer_append_slice(&client->received, output);
        session_sent(session, output.size);
        session_resume(session);
        output = session_pending_output(session);
    }
    if (!session_is_done(session))
        return;
    session_destroy(session);
    client->session = NULL;
}

static void settle(struct durable_harness *harness)
{
    sim_end_round(&harness->sim);
    for (size_t i = 0; i < DURABLE_CLIENTS_MAX; i++)
        settle_client(&harness->clients[i]);
    sim_end_round(&harness->sim);
}

void durable_start(struct durable_harness *harness, const char *fsync)
{
    harness->process = sim_process_start(&harness->sim, harness->disk, "node");
    harness->config = config_create();
    config_add(harness->config, server_config_rows, &harness->settings);
    config_add(harness->config, node_config_rows, &harness->node_settings);
    config_add(harness->config, durable_config_rows,
               &harness->durable_settings);
    struct config_error error;
    check(config_set(harness->config, SLICE("fsync"), slice_of(fsync),
                     &error) == STATUS_OK);
    check(config_set(harness->config, SLICE("save"), SLICE(""), &error) ==
          STATUS_OK);
    harness->durable_settings.log_segment_size = 1 << 20;
    harness->node = durable_node_create(
        &(struct node_world){
            .env = &harness->process->env,
            .config = harness->config,
            .settings = &harness->settings,
            .node_settings = &harness->node_settings,
            .program = "harness",
            .config_path = "",
        },
        &harness->durable_settings);
    harness->server = durable_node_server(harness->node);
    harness->durable = durable_layer_of(harness->server);
}

void durable_wait(struct durable_harness *harness)
{
    for (int i = 0; i < 100000 && harness->server->loading.active &&
                    !durable_node_is_unusable(harness->node);
         i++)
        sim_run_for(&harness->sim, STEP_US);
}

void durable_end(struct durable_harness *harness)
{
    sim_process_kill(harness->process);
    for (size_t i = 0; i < DURABLE_CLIENTS_MAX; i++)
        durable_leave(harness, i);
    durable_node_destroy(harness->node);
    config_destroy(harness->config);
    sim_process_free(harness->process);
    harness->process = NULL;
}

void durable_init(struct durable_harness *harness, const char *fsync)
{
    *harness = (struct durable_harness){0};
    sim_init(&harness->sim, 1);
    harness->disk = sim_disk_create(&harness->sim);
    harness->disk->knobs.slow_per_million = 0;
    durable_start(harness, fsync);
    durable_wait(harness);
    durable_run_ms(harness, 1000); // The first segment stands.
}

void durable_deinit(struct durable_harness *harness)
{
    if (harness->process)
        durable_end(harness);
    sim_disk_destroy(harness->disk);
    sim_deinit(&harness->sim);
}

void durable_restart(struct durable_harness *harness, bool power_cut)
{
    durable_end(harness);
    if (power_cut)
        sim_power_cut(harness->disk);
    durable_start(harness, "always");
    durable_wait(harness);
    ck_assert(!durable_node_is_unusable(harness->node));
}

void durable_run_ms(struct durable_harness *harness, int64_t ms)
{
    int64_t end_us = harness->sim.now_us + ms * 1000;
    settle(harness);
    while (harness->sim.now_us < end_us) {
        sim_run_for(&harness->sim, STEP_US);
        settle(harness);
    }
}

void durable_send(struct durable_harness *harness, size_t index,
                  const char *line)
{
    struct durable_client *client = &harness->clients[index];
    struct buffer bytes = {0};
    if (!client->session) {
        client->transport.changed = client_changed;
        client->session = session_create(harness->server, &client->transport);
    }
    buffer_append_text(&bytes, line);
    buffer_append_text(&bytes, "\r\n");
    session_receive(client->session, buffer_slice(&bytes));
    buffer_deinit(&bytes);
    settle(harness);
}

const char *durable_take(struct durable_harness *harness, size_t index)
{
    struct durable_client *client = &harness->clients[index];
    settle(harness);
    buffer_append_byte(&client->received, '\0');
    buffer_clear(&client->received);
    return client->received.data;
}

void durable_leave(struct durable_harness *harness, size_t index)
{
    struct durable_client *client = &harness->clients[index];
    if (client->session)
        session_destroy(client->session);
    client->session = NULL;
    buffer_deinit(&client->received);
}

const char *durable_ask(struct durable_harness *harness, size_t index,
                        const char *line)
{
    struct durable_client *client = &harness->clients[index];
    durable_send(harness, index, line);
    for (int i = 0; i < 60000 && client->received.size == 0; i++)
        durable_run_ms(harness, 1);
    return durable_take(harness, index);
}

bool durable_info_has(struct durable_harness *harness, const char *text)
{
    return strstr(durable_ask(harness, DURABLE_CLIENTS_MAX - 1, "INFO"), text);
}
