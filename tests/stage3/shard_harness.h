// shard_harness.h -- one node of a cluster of three with clients, without
// sockets, log and other nodes: lines in, replies out.
//
//     session -> shard -> store
//
// The nodes are "n1" (this one) to "n3" at 10.0.0.1:7001 to 10.0.0.3:7003. A
// test has nobody but itself to say what they have said.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SHARD_HARNESS_H
#define VEGA_TESTS_SHARD_HARNESS_H

#include "common/base/buffer.h"
#include "common/server/server.h"
#include "common/server/session.h"
#include "stage1-singlenode/node.h"
#include "stage1-singlenode/node_config.h"
#include "stage3-sharding/shard_layer.h"
#include "tests/common/fake_env.h"

enum { SHARD_NODES = 3, SHARD_CLIENTS = 2 };

struct shard_client {
    struct transport transport;
    struct session *session;
    struct buffer received;
};

struct shard_harness {
    struct fake_env world;
    struct env_ops ops; // Those of `world`, with peers that hear nothing.
    struct server_settings settings;
    struct node_settings node_settings;
    struct config *config;
    struct topology topology;
    bool cut[SHARD_NODES]; // By FAULT.
    struct node *node;
    struct server *server;
    struct shard_layer shard;
    struct shard_client clients[SHARD_CLIENTS];
};

// All nodes are known, and slots given out by the ring.
void shard_init(struct shard_harness *harness);
void shard_deinit(struct shard_harness *harness);

void shard_run_ms(struct shard_harness *harness, int64_t ms);

// Sends the line to client `index`; what it has received then, terminated,
// until the next call.
const char *shard_ask(struct shard_harness *harness, size_t index,
                      const char *line);

#define shard_expect(harness, line, reply)                                     \
    ck_assert_str_eq(shard_ask((harness), 0, (line)), (reply))

#endif
