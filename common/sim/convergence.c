// convergence.c -- keys, and the value that each replica has of them.
// SPDX-License-Identifier: MIT
#include "common/sim/convergence.h"

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"

enum { CONVERGENCE_WORDS_MAX = 40 };

struct convergence_key {
    struct map_link link;
    struct buffer name;
    struct buffer *values; // One a replica.
    bool *held;            // The replica has it.
};

void convergence_init(struct convergence *convergence)
{
    check(convergence->count > 0);
    hash_secret_derive(&convergence->secret, SLICE("convergence"));
    map_init(&convergence->map, &convergence->secret);
}

void convergence_deinit(struct convergence *convergence)
{
    map_deinit(&convergence->map);
    for (size_t i = 0; i < convergence->key_count; i++) {
        struct convergence_key *key = convergence->keys[i];
        for (size_t j = 0; j < convergence->count; j++)
            buffer_deinit(&key->values[j]);
        buffer_deinit(&key->name);
        free(key->values);
        free(key->held);
        free(key);
    }
    free(convergence->keys);
}

static struct convergence_key *
convergence_key_of(struct convergence *convergence, struct slice name)
{
    struct map_link *link = map_find(&convergence->map, name);
    if (link)
        return container_of(link, struct convergence_key, link);
    struct convergence_key *key = xcalloc(1, sizeof *key);
    buffer_append_slice(&key->name, name);
    key->link.name = buffer_slice(&key->name);
    key->values = xcalloc(convergence->count, sizeof *key->values);
    key->held = xcalloc(convergence->count, sizeof *key->held);
    map_insert(&convergence->map, &key->link);
    if (convergence->key_count == convergence->key_max) {
        convergence->key_max = 2 * convergence->key_max + 64;
        convergence->keys =
            xrealloc(convergence->keys,
                     convergence->key_max * sizeof *convergence->keys);
    }
    convergence->keys[convergence->key_count++] = key;
    return key;
}

void convergence_add(struct convergence *convergence, size_t replica,
                     struct slice key, struct slice value)
{
    check(replica < convergence->count);
    struct convergence_key *entry = convergence_key_of(convergence, key);
    check(!entry->held[replica]);
    entry->held[replica] = true;
    buffer_append_slice(&entry->values[replica], value);
}

static bool convergence_should_hold(const struct convergence *convergence,
                                    size_t replica, struct slice key)
{
    return !convergence->holds ||
           convergence->holds(convergence->context, replica, key);
}

// All that should hold it do, and what anybody holds is the same.
static bool convergence_agrees(const struct convergence *convergence,
                               const struct convergence_key *key)
{
    const struct buffer *first = NULL;
    for (size_t i = 0; i < convergence->count; i++) {
        if (!key->held[i]) {
            if (convergence_should_hold(convergence, i, key->link.name))
                return false;
            continue;
        }
        if (first &&
            !slice_equal(buffer_slice(first), buffer_slice(&key->values[i])))
            return false;
        first = &key->values[i];
    }
    return true;
}

static void convergence_tell(const struct convergence *convergence,
                             const struct convergence_key *key,
                             struct buffer *story)
{
    buffer_printf(story, "not converged: key %.*s\n",
                  SLICE_PRINT(key->link.name));
    for (size_t i = 0; i < convergence->count; i++) {
        struct slice value = buffer_slice(&key->values[i]);
        bool should = convergence_should_hold(convergence, i, key->link.name);
        if (value.size > CONVERGENCE_WORDS_MAX)
            value.size = CONVERGENCE_WORDS_MAX;
        if (key->held[i])
            buffer_printf(story, "    %s  \"%.*s\"\n", convergence->names[i],
                          SLICE_PRINT(value));
        else if (should)
            buffer_printf(story, "    %s  has it not\n", convergence->names[i]);
    }
}

bool convergence_check(const struct convergence *convergence,
                       struct buffer *story)
{
    size_t apart = 0;
    for (size_t i = 0; i < convergence->key_count; i++) {
        const struct convergence_key *key = convergence->keys[i];
        if (convergence_agrees(convergence, key))
            continue;
        if (apart++ == 0)
            convergence_tell(convergence, key, story);
    }
    if (apart > 1)
        buffer_printf(story, "  and %zu keys more, of %zu\n", apart - 1,
                      convergence->key_count);
    return apart == 0;
}
