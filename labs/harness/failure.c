// failure.c -- one seed that failed: run again by itself, made small, told.
// SPDX-License-Identifier: MIT
#include "labs/harness/failure.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/sim/shrink.h"

enum { TRIES_MAX = 600 };

static void find(struct failure *failure)
{
    finding_deinit(&failure->finding);
    failure->test->world->judge(&failure->schedule, &failure->trace,
                                &failure->test->limits, &failure->finding);
}

static void run(struct failure *failure)
{
    subject_begin(&failure->subject, &failure->schedule);
    subject_end(&failure->subject, &failure->trace);
    find(failure);
}

void failure_init(struct failure *failure, const struct seeds_test *test,
                  const char *subject, uint64_t seed, struct trace *taken)
{
    *failure = (struct failure){.test = test,
                                .seed = seed,
                                .subject = {.path = subject},
                                .schedule = seeds_schedule(test, seed)};
    if (taken) {
        failure->trace = *taken;
        *taken = (struct trace){0};
        find(failure);
    } else {
        run(failure);
    }
    failure->steps_before = failure->schedule.count;
    failure->events_before = failure->trace.events;
}

void failure_deinit(struct failure *failure)
{
    subject_deinit(&failure->subject);
    schedule_deinit(&failure->schedule);
    trace_deinit(&failure->trace);
    finding_deinit(&failure->finding);
}

// ---- Making it small

struct smaller {
    struct failure *failure;
    size_t *steps; // Of the parts: those that may be left out.
    struct shrink shrink;
};

// Whether the step's first word is one of these.
static bool is_one_of(const char *step, const char *const *words)
{
    size_t size = strcspn(step, " ");
    for (; *words; words++) {
        if (strlen(*words) == size && !strncmp(step, *words, size))
            return true;
    }
    return false;
}

static bool has_number(const struct failure *failure, const char *step)
{
    return is_one_of(step, failure->test->world->numbered);
}

// The step with another number.
static char *with_number(const char *step, uint64_t value)
{
    const char *at = step + strcspn(step, "0123456789");
    struct text text = {0};
    text_printf(&text, "%.*s%" PRIu64 "%s", (int)(at - step), step, value,
                at + strspn(at, "0123456789"));
    return text.data;
}

// The schedule as the shrinker has it now. Owned by the caller.
static struct schedule pick(const struct smaller *smaller)
{
    const struct schedule *whole = &smaller->failure->schedule;
    const struct shrink *shrink = &smaller->shrink;
    struct schedule picked = {0};
    size_t part = 0, number = 0;
    for (size_t i = 0; i < whole->count; i++) {
        const char *step = whole->steps[i];
        bool is_part = part < shrink->count && smaller->steps[part] == i;
        if (!is_part || shrink->kept[part]) {
            char *made = has_number(smaller->failure, step)
                             ? with_number(step, shrink->numbers[number].value)
                             : NULL;
            schedule_add(&picked, "%s", made ? made : step);
            free(made);
        }
        number += has_number(smaller->failure, step);
        part += is_part;
    }
    return picked;
}

static bool fails_alike(void *context)
{
    struct smaller *smaller = context;
    struct failure *failure = smaller->failure;
    struct schedule trial = pick(smaller);
    struct finding finding;
    subject_begin(&failure->subject, &trial);
    subject_end(&failure->subject, &failure->trace);
    failure->test->world->judge(&trial, &failure->trace, &failure->test->limits,
                                &finding);
    bool alike = finding.rule == failure->finding.rule;
    finding_deinit(&finding);
    schedule_deinit(&trial);
    return alike;
}

static void find_parts(struct smaller *smaller)
{
    struct shrink *shrink = &smaller->shrink;
    for (size_t i = 0; i < smaller->failure->schedule.count; i++) {
        const char *step = smaller->failure->schedule.steps[i];
        if (has_number(smaller->failure, step))
            shrink->numbers[shrink->number_count++] = (struct shrink_number){
                strtoull(step + strcspn(step, "0123456789"), NULL, 10),
                shrink->count};
        if (!is_one_of(step, smaller->failure->test->world->fixed)) {
            shrink->kept[shrink->count] = true;
            smaller->steps[shrink->count++] = i;
        }
    }
}

static void replace_schedule(struct failure *failure, struct schedule by)
{
    schedule_deinit(&failure->schedule);
    failure->schedule = by;
    run(failure);
}

void failure_shrink(struct failure *failure)
{
    enum rule rule = failure->finding.rule;
    size_t count = failure->schedule.count;
    // An endless loop takes its time each time.
    if (rule == RULE_ENDLESS || rule == RULE_NONE)
        return;
    struct smaller smaller = {
        .failure = failure,
        .steps = calloc(count, sizeof(size_t)),
        .shrink = {.kept = calloc(count, sizeof(bool)),
                   .numbers = calloc(count, sizeof(struct shrink_number)),
                   .fails = fails_alike,
                   .context = &smaller,
                   .tries_max = TRIES_MAX},
    };
    if (!smaller.steps || !smaller.shrink.kept || !smaller.shrink.numbers)
        lab_broken("shrink");
    find_parts(&smaller);
    shrink_run(&smaller.shrink);
    replace_schedule(failure, pick(&smaller));
    // What depends on the runs before may not fail again.
    if (failure->finding.rule != rule)
        replace_schedule(failure, seeds_schedule(failure->test, failure->seed));
    free(smaller.steps);
    free(smaller.shrink.kept);
    free(smaller.shrink.numbers);
}
