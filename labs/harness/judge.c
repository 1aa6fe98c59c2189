// judge.c -- reads a trace from its beginning to the first broken rule.
// SPDX-License-Identifier: MIT
#include "labs/harness/judge.h"

#include <stdlib.h>
#include <string.h>

#include "labs/harness/judge_private.h"

const char *rule_name(enum rule rule)
{
    static const char *const names[] = {
        [RULE_NONE] = "kept",       [RULE_ENDED] = "ended",
        [RULE_ENDLESS] = "endless", [RULE_REPLY] = "reply",
        [RULE_ERROR] = "error",     [RULE_SILENT] = "silent",
        [RULE_LOST] = "lost",       [RULE_NEVER] = "never",
        [RULE_REFUSED] = "refused", [RULE_UNSTOPPED] = "unstopped",
        [RULE_SIZE] = "size",
    };
    return names[rule];
}

void finding_deinit(struct finding *finding)
{
    text_deinit(&finding->happened);
    text_deinit(&finding->expected);
    text_deinit(&finding->got);
    *finding = (struct finding){0};
}

static void note_line(struct run *run, const struct trace_line *line)
{
    struct bytes text = line->text;
    run->event = line->event;
    switch (line->kind) {
    case 'Q':
        judge_request(run, text);
        break;
    case 'R':
        judge_bytes(run, text);
        break;
    case 'S':
        run->finding->served++;
        break;
    case 'X':
        if (!run->limits->refusals)
            judge_fail(run, RULE_REFUSED, 0, "the node does not start: %.*s",
                       (int)text.size, text.data);
        break;
    case 'K':
        run->reading = true;
        run->read.size = 0;
        break;
    case 'W':
        run->reading = false;
        judge_recovery(run);
        break;
    case 'D':
        run->reading = false;
        judge_end_life(run, text);
        break;
    case 'Z':
        judge_answered(run);
        break;
    case 'U': {
        size_t size = trace_number(&text), max = run->limits->size_max;
        if (max && size > max)
            judge_fail(run, RULE_SIZE, 0,
                       "the files take %zu bytes, and %zu are the bound", size,
                       max);
        break;
    }
    default:
        break;
    }
}

void judge(const struct schedule *schedule, const struct trace *trace,
           const struct limits *limits, struct finding *finding)
{
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        abort();
    *finding = (struct finding){0};
    const char *node = schedule_find(schedule, "node");
    run->schedule = schedule;
    run->limits = limits;
    run->finding = finding;
    run->always = !node || strstr(node, "always");
    for (size_t i = 0; i < trace->count && !finding->rule; i++)
        note_line(run, &trace->lines[i]);
    run->event = trace->events;
    if (trace->end == TRACE_ENDED)
        judge_fail(run, RULE_ENDED, 0, "the node ended its process");
    else if (trace->end == TRACE_ENDLESS)
        judge_fail(run, RULE_ENDLESS, 0,
                   "the run does not end: an endless loop?");
    else if (!finding->served && !limits->refusals &&
             schedule_find(schedule, "start"))
        judge_fail(run, RULE_REFUSED, 0, "the node never came to serve");
    judge_forget(run);
    free(run->entries);
    for (size_t i = 0; i <= JUDGE_CLIENTS; i++)
        text_deinit(&run->clients[i].got);
    model_deinit(&run->base);
    model_deinit(&run->now);
    model_deinit(&run->settled);
    text_deinit(&run->read);
    free(run);
}
