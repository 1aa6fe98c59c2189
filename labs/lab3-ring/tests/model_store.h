// model_store.h -- a store of strings in the plainest way: what the commands of
// lab 3's clients answer.
//
// SET, GET, DEL, DELETE, UNLINK, EXISTS, TOUCH, MGET, MSET, DBSIZE, PING and
// BATCH with put, get and delete.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_LAB3_MODEL_STORE_H
#define VEGA_LABS_LAB3_MODEL_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "labs/harness/text.h"

enum { MODEL_WORDS_MAX = 32 };

// A request as words.
struct model_words {
    struct bytes at[MODEL_WORDS_MAX];
    size_t count;
};
bool model_is(struct bytes word, const char *name);

// The indexes of its keys; how many. Of what is malformed the first one, which
// is where a client sends it.
size_t model_keys(const struct model_words *words,
                  size_t keys[MODEL_WORDS_MAX]);

struct model_entry {
    struct text key, value;
};
// Zeroed: empty.
struct model_store {
    struct model_entry *entries;
    size_t count;
};
void model_store_deinit(struct model_store *store);
void model_store_copy(struct model_store *to, const struct model_store *from);
// The first key of which the two say different things, or NULL.
const struct text *model_store_difference(const struct model_store *a,
                                          const struct model_store *b);
// NULL: absent.
const struct text *model_store_find(const struct model_store *store,
                                    struct bytes key);

// Appends the reply, in RESP.
void model_store_run(struct model_store *store, const struct model_words *words,
                     struct text *reply);

#endif
