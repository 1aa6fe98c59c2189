// router.c -- a table of the nodes by slot, fetched when it is needed.
//
// Invariants
// (R1) An endpoint that was handed out stays until the router is destroyed, so
//      that replies which it owes can still be had.
// (R2) What the router itself asks goes over a connection of its own: others
//      may owe replies that are not the router's.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/router.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "stage3-sharding/key_places.h"
#include "stage3-sharding/scatter.h"
#include "stage3-sharding/slot.h"

enum {
    NODES_MAX = 4096, // A server that tells of more is not followed.
    NOBODY = UINT16_MAX,
    WAIT_FIRST_MS = 10,
    WAIT_MAX_MS = 500,
};

// A server of the cluster, or the one that was given.
struct node {
    struct endpoint *endpoint;  // For commands.
    struct endpoint *questions; // For what the router asks; NULL: not yet.
};

// What is known of the server that was given.
enum nature { NATURE_UNKNOWN, NATURE_SINGLE, NATURE_CLUSTER };

struct router {
    struct route route; // First, so that a route is its router.
    struct node *nodes; // Owned. The first is the one that was given.
    size_t count;
    uint16_t owners[SLOT_COUNT]; // Index of the node, or NOBODY.
    enum nature nature;
    bool has_places;
    struct key_places places;
    struct endpoint *latest; // Of the last command.
};

static struct router *router_of(struct route *route)
{
    return (struct router *)route;
}

// ---- Nodes

// The node at that address, known from now on. NOBODY when there are too many.
static uint16_t router_node(struct router *router, const char *host, int port)
{
    for (size_t i = 0; i < router->count; i++) {
        const struct vega_options *known = &router->nodes[i].endpoint->options;
        if (!known->unix_socket && known->port == port &&
            strcmp(known->host, host) == 0)
            return (uint16_t)i;
    }
    if (router->count == NODES_MAX)
        return NOBODY;
    struct vega_options options = router->nodes[0].endpoint->options;
    options.host = host;
    options.port = port;
    options.unix_socket = NULL;
    router->nodes =
        xrealloc(router->nodes, (router->count + 1) * sizeof *router->nodes);
    router->nodes[router->count] =
        (struct node){endpoint_create(&options), NULL};
    return (uint16_t)router->count++;
}

static const char *router_host(const struct router *router)
{
    return router->nodes[0].endpoint->options.host;
}

// ---- Asking

// Asks a node over a connection of its own: upholds (R2). NULL on failure.
static struct vega_reply *ask(struct node *node,
                              const struct route_command *question)
{
    struct vega_options options = node->endpoint->options;
    options.on_push = NULL;
    options.no_reconnect = false;
    if (!node->questions)
        node->questions = endpoint_create(&options);
    struct failure failure = {0};
    if (!endpoint_prepare(node->questions, &failure) ||
        !endpoint_append(node->questions, question->argc, question->argv,
                         question->sizes, &failure))
        return NULL;
    return endpoint_reply(node->questions, &failure);
}

static bool is_number(const struct vega_reply *reply, int64_t max)
{
    return reply->type == VEGA_INTEGER && reply->integer >= 0 &&
           reply->integer <= max;
}

// One range of CLUSTER SLOTS: first, last, [host, port, ...], replicas. False
// when it is none.
static bool router_read_range(struct router *router,
                              const struct vega_reply *range,
                              uint16_t owners[SLOT_COUNT])
{
    if (range->type != VEGA_ARRAY || range->count < 3 ||
        !is_number(&range->elements[0], SLOT_COUNT - 1) ||
        !is_number(&range->elements[1], SLOT_COUNT - 1))
        return false;
    const struct vega_reply *node = &range->elements[2];
    if (node->type != VEGA_ARRAY || node->count < 2 ||
        !is_number(&node->elements[1], 65535) || !node->elements[1].integer)
        return false;
    const struct vega_reply *host = &node->elements[0];
    bool is_same = !host->text || host->size == 0; // As the one that was asked.
    uint16_t index =
        router_node(router, is_same ? router_host(router) : host->text,
                    (int)node->elements[1].integer);
    for (int64_t s = range->elements[0].integer;
         s <= range->elements[1].integer; s++)
        owners[s] = index;
    return true;
}

// What makes no sense leaves the map that there is; of a slot that is left out,
// what is known of it stays the best guess. (A node that has just begun may
// know of a few.)
static bool router_read_map(struct router *router,
                            const struct vega_reply *reply)
{
    uint16_t owners[SLOT_COUNT];
    if (reply->type != VEGA_ARRAY || reply->count == 0)
        return false;
    memcpy(owners, router->owners, sizeof owners);
    for (size_t i = 0; i < reply->count; i++) {
        if (!router_read_range(router, &reply->elements[i], owners))
            return false;
    }
    memcpy(router->owners, owners, sizeof owners);
    return true;
}

// Fetches the map from the first node that has one, `but` not asked. Whether it
// did.
static bool router_fetch_map(struct router *router, const struct endpoint *but)
{
    static const char *const argv[] = {"CLUSTER", "SLOTS"};
    static const struct route_command question = {2, argv, NULL};
    size_t known = router->count; // What the map names is not asked for it.
    for (size_t i = 0; i < known; i++) {
        if (router->nodes[i].endpoint == but)
            continue;
        struct vega_reply *reply = ask(&router->nodes[i], &question);
        bool is_read = reply && router_read_map(router, reply);
        if (is_read)
            router->nature = NATURE_CLUSTER;
        else if (reply && router->nature == NATURE_UNKNOWN)
            router->nature = NATURE_SINGLE; // It answers, and has no map.
        vega_reply_free(reply);
        if (is_read)
            return true;
    }
    return false;
}

// What has to be known before the first key can be placed.
static void router_learn(struct router *router)
{
    static const char *const argv[] = {"COMMAND"};
    static const struct route_command question = {1, argv, NULL};
    if (router->nature == NATURE_UNKNOWN)
        router_fetch_map(router, NULL);
    if (router->nature != NATURE_CLUSTER)
        return;
    for (size_t i = 0; i < router->count && !router->has_places; i++) {
        struct vega_reply *reply = ask(&router->nodes[i], &question);
        router->has_places = reply && key_places_read(&router->places, reply);
        vega_reply_free(reply);
    }
}

// ---- Placing

// The reply to COMMAND GETKEYS.
static struct vega_reply *router_ask_keys(struct router *router,
                                          const struct route_command *command)
{
    size_t argc = command->argc + 2;
    const char **argv = xmalloc(argc * sizeof *argv);
    size_t *sizes = xmalloc(argc * sizeof *sizes);
    argv[0] = "COMMAND", argv[1] = "GETKEYS";
    sizes[0] = strlen(argv[0]), sizes[1] = strlen(argv[1]);
    for (size_t i = 0; i < command->argc; i++) {
        argv[i + 2] = command->argv[i];
        sizes[i + 2] = route_argument(command, i).size;
    }
    struct vega_reply *reply =
        ask(&router->nodes[0], &(struct route_command){argc, argv, sizes});
    free(argv);
    free(sizes);
    return reply;
}

// The command's first key, or nothing. Borrowed of the command, or of *owned.
static struct slice router_key(struct router *router,
                               const struct route_command *command,
                               struct vega_reply **owned)
{
    size_t at;
    enum key_answer answer = key_places_find(&router->places, command, &at);
    if (answer == KEY_AT)
        return route_argument(command, at);
    if (answer == KEY_ASK)
        *owned = router_ask_keys(router, command);
    if (!*owned || (*owned)->type != VEGA_ARRAY || (*owned)->count == 0 ||
        !(*owned)->elements[0].text)
        return (struct slice){0};
    return (struct slice){(*owned)->elements[0].text,
                          (*owned)->elements[0].size};
}

// NOBODY when it has no key, or nobody is known to have that.
static uint16_t router_owner(struct router *router,
                             const struct route_command *command)
{
    struct vega_reply *owned = NULL;
    struct slice key = router_key(router, command, &owned);
    uint16_t owner = key.data ? router->owners[slot_of_key(key)] : NOBODY;
    vega_reply_free(owned);
    return owner;
}

static struct endpoint *router_choose(struct route *route,
                                      const struct route_command *command)
{
    struct router *router = router_of(route);
    if (router->latest->open || command->argc == 0)
        return router->latest;
    router_learn(router);
    if (router->has_places) {
        uint16_t owner = router_owner(router, command);
        if (owner != NOBODY)
            router->latest = router->nodes[owner].endpoint;
    }
    return router->latest;
}

static struct route_split *router_split(struct route *route,
                                        const struct route_command *command)
{
    struct router *router = router_of(route);
    if (router->latest->open)
        return NULL;
    router_learn(router);
    return router->nature == NATURE_CLUSTER ? scatter(command) : NULL;
}

// ---- Refusals

// Reads "MOVED slot host:port" or "ASK slot host:port".
static bool parse_redirect(const char *text, int *slot, char host[256],
                           int *port)
{
    char address[280];
    if (sscanf(text, "%*s %d %279s", slot, address) != 2 || *slot < 0 ||
        *slot >= SLOT_COUNT)
        return false;
    char *colon = strrchr(address, ':'); // The address may be IPv6.
    if (!colon || colon - address > 255)
        return false;
    *port = atoi(colon + 1);
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = '\0';
    return *port > 0 && *port <= 65535;
}

static bool router_redirect(struct router *router, const char *text,
                            struct route_again *again)
{
    char host[256];
    int slot, port;
    if (!parse_redirect(text, &slot, host, &port))
        return false;
    uint16_t node =
        router_node(router, *host ? host : router_host(router), port);
    if (node == NOBODY)
        return false;
    again->endpoint = router->nodes[node].endpoint;
    again->asking = text[0] == 'A';
    if (again->asking)
        return true;
    // One slot seldom moves alone, and only a cluster redirects. What the
    // redirection says is the newest.
    if (router->owners[slot] != node)
        router_fetch_map(router, NULL);
    router->owners[slot] = node;
    router->latest = again->endpoint;
    return true;
}

static bool begins_with(const struct vega_reply *reply, const char *word)
{
    size_t size = strlen(word);
    return reply->size > size && memcmp(reply->text, word, size) == 0 &&
           reply->text[size] == ' ';
}

// CLUSTERDOWN and TRYAGAIN say that nothing was done and that it may be
// possible soon.
static bool router_retry(struct route *route,
                         const struct route_command *command,
                         const struct vega_reply *reply, unsigned times,
                         struct route_again *again)
{
    struct router *router = router_of(route);
    if (begins_with(reply, "MOVED") || begins_with(reply, "ASK"))
        return router_redirect(router, reply->text, again);
    if (!begins_with(reply, "CLUSTERDOWN") && !begins_with(reply, "TRYAGAIN"))
        return false;
    again->wait_ms = WAIT_FIRST_MS;
    for (unsigned i = 1; i < times && again->wait_ms < WAIT_MAX_MS; i++)
        again->wait_ms *= 2;
    router_fetch_map(router, NULL);
    again->endpoint = router_choose(route, command);
    return true;
}

// The map may have changed; and without a key any node is as good.
static bool router_unreachable(struct route *route,
                               const struct route_command *command,
                               struct endpoint *endpoint)
{
    struct router *router = router_of(route);
    if (endpoint->open || !router_fetch_map(router, endpoint))
        return false;
    for (size_t i = 0; i < router->count && router->latest == endpoint; i++)
        router->latest = router->nodes[i].endpoint;
    return router_choose(route, command) != endpoint;
}

// ---- Life

static void router_destroy(struct route *route)
{
    struct router *router = router_of(route);
    for (size_t i = 0; i < router->count; i++) {
        endpoint_destroy(router->nodes[i].endpoint);
        if (router->nodes[i].questions)
            endpoint_destroy(router->nodes[i].questions);
    }
    free(router->nodes);
    key_places_deinit(&router->places);
    free(router);
}

static void router_set_password(struct route *route, const char *user,
                                const char *password)
{
    struct router *router = router_of(route);
    for (size_t i = 0; i < router->count; i++) {
        endpoint_set_password(router->nodes[i].endpoint, user, password);
        if (router->nodes[i].questions)
            endpoint_set_password(router->nodes[i].questions, user, password);
    }
}

static struct router *router_make(const struct vega_options *options)
{
    struct router *router = xcalloc(1, sizeof *router);
    router->route = (struct route){
        .choose = router_choose,
        .destroy = router_destroy,
        .set_password = router_set_password,
        .split = router_split,
        .retry = router_retry,
        .unreachable = router_unreachable,
    };
    for (size_t slot = 0; slot < SLOT_COUNT; slot++)
        router->owners[slot] = NOBODY;
    router->nodes = xmalloc(sizeof *router->nodes);
    router->nodes[0] = (struct node){endpoint_create(options), NULL};
    router->count = 1;
    router->latest = router->nodes[0].endpoint;
    return router;
}

struct route *router_create(const struct vega_options *options)
{
    return &router_make(options)->route;
}

struct route *router_create_for(const struct vega_options *options,
                                const struct topology *list)
{
    struct vega_options first = *options;
    first.host = list->nodes[0].client.host;
    first.port = list->nodes[0].client.port;
    first.unix_socket = NULL;
    struct router *router = router_make(&first);
    struct ring_node *nodes = topology_ring_nodes(list);
    struct ring ring;
    ring_init(&ring, nodes, list->count);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
        const struct topology_address *owner =
            &list->nodes[ring_token_of(&ring, (uint16_t)slot)->node].client;
        router->owners[slot] = router_node(router, owner->host, owner->port);
    }
    ring_deinit(&ring);
    free(nodes);
    router->nature = NATURE_CLUSTER;
    return &router->route;
}
