// cluster_doctor.c -- `vega-client cluster doctor`: one function a symptom.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_doctor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    MEMORY_NEAR_PERCENT = 90,
    CLOCKS_APART_US = 1000 * 1000,
    SHARE_LARGE_PERCENT = 130, // Of what its weight gives it.
    KEYS_LARGE_PERCENT = 200,  // Of what its slots would.
    KEYS_MIN = 1000,           // With fewer chance explains anything.
    NAMED_MAX = 5,
};

struct names {
    char text[NAMED_MAX * (TOPOLOGY_ID_MAX + 2) + 32];
    size_t count;
};

// "n1, n2, n3 and others"
static void names_add(struct names *names, const char *id)
{
    size_t size = strlen(names->text);
    if (names->count < NAMED_MAX)
        snprintf(names->text + size, sizeof names->text - size, "%s%s",
                 names->count ? ", " : "", id);
    else if (names->count == NAMED_MAX)
        snprintf(names->text + size, sizeof names->text - size, " and others");
    names->count++;
}

static const char *id_of(const struct cluster_view *view, uint16_t node)
{
    return view->topology.nodes[node].id;
}

static double percent_of_slots(uint32_t slots)
{
    return 100.0 * slots / SLOT_COUNT;
}

// ---- Nodes that are not there

// Those who answered and see this node in that state.
static struct names seen_as(const struct cluster_view *view, uint16_t node,
                            enum cluster_view_state state)
{
    struct names names = {0};
    uint32_t weight;
    for (uint16_t i = 0; i < view->topology.count; i++) {
        if (view->nodes[i].answered &&
            cluster_view_sees(view, i, node, &weight) == state)
            names_add(&names, id_of(view, i));
    }
    return names;
}

static void examine_absent(const struct cluster_view *view, uint16_t node,
                           struct findings *findings)
{
    struct names online = seen_as(view, node, VIEW_ONLINE);
    uint32_t slots = topology_share(&view->topology, node);
    if (online.count > 0)
        findings_add(findings, FINDING_WRONG, "node_unreachable",
                     "%s does not answer here (%s), but %s heard it in the "
                     "last 3 s. If it did not end just now, look at the way "
                     "from here to its address for clients, and at the "
                     "password.",
                     id_of(view, node), view->nodes[node].problem, online.text);
    else
        findings_add(findings, FINDING_WRONG, "node_silent",
                     "%s is silent (%s): its %" PRIu32 " slots (%.1f %%) are "
                     "not served until it is back. Start it again with its "
                     "data directory; nobody takes its place, for nobody else "
                     "has its keys.",
                     id_of(view, node), view->nodes[node].problem, slots,
                     percent_of_slots(slots));
}

// Both answer here, and one does not hear the other.
static void examine_links(const struct cluster_view *view, uint16_t node,
                          struct findings *findings)
{
    struct names deaf = seen_as(view, node, VIEW_SILENT);
    struct names without = seen_as(view, node, VIEW_ABSENT);
    struct names waiting = seen_as(view, node, VIEW_UNKNOWN);
    if (deaf.count > 0)
        findings_add(findings, FINDING_WRONG, "link_cut",
                     "%s does not hear %s, which answers here: clients of the "
                     "former get CLUSTERDOWN for the slots of the latter. Look "
                     "at the network between their peer ports.",
                     deaf.text, id_of(view, node));
    if (waiting.count > 0)
        findings_add(findings, FINDING_WRONG, "link_missing",
                     "%s has not heard of %s yet: look at the peer addresses, "
                     "and whether all nodes share one cluster_secret.",
                     waiting.text, id_of(view, node));
    if (without.count > 0)
        findings_add(findings, FINDING_WRONG, "lists_differ",
                     "%s does not have %s in its list of nodes: give all "
                     "nodes the same list and start them again.",
                     without.text, id_of(view, node));
}

static void examine_presence(const struct cluster_view *view,
                             struct findings *findings)
{
    for (uint16_t i = 0; i < view->topology.count; i++) {
        if (view->nodes[i].answered)
            examine_links(view, i, findings);
        else
            examine_absent(view, i, findings);
    }
}

// ---- The map

static void examine_owners(const struct cluster_view *view,
                           struct findings *findings)
{
    uint32_t owned = 0;
    for (uint16_t i = 0; i < view->topology.count; i++)
        owned += topology_share(&view->topology, i);
    if (owned < SLOT_COUNT)
        findings_add(findings, FINDING_WRONG, "slots_unassigned",
                     "%" PRIu32 " slots have no owner: slots are given out "
                     "once all nodes have heard of each other. Start those "
                     "that are missing.",
                     SLOT_COUNT - owned);
}

static void examine_disputes(const struct cluster_view *view,
                             struct findings *findings)
{
    for (uint16_t i = 0; i < view->topology.count; i++) {
        uint32_t disputed = cluster_view_disputed(view, i);
        if (disputed > 0)
            findings_add(findings, FINDING_WRONG, "map_disputed",
                         "%s has another owner for %" PRIu32 " slots than the "
                         "nodes before it, of the same epoch: they were given "
                         "different lists of nodes. Give all the same list "
                         "and start them again.",
                         id_of(view, i), disputed);
    }
}

// By whom a node has another weight than in the view, and which.
static struct names weighed_otherwise(const struct cluster_view *view,
                                      uint16_t node, uint32_t *other)
{
    uint32_t ours = view->topology.nodes[node].weight, weight;
    struct names names = {0};
    for (uint16_t i = 0; i < view->topology.count; i++) {
        cluster_view_sees(view, i, node, &weight);
        if (!weight || weight == ours)
            continue;
        *other = weight;
        names_add(&names, id_of(view, i));
    }
    return names;
}

static void examine_weights(const struct cluster_view *view,
                            struct findings *findings)
{
    for (uint16_t i = 0; i < view->topology.count; i++) {
        uint32_t other = 0;
        struct names names = weighed_otherwise(view, i, &other);
        if (names.count > 0)
            findings_add(findings, FINDING_WRONG, "weights_differ",
                         "the weight of %s is %" PRIu32 ", but %" PRIu32
                         " by %s: give all nodes the same list and start them "
                         "again.",
                         id_of(view, i), view->topology.nodes[i].weight, other,
                         names.text);
    }
}

// ---- A node for itself

// Whether the node is degraded for what has a sentence of its own here.
static bool is_about_cluster(const struct cluster_view *view, uint16_t teller)
{
    uint32_t weight;
    const struct cluster_view_node *node = &view->nodes[teller];
    bool is_about = node->stranded_keys > 0 || node->disputes;
    for (uint16_t i = 0; i < view->topology.count; i++) {
        enum cluster_view_state state =
            cluster_view_sees(view, teller, i, &weight);
        is_about |= state == VIEW_SILENT || state == VIEW_UNKNOWN;
    }
    return is_about;
}

static void examine_health(const struct cluster_view *view, uint16_t index,
                           struct findings *findings)
{
    const struct cluster_view_node *node = &view->nodes[index];
    const char *id = id_of(view, index);
    if (node->stranded_keys > 0)
        findings_add(findings, FINDING_WRONG, "stranded_keys",
                     "%s has %" PRId64 " keys in slots of other nodes, which "
                     "nobody can read: the list of nodes was changed while it "
                     "had keys. Give all nodes the former list, and start them "
                     "again.",
                     id, node->stranded_keys);
    bool is_said =
        !strcmp(node->health, "degraded") && is_about_cluster(view, index);
    if (*node->health && strcmp(node->health, "ok") != 0 && !is_said)
        findings_add(findings, FINDING_WRONG, "node_unwell",
                     "%s is %s: %s. Its log says more.", id, node->health,
                     node->reason);
    if (!strcmp(node->fsync, "no"))
        findings_add(findings, FINDING_WRONG, "no_fsync",
                     "%s runs with fsync no: what it acknowledged is lost "
                     "when its machine stops, and there is no other copy. Set "
                     "fsync to always.",
                     id);
}

static void examine_memory(const struct cluster_view *view, uint16_t index,
                           struct findings *findings)
{
    const struct cluster_view_node *node = &view->nodes[index];
    int64_t max = node->memory_bytes_max;
    if (max > 0 && node->memory_bytes / MEMORY_NEAR_PERCENT >= max / 100)
        findings_add(findings, FINDING_WRONG, "memory_near_limit",
                     "%s uses %.0f %% of its maxmemory: soon it refuses writes "
                     "or evicts, as maxmemory_policy says. Raise maxmemory, or "
                     "spread its keys over more nodes.",
                     id_of(view, index),
                     100.0 * (double)node->memory_bytes / (double)max);
}

static void examine_clocks(const struct cluster_view *view,
                           struct findings *findings)
{
    uint16_t first = TOPOLOGY_NOBODY, last = TOPOLOGY_NOBODY;
    for (uint16_t i = 0; i < view->topology.count; i++) {
        const struct cluster_view_node *node = &view->nodes[i];
        if (!node->clock_known)
            continue;
        if (first == TOPOLOGY_NOBODY ||
            node->ahead_us < view->nodes[first].ahead_us)
            first = i;
        if (last == TOPOLOGY_NOBODY ||
            node->ahead_us > view->nodes[last].ahead_us)
            last = i;
    }
    if (first == last)
        return;
    int64_t apart_us = view->nodes[last].ahead_us - view->nodes[first].ahead_us;
    if (apart_us > CLOCKS_APART_US)
        findings_add(findings, FINDING_WRONG, "clocks_apart",
                     "the clock of %s is %.1f s ahead of that of %s: keys "
                     "expire too early or too late. Let both machines keep "
                     "time by NTP.",
                     id_of(view, last), (double)apart_us / 1e6,
                     id_of(view, first));
}

// ---- What can fail next

static void foresee_death(const struct cluster_view *view,
                          struct findings *findings)
{
    uint16_t heaviest = 0;
    uint32_t most = 0, fewest = SLOT_COUNT;
    for (uint16_t i = 0; i < view->topology.count; i++) {
        uint32_t slots = topology_share(&view->topology, i);
        if (slots > most) {
            most = slots;
            heaviest = i;
        }
        fewest = slots < fewest ? slots : fewest;
    }
    char others[64] = "";
    if (view->topology.count > 1)
        snprintf(others, sizeof others,
                 ", that of any other node %" PRIu32 " or more", fewest);
    findings_add(
        findings, FINDING_RISK, "one_copy",
        "there is one copy of each slot: the death of %s makes %" PRIu32
        " slots (%.1f %%) unavailable until it is back%s. Keep the "
        "disks well and snapshots elsewhere; stages 4 and 5 keep more "
        "copies.",
        id_of(view, heaviest), most, percent_of_slots(most), others);
}

static void foresee_large_share(const struct cluster_view *view,
                                struct findings *findings)
{
    uint32_t weights = 0;
    for (uint16_t i = 0; i < view->topology.count; i++)
        weights += view->topology.nodes[i].weight;
    for (uint16_t i = 0; i < view->topology.count; i++) {
        uint32_t weight = view->topology.nodes[i].weight;
        uint32_t slots = topology_share(&view->topology, i);
        double fair = weights ? (double)SLOT_COUNT * weight / weights : 0;
        if (weight > 0 && slots * 100.0 > fair * SHARE_LARGE_PERCENT)
            findings_add(findings, FINDING_RISK, "large_share",
                         "%s has %" PRIu32 " slots where its weight %" PRIu32
                         " asks for %.0f: it is the first to fill up. Give it "
                         "less weight when the ring is changed, or more "
                         "memory now.",
                         id_of(view, i), slots, weight, fair);
    }
}

static void foresee_many_keys(const struct cluster_view *view,
                              struct findings *findings)
{
    int64_t all = 0;
    for (uint16_t i = 0; i < view->topology.count; i++)
        all += view->nodes[i].keys;
    for (uint16_t i = 0; i < view->topology.count && all >= KEYS_MIN; i++) {
        int64_t keys = view->nodes[i].keys;
        uint32_t slots = topology_share(&view->topology, i);
        double fair = (double)all * slots / SLOT_COUNT;
        if ((double)keys * 100 > fair * KEYS_LARGE_PERCENT)
            findings_add(findings, FINDING_RISK, "many_keys",
                         "%s has %.0f %% of all keys and %.0f %% of the slots: "
                         "many keys share a {tag}, and only finer tags can "
                         "spread them.",
                         id_of(view, i), 100.0 * (double)keys / (double)all,
                         percent_of_slots(slots));
    }
}

// Nodes with a setting that is a choice, and has its price.
static void foresee_settings(const struct cluster_view *view,
                             struct findings *findings)
{
    struct names everysec = {0}, unbounded = {0};
    for (uint16_t i = 0; i < view->topology.count; i++) {
        const struct cluster_view_node *node = &view->nodes[i];
        if (!strcmp(node->fsync, "everysec"))
            names_add(&everysec, id_of(view, i));
        if (*node->health && node->memory_bytes_max == 0)
            names_add(&unbounded, id_of(view, i));
    }
    if (everysec.count > 0)
        findings_add(findings, FINDING_RISK, "fsync_everysec",
                     "%s: with fsync everysec up to 2 s of acknowledged "
                     "writes are lost when the machine stops. Only always "
                     "loses none.",
                     everysec.text);
    if (unbounded.count > 0)
        findings_add(findings, FINDING_RISK, "no_maxmemory",
                     "%s: without maxmemory the kernel ends the process when "
                     "memory runs out. Set maxmemory below what the machine "
                     "has.",
                     unbounded.text);
}

void cluster_doctor_examine(const struct cluster_view *view,
                            struct findings *findings)
{
    examine_presence(view, findings);
    examine_owners(view, findings);
    examine_disputes(view, findings);
    examine_weights(view, findings);
    for (uint16_t i = 0; i < view->topology.count; i++) {
        if (!view->nodes[i].answered)
            continue;
        examine_health(view, i, findings);
        examine_memory(view, i, findings);
    }
    examine_clocks(view, findings);

    foresee_death(view, findings);
    foresee_large_share(view, findings);
    foresee_many_keys(view, findings);
    foresee_settings(view, findings);
}
