// referee_node.c -- a node that answers for its slots only. It is n1.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labs/lab3-ring/tests/referee.h"

enum { SELF = 1 };

static unsigned node_of(const char *name)
{
    unsigned node = name[0] == 'n' ? (unsigned)atoi(name + 1) : 0;
    return node <= REFEREE_NODES_MAX ? node : 0;
}

// ---- The map

static void learn(struct referee *referee, const char *step, struct text *news)
{
    struct referee_node *node = &referee->node;
    unsigned first, last, epoch, newer = 0, known = 0, older = 0, disputed = 0;
    char name[16];
    if (sscanf(step, "learn %u %u %15s %u", &first, &last, name, &epoch) != 4)
        return;
    for (unsigned slot = first; slot <= last && slot < MODEL_SLOTS; slot++) {
        bool is_same = node->owners[slot] == node_of(name);
        if (epoch > node->epochs[slot]) {
            node->epochs[slot] = epoch;
            node->owners[slot] = (uint8_t)node_of(name);
            node->importing[slot] = false;
            newer++;
        } else if (epoch < node->epochs[slot]) {
            older++;
        } else {
            known += is_same;
            disputed += !is_same;
        }
    }
    if (known)
        text_printf(news, "%u known ", known);
    if (newer)
        text_printf(news, "%u newer ", newer);
    if (older)
        text_printf(news, "%u older ", older);
    if (disputed)
        text_printf(news, "%u disputed ", disputed);
    if (news->size)
        news->data[--news->size] = '\0';
}

void referee_node_news(struct referee *referee, struct bytes text)
{
    struct text expected = {0};
    learn(referee, referee_step(referee), &expected);
    if (bytes_first_difference(text_bytes(&expected), text) != SIZE_MAX)
        referee_fail_texts(referee, RULE_MAP,
                           "what topology_learn made of the news, by slots",
                           text_bytes(&expected), text);
    text_deinit(&expected);
}

// ---- Requests

static bool crosses(const struct model_words *words, const size_t *keys,
                    size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (model_slot(words->at[keys[i]]) != model_slot(words->at[keys[0]]))
            return true;
    }
    return false;
}

// The reply that it should have had, and in words why.
static void expect(struct referee_node *node, const struct model_words *words,
                   struct text *reply, struct text *why)
{
    size_t keys[MODEL_WORDS_MAX], count = model_keys(words, keys);
    unsigned slot = count ? model_slot(words->at[keys[0]]) : 0;
    unsigned owner = node->owners[slot];
    bool asking = node->asking;
    node->asking = false;
    if (model_is(words->at[0], "asking")) {
        node->asking = true;
        text_printf(reply, "+OK\r\n");
    } else if (count == 0) {
        model_store_run(&node->store, words, reply);
    } else if (crosses(words, keys, count)) {
        text_printf(why, "its keys belong to several slots");
        text_printf(reply, "-CROSSSLOT Keys in request don't hash to the same "
                           "slot\r\n");
    } else if (owner == SELF || (asking && node->importing[slot])) {
        text_printf(why,
                    owner == SELF
                        ? "slot %u is n1's own"
                        : "slot %u is coming to n1, and the client is "
                          "ASKING",
                    slot);
        model_store_run(&node->store, words, reply);
    } else if (!owner || node->silent[owner]) {
        text_printf(why,
                    owner ? "slot %u is n%u's, which is silent"
                          : "nobody is known to have slot %u",
                    slot, owner);
        text_printf(reply, "-CLUSTERDOWN Hash slot not served\r\n");
    } else {
        text_printf(why, "slot %u is n%u's", slot, owner);
        text_printf(reply, "-MOVED %u 10.0.0.%u:%u\r\n", slot, owner,
                    7000 + owner);
    }
}

void referee_node_reply(struct referee *referee, struct bytes text)
{
    struct text expected = {0}, got = {0}, why = {0}, story = {0};
    const char *request = referee_step(referee) + strlen("ask ");
    struct model_words words = referee_words(bytes_of(request));
    trace_unescape(text, &got);
    expect(&referee->node, &words, &expected, &why);
    if (bytes_first_difference(text_bytes(&expected), text_bytes(&got)) !=
        SIZE_MAX) {
        text_printf(&story, "n1 was asked: %s%s%s", request,
                    why.size ? "; " : "", why.size ? why.data : "");
        referee_fail_texts(referee, RULE_ANSWER, story.data,
                           text_bytes(&expected), text_bytes(&got));
    }
    text_deinit(&expected);
    text_deinit(&got);
    text_deinit(&why);
    text_deinit(&story);
}

// ---- Steps

static void begin_node(struct referee_node *node, unsigned count)
{
    model_store_deinit(&node->store);
    *node = (struct referee_node){.count = count};
}

static void set_importing(struct referee_node *node, const char *step)
{
    unsigned slot;
    char name[16];
    if (sscanf(step, "importing %u %15s", &slot, name) == 2 &&
        slot < MODEL_SLOTS && node_of(name) != SELF && node->owners[slot] &&
        node->owners[slot] == node_of(name))
        node->importing[slot] = true;
    else if (sscanf(step, "stable %u", &slot) == 1 && slot < MODEL_SLOTS)
        node->importing[slot] = false;
}

bool referee_node_begin(struct referee *referee, const char *step)
{
    struct referee_node *node = &referee->node;
    if (!strncmp(step, "node ", 5))
        begin_node(node, (unsigned)atoi(step + 5));
    else if (!strncmp(step, "silent ", 7))
        node->silent[node_of(step + 7)] = true;
    else if (!strncmp(step, "heard ", 6))
        node->silent[node_of(step + 6)] = false;
    else if (!strncmp(step, "importing ", 10) || !strncmp(step, "stable ", 7))
        set_importing(node, step);
    else
        return !strncmp(step, "ask ", 4) || !strncmp(step, "learn ", 6);
    return true;
}
