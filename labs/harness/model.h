// model.h -- what a store must hold and answer, as far as schedules use one:
// set, mset, get, del, incr, append, flushall, dbsize.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_MODEL_H
#define VEGA_LABS_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "labs/harness/schedule.h"

enum { MODEL_KEYS_MAX = 24 };

struct model_key {
    struct text name, value;
    bool there;
    size_t last; // Ordinal of the last request that wrote it; 0: none.
};

// Zeroed: nothing is there.
struct model {
    size_t read; // Ordinal of the last write that the last read tells of.
    struct model_key keys[MODEL_KEYS_MAX];
    size_t count;
};

void model_deinit(struct model *model);
void model_copy(struct model *to, const struct model *from);

enum model_effect {
    MODEL_WRITES,
    MODEL_READS,
    MODEL_NEITHER, // Its reply is not foreseen.
};

// Executes the request, the words from `first` on, and replaces `reply`.
// `ordinal`, from 1, is noted with the keys that it writes.
enum model_effect model_execute(struct model *model,
                                const struct schedule_words *words,
                                size_t first, size_t ordinal,
                                struct text *reply);

// The key of that name; made when it is new.
struct model_key *model_key(struct model *model, struct bytes name);

#endif
