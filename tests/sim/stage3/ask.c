// ask.c -- what a client of a simulated cluster may ask for.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage3/ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/check.h"
#include "common/sim/kv_model.h"
#include "tests/sim/stage3/keys.h"

// ---- Commands of one key

static const struct {
    const char *name;
    uint32_t kind;
    bool has_value;
    uint64_t weight;
} singles[] = {
    {"get", KV_GET, false, 35},      {"set", KV_SET, true, 30},
    {"setnx", KV_SET_NEW, true, 8},  {"del", KV_DELETE, false, 7},
    {"append", KV_APPEND, true, 10},
};

static void ask_word(struct ask *ask, const char *word)
{
    check(ask->count < ASK_WORDS_MAX);
    ask->words[ask->count++] = word;
}

// Appends a step; the text of its value, or NULL.
static const char *ask_step(struct ask *ask, uint32_t kind, const char *key,
                            bool has_value, size_t client, uint64_t *written)
{
    check(ask->step_count < ASK_STEPS_MAX);
    struct client_step *step = &ask->steps[ask->step_count];
    *step = (struct client_step){.kind = kind, .key = slice_of(key)};
    char *text = ask->texts[ask->step_count++];
    if (!has_value)
        return NULL;
    snprintf(text, ASK_TEXT_SIZE, "c%zu.%" PRIu64 " ", client + 1, ++*written);
    step->argument = slice_of(text);
    return text;
}

void ask_get(struct ask *ask, const char *key)
{
    *ask = (struct ask){0};
    ask_word(ask, "get");
    ask_word(ask, key);
    ask_step(ask, KV_GET, key, false, 0, NULL);
}

static void ask_single(struct ask *ask, const char *key, struct random *random,
                       size_t client, uint64_t *written)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++)
        sum += singles[i].weight;
    uint64_t at = random_below(random, sum);
    size_t i = 0;
    while (at >= singles[i].weight)
        at -= singles[i++].weight;
    ask_word(ask, singles[i].name);
    ask_word(ask, key);
    const char *value = ask_step(ask, singles[i].kind, key,
                                 singles[i].has_value, client, written);
    if (value)
        ask_word(ask, value);
}

static void ask_counter(struct ask *ask, struct random *random)
{
    const char *key = keys_counters[random_below(random, KEYS_COUNTERS)];
    if (random_below(random, 3) == 0) {
        ask_get(ask, key);
        return;
    }
    ask_word(ask, "incr");
    ask_word(ask, key);
    ask_step(ask, KV_INCREMENT, key, false, 0, NULL);
    ask->steps[0].argument = SLICE("1");
}

// ---- And of several

static void ask_several(struct ask *ask, const char *const *keys, size_t count,
                        bool writes, size_t client, uint64_t *written)
{
    ask_word(ask, writes ? "mset" : "mget");
    ask->is_list = !writes;
    for (size_t i = 0; i < count; i++) {
        ask_word(ask, keys[i]);
        const char *value = ask_step(ask, writes ? KV_SET : KV_GET, keys[i],
                                     writes, client, written);
        if (value)
            ask_word(ask, value);
    }
}

void ask_draw(struct ask *ask, struct random *random, size_t client,
              uint64_t *written)
{
    *ask = (struct ask){0};
    uint64_t kind = random_below(random, 100);
    bool writes = random_below(random, 2);
    const char *const *tagged = keys_tagged[random_below(random, KEYS_TAGS)];
    if (kind < 35) {
        ask_single(ask, keys_plain[random_below(random, KEYS_PLAIN)], random,
                   client, written);
    } else if (kind < 70) {
        ask_single(ask, tagged[random_below(random, KEYS_OF_TAG)], random,
                   client, written);
    } else if (kind < 80) {
        ask_counter(ask, random);
    } else if (kind < 92) {
        ask_several(ask, tagged, KEYS_OF_TAG, writes, client, written);
    } else {
        size_t first = random_below(random, KEYS_PLAIN - 2);
        ask_several(ask, &keys_plain[first], 3, writes, client, written);
        ask->is_scattered = true;
    }
}

void ask_transaction(struct ask *ask, const char *const *keys, size_t client,
                     uint64_t *written)
{
    *ask = (struct ask){.is_transaction = true};
    ask_word(ask, "exec");
    for (size_t i = 0; i < KEYS_OF_TAG; i++) {
        ask_word(ask, keys[i]); // For people: EXEC has no arguments.
        ask_word(ask, ask_step(ask, KV_SET, keys[i], true, client, written));
    }
}

// ---- Answers

static bool read_value(const struct vega_reply *reply, struct slice *result)
{
    *result = (struct slice){reply->text, reply->size};
    if (reply->type == VEGA_NULL)
        *result = (struct slice){0};
    return reply->type == VEGA_NULL || reply->type == VEGA_BULK;
}

static bool read_ok(const struct vega_reply *reply, struct slice *result)
{
    *result = (struct slice){reply->text, reply->size};
    return reply->type == VEGA_STATUS && slice_equal(*result, SLICE("OK"));
}

static bool read_values(const struct ask *ask, const struct vega_reply *reply,
                        struct slice *results)
{
    if (reply->type != VEGA_ARRAY || reply->count != ask->step_count)
        return false;
    for (size_t i = 0; i < ask->step_count; i++) {
        const struct vega_reply *element = &reply->elements[i];
        if (!(ask->is_list ? read_value(element, &results[i])
                           : read_ok(element, &results[i])))
            return false;
    }
    return true;
}

bool ask_read(struct ask *ask, const struct vega_reply *reply,
              struct slice *results)
{
    if (ask->is_list || ask->is_transaction)
        return read_values(ask, reply, results);
    uint32_t kind = ask->steps[0].kind;
    if (kind == KV_GET)
        return read_value(reply, &results[0]);
    if (kind == KV_SET) {
        for (size_t i = 0; i < ask->step_count; i++) {
            if (!read_ok(reply, &results[i]))
                return false;
        }
        return true;
    }
    // A number, in a text that nothing else needs.
    char *text = ask->texts[ASK_STEPS_MAX - 1];
    snprintf(text, ASK_TEXT_SIZE, "%" PRId64, reply->integer);
    results[0] = slice_of(text);
    return reply->type == VEGA_INTEGER;
}

enum client_outcome ask_outcome(const struct ask *ask,
                                const struct vega_reply *reply,
                                enum vega_status status)
{
    static const char *const undone[] = {"MOVED",    "CLUSTERDOWN",
                                         "TRYAGAIN", "CROSSSLOT",
                                         "LOADING",  "EXECABORT"};
    if (ask->is_scattered)
        return CLIENT_UNKNOWN; // Of one part this says nothing.
    if (!reply)
        return status == VEGA_UNREACHABLE ? CLIENT_FAILED : CLIENT_UNKNOWN;
    for (size_t i = 0; i < sizeof undone / sizeof *undone; i++) {
        size_t size = strlen(undone[i]);
        if (reply->size > size && !memcmp(reply->text, undone[i], size) &&
            reply->text[size] == ' ')
            return CLIENT_FAILED;
    }
    return CLIENT_UNKNOWN;
}
