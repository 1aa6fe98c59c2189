// playground_place.h -- where a playground's programs, data and logs are.
//
// The directory holds, for every node, its data and its log (n1.log), and from
// stage 3 on the file that all nodes read, cluster.yaml. It is locked while a
// playground has it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PLAYGROUND_PLACE_H
#define VEGA_COMMON_PLAYGROUND_PLACE_H

#include <stdbool.h>
#include <stddef.h>

struct playground_place {
    int stage;
    char *server, *client; // Paths of that stage's programs.
    char *directory;
    char *cluster_file; // In the directory.
    int lock;           // The directory itself, open.
    bool temporary;
};

// Finds the programs of `stage` beside those of this one (0: the newest that
// there is) and makes the directory (NULL: a temporary one). False after saying
// on standard error what is missing; playground_place_close follows either way.
bool playground_place_open(struct playground_place *place, int stage,
                           const char *directory);
// Removes the directory if it is temporary.
void playground_place_close(struct playground_place *place);

// How many nodes the cluster of the directory has; 0: there is none yet.
size_t playground_place_count_nodes(const struct playground_place *place);

// Where a node listens, for clients and for others.
struct playground_address {
    const char *id;
    unsigned port, peer_port;
};

// Writes the file of the cluster. False after saying why that cannot be.
bool playground_place_write(const struct playground_place *place,
                            const struct playground_address *nodes,
                            size_t count);

#endif
