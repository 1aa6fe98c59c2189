// replay.c -- one seed again.
// SPDX-License-Identifier: MIT
#include "labs/harness/replay.h"

#include <stdio.h>

#include "labs/harness/failure.h"

// Steps and events, in the order in which they came.
static void print_trace(const struct failure *failure, size_t until)
{
    for (size_t i = 0; i < failure->trace.count; i++) {
        const struct trace_line *line = &failure->trace.lines[i];
        if (until && line->event > until)
            return;
        if (line->kind == 'E')
            printf("%6zu %.*s\n", line->event, (int)line->text.size,
                   line->text.data);
    }
}

static void write_html(const struct failure *failure, const struct text *story,
                       const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file) {
        perror(path);
        return;
    }
    failure_write_html(failure, story, file);
    fclose(file);
}

bool replay_seed(const struct replay *replay, const struct seeds_test *test)
{
    struct failure failure;
    failure_init(&failure, test, replay->subject, replay->seed);
    bool kept = failure.finding.rule == RULE_NONE;
    if (!kept && !replay->whole)
        failure_shrink(&failure);
    if (replay->verbose || replay->until)
        print_trace(&failure, replay->until);
    struct text story = {0};
    if (kept)
        text_printf(&story, "%s: seed %llu keeps the rules\n", test->of.test,
                    (unsigned long long)replay->seed);
    else
        failure_tell(&failure, &story);
    fputs(story.data, stdout);
    if (replay->html)
        write_html(&failure, &story, replay->html);
    text_deinit(&story);
    failure_deinit(&failure);
    return kept;
}
