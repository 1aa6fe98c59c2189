// history_text.c -- histories from text.
// SPDX-License-Identifier: MIT
#include "tests/common/history_text.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sim/kv_model.h"

enum { CLIENTS = 16, STEPS = 8, TEXT_SIZE = 256 };

static struct slice value_of(const char *word)
{
    if (!word || !strcmp(word, "-"))
        return (struct slice){0};
    return strcmp(word, "''") == 0 ? SLICE("") : slice_of(word);
}

static uint32_t kind_of(const char *word)
{
    uint32_t kind = 0;
    while (kind < KV_KINDS && strcmp(kv_model.names[kind], word) != 0)
        kind++;
    ck_assert_msg(kind < KV_KINDS, "%s is no step", word);
    return kind;
}

// "set x a, get y", cut to pieces.
static size_t steps_of(char *text, struct client_step steps[STEPS])
{
    size_t count = 0;
    char *rest;
    for (char *step = strtok_r(text, ",", &rest); step;
         step = strtok_r(NULL, ",", &rest)) {
        char *words, *kind = strtok_r(step, " ", &words);
        ck_assert_uint_lt(count, STEPS);
        steps[count] = (struct client_step){.kind = kind_of(kind)};
        steps[count].key = slice_of(strtok_r(NULL, " ", &words));
        steps[count++].argument = value_of(strtok_r(NULL, " ", &words));
    }
    return count;
}

static void results_of(char *text, struct slice results[STEPS])
{
    char *rest, *word = strtok_r(text, " ", &rest);
    for (size_t i = 0; i < STEPS; i++) {
        results[i] = value_of(word);
        if (word)
            word = strtok_r(NULL, " ", &rest);
    }
}

struct client_history history_of(const char *const *events, size_t count)
{
    struct client_history history = {0};
    size_t open[CLIENTS] = {0};
    for (size_t i = 0; i < count; i++) {
        char text[TEXT_SIZE], *at;
        snprintf(text, sizeof text, "%s", events[i]);
        uint32_t client = (uint32_t)strtoul(text, &at, 10);
        ck_assert_uint_lt(client, CLIENTS);
        struct client_step steps[STEPS];
        struct slice results[STEPS];
        int64_t now_us = (int64_t)i;
        if (*at == '>') {
            size_t size = steps_of(at + 1, steps);
            open[client] =
                client_history_invoke(&history, client, now_us, steps, size);
            continue;
        }
        results_of(at + 1, results);
        ck_assert_msg(*at && strchr("<!?", *at), "%s", events[i]);
        client_history_return(&history, open[client], now_us,
                              *at == '<'   ? CLIENT_OK
                              : *at == '!' ? CLIENT_FAILED
                                           : CLIENT_UNKNOWN,
                              *at == '<' ? results : NULL);
    }
    client_history_check_invariants(&history);
    return history;
}
