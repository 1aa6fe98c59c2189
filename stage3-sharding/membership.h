// membership.h -- the nodes of a cluster keep each other up to date: greetings
// over env's peers, what they change in the map, and who is silent.
//
// Every node greets every other twice a second. What a greeting says of its
// sender (address, weight) and of the slots' owners goes into the topology; a
// node that has not been heard for MEMBERSHIP_SILENT_US counts as down. There
// is one copy of its keys, so nobody takes its place: it is waited for.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_MEMBERSHIP_H
#define VEGA_STAGE3_MEMBERSHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/logger.h"
#include "common/env/env.h"
#include "stage3-sharding/topology.h"

enum {
    MEMBERSHIP_GREET_US = 500 * 1000,
    MEMBERSHIP_SILENT_US = 3 * 1000 * 1000,
};

struct membership_peer {
    bool heard;       // Ever.
    bool silent;      // The log has said so.
    bool disagrees;   // Its map is at odds with ours; the log has said so.
    bool cut;         // See membership_cut.
    uint64_t digest;  // Of its map, as it was last heard.
    int64_t heard_us; // When it was heard last;
    int64_t heard_ms; // the same on the wall clock;
    int64_t since_ms; // and from when on without a silence.
};

struct membership {
    struct env_peers peers; // First, so that it is a membership.
    struct env *env;
    struct logger *log;
    struct topology *topology;
    struct membership_peer *known; // One a node of the topology.
    int64_t awake_us;              // From when on this node has not slept.
    int64_t ticked_us;
    struct env_timer timer;
    bool planned;            // Every slot has an owner.
    uint64_t sent, received; // Greetings.
};

// The topology has all nodes, and knows which is this one; its addresses and
// weights may be unknown yet. Begins to greet. All is borrowed until
// membership_deinit.
void membership_init(struct membership *membership, struct env *env,
                     struct logger *log, struct topology *topology);
void membership_deinit(struct membership *membership);

// False for a peer that is silent. This node itself is never.
bool membership_is_alive(const struct membership *membership, uint16_t node);

// True while the last that a peer said is at odds with our map: it has another
// list of nodes.
bool membership_is_disputed(const struct membership *membership);

// Lets nothing through to or from that peer, until it is healed. As
// env_peer_cut.
enum status membership_cut(struct membership *membership, uint16_t node,
                           bool cut);

#endif
