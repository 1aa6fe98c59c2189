// cluster_nodes.h -- from the setting `nodes` to the nodes of a map.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_NODES_H
#define VEGA_STAGE3_CLUSTER_NODES_H

#include "common/config/config.h"
#include "stage3-sharding/topology.h"

// Adds all nodes of `records`, the text of the setting, which is what its row
// allows. False after writing what does not fit.
bool cluster_nodes_add(struct topology *topology, const char *records,
                       struct config_error *error);

// The same from the file that the nodes read. What else stands in it has to be
// a node's setting, too.
bool cluster_nodes_read_file(struct topology *topology, const char *path,
                             struct config_error *error);

// The port for peers that goes with one for clients. False when there is none.
bool cluster_peer_port(uint16_t port, uint16_t *peer_port,
                       struct config_error *error);

#endif
