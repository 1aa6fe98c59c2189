// referee.h -- whether a run of lab 3's subject kept the rules: what the seeded
// tests of the lab have for a judge.
//
// It knows the schedule, and plays along with models of its own: of slots and
// rings (referee_ring.c), of one node (referee_node.c), of a cluster with a
// client (referee_client.c). Some steps are for it alone:
//
//     exactly        the last ring is the model's, slot by slot
//     golden HEX     and that is the one that was published
//     even           the shares of the last ring are near to the weights, and
//                    those of all that were looked at
//     joined         of the last two rings: only what joined or left moved
//     same           `allocated` says what it said the last time
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_LAB3_REFEREE_H
#define VEGA_LABS_LAB3_REFEREE_H

#include "labs/harness/seeds.h"
#include "labs/lab3-ring/tests/model_slot.h"
#include "labs/lab3-ring/tests/model_store.h"

extern const struct seeds_world seeds_cluster;

// Of the steps of subject/subject.c.
#define LAB_CLUSTER(test, rule)                                                \
    LAB_SEEDS_IN(&seeds_cluster, test, rule, .errors = false)

enum cluster_rule {
    RULE_SLOT = RULE_OF_LAB, // A pure function's answer.
    RULE_OWNER,
    RULE_SHARE,
    RULE_MOVE,
    RULE_MAP,   // What a node makes of news.
    RULE_ROUTE, // Who was asked.
    RULE_ANSWER,
    RULE_STORE, // What became of the keys.
    RULE_LEAK,
};

enum { REFEREE_NODES_MAX = 8 };

struct referee_ring {
    unsigned bits;
    struct model_ring ring, before;
    uint8_t owners[MODEL_SLOTS], owners_before[MODEL_SLOTS];
    unsigned answers; // To the present step.
    bool has_owners, has_before;
    unsigned judged;  // Rings whose shares were looked at.
    double worst_sum; // Of the largest share of each, by its fair one.
};

// What the node that is asked has been told.
struct referee_node {
    unsigned count;
    uint8_t owners[MODEL_SLOTS]; // From 1; 0: nobody.
    unsigned epochs[MODEL_SLOTS];
    bool importing[MODEL_SLOTS];
    bool silent[REFEREE_NODES_MAX + 1];
    bool asking;
    struct model_store store;
};

struct referee_client {
    unsigned count;
    uint8_t owners[MODEL_SLOTS], targets[MODEL_SLOTS]; // The truth,
    uint8_t known[MODEL_SLOTS]; // and what the client was told; 0: nothing.
    bool down[REFEREE_NODES_MAX + 1];
    unsigned given; // The node that it begins with.
    bool has_map;
    struct model_store store;
    // Of the call under way. Nodes may have been chosen before a part of it
    // taught the client better.
    uint8_t chosen[MODEL_SLOTS];
    bool lied;              // A node told of a redirection that is none.
    bool done[MODEL_SLOTS]; // A part of it, of this slot.
    struct model_store before;
    uint8_t told_to_ask[MODEL_SLOTS]; // A node, by ASK.
    uint8_t refused[MODEL_SLOTS]; // By that node, and it did not wait since.
};

struct referee {
    const struct schedule *schedule;
    struct finding *finding;
    size_t step, event;
    size_t allocated, allocated_before;
    struct referee_ring ring;
    struct referee_node node;
    struct referee_client client;
};

// The first rule that is broken stays; later calls do nothing.
void referee_fail(struct referee *referee, enum cluster_rule rule,
                  const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Fails, and shows both sides, as far as they fit a line.
void referee_fail_texts(struct referee *referee, enum cluster_rule rule,
                        const char *happened, struct bytes expected,
                        struct bytes got);
const char *referee_step(const struct referee *referee); // The present one.

// A step begins. False: it is none of these.
bool referee_ring_begin(struct referee *referee, const char *step);
bool referee_node_begin(struct referee *referee, const char *step);
bool referee_client_begin(struct referee *referee, const char *step);

// Lines of the trace, that belong to the present step.
void referee_ring_answer(struct referee *referee, struct bytes text);
void referee_node_news(struct referee *referee, struct bytes text);
void referee_node_reply(struct referee *referee, struct bytes text);
void referee_client_heard(struct referee *referee, struct bytes text);
void referee_client_taught(struct referee *referee, struct bytes text);
void referee_client_reply(struct referee *referee, struct bytes text);

// The words of bytes that blanks take apart. Borrowed.
struct model_words referee_words(struct bytes text);

#endif
