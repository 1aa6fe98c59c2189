// referee.c -- walks along a trace, to the first rule that is broken.
// SPDX-License-Identifier: MIT
#include "labs/lab3-ring/tests/referee.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labs/harness/failure_sequence.h"

enum { SHOWN_MAX = 64 };

void referee_fail(struct referee *referee, enum cluster_rule rule,
                  const char *format, ...)
{
    struct finding *finding = referee->finding;
    if (finding->rule)
        return;
    va_list args;
    va_start(args, format);
    text_vprintf(&finding->happened, format, args);
    va_end(args);
    finding->rule = (enum rule)rule;
    finding->event = referee->event;
    finding->step = referee->step;
}

static void show(struct text *text, struct bytes bytes)
{
    text_add_escaped(text, bytes);
    if (text->size > SHOWN_MAX) {
        text->size = SHOWN_MAX - 3;
        text_printf(text, "...");
    }
}

void referee_fail_texts(struct referee *referee, enum cluster_rule rule,
                        const char *happened, struct bytes expected,
                        struct bytes got)
{
    if (referee->finding->rule)
        return;
    referee_fail(referee, rule, "%s", happened);
    show(&referee->finding->expected, expected);
    show(&referee->finding->got, got);
}

const char *referee_step(const struct referee *referee)
{
    return referee->schedule->steps[referee->step - 1];
}

struct model_words referee_words(struct bytes text)
{
    struct model_words words = {0};
    while (text.size && words.count < MODEL_WORDS_MAX) {
        size_t size = 0;
        while (size < text.size && text.data[size] != ' ')
            size++;
        words.at[words.count++] = (struct bytes){text.data, size};
        size += size < text.size;
        text.data += size, text.size -= size;
    }
    return words;
}

static void begin_step(struct referee *referee, size_t step)
{
    if (step == 0 || step > referee->schedule->count)
        return;
    referee->step = step;
    const char *text = referee_step(referee);
    if (strcmp(text, "same") != 0) {
        if (!referee_ring_begin(referee, text) &&
            !referee_node_begin(referee, text))
            referee_client_begin(referee, text);
    } else if (referee->allocated > referee->allocated_before) {
        referee_fail(referee, RULE_LEAK,
                     "the same again leaves %zd bytes allocated",
                     (ssize_t)(referee->allocated - referee->allocated_before));
    }
}

static void note_line(struct referee *referee, const struct trace_line *line)
{
    struct bytes text = line->text;
    referee->event = line->event;
    if (line->kind == 'Q')
        begin_step(referee, trace_number(&text));
    if (!strchr("AHRMTW", line->kind) || !referee->step)
        return;
    if (line->kind == 'M') {
        referee->allocated_before = referee->allocated;
        referee->allocated = trace_number(&text);
        return;
    }
    if (line->kind == 'W') {
        memset(referee->client.refused, 0, sizeof referee->client.refused);
        return;
    }
    bool is_of_step = trace_number(&text) == referee->step;
    const char *step = referee_step(referee);
    if (!is_of_step)
        return;
    if (line->kind == 'T')
        referee_client_taught(referee, text);
    else if (line->kind == 'H')
        referee_client_heard(referee, text);
    else if (line->kind == 'R' && !strncmp(step, "ask", 3))
        referee_node_reply(referee, text);
    else if (line->kind == 'R')
        referee_client_reply(referee, text);
    else if (!strncmp(step, "learn", 5))
        referee_node_news(referee, text);
    else
        referee_ring_answer(referee, text);
}

static void cluster_judge(const struct schedule *schedule,
                          const struct trace *trace,
                          const struct limits *limits, struct finding *finding)
{
    (void)limits;
    struct referee *referee = calloc(1, sizeof *referee);
    if (!referee)
        abort();
    *finding = (struct finding){0};
    referee->schedule = schedule;
    referee->finding = finding;
    for (size_t i = 0; i < trace->count && !finding->rule; i++)
        note_line(referee, &trace->lines[i]);
    referee->event = trace->events;
    const char *last = referee->step ? referee_step(referee) : "nothing yet";
    if (trace->end == TRACE_ENDED)
        referee_fail(referee, (enum cluster_rule)RULE_ENDED,
                     "your code ended its process; the step was: %s", last);
    else if (trace->end == TRACE_ENDLESS)
        referee_fail(referee, (enum cluster_rule)RULE_ENDLESS,
                     "an endless loop? The step does not end: %s", last);
    else if (referee->step < schedule->count)
        referee_fail(referee, RULE_ANSWER, "the run was not carried out");
    model_store_deinit(&referee->node.store);
    model_store_deinit(&referee->client.store);
    model_store_deinit(&referee->client.before);
    free(referee);
}

static const char *const fixed[] = {"seed",   "node", "cluster",   "client",
                                    "coarse", "same", "allocated", NULL};
static const char *const numbered[] = {NULL};

const struct seeds_world seeds_cluster = {
    .judge = cluster_judge,
    .fixed = fixed,
    .numbered = numbered,
    .print = failure_sequence_print,
    .write_html = failure_sequence_write_html,
};
