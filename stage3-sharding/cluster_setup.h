// cluster_setup.h -- from settings to a map of the cluster, and to the peers
// of this node.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_SETUP_H
#define VEGA_STAGE3_CLUSTER_SETUP_H

#include "common/base/buffer.h"
#include "common/config/config.h"
#include "common/env/env_posix.h"
#include "common/server/server.h"
#include "stage3-sharding/cluster_config.h"
#include "stage3-sharding/topology.h"

struct cluster_peer_text {
    char text[TOPOLOGY_ADDRESS_MAX];
};

struct cluster_setup {
    struct topology topology;
    // The addresses of all nodes, and what env_posix gets of them.
    struct cluster_peer_text *addresses;
    struct env_posix_peer *peers;
    struct buffer secret; // That they share; empty: none.
};

// Reads the settings, which are each what its row allows, gives those that
// follow from the nodes their defaults in `config`, and sets the peers of
// `world`, which borrows them from `setup`. With a seed the peers are not known
// yet: cluster_seed_join follows. False after writing what does not fit
// together; cluster_setup_deinit follows either way.
bool cluster_setup_init(struct cluster_setup *setup, struct config *config,
                        const struct server_settings *server,
                        const struct cluster_settings *settings,
                        struct env_posix_options *world,
                        struct config_error *error);

// Sets the peers of `world` once all nodes are in the topology. False after
// writing which of them cannot be one.
bool cluster_setup_peers(struct cluster_setup *setup,
                         struct env_posix_options *world,
                         struct config_error *error);

void cluster_setup_deinit(struct cluster_setup *setup);

#endif
