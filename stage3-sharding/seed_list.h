// seed_list.h -- what a node that was given a seed asks it, and what it is
// told: all nodes and where their peer ports are. seed_list.c states the bytes.
//
// An answer has as many nodes as fit; who asks goes on behind them.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_SEED_LIST_H
#define VEGA_STAGE3_SEED_LIST_H

#include "common/base/buffer.h"
#include "stage3-sharding/topology.h"

// Appends what the node `id` asks: the list from node `first` on.
void seed_question_encode(struct slice id, uint16_t first, struct buffer *out);

// Appends what a node of that topology answers; nothing if it was no question.
void seed_answer_encode(const struct topology *topology, struct slice question,
                        struct buffer *out);

struct seed_answer {
    bool is_known;      // Who asks is in the list. The rest is 0 if not.
    uint16_t count;     // Of all nodes,
    uint16_t seed;      // of which this one answers,
    uint16_t first;     // and these are told:
    struct slice nodes; // Borrowed from the message; see seed_next_node.
};

// Reads an answer, and checks all of it. False, and *answer untouched, when it
// is none.
bool seed_answer_decode(struct slice message, struct seed_answer *answer);

// Takes the next node off `nodes`, those of an answer; false: there is none.
bool seed_next_node(struct slice *nodes, struct slice *id,
                    struct topology_address *peer);

#endif
