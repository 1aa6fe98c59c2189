// ask.h -- what a client of a simulated cluster may ask for: the command, what
// it means to the model of a store, and what its answer says.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_ASK_H
#define VEGA_TESTS_SIM_STAGE3_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/random.h"
#include "common/client/vega.h"
#include "common/sim/client_history.h"

enum { ASK_WORDS_MAX = 12, ASK_STEPS_MAX = 4, ASK_TEXT_SIZE = 24 };

struct ask {
    const char *words[ASK_WORDS_MAX]; // The command.
    size_t count;
    struct client_step steps[ASK_STEPS_MAX]; // Of the model (kv_model.h).
    size_t step_count;
    // Each step is an operation by itself: its keys are of different nodes.
    bool is_scattered;
    bool is_list;                             // The answer has a value a step.
    bool is_transaction;                      // It has an OK a step.
    char texts[ASK_STEPS_MAX][ASK_TEXT_SIZE]; // Values that were made up.
};

// Draws one. `client` and *written make values that nobody else writes.
void ask_draw(struct ask *ask, struct random *random, size_t client,
              uint64_t *written);
void ask_get(struct ask *ask, const char *key); // GET of that key.
// Of EXEC, behind one SET of texts[i] to keys[i] for each key of a tag.
void ask_transaction(struct ask *ask, const char *const *keys, size_t client,
                     uint64_t *written);

// Whether the answer could be one to that command: then `results`, one a step,
// borrowed of it and of `ask`, are what it says.
bool ask_read(struct ask *ask, const struct vega_reply *reply,
              struct slice *results);

// How a command ended that got the error `reply`, or none at all (NULL), and
// then `status` of the client.
enum client_outcome ask_outcome(const struct ask *ask,
                                const struct vega_reply *reply,
                                enum vega_status status);

#endif
