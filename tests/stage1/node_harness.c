// node_harness.c -- see node_harness.h.
// SPDX-License-Identifier: MIT
#include "tests/stage1/node_harness.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/server/command.h"
#include "tests/test.h"

static struct node_harness *harness_of(struct layer *layer)
{
    return container_of(layer, struct node_harness, layer);
}

static void note_change(struct completion *completion, struct request *request)
{
    struct node_harness *harness =
        container_of(completion, struct node_harness, recorded);
    harness->records[harness->record_count - 1].changed =
        request->flags & REQUEST_CHANGED;
    request_complete(request);
}

// The store answers at once, so that one completion is enough.
static void pass_down(struct node_harness *harness, struct request *request)
{
    check(harness->record_count < NODE_RECORDS_MAX);
    struct node_record *record = &harness->records[harness->record_count++];
    record->now_ms = request->now_ms;
    record->seed = request->seed;
    argv_add_all(&record->argv, request->argv, request->argc);
    request_push(request, &harness->recorded);
    harness->layer.below->submit(harness->layer.below, request);
}

static void harness_submit(struct layer *layer, struct request *request)
{
    struct node_harness *harness = harness_of(layer);
    if (!harness->slow) {
        pass_down(harness, request);
        return;
    }
    struct kept_request *kept = request_keep(request);
    list_push_back(&harness->held, &kept->link);
}

void node_init(struct node_harness *harness)
{
    *harness = (struct node_harness){.config = config_create()};
    fake_env_init(&harness->world, 1);
    config_add(harness->config, server_config_rows, &harness->settings);
    config_add(harness->config, node_config_rows, &harness->node_settings);
    config_add(harness->config, memory_only_config_rows,
               &harness->node_settings);
    harness->node = node_create(&(struct node_world){
        .env = &harness->world.env,
        .config = harness->config,
        .settings = &harness->settings,
        .node_settings = &harness->node_settings,
        .program = "harness",
        .config_path = "",
    });
    harness->server = node_server(harness->node);
    list_init(&harness->held);
    harness->recorded.done = note_change;
    harness->layer = (struct layer){
        .name = "harness",
        .below = harness->server->stack,
        .prepare = layer_prepare_below,
        .submit = harness_submit,
    };
    harness->server->stack = &harness->layer;
    node_loaded(harness->node);
}

void node_deinit(struct node_harness *harness)
{
    node_release(harness);
    for (size_t i = 0; i < harness->record_count; i++)
        argv_deinit(&harness->records[i].argv);
    node_destroy(harness->node);
    config_destroy(harness->config);
    fake_env_deinit(&harness->world);
}

void node_release(struct node_harness *harness)
{
    struct list_link *first;
    while ((first = list_first(&harness->held))) {
        list_remove(first);
        struct request *request =
            &container_of(first, struct kept_request, link)->request;
        request->now_ms = harness->server->now_ms; // It never goes back.
        pass_down(harness, request);
    }
}

void node_advance_ms(struct node_harness *harness, int64_t ms)
{
    fake_env_advance(&harness->world, ms * 1000);
}

static void discard_done(struct completion *completion, struct request *request)
{
    (void)completion;
    buffer_deinit(request->reply.out);
}

void node_replay(const struct node_harness *from, struct node_harness *to)
{
    for (size_t i = 0; i < from->record_count; i++) {
        struct node_record record = from->records[i];
        if (!record.changed)
            continue;
        struct completion completion = {.done = discard_done};
        struct buffer reply = {0};
        const struct command *found;
        const struct slice *argv = argv_slices(&record.argv);
        struct request request = {
            .command = command_resolve(to->server->commands, argv,
                                       record.argv.count, &found),
            .argv = argv,
            .argc = record.argv.count,
            .now_ms = record.now_ms,
            .seed = record.seed,
            .reply = {.out = &reply, .protocol = 2},
            .completion = &completion,
        };
        to->layer.below->submit(to->layer.below, &request);
    }
}

static void client_changed(struct transport *transport)
{
    (void)transport;
}

void node_client_open(struct node_client *client, struct node_harness *harness)
{
    *client = (struct node_client){.transport.changed = client_changed};
    client->session = session_create(harness->server, &client->transport);
}

void node_client_close(struct node_client *client)
{
    if (client->session)
        session_destroy(client->session);
    client->session = NULL;
    buffer_deinit(&client->received);
}

// What a transport does at the end of its round, until nothing moves.
static void settle(struct node_client *client)
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

const char *node_client_take(struct node_client *client)
{
    settle(client);
    buffer_append_byte(&client->received, '\0');
    buffer_clear(&client->received);
    return client->received.data;
}

const char *node_client_send(struct node_client *client, const char *line)
{
    struct buffer bytes = {0};
    buffer_append_text(&bytes, line);
    buffer_append_text(&bytes, "\r\n");
    ck_assert_msg(client->session, "closed before: %s", line);
    session_receive(client->session, buffer_slice(&bytes));
    buffer_deinit(&bytes);
    return node_client_take(client);
}

void node_expect_all(const struct node_golden *rows)
{
    struct node_harness harness;
    struct node_client client;
    node_init(&harness);
    node_client_open(&client, &harness);
    for (; rows->line; rows++) {
        if (rows->line[0] == '+') {
            node_advance_ms(&harness, strtoll(rows->line, NULL, 10));
            continue;
        }
        const char *reply = node_client_send(&client, rows->line);
        ck_assert_msg(!strcmp(reply, rows->reply), "%s\nwanted: %s\ncame:   %s",
                      rows->line, rows->reply, reply);
    }
    node_client_close(&client);
    node_deinit(&harness);
}
