// sim_node.h -- a node of stage 2 in the simulated world: one disk, one life
// after another, and clients. The same objects as the server's, on virtual time
// and over common/sim. Who grades or tests a node looks on (sim_node_watch);
// nothing here judges, and no server links it.
//
// A life begins with a process over the disk and what recovery makes of it, and
// ends by a power cut, kill -9 or a clean stop.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_SIM_NODE_H
#define VEGA_STAGE2_SIM_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/server/session.h"
#include "common/sim/sim.h"
#include "common/sim/sim_disk.h"
#include "common/sim/sim_process.h"
#include "stage1-singlenode/node_config.h"
#include "stage2-persistence/durable_layer.h"
#include "stage2-persistence/node.h"

enum { SIM_NODE_CLIENTS = 6 };

struct sim_node_client {
    struct transport transport;
    struct session *session; // NULL: not there.
    char name[8];            // "c1"
    uint64_t received;       // Bytes, since it connected.
};

// Called while the node lives, from between its events.
struct sim_node_watch {
    // A life begins: the node is made, and has executed nothing.
    void (*begins)(void *context);
    // Before a client is given what may leave.
    void (*looks)(void *context);
    // A client gets these bytes. Borrowed.
    void (*shows)(void *context, size_t client, struct slice bytes);
    // All have what may leave; and when what that gave rise to is done.
    void (*rests)(void *context);
    void (*settles)(void *context);
};

struct sim_node {
    struct sim sim;
    struct sim_disk *disk;
    const struct sim_node_watch *watch;
    void *context;

    // Of the present life.
    struct sim_process *process; // NULL: none.
    struct config *config;
    struct server_settings settings;
    struct node_settings node_settings;
    struct durable_settings durable_settings;
    struct durable_node *node;
    struct server *server;
    struct durable_layer *durable;
    struct sim_node_client clients[SIM_NODE_CLIENTS];

    bool halted; // Set by who looks on: time stands still.
};

// The seed settles what disk and world do. The watch is borrowed.
void sim_node_init(struct sim_node *node, uint64_t seed,
                   const struct sim_node_watch *watch, void *context);
// A life is ended as by kill -9.
void sim_node_deinit(struct sim_node *node);

// Settings of the lives to come.
struct sim_node_options {
    const char *fsync;    // "always"
    int64_t segment_size; // Bytes.
    int64_t snapshot_log_size;
    bool compress;
    struct logger *log; // NULL: silent. Outlives the node.
};
// Begins a life. It serves when sim_node_serves says so.
void sim_node_start(struct sim_node *node,
                    const struct sim_node_options *options);
bool sim_node_is_alive(const struct sim_node *node);
bool sim_node_serves(const struct sim_node *node);
// Lets time pass until it serves, dies or refuses to start. Why it does not
// serve, as a sentence, or NULL.
const char *sim_node_recover(struct sim_node *node);

void sim_node_run_for(struct sim_node *node, int64_t us);

// Ends the life, if there is one: as told, or as the crash that was planned
// with disk->knobs.crash did. True if that was a power cut.
bool sim_node_end(struct sim_node *node, bool power);
// Lets it finish everything, with no clients. True when it has; it is to be
// ended then.
bool sim_node_finish(struct sim_node *node);

// It would be heard now.
bool sim_node_client_is_heard(const struct sim_node *node, size_t index);
void sim_node_connect(struct sim_node *node, size_t index);
void sim_node_disconnect(struct sim_node *node, size_t index);
// Sends the bytes, and lets everybody take what may leave.
void sim_node_send(struct sim_node *node, size_t index, struct slice bytes);

#endif
