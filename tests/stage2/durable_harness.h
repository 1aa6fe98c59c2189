// durable_harness.h -- a whole node of stage 2 with clients, over a simulated
// disk: lines in, replies out, crashes in between.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_DURABLE_HARNESS_H
#define VEGA_TESTS_DURABLE_HARNESS_H

#include "common/base/buffer.h"
#include "common/server/server.h"
#include "common/server/session.h"
#include "common/sim/sim.h"
#include "common/sim/sim_disk.h"
#include "common/sim/sim_process.h"
#include "stage1-singlenode/node_config.h"
#include "stage2-persistence/durable_layer.h"
#include "stage2-persistence/node.h"

enum { DURABLE_CLIENTS_MAX = 4 };

struct durable_harness;

struct durable_client {
    struct transport transport;
    struct session *session; // NULL: closed.
    struct buffer received;
};

struct durable_harness {
    struct sim sim;
    struct sim_disk *disk;
    struct sim_process *process; // NULL between two lives.
    struct config *config;
    struct server_settings settings;
    struct node_settings node_settings;
    struct durable_settings durable_settings;
    struct durable_node *node;
    struct server *server;
    struct durable_layer *durable;
    struct durable_client clients[DURABLE_CLIENTS_MAX];
};

// A disk, and a first life that serves, with segments of 1 MB and snapshots
// only when they are asked for.
void durable_init(struct durable_harness *harness, const char *fsync);
void durable_deinit(struct durable_harness *harness);

// A life begins; it loads from the next round on.
void durable_start(struct durable_harness *harness, const char *fsync);
// Waits until it serves, or cannot.
void durable_wait(struct durable_harness *harness);
// It ends, as by kill -9.
void durable_end(struct durable_harness *harness);
// Ends, after a power cut if so wanted, and serves again under `always`.
void durable_restart(struct durable_harness *harness, bool power_cut);

// Lets virtual time pass; clients receive what may leave.
void durable_run_ms(struct durable_harness *harness, int64_t ms);

// Sends the line to client `index`, which is opened if need be. No time passes.
void durable_send(struct durable_harness *harness, size_t index,
                  const char *line);
// What it has received since the last call, terminated; until the next one.
const char *durable_take(struct durable_harness *harness, size_t index);
// Closes it.
void durable_leave(struct durable_harness *harness, size_t index);

// Sends the line and waits a minute at most; all that comes is `reply`.
#define durable_expect(harness, index, line, reply)                            \
    ck_assert_str_eq(durable_ask((harness), (index), (line)), (reply))
const char *durable_ask(struct durable_harness *harness, size_t index,
                        const char *line);

// True when `text` is in what it answers to INFO.
bool durable_info_has(struct durable_harness *harness, const char *text);

#endif
