// cluster_config.h -- the settings that a node of stage 3 adds.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_CONFIG_H
#define VEGA_STAGE3_CLUSTER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/config/config.h"

// Filled by the rows below.
struct cluster_settings {
    char *nodes;   // Records of cluster_node_fields; "": see `peers`.
    char *node;    // Which of them this one is.
    char *node_id; // Without `nodes`: this one's id,
    char *peers;   // the others as "n2@HOST:PORT,...",
    char *seed;    // or who knows them: "HOST:PORT",
    char *secret, *secret_file; // Which peers share, or where it is.
    int64_t weight;
    char *announce;    // "HOST:PORT" for clients; "": where it listens.
    int64_t peer_port; // 0: the clients' + 10000.
    bool fault_commands;
};

// In the order of cluster_node_fields.
enum cluster_node_field {
    CLUSTER_NODE_ID,
    CLUSTER_NODE_ADDRESS,
    CLUSTER_NODE_ANNOUNCE, // "-": the address.
    CLUSTER_NODE_PEER,     // "-": the address, its port + 10000.
    CLUSTER_NODE_WEIGHT,
};

extern const struct config_field cluster_node_fields[];
extern const struct config_row cluster_config_rows[];

// Takes the next peer off "n2@HOST:PORT,n3@HOST:PORT"; false: there is none, or
// (*malformed) what comes next is none.
bool cluster_next_peer(struct slice *peers, struct slice *id,
                       struct slice *address, bool *malformed);

#endif
