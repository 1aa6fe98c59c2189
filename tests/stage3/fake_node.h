// fake_node.h -- a server that answers by rules, on many connections: a node of
// a cluster, for tests of clients.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_STAGE3_FAKE_NODE_H
#define VEGA_TESTS_STAGE3_FAKE_NODE_H

#include <pthread.h>
#include <stdatomic.h>

#include "common/base/buffer.h"

enum { RULES_MAX = 12, RULE_REPLY_MAX = 1024 };

// Answers requests that begin with these words. The first rule that fits and
// is not used up does.
struct rule {
    const char *words; // "GET a"
    char reply[RULE_REPLY_MAX];
    int times; // 0: always.
};

struct fake_node {
    struct rule rules[RULES_MAX];
    int rule_count;
    int port;
    // The rest is fake_node.c's.
    int listener;
    pthread_t thread;
    atomic_bool stopping;
    pthread_mutex_t mutex;
    struct buffer heard;
};

// Takes a port; rules that need it can then be written.
void fake_node_init(struct fake_node *node);
void fake_node_start(struct fake_node *node);
void fake_node_stop(struct fake_node *node); // Closes all connections.
void fake_node_deinit(struct fake_node *node);

void fake_node_rule(struct fake_node *node, const char *words, int times,
                    const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// How often requests came that begin with these words.
int fake_node_heard(struct fake_node *node, const char *words);

#endif
