// model_store.c -- a store of strings in the plainest way.
// SPDX-License-Identifier: MIT
#include "labs/lab3-ring/tests/model_store.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && bytes_first_difference(a, b) == SIZE_MAX;
}

bool model_is(struct bytes word, const char *name)
{
    return is_equal(word, bytes_of(name));
}

static bool is_of(struct bytes word, const char *const *names)
{
    while (*names && !model_is(word, *names))
        names++;
    return *names != NULL;
}

static const char *const of_one_key[] = {"set", "get", NULL};
static const char *const of_keys[] = {"mget",   "del",   "delete", "unlink",
                                      "exists", "touch", NULL};

// Words of an operation of BATCH.
static size_t batch_step(struct bytes word)
{
    return model_is(word, "put") ? 3 : 2;
}

static bool is_malformed(const struct model_words *words)
{
    if (model_is(words->at[0], "mset"))
        return words->count % 2 == 0;
    if (!model_is(words->at[0], "batch"))
        return false;
    size_t at = 1;
    while (at < words->count)
        at += batch_step(words->at[at]);
    return at != words->count;
}

size_t model_keys(const struct model_words *words, size_t keys[MODEL_WORDS_MAX])
{
    struct bytes name = words->at[0];
    size_t count = 0;
    if (is_of(name, of_one_key) && words->count > 1) {
        keys[count++] = 1;
    } else if (is_of(name, of_keys) || model_is(name, "mset")) {
        size_t step = model_is(name, "mset") ? 2 : 1;
        for (size_t i = 1; i < words->count; i += step)
            keys[count++] = i;
    } else if (model_is(name, "batch")) {
        for (size_t i = 1; i + 1 < words->count; i += batch_step(words->at[i]))
            keys[count++] = i + 1;
    }
    return is_malformed(words) && count > 1 ? 1 : count;
}

// ---- Entries

void model_store_deinit(struct model_store *store)
{
    for (size_t i = 0; i < store->count; i++) {
        text_deinit(&store->entries[i].key);
        text_deinit(&store->entries[i].value);
    }
    free(store->entries);
    *store = (struct model_store){0};
}

static struct model_entry *find(const struct model_store *store,
                                struct bytes key)
{
    for (size_t i = 0; i < store->count; i++) {
        if (is_equal(text_bytes(&store->entries[i].key), key))
            return &store->entries[i];
    }
    return NULL;
}

const struct text *model_store_find(const struct model_store *store,
                                    struct bytes key)
{
    const struct model_entry *entry = find(store, key);
    return entry ? &entry->value : NULL;
}

static void put(struct model_store *store, struct bytes key, struct bytes value)
{
    struct model_entry *entry = find(store, key);
    if (!entry) {
        store->entries = realloc(store->entries,
                                 (store->count + 1) * sizeof *store->entries);
        if (!store->entries)
            abort();
        entry = &store->entries[store->count++];
        *entry = (struct model_entry){0};
        text_add(&entry->key, key);
    }
    text_deinit(&entry->value);
    text_add(&entry->value, value);
}

static bool take(struct model_store *store, struct bytes key)
{
    struct model_entry *entry = find(store, key);
    if (!entry)
        return false;
    text_deinit(&entry->key);
    text_deinit(&entry->value);
    *entry = store->entries[--store->count];
    return true;
}

void model_store_copy(struct model_store *to, const struct model_store *from)
{
    *to = (struct model_store){0};
    for (size_t i = 0; i < from->count; i++)
        put(to, text_bytes(&from->entries[i].key),
            text_bytes(&from->entries[i].value));
}

const struct text *model_store_difference(const struct model_store *a,
                                          const struct model_store *b)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct text *key = &a->entries[i].key;
        const struct text *other = model_store_find(b, text_bytes(key));
        if (!other ||
            !is_equal(text_bytes(other), text_bytes(&a->entries[i].value)))
            return key;
    }
    for (size_t i = 0; i < b->count; i++) {
        if (!find(a, text_bytes(&b->entries[i].key)))
            return &b->entries[i].key;
    }
    return NULL;
}

// ---- Commands

static void reply_value(const struct model_store *store, struct bytes key,
                        struct text *reply)
{
    const struct text *value = model_store_find(store, key);
    if (value)
        text_add_bulk(reply, text_bytes(value));
    else
        text_printf(reply, "$-1\r\n");
}

static void run_batch(struct model_store *store,
                      const struct model_words *words,
                      const size_t keys[MODEL_WORDS_MAX], size_t count,
                      struct text *reply)
{
    text_printf(reply, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++) {
        struct bytes what = words->at[keys[i] - 1], key = words->at[keys[i]];
        if (model_is(what, "get")) {
            reply_value(store, key, reply);
        } else if (model_is(what, "put")) {
            put(store, key, words->at[keys[i] + 1]);
            text_printf(reply, "+OK\r\n");
        } else {
            text_printf(reply, ":%d\r\n", take(store, key));
        }
    }
}

// Of all its keys: how many there are, or were.
static size_t count_keys(struct model_store *store,
                         const struct model_words *words, bool taken)
{
    size_t count = 0;
    for (size_t i = 1; i < words->count; i++)
        count += taken ? take(store, words->at[i])
                       : find(store, words->at[i]) != NULL;
    return count;
}

void model_store_run(struct model_store *store, const struct model_words *words,
                     struct text *reply)
{
    static const char *const takers[] = {"del", "delete", "unlink", NULL};
    static const char *const lookers[] = {"exists", "touch", NULL};
    size_t keys[MODEL_WORDS_MAX], count = model_keys(words, keys);
    struct bytes name = words->at[0];
    if (is_malformed(words)) {
        text_printf(reply, "-ERR wrong number of arguments\r\n");
    } else if (model_is(name, "get")) {
        reply_value(store, words->at[1], reply);
    } else if (model_is(name, "mget")) {
        text_printf(reply, "*%zu\r\n", count);
        for (size_t i = 0; i < count; i++)
            reply_value(store, words->at[keys[i]], reply);
    } else if (model_is(name, "set") || model_is(name, "mset")) {
        for (size_t i = 0; i < count; i++)
            put(store, words->at[keys[i]], words->at[keys[i] + 1]);
        text_printf(reply, "+OK\r\n");
    } else if (is_of(name, takers) || is_of(name, lookers)) {
        text_printf(reply, ":%zu\r\n",
                    count_keys(store, words, is_of(name, takers)));
    } else if (model_is(name, "batch")) {
        run_batch(store, words, keys, count, reply);
    } else if (model_is(name, "dbsize")) {
        text_printf(reply, ":%zu\r\n", store->count);
    } else if (model_is(name, "ping")) {
        text_printf(reply, "+PONG\r\n");
    } else {
        text_printf(reply, "-ERR unknown command\r\n");
    }
}
