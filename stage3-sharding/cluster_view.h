// cluster_view.h -- a cluster seen from outside: what every node says of itself
// and of the map, put together. Pure; cluster_visit.h asks the nodes.
//
// The map of the view is the newest that any node told (topology_learn): where
// two nodes name different owners of one epoch, the first that was heard stays,
// and the other one disputes it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_VIEW_H
#define VEGA_STAGE3_CLUSTER_VIEW_H

#include "common/client/vega.h"
#include "stage3-sharding/topology.h"

enum { VIEW_TEXT_MAX = 256 };

// What one node says of another, or of itself.
enum cluster_view_state {
    VIEW_ABSENT,  // It is not in its list.
    VIEW_UNKNOWN, // It has never heard of it.
    VIEW_SILENT,
    VIEW_ONLINE,
    VIEW_MYSELF,
};

// Of topology.nodes[i]. Figures are 0 and texts "" while they are not known.
struct cluster_view_node {
    bool answered;
    char problem[VIEW_TEXT_MAX];            // Why it did not.
    struct vega_reply *map;                 // To CLUSTER TOPOLOGY. Owned.
    char health[16], reason[VIEW_TEXT_MAX]; // Of STATS.
    char fsync[16];
    bool disputes; // A peer's map.
    int64_t keys, stranded_keys;
    int64_t memory_bytes, memory_bytes_max; // Max 0: none.
    double ops_per_second, p99_us;
    bool clock_known;
    int64_t ahead_us; // Of the clock of who asks.
};

struct cluster_view {
    struct topology topology; // Nobody is `self`.
    struct cluster_view_node *nodes;
};

void cluster_view_init(struct cluster_view *view);
void cluster_view_deinit(struct cluster_view *view);

// Adds the nodes of a list, which are none of the view's yet.
void cluster_view_know(struct cluster_view *view, const struct topology *list);

// Hears a reply to CLUSTER TOPOLOGY: the nodes that are new in it, and what is
// newer of the map. *teller is who said it. False, and it is not taken,
// when it makes no sense.
bool cluster_view_hear_map(struct cluster_view *view, struct vega_reply *taken,
                           uint16_t *teller);

// Hears a node's STATS. False when it is no such document.
bool cluster_view_hear_stats(struct cluster_view_node *node, struct slice json);

// How `teller`, who has answered, sees a node; and which weight it has there,
// 0 when that is not known.
enum cluster_view_state cluster_view_sees(const struct cluster_view *view,
                                          uint16_t teller, uint16_t node,
                                          uint32_t *weight);

// How many slots have, by `teller`, another owner of the same epoch.
uint32_t cluster_view_disputed(const struct cluster_view *view,
                               uint16_t teller);

// Nodes that answered.
uint16_t cluster_view_answered(const struct cluster_view *view);

#endif
