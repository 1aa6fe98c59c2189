// abd_world.c -- replicas of one register, and clients.
// SPDX-License-Identifier: MIT
#include "tests/common/abd_world.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "common/base/list.h"
#include "common/sim/kv_model.h"

enum {
    ABD_NODES_MAX = 7,
    ABD_CLIENTS_MAX = 10,
    ABD_PATIENCE_US = 20 * 1000, // Then a client gives up.
    ABD_PAUSE_US_MAX = 3000,
    ABD_TROUBLE_US_MAX = 15 * 1000,
};

// A version is a number and the client that chose it; value 0 is none.
struct abd_version {
    uint64_t number;
    uint32_t client, value;
};

enum abd_kind { ABD_ASK, ABD_TOLD, ABD_PUT, ABD_TAKEN };

struct abd_message {
    enum abd_kind kind;
    uint32_t operation; // Of the client.
    struct abd_version version;
};

struct abd_node {
    struct env_peers receiver;
    struct abd_world *world;
    struct sim_host *host;
    struct sim_process *process;
    struct abd_version version; // As if on a disk: it survives a death.
};

struct abd_client {
    struct env_peers receiver;
    struct abd_world *world;
    struct sim_host *host;
    struct env_timer timer; // Gives up, or begins the next operation.
    struct random random;
    size_t turns; // Operations that it has begun, or left out.
    bool is_busy, reads;
    enum abd_kind phase; // ABD_ASK or ABD_PUT.
    uint32_t operation;
    size_t index; // In the history.
    uint64_t answered;
    struct abd_version version;
};

struct abd_world {
    const struct abd_options *options;
    struct sim sim;
    struct sim_network *network;
    struct abd_node nodes[ABD_NODES_MAX];
    struct abd_client clients[ABD_CLIENTS_MAX];
    struct client_history history;
    struct env_timer trouble;
    struct random random; // Of trouble.
    size_t parts[ABD_PARTS];
};

static bool abd_skips(struct abd_world *world, enum abd_part part,
                      size_t number)
{
    const struct abd_options *options = world->options;
    if (world->parts[part] <= number)
        world->parts[part] = number + 1;
    return options->skips && options->skips(options->context, part, number);
}

static void abd_send(struct sim_host *from, uint32_t to,
                     const struct abd_message *message)
{
    struct slice body = {(const char *)message, sizeof *message};
    ck_assert_int_eq(sim_host_send(from, to, body), STATUS_OK);
}

static bool abd_is_newer(struct abd_version a, struct abd_version b)
{
    return a.number > b.number || (a.number == b.number && a.client > b.client);
}

// ---- Nodes

static void abd_node_receive(struct env_peers *receiver, uint32_t from,
                             struct slice body)
{
    struct abd_node *node = container_of(receiver, struct abd_node, receiver);
    struct abd_message message;
    memcpy(&message, body.data, sizeof message);
    if (message.kind == ABD_PUT && abd_is_newer(message.version, node->version))
        node->version = message.version;
    message.kind = message.kind == ABD_ASK ? ABD_TOLD : ABD_TAKEN;
    message.version = node->version;
    abd_send(node->host, from, &message);
}

static void abd_node_start(struct abd_node *node)
{
    node->process =
        sim_process_start(&node->world->sim, NULL, node->host->name);
    sim_network_join(node->host, node->process);
    env_peer_listen(&node->process->env, &node->receiver);
}

static void abd_node_restart(struct abd_node *node)
{
    sim_process_free(node->process);
    if (node->world->options->bug == ABD_FORGETS)
        node->version = (struct abd_version){0};
    abd_node_start(node);
}

// ---- Clients

static void abd_client_ask_all(struct abd_client *client, enum abd_kind kind)
{
    struct abd_world *world = client->world;
    struct abd_message message = {.kind = kind,
                                  .operation = client->operation,
                                  .version = client->version};
    client->phase = kind;
    client->answered = 0;
    for (size_t i = 0; i < world->options->nodes; i++)
        abd_send(client->host, world->nodes[i].host->id, &message);
}

static size_t abd_client_turns(const struct abd_world *world)
{
    return world->options->operations / world->options->clients;
}

static void abd_client_rest(struct abd_client *client)
{
    client->is_busy = false;
    if (client->turns < abd_client_turns(client->world))
        sim_start(&client->world->sim, &client->timer,
                  (int64_t)random_below(&client->random, ABD_PAUSE_US_MAX));
}

static void abd_client_return(struct abd_client *client)
{
    struct abd_world *world = client->world;
    char text[16];
    struct slice result = {0};
    if (client->reads && client->version.value) {
        snprintf(text, sizeof text, "%u", client->version.value);
        result = slice_of(text);
    }
    sim_note_of(&world->sim, client->host->name, "< %.*s",
                SLICE_PRINT(result.data ? result : SLICE("ok")));
    client_history_return(&world->history, client->index, world->sim.now_us,
                          CLIENT_OK, &result);
    abd_client_rest(client);
}

static void abd_client_begin(struct abd_client *client)
{
    struct abd_world *world = client->world;
    char text[16];
    size_t number = client->turns++ * world->options->clients +
                    (size_t)(client - world->clients);
    struct client_step step = {.kind = KV_GET, .key = SLICE("x")};
    client->reads = random_below(&client->random, 2);
    if (abd_skips(world, ABD_OPERATION, number)) {
        abd_client_rest(client);
        return;
    }
    client->is_busy = true;
    client->operation++;
    client->version = (struct abd_version){0};
    if (!client->reads) {
        client->version.value = (uint32_t)number + 1;
        snprintf(text, sizeof text, "%u", client->version.value);
        step.kind = KV_SET;
        step.argument = slice_of(text);
    }
    sim_note_of(&world->sim, client->host->name, "> %s x %.*s",
                kv_model.names[step.kind], SLICE_PRINT(step.argument));
    client->index = client_history_invoke(&world->history, client->host->id,
                                          world->sim.now_us, &step, 1);
    abd_client_ask_all(client, ABD_ASK);
    sim_start(&world->sim, &client->timer, ABD_PATIENCE_US);
}

static void abd_client_woken(struct env_timer *timer)
{
    struct abd_client *client = container_of(timer, struct abd_client, timer);
    struct abd_world *world = client->world;
    if (client->is_busy) {
        client_history_return(&world->history, client->index, world->sim.now_us,
                              CLIENT_UNKNOWN, NULL);
        sim_note_of(&world->sim, client->host->name, "< no answer");
        abd_client_rest(client);
    } else {
        abd_client_begin(client);
    }
}

// Of all answers the newest version; a write keeps its own value.
static void abd_client_learn(struct abd_client *client,
                             struct abd_version version)
{
    if (!abd_is_newer(version, client->version))
        return;
    uint32_t value = client->reads ? version.value : client->version.value;
    client->version = version;
    client->version.value = value;
}

static void abd_client_receive(struct env_peers *receiver, uint32_t from,
                               struct slice body)
{
    struct abd_client *client =
        container_of(receiver, struct abd_client, receiver);
    const struct abd_options *options = client->world->options;
    struct abd_message message;
    memcpy(&message, body.data, sizeof message);
    if (!client->is_busy || message.operation != client->operation ||
        message.kind != client->phase + 1)
        return;
    client->answered |= UINT64_C(1) << from;
    if (message.kind == ABD_TOLD)
        abd_client_learn(client, message.version);
    size_t quorum =
        options->bug == ABD_ONE_IS_ENOUGH ? 1 : options->nodes / 2 + 1;
    if ((size_t)__builtin_popcountll(client->answered) < quorum)
        return;
    if (message.kind == ABD_TAKEN ||
        (client->reads && options->bug == ABD_READS_DO_NOT_WRITE)) {
        abd_client_return(client);
        return;
    }
    if (!client->reads) {
        client->version.number++;
        client->version.client = client->host->id;
    }
    abd_client_ask_all(client, ABD_PUT);
}

// ---- Faults

static void abd_trouble(struct env_timer *timer)
{
    struct abd_world *world = container_of(timer, struct abd_world, trouble);
    uint64_t some = random_next(&world->random);
    uint64_t kind = random_below(&world->random, 4);
    if (abd_skips(world, ABD_TROUBLE, world->parts[ABD_TROUBLE]))
        kind = UINT64_MAX;
    if (kind == 0)
        sim_network_split(world->network, some);
    else if (kind == 1)
        sim_network_cut(world->network, some, some >> 32);
    else if (kind == 2)
        abd_node_restart(&world->nodes[some % world->options->nodes]);
    else if (kind == 3)
        sim_network_heal(world->network, SIM_HOSTS_ALL, SIM_HOSTS_ALL);
    sim_start(&world->sim, timer,
              (int64_t)random_below(&world->random, ABD_TROUBLE_US_MAX));
}

static bool abd_spares(void *context, uint64_t fault)
{
    return abd_skips(context, ABD_BAD_LUCK, (size_t)fault - 1);
}

static void abd_describe(void *context, struct slice body, struct buffer *words)
{
    static const char *const names[] = {"ask", "told", "put", "taken"};
    struct abd_message message;
    (void)context;
    memcpy(&message, body.data, sizeof message);
    buffer_printf(words, "%s v%u =%u", names[message.kind],
                  (unsigned)message.version.number, message.version.value);
}

static void abd_begin_trouble(struct abd_world *world)
{
    static const struct sim_link link = {.delay_us_min = 100,
                                         .delay_us_max = 3000,
                                         .lost_per_million = 20000,
                                         .doubled_per_million = 20000,
                                         .late_per_million = 20000,
                                         .late_us_max = 300 * 1000};
    sim_network_set_links(world->network, SIM_HOSTS_ALL, SIM_HOSTS_ALL, &link);
    world->trouble.fire = abd_trouble;
    sim_start(&world->sim, &world->trouble, 1000);
}

// ---- A run

static void abd_init(struct abd_world *world)
{
    char name[24];
    sim_init(&world->sim, world->options->seed);
    world->sim.trace = world->options->trace;
    world->sim.trace_context = world->options->trace_context;
    random_init(&world->random, ~world->options->seed);
    world->network = sim_network_create(&world->sim);
    world->network->describe = abd_describe;
    world->network->spares = abd_spares;
    world->network->context = world;
    uint32_t id = 0;
    for (size_t i = 0; i < world->options->nodes; i++) {
        struct abd_node *node = &world->nodes[i];
        node->world = world;
        node->receiver.receive = abd_node_receive;
        snprintf(name, sizeof name, "n%zu", i + 1);
        node->host = sim_network_add(world->network, ++id, name);
        abd_node_start(node);
    }
    for (size_t i = 0; i < world->options->clients; i++) {
        struct abd_client *client = &world->clients[i];
        client->world = world;
        client->receiver.receive = abd_client_receive;
        client->timer.fire = abd_client_woken;
        random_init(&client->random, world->options->seed * 64 + i);
        snprintf(name, sizeof name, "c%zu", i + 1);
        client->host = sim_network_add(world->network, ++id, name);
        sim_host_listen(client->host, &client->receiver);
        abd_client_rest(client);
    }
}

static bool abd_is_under_way(const struct abd_world *world)
{
    bool busy = false;
    for (size_t i = 0; i < world->options->clients; i++)
        busy |= world->clients[i].is_busy ||
                world->clients[i].turns < abd_client_turns(world);
    return busy;
}

struct abd_result abd_run(const struct abd_options *options)
{
    struct abd_world world = {.options = options};
    ck_assert_uint_le(options->nodes, ABD_NODES_MAX);
    ck_assert_uint_le(options->clients, ABD_CLIENTS_MAX);
    abd_init(&world);
    if (options->faults)
        abd_begin_trouble(&world);
    while (abd_is_under_way(&world))
        ck_assert(sim_step(&world.sim));
    sim_network_check_invariants(world.network);
    struct abd_result result = {.history = world.history,
                                .hash = world.sim.hash,
                                .events = world.sim.events};
    memcpy(result.parts, world.parts, sizeof result.parts);
    for (size_t i = 0; i < options->nodes; i++)
        sim_process_free(world.nodes[i].process);
    sim_network_destroy(world.network);
    sim_deinit(&world.sim);
    return result;
}
