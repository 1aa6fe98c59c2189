// cluster_visit.c -- asks every node of a cluster.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_visit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { VISIT_CLOCK_US_MAX = 500 * 1000 };

// The user's options, but nobody is waited for without end.
static struct vega_options visit_options(const struct vega_options *options)
{
    struct vega_options ours = *options;
    ours.protocol = 0;
    ours.on_push = NULL;
    ours.no_reconnect = true;
    ours.connect_timeout_ms = VISIT_TIMEOUT_MS;
    if (!ours.command_timeout_ms)
        ours.command_timeout_ms = VISIT_TIMEOUT_MS;
    return ours;
}

static struct vega_options visit_options_of(const struct cluster_view *view,
                                            const struct vega_options *options,
                                            uint16_t node)
{
    struct vega_options ours = visit_options(options);
    ours.host = view->topology.nodes[node].client.host;
    ours.port = view->topology.nodes[node].client.port;
    ours.unix_socket = NULL;
    return ours;
}

// Notes why a server did not answer; always false.
static bool visit_fail(char problem[VIEW_TEXT_MAX], const char *why)
{
    snprintf(problem, VIEW_TEXT_MAX, "%s", why);
    return false;
}

// ---- What a node says of itself. What it refuses to say stays unknown.

static int64_t wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void visit_stats(struct vega *v, struct cluster_view_node *node)
{
    struct vega_reply *reply = vega_call(v, "STATS", NULL);
    if (reply && reply->text)
        cluster_view_hear_stats(node, (struct slice){reply->text, reply->size});
    vega_reply_free(reply);
}

static void visit_fsync(struct vega *v, struct cluster_view_node *node)
{
    struct vega_reply *reply = vega_call(v, "CONFIG", "GET", "fsync", NULL);
    if (reply && reply->count == 2 && reply->elements[1].text)
        snprintf(node->fsync, sizeof node->fsync, "%s",
                 reply->elements[1].text);
    vega_reply_free(reply);
}

static bool read_part(const struct vega_reply *part, int64_t *value)
{
    return part->text &&
           slice_to_int64((struct slice){part->text, part->size}, value);
}

// The answer was given between question and reply: halfway, unless they are so
// far apart that it says nothing.
static void visit_clock(struct vega *v, struct cluster_view_node *node)
{
    int64_t asked_us = wall_us(), seconds, us;
    struct vega_reply *reply = vega_call(v, "TIME", NULL);
    int64_t took_us = wall_us() - asked_us;
    if (reply && reply->count == 2 && took_us <= VISIT_CLOCK_US_MAX &&
        read_part(&reply->elements[0], &seconds) &&
        read_part(&reply->elements[1], &us)) {
        node->clock_known = true;
        node->ahead_us = seconds * 1000000 + us - asked_us - took_us / 2;
    }
    vega_reply_free(reply);
}

// ---- The map

// On false `problem` says why. *teller is who answered.
static bool visit_map(struct vega *v, struct cluster_view *view,
                      uint16_t *teller, char problem[VIEW_TEXT_MAX])
{
    struct vega_reply *map = vega_call(v, "CLUSTER", "TOPOLOGY", NULL);
    if (!map)
        return visit_fail(problem, vega_error(v));
    if (map->type == VEGA_ERROR)
        visit_fail(problem, map->text);
    else if (cluster_view_hear_map(view, map, teller))
        return true;
    else
        visit_fail(problem, "its map of the cluster makes no sense");
    vega_reply_free(map);
    return false;
}

// `expected` is who should be there, or TOPOLOGY_NOBODY: anybody.
static bool visit_server(struct cluster_view *view,
                         const struct vega_options *options, uint16_t expected,
                         char problem[VIEW_TEXT_MAX])
{
    struct vega *v = vega_connect(options);
    uint16_t teller;
    bool good = visit_map(v, view, &teller, problem);
    if (good && expected != TOPOLOGY_NOBODY && expected != teller) {
        snprintf(problem, VIEW_TEXT_MAX, "%s answers there",
                 view->topology.nodes[teller].id);
        good = false;
    }
    if (good) {
        struct cluster_view_node *node = &view->nodes[teller];
        node->answered = true;
        visit_stats(v, node);
        visit_fsync(v, node);
        visit_clock(v, node);
    }
    vega_close(v);
    return good;
}

static void visit_node(struct cluster_view *view,
                       const struct vega_options *options, uint16_t node)
{
    char problem[VIEW_TEXT_MAX] = "its address is not known yet";
    struct vega_options ours = visit_options_of(view, options, node);
    bool good = ours.port && visit_server(view, &ours, node, problem);
    if (!good) // The visit may have moved the nodes.
        visit_fail(view->nodes[node].problem, problem);
}

bool cluster_visit(struct cluster_view *view,
                   const struct vega_options *options,
                   char problem[VIEW_TEXT_MAX])
{
    struct vega_options ours = visit_options(options);
    if (view->topology.count == 0 &&
        !visit_server(view, &ours, TOPOLOGY_NOBODY, problem))
        return false;
    for (uint16_t i = 0; i < view->topology.count; i++) {
        if (!view->nodes[i].answered)
            visit_node(view, options, i);
    }
    return cluster_view_answered(view) > 0 ||
           visit_fail(problem, view->nodes[0].problem);
}

// ---- Keys

static bool count_append(struct vega *v, uint16_t slot)
{
    char text[8];
    snprintf(text, sizeof text, "%u", slot);
    const char *const argv[] = {"CLUSTER", "COUNTKEYSINSLOT", text};
    return vega_append(v, 3, argv, NULL);
}

static bool count_get(struct vega *v, uint64_t *keys)
{
    struct vega_reply *reply = vega_get(v);
    bool good = reply && reply->type == VEGA_INTEGER && reply->integer >= 0;
    if (good)
        *keys = (uint64_t)reply->integer;
    vega_reply_free(reply);
    return good;
}

bool cluster_visit_count(const struct cluster_view *view,
                         const struct vega_options *options, uint16_t node,
                         const bool wanted[SLOT_COUNT],
                         uint64_t keys[SLOT_COUNT])
{
    struct vega_options ours = visit_options_of(view, options, node);
    struct vega *v = vega_connect(&ours);
    bool good = view->nodes[node].answered;
    for (uint32_t slot = 0; slot < SLOT_COUNT && good; slot++)
        good = !wanted[slot] || count_append(v, (uint16_t)slot);
    for (uint32_t slot = 0; slot < SLOT_COUNT && good; slot++)
        good = !wanted[slot] || count_get(v, &keys[slot]);
    vega_close(v);
    return good;
}
