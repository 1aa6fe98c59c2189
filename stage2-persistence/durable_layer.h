// durable_layer.h -- the layer of stage 2: what was answered is not lost.
//
//     session -> durable -> store
//
// Lets the layer below execute, appends a record of every request that changed
// something to the log, and keeps the output of all sessions behind the gate
// until the log is as safe as the policy promises (common/server/gate.h).
// Executing first means that a command that fails or changes nothing never
// reaches the log.
//
// Invariants
// (D1) Nothing leaves the node that tells of a record which the policy says
//      could still be lost: gate.made is the end of the log, gate.reached what
//      is synced (always) or written (everysec, no).
// (D2) A request that may write executes only when the log has room for its
//      record: execution never has to be undone.
// (D3) Requests that wait for room are executed in the order in which they
//      came, and behind the first one that waits nothing of the same client
//      overtakes it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_DURABLE_LAYER_H
#define VEGA_STAGE2_DURABLE_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/server/layer.h"
#include "common/server/request.h"
#include "common/server/server.h"
#include "stage1-singlenode/store.h"
#include "stage2-persistence/aof.h"
#include "stage2-persistence/doubt.h"
#include "stage2-persistence/durable_config.h"
#include "stage2-persistence/durable_queue.h"
#include "stage2-persistence/recovery.h"
#include "stage2-persistence/snapshots.h"
#include "stage2-persistence/waits.h"

enum durable_state {
    DURABLE_LOADING,  // Reads snapshot and log back.
    DURABLE_UNUSABLE, // It could not; the node is to end.
    DURABLE_SERVING,
    DURABLE_FAILED,   // A write or sync failed: takes no more writes.
    DURABLE_STOPPING, // Writes the last of the log.
    DURABLE_STOPPED,  // Before it had loaded.
};

struct durable_layer {
    struct layer layer; // First, so that it is a durable_layer.
    struct server *server;
    struct store *store;
    const struct durable_settings *settings;
    enum durable_state state;

    struct recovery *recovery; // While loading.
    struct env_timer load_timer;
    void (*loaded)(void *context); // When it begins to serve.
    void *context;

    struct aof *aof; // NULL before it serves.
    struct aof_owner aof_owner;
    struct completion completion; // Of the request that executes now.
    size_t reserved;              // Bytes that its record may take; 0: none.
    struct durable_queue queue;   // Requests that wait for room.
    struct doubt doubt;           // Keys whose last writes may be lost.
    uint64_t careless_lsn;        // Up to here another policy than `always`
                                  // settled what was shown.
    struct waits log_waits;       // WAITAOF, by LSN.

    struct snapshots *snapshots; // NULL before it serves.
    struct snapshots_owner snapshots_owner;
    struct waits snapshot_waits; // SAVE, by the number of the snapshot.
};

// All is borrowed; `below` runs requests at once. The layer loads what is on
// the disk of server->env from the next round on, and meanwhile the server
// answers -LOADING; then it calls `loaded`.
void durable_layer_init(struct durable_layer *durable, struct server *server,
                        struct layer *below, struct store *store,
                        const struct durable_settings *settings,
                        void (*loaded)(void *context), void *context);
// At once: what is not on disk by now is lost. See durable_layer_stop.
void durable_layer_deinit(struct durable_layer *durable);

// Makes all durable and ends the log properly; durable_layer_is_stopped tells
// when that is done, or can't be.
void durable_layer_stop(struct durable_layer *durable);
bool durable_layer_is_stopped(const struct durable_layer *durable);

// The settings have changed.
void durable_layer_apply(struct durable_layer *durable);

// The one in this server's stack, which has one.
struct durable_layer *durable_layer_of(const struct server *server);

#endif
