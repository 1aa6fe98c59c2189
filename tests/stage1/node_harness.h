// node_harness.h -- a whole node of stage 1 with clients, without sockets:
// lines in, replies out, on a virtual clock.
//
// Between sessions and store is one layer more, which writes down what comes
// by and may hold it back: so tests see what a log would see, and what a
// slow layer does to those above it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_NODE_HARNESS_H
#define VEGA_TESTS_NODE_HARNESS_H

#include "common/base/buffer.h"
#include "common/server/argv.h"
#include "common/server/layer.h"
#include "common/server/server.h"
#include "common/server/session.h"
#include "stage1-singlenode/node.h"
#include "stage1-singlenode/node_config.h"
#include "tests/common/fake_env.h"

enum { NODE_RECORDS_MAX = 4096 };

// A request as a log keeps it.
struct node_record {
    int64_t now_ms;
    uint64_t seed;
    struct argv argv;
    bool changed; // It changed the store.
};

struct node_harness {
    struct fake_env world;
    struct server_settings settings;
    struct node_settings node_settings;
    struct config *config;
    struct node *node;
    struct server *server;

    struct layer layer;    // On top of the node's own stack.
    bool slow;             // Keeps requests until node_release.
    struct list_link held; // By `link` of struct kept_request.
    struct completion recorded;
    struct node_record records[NODE_RECORDS_MAX]; // All that went down.
    size_t record_count;
};

struct node_client {
    struct transport transport;
    struct session *session;
    struct buffer received;
};

void node_init(struct node_harness *harness);
void node_deinit(struct node_harness *harness);

// Submits what was held back, in order, until nothing more comes.
void node_release(struct node_harness *harness);

void node_advance_ms(struct node_harness *harness, int64_t ms);

// Runs every record that changed something on another node. `to` is fresh.
void node_replay(const struct node_harness *from, struct node_harness *to);

void node_client_open(struct node_client *client, struct node_harness *harness);
void node_client_close(struct node_client *client);

// Sends the line and gives back what came, terminated, until the next call.
const char *node_client_send(struct node_client *client, const char *line);
const char *node_client_take(struct node_client *client);

// Sends `line`; all that comes is `reply`.
#define node_expect(client, line, reply)                                       \
    ck_assert_str_eq(node_client_send((client), (line)), (reply))

// A conversation of one client with a fresh node, up to a row without a line. A
// line of "+1500" lets so many milliseconds pass.
struct node_golden {
    const char *line;
    const char *reply;
};
void node_expect_all(const struct node_golden *rows);

#endif
