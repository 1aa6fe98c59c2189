// referee_client.c -- a client among the nodes of a cluster: whom it asks, and
// what it is answered.
//
// The truth is who owns a slot; what the client knows is what it was told: by
// the last CLUSTER SLOTS, and since then by MOVED. It must ask whom it knows
// to be the owner, and nobody else in his place.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labs/lab3-ring/tests/referee.h"

static unsigned node_of(const char *name)
{
    unsigned node = name[0] == 'n' ? (unsigned)atoi(name + 1) : 0;
    return node <= REFEREE_NODES_MAX ? node : 0;
}

// ---- Whom it asks

// A request came to a node that the client has no reason to ask.
static void fail_route(struct referee *referee, unsigned node, unsigned slot,
                       const struct model_words *words)
{
    const struct referee_client *client = &referee->client;
    unsigned known = client->known[slot];
    if (client->told_to_ask[slot] == node && !client->down[known]) {
        referee_fail(referee, RULE_ROUTE,
                     "ASK sent it to n%u for one command, and it came without "
                     "ASKING before it: %.*s %.*s",
                     node, (int)words->at[0].size, words->at[0].data,
                     (int)words->at[1].size, words->at[1].data);
        return;
    }
    referee_fail(referee, RULE_ROUTE,
                 "n%u was asked: %.*s %.*s ... The client knows that slot %u "
                 "is n%u's%s",
                 node, (int)words->at[0].size, words->at[0].data,
                 (int)words->at[1].size, words->at[1].data, slot, known,
                 client->down[known] ? ", which is down: nobody else has it"
                                     : "");
}

static void heard_keys(struct referee *referee, unsigned node, bool asking,
                       struct bytes became, const struct model_words *words)
{
    struct referee_client *client = &referee->client;
    size_t keys[MODEL_WORDS_MAX];
    if (model_keys(words, keys) == 0)
        return;
    unsigned slot = model_slot(words->at[keys[0]]);
    unsigned known = client->known[slot];
    bool is_right =
        asking ? node == client->told_to_ask[slot]
               : known == 0 || node == known || node == client->chosen[slot];
    struct text ignored = {0};
    if (!is_right)
        fail_route(referee, node, slot, words);
    if (model_is(became, "cross"))
        referee_fail(referee, RULE_ROUTE,
                     "n%u got a command whose keys belong to several slots; "
                     "in parts, one a slot, it can be done: %.*s",
                     node, (int)words->at[0].size, words->at[0].data);
    if (node == client->refused[slot])
        referee_fail(referee, RULE_ROUTE,
                     "n%u had said that it cannot now, and was asked again at "
                     "once, without a wait",
                     node);
    client->refused[slot] = model_is(became, "busy") ? (uint8_t)node : 0;
    client->lied |= model_is(became, "lied");
    client->told_to_ask[slot] =
        model_is(became, "ask") ? client->targets[slot] : 0;
    if (model_is(became, "done")) {
        if (client->done[slot])
            referee_fail(referee, RULE_ROUTE,
                         "n%u did a second part of the command for slot %u: "
                         "what belongs to one slot is done at once",
                         node, slot);
        client->done[slot] = true;
        model_store_run(&client->store, words, &ignored);
    }
    text_deinit(&ignored);
}

// "2 0 done get a": the node, whether it was ASKING, what became of it.
void referee_client_heard(struct referee *referee, struct bytes text)
{
    struct referee_client *client = &referee->client;
    unsigned node = (unsigned)trace_number(&text);
    bool asking = trace_number(&text) != 0;
    struct model_words words = referee_words(text);
    if (words.count < 2)
        return;
    struct bytes became = words.at[0];
    memmove(words.at, words.at + 1, --words.count * sizeof words.at[0]);
    if (model_is(became, "garbled")) {
        return; // It should know no more than before.
    } else if (model_is(words.at[0], "CLUSTER")) {
        memcpy(client->known, client->owners, sizeof client->known);
        client->has_map = true;
    } else if (!model_is(words.at[0], "ASKING")) {
        heard_keys(referee, node, asking, became, &words);
    }
}

// "MOVED 370 10.0.0.1:7005".
void referee_client_taught(struct referee *referee, struct bytes text)
{
    struct referee_client *client = &referee->client;
    struct model_words words = referee_words(text);
    if (words.count < 2 || !model_is(words.at[0], "MOVED"))
        return;
    size_t slot = trace_number(&words.at[1]) % MODEL_SLOTS;
    client->known[slot] = client->chosen[slot] = client->owners[slot];
}

// ---- What it is answered

// A node without which the command cannot be done, and which is down; or 0.
static unsigned missing_node(const struct referee_client *client,
                             const struct model_words *words)
{
    size_t keys[MODEL_WORDS_MAX], count = model_keys(words, keys);
    for (size_t i = 0; i < count; i++) {
        unsigned slot = model_slot(words->at[keys[i]]);
        unsigned owner = client->owners[slot], target = client->targets[slot];
        if (client->down[owner])
            return owner;
        if (target && client->down[target])
            return target;
    }
    return client->has_map || !client->down[client->given] ? 0 : client->given;
}

static void judge_reply(struct referee *referee, struct bytes expected,
                        struct bytes got)
{
    if (bytes_first_difference(expected, got) == SIZE_MAX)
        return;
    struct text story = {0};
    text_printf(&story, "the client asked: %s",
                referee_step(referee) + strlen("call "));
    referee_fail_texts(referee, RULE_ANSWER, story.data, expected, got);
    text_deinit(&story);
}

static void judge_store(struct referee *referee,
                        const struct model_store *expected)
{
    const struct model_store *store = &referee->client.store;
    const struct text *key = model_store_difference(expected, store);
    if (!key)
        return;
    const struct text *wanted = model_store_find(expected, text_bytes(key));
    const struct text *there = model_store_find(store, text_bytes(key));
    struct text story = {0};
    text_printf(&story, "%s: the key %s then holds",
                referee_step(referee) + strlen("call "), key->data);
    referee_fail_texts(referee, RULE_STORE, story.data,
                       wanted ? text_bytes(wanted) : BYTES("(nothing)"),
                       there ? text_bytes(there) : BYTES("(nothing)"));
    text_deinit(&story);
}

// A command without a key is as well off with any node; but to find the one
// that is left, of several that are down, is not asked for.
static bool may_fail(const struct referee_client *client,
                     const struct model_words *words)
{
    size_t keys[MODEL_WORDS_MAX];
    unsigned down = 0;
    for (unsigned node = 1; node <= client->count; node++)
        down += client->down[node];
    return down > 1 && model_keys(words, keys) == 0;
}

static void judge_lie(struct referee *referee, struct bytes got)
{
    if (!got.size || *got.data != '-')
        referee_fail_texts(referee, RULE_ANSWER,
                           "a redirection that nobody can follow is the answer "
                           "to the command",
                           BYTES("-MOVED ... or -ASK ..., as it came"), got);
}

void referee_client_reply(struct referee *referee, struct bytes text)
{
    struct referee_client *client = &referee->client;
    struct text expected = {0}, got = {0};
    struct model_words words =
        referee_words(bytes_of(referee_step(referee) + strlen("call ")));
    unsigned missing = missing_node(client, &words);
    trace_unescape(text, &got);
    bool is_refused = got.size && (got.data[0] == '!' ||
                                   !strncmp(got.data, "-CLUSTERDOWN ", 13));
    if (client->lied) {
        judge_lie(referee, text_bytes(&got));
    } else if (missing && !is_refused && !may_fail(client, &words)) {
        referee_fail(referee, RULE_ANSWER,
                     "n%u is down, without which nobody can do it, and the "
                     "client was answered all the same: %s",
                     missing, referee_step(referee) + strlen("call "));
    } else if (!missing && !may_fail(client, &words)) {
        model_store_run(&client->before, &words, &expected);
        judge_reply(referee, text_bytes(&expected), text_bytes(&got));
        judge_store(referee, &client->before);
    }
    text_deinit(&expected);
    text_deinit(&got);
}

// ---- Steps

static void begin_cluster(struct referee_client *client, unsigned count)
{
    model_store_deinit(&client->store);
    model_store_deinit(&client->before);
    *client = (struct referee_client){.count = count};
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++)
        client->owners[slot] = (uint8_t)(1 + slot * count / MODEL_SLOTS);
}

static void give(struct referee_client *client, const char *step)
{
    unsigned first, last;
    char name[16];
    if (sscanf(step, "give %u %u %15s", &first, &last, name) != 3)
        return;
    for (unsigned slot = first; slot <= last && slot < MODEL_SLOTS; slot++) {
        client->owners[slot] = (uint8_t)node_of(name);
        client->targets[slot] = 0;
    }
}

static void set_moving(struct referee_client *client, const char *step)
{
    unsigned slot;
    char name[16];
    if (sscanf(step, "moving %u %15s", &slot, name) != 2 || slot >= MODEL_SLOTS)
        return;
    unsigned node = node_of(name);
    client->targets[slot] =
        node != client->owners[slot] ? (uint8_t)node : (uint8_t)0;
}

static void begin_client(struct referee_client *client, const char *name)
{
    client->given = node_of(name);
    client->has_map = false;
    memset(client->known, 0, sizeof client->known);
}

static void begin_call(struct referee_client *client)
{
    model_store_deinit(&client->before);
    model_store_copy(&client->before, &client->store);
    client->lied = false;
    memset(client->done, 0, sizeof client->done);
    memcpy(client->chosen, client->known, sizeof client->chosen);
    memset(client->told_to_ask, 0, sizeof client->told_to_ask);
    memset(client->refused, 0, sizeof client->refused);
}

bool referee_client_begin(struct referee *referee, const char *step)
{
    struct referee_client *client = &referee->client;
    if (!strncmp(step, "cluster ", 8))
        begin_cluster(client, (unsigned)atoi(step + 8));
    else if (!strncmp(step, "client ", 7))
        begin_client(client, step + 7);
    else if (!strncmp(step, "call ", 5))
        begin_call(client);
    else if (!strncmp(step, "down ", 5))
        client->down[node_of(step + 5)] = true;
    else if (!strncmp(step, "up ", 3))
        client->down[node_of(step + 3)] = false;
    else if (!strncmp(step, "give ", 5))
        give(client, step);
    else if (!strncmp(step, "moving ", 7))
        set_moving(client, step);
    else
        return false;
    return true;
}
