// model.c -- a store of a few keys, so plain that it can be believed.
// SPDX-License-Identifier: MIT
#include "labs/harness/model.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static bool equal(struct bytes a, struct bytes b)
{
    return bytes_first_difference(a, b) == SIZE_MAX;
}

void model_deinit(struct model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        text_deinit(&model->keys[i].name);
        text_deinit(&model->keys[i].value);
    }
    *model = (struct model){0};
}

void model_copy(struct model *to, const struct model *from)
{
    model_deinit(to);
    for (size_t i = 0; i < from->count; i++) {
        struct model_key *key = &to->keys[to->count++];
        text_add(&key->name, text_bytes(&from->keys[i].name));
        text_add(&key->value, text_bytes(&from->keys[i].value));
        key->there = from->keys[i].there;
        key->last = from->keys[i].last;
    }
}

struct model_key *model_key(struct model *model, struct bytes name)
{
    for (size_t i = 0; i < model->count; i++) {
        if (equal(text_bytes(&model->keys[i].name), name))
            return &model->keys[i];
    }
    if (model->count == MODEL_KEYS_MAX)
        abort();
    struct model_key *key = &model->keys[model->count++];
    text_add(&key->name, name);
    return key;
}

static size_t size_of(const struct model *model)
{
    size_t size = 0;
    for (size_t i = 0; i < model->count; i++)
        size += model->keys[i].there;
    return size;
}

static void put(struct model_key *key, struct bytes value, size_t ordinal)
{
    key->value.size = 0;
    text_add(&key->value, value);
    key->there = true;
    key->last = ordinal;
}

// What changes nothing is no write of the key: nobody could tell.
static void take_away(struct model_key *key, size_t ordinal)
{
    if (key->there)
        key->last = ordinal;
    key->there = false;
    key->value.size = 0;
}

static void increment(struct model_key *key, size_t ordinal, struct text *reply)
{
    char number[24];
    long long value = key->there ? atoll(key->value.data) + 1 : 1;
    snprintf(number, sizeof number, "%lld", value);
    put(key, bytes_of(number), ordinal);
    text_printf(reply, ":%lld\r\n", value);
}

static void append(struct model_key *key, struct bytes more, size_t ordinal,
                   struct text *reply)
{
    text_add(&key->value, more);
    key->there = true;
    key->last = ordinal;
    text_printf(reply, ":%zu\r\n", key->value.size);
}

static size_t delete_all(struct model *model, size_t ordinal)
{
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++) {
        count += model->keys[i].there;
        take_away(&model->keys[i], ordinal);
    }
    return count;
}

static void look(const struct model_key *key, struct text *reply)
{
    if (key->there)
        text_add_bulk(reply, text_bytes(&key->value));
    else
        text_printf(reply, "$-1\r\n");
}

static size_t last_of_all(const struct model *model)
{
    size_t last = 0;
    for (size_t i = 0; i < model->count; i++)
        last = model->keys[i].last > last ? model->keys[i].last : last;
    return last;
}

enum model_effect model_execute(struct model *model,
                                const struct schedule_words *words,
                                size_t first, size_t ordinal,
                                struct text *reply)
{
    const struct bytes *argv = words->at + first;
    size_t argc = words->count - first;
    reply->size = 0;
    if (equal(argv[0], BYTES("mset"))) {
        for (size_t i = 1; i + 1 < argc; i += 2)
            put(model_key(model, argv[i]), argv[i + 1], ordinal);
        text_printf(reply, "+OK\r\n");
    } else if (equal(argv[0], BYTES("flushall"))) {
        delete_all(model, ordinal);
        text_printf(reply, "+OK\r\n");
    } else if (equal(argv[0], BYTES("dbsize"))) {
        model->read = last_of_all(model);
        text_printf(reply, ":%zu\r\n", size_of(model));
        return MODEL_READS;
    } else if (argc < 2) {
        return MODEL_NEITHER;
    } else if (equal(argv[0], BYTES("set"))) {
        put(model_key(model, argv[1]), argv[2], ordinal);
        text_printf(reply, "+OK\r\n");
    } else if (equal(argv[0], BYTES("del"))) {
        struct model_key *key = model_key(model, argv[1]);
        text_printf(reply, ":%d\r\n", key->there);
        take_away(key, ordinal);
    } else if (equal(argv[0], BYTES("incr"))) {
        increment(model_key(model, argv[1]), ordinal, reply);
    } else if (equal(argv[0], BYTES("append"))) {
        append(model_key(model, argv[1]), argv[2], ordinal, reply);
    } else if (equal(argv[0], BYTES("get"))) {
        const struct model_key *key = model_key(model, argv[1]);
        model->read = key->last;
        look(key, reply);
        return MODEL_READS;
    } else {
        return MODEL_NEITHER;
    }
    return MODEL_WRITES;
}
