// commands_fault.c -- FAULT: cuts this node off from others, for trying out
// clusters. There only with the setting fault_commands.
//
// What is cut lets nothing through either way, and both nodes find out as they
// would of a broken network: by silence.
// SPDX-License-Identifier: MIT
#include "common/server/server.h"
#include "common/server/session.h"
#include "stage3-sharding/commands_cluster.h"
#include "stage3-sharding/shard_layer.h"

static struct membership *members_of(const struct session *session)
{
    return &shard_layer_of(session->server)->membership;
}

// TOPOLOGY_NOBODY after the error was written.
static uint16_t find_peer(const struct topology *topology,
                          struct request *request, uint32_t index)
{
    struct slice id = request->argv[index];
    uint16_t node = topology_find(topology, id);
    if (id.size > TOPOLOGY_ID_MAX)
        id.size = TOPOLOGY_ID_MAX;
    if (node == TOPOLOGY_NOBODY) {
        reply_error(&request->reply, "ERR there is no node '%.*s'",
                    SLICE_PRINT(id));
    } else if (node == topology->self) {
        reply_error(&request->reply, "ERR '%.*s' is this node itself",
                    SLICE_PRINT(id));
        node = TOPOLOGY_NOBODY;
    }
    return node;
}

// All nodes from the second argument on, or none of them.
static void set_cut(struct session *session, struct request *request, bool cut)
{
    struct membership *members = members_of(session);
    for (uint32_t i = 2; i < request->argc; i++) {
        if (find_peer(members->topology, request, i) == TOPOLOGY_NOBODY)
            return;
    }
    enum status status = STATUS_OK;
    for (uint32_t i = 2; i < request->argc && status == STATUS_OK; i++)
        status = membership_cut(
            members, topology_find(members->topology, request->argv[i]), cut);
    if (status == STATUS_OK)
        reply_ok(&request->reply);
    else
        reply_error(&request->reply, "ERR %s", status_name(status));
}

static void cut_serve(struct session *session, struct request *request)
{
    set_cut(session, request, true);
}

static void heal_all(struct membership *members)
{
    for (uint16_t i = 0; i < members->topology->count; i++) {
        if (members->known[i].cut)
            membership_cut(members, i, false);
    }
}

static void heal_serve(struct session *session, struct request *request)
{
    if (request->argc == 2)
        heal_all(members_of(session));
    set_cut(session, request, false);
}

static void list_serve(struct session *session, struct request *request)
{
    const struct membership *members = members_of(session);
    const struct topology *topology = members->topology;
    size_t count = 0;
    for (uint16_t i = 0; i < topology->count; i++)
        count += members->known[i].cut;
    reply_array(&request->reply, count);
    for (uint16_t i = 0; i < topology->count; i++) {
        if (members->known[i].cut)
            reply_bulk_text(&request->reply, topology->nodes[i].id);
    }
}

enum {
    TESTER = COMMAND_LOADING | COMMAND_STALE | COMMAND_NOSCRIPT | COMMAND_ADMIN,
};

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command fault_rows[] = {
    {"cut", -3, TESTER, 0, 0, 0,
     "Lets nothing through to or from these nodes, if fault_commands is on",
     "node [node ...]", "cluster", "vega 1", .serve = cut_serve},
    {"heal", -2, TESTER, 0, 0, 0, "Takes CUT back, for these nodes or for all",
     "[node ...]", "cluster", "vega 1", .serve = heal_serve},
    {"list", 2, TESTER, 0, 0, 0, //
     "Returns the nodes that are cut off", "", "cluster", "vega 1",
     .serve = list_serve},
    {"help", 2, TESTER, 0, 0, 0, //
     "Lists the subcommands", "", "cluster", "vega 1", .serve = command_help},
    {0},
};

static const struct command rows[] = {
    {"fault", -2, TESTER, 0, 0, 0, //
     "Faults to try a cluster with", "", "cluster", "vega 1",
     .subcommands = fault_rows},
    {0},
};

void fault_add_commands(struct command_table *table)
{
    command_table_add(table, rows);
}
