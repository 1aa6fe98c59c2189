// session_harness.c -- a server with clients, but without the world.
// SPDX-License-Identifier: MIT
#include "tests/common/session_harness.h"

#include <jansson.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/config/config.h"

static void say_run(struct store *store, struct request *request)
{
    (void)store;
    reply_bulk(&request->reply, request->argv[1]);
}

static void fill_run(struct store *store, struct request *request)
{
    (void)store;
    int64_t size;
    check(slice_to_int64(request->argv[1], &size));
    char *bytes = xmalloc((size_t)size);
    memset(bytes, 'x', (size_t)size);
    reply_bulk(&request->reply, (struct slice){bytes, (size_t)size});
    free(bytes);
}

static void clock_run(struct store *store, struct request *request)
{
    (void)store;
    reply_integer(&request->reply, request->now_ms);
}

// The command that spends time: microseconds of the virtual clock.
static void harness_spend(struct harness *harness, struct request *request)
{
    int64_t us;
    check(slice_to_int64(request->argv[1], &us));
    harness->world.now_us += us;
}

static void flush_run(struct store *store, struct request *request)
{
    (void)store;
    reply_ok(&request->reply);
}

static const struct command harness_rows[] = {
    {"say", 2, 0, 0, 0, 0, "Answers", "text", "generic", "vega 1",
     .run = say_run},
    {"later", 2, 0, 1, 1, 1, "Answers later", "key", "generic", "vega 1",
     .run = say_run},
    {"flush", 1, COMMAND_WRITE, 0, 0, 0, "Answers what was kept", "", "generic",
     "vega 1", .run = flush_run},
    {"fill", 2, COMMAND_READONLY, 0, 0, 0, "Answers much", "count", "generic",
     "vega 1", .run = fill_run},
    {"spend", -2, 0, 0, 0, 0, "Takes time", "us [text ...]", "generic",
     "vega 1", .run = flush_run},
    {"rush", -2, COMMAND_FAST, 0, 0, 0, "Takes time too, as a quick command",
     "us [text ...]", "generic", "vega 1", .run = flush_run},
    {"clock", 1, COMMAND_READONLY | COMMAND_FAST, 0, 0, 0, "Answers the time",
     "", "generic", "vega 1", .run = clock_run},
    {0},
};

static struct harness *harness_of(struct layer *layer)
{
    return container_of(layer, struct harness, layer);
}

static void harness_prepare(struct layer *layer, struct request **requests,
                            size_t count)
{
    (void)requests;
    harness_of(layer)->prepared += count;
}

static void answer(struct request *request)
{
    request->command->run(NULL, request);
    request_complete(request);
}

static void harness_submit(struct layer *layer, struct request *request)
{
    struct harness *harness = harness_of(layer);
    harness->executed++;
    if (!strcmp(request->command->name, "later")) {
        check(harness->later_count < HARNESS_LATER_MAX);
        harness->later[harness->later_count++] =
            &request_keep(request)->request;
        return;
    }
    if (!strcmp(request->command->name, "spend") ||
        !strcmp(request->command->name, "rush"))
        harness_spend(harness, request);
    if (!strcmp(request->command->name, "flush")) {
        while (harness->later_count)
            harness_answer(harness, 0);
    }
    answer(request);
}

static void harness_info(struct layer *layer, struct info *info)
{
    info_section(info, "Keyspace", false);
    info_field(info, "db0", "keys=%zu", harness_of(layer)->executed);
}

static void harness_stats(struct layer *layer, json_t *object)
{
    json_object_set_new(
        object, "storage",
        json_pack("{s:I}", "keys", (json_int_t)harness_of(layer)->executed));
}

void harness_init(struct harness *harness)
{
    memset(harness, 0, sizeof *harness);
    fake_env_init(&harness->world, 1);
    harness->layer = (struct layer){
        .name = "harness",
        .prepare = harness_prepare,
        .submit = harness_submit,
        .info = harness_info,
        .stats = harness_stats,
    };
    struct server *server = &harness->server;
    server->env = &harness->world.env;
    server->config = config_create();
    server->settings = &harness->settings;
    server->commands = command_table_create();
    server->stack = &harness->layer;
    server->program = "harness";
    server->config_path = "";
    config_add(server->config, server_config_rows, &harness->settings);
    server_add_commands(server->commands);
    command_table_add(server->commands, harness_rows);
    server_init(server);
}

void harness_deinit(struct harness *harness)
{
    while (harness->later_count)
        harness_answer(harness, 0);
    server_deinit(&harness->server);
    command_table_destroy(harness->server.commands);
    config_destroy(harness->server.config);
    fake_env_deinit(&harness->world);
}

void harness_set(struct harness *harness, const char *key, const char *value)
{
    struct buffer yaml = {0};
    struct config_error error = {0};
    buffer_printf(&yaml, "%s: %s\n", key, value);
    enum status status = config_load_yaml_text(harness->server.config, "test",
                                               buffer_slice(&yaml), &error);
    buffer_deinit(&yaml);
    check(status == STATUS_OK);
}

void harness_answer(struct harness *harness, size_t index)
{
    check(index < harness->later_count);
    struct request *request = harness->later[index];
    harness->later_count--;
    memmove(harness->later + index, harness->later + index + 1,
            (harness->later_count - index) * sizeof request);
    answer(request);
}

void harness_advance_ms(struct harness *harness, int64_t ms)
{
    fake_env_advance(&harness->world, ms * 1000);
}

static void client_changed(struct transport *transport)
{
    container_of(transport, struct client, transport)->changes++;
}

void client_open(struct client *client, struct harness *harness)
{
    *client = (struct client){
        .harness = harness,
        .transport.changed = client_changed,
    };
    client->session = session_create(&harness->server, &client->transport);
    memcpy(client->session->peer_address, "10.0.0.1:50000",
           sizeof "10.0.0.1:50000");
    memcpy(client->session->local_address, "10.0.0.9:6379",
           sizeof "10.0.0.9:6379");
}

static void end_session(struct client *client)
{
    session_destroy(client->session);
    client->session = NULL;
}

void client_close(struct client *client)
{
    if (client->session)
        end_session(client);
    buffer_deinit(&client->received);
}

void client_settle(struct client *client)
{
    struct session *session = client->session;
    if (!session)
        return;
    session_resume(session);
    // Sending may make room for input that waits.
    struct slice output = session_pending_output(session);
    while (output.size && !client->deaf && !session->killed) {
        buffer_append_slice(&client->received, output);
        session_sent(session, output.size);
        session_resume(session);
        output = session_pending_output(session);
    }
    session_resume(session);
    if (session_is_done(session))
        end_session(client);
}

void client_send_bytes(struct client *client, struct slice bytes)
{
    check(client->session);
    // Memory of its own, so that the sanitizer sees who reads beyond it or
    // keeps it.
    char *copy = xmalloc(bytes.size ? bytes.size : 1);
    if (bytes.size)
        memcpy(copy, bytes.data, bytes.size);
    session_receive(client->session, (struct slice){copy, bytes.size});
    free(copy);
    client_settle(client);
}

void client_send(struct client *client, const char *text)
{
    client_send_bytes(client, slice_of(text));
}

const char *client_take(struct client *client)
{
    client_settle(client);
    buffer_append_byte(&client->received, '\0');
    buffer_clear(&client->received);
    return client->received.data;
}

bool client_is_closed(struct client *client)
{
    client_settle(client);
    return !client->session;
}
