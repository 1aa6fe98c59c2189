// failure.c -- one seed that failed: run again by itself, made small, told.
// SPDX-License-Identifier: MIT
#include "labs/harness/failure.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/sim/shrink.h"

enum { TRIES_MAX = 600 };

static void run(struct failure *failure)
{
    finding_deinit(&failure->finding);
    subject_begin(&failure->subject, &failure->schedule, NULL);
    subject_end(&failure->subject, &failure->trace);
    judge(&failure->schedule, &failure->trace, &failure->test->limits,
          &failure->finding);
}

void failure_init(struct failure *failure, const struct seeds_test *test,
                  const char *subject, uint64_t seed)
{
    *failure = (struct failure){.test = test,
                                .seed = seed,
                                .subject = {.path = subject},
                                .schedule = seeds_schedule(test, seed)};
    run(failure);
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
    struct shrink shrink;
};

// The steps whose first argument may become less.
static bool has_number(const char *step)
{
    return !strncmp(step, "wait ", 5) || !strncmp(step, "crash ", 6) ||
           !strncmp(step, "fail ", 5);
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

static void put_numbers(struct smaller *smaller)
{
    for (size_t i = 0; i < smaller->shrink.number_count; i++) {
        const struct shrink_number *number = &smaller->shrink.numbers[i];
        char **step = &smaller->failure->schedule.steps[number->part];
        char *made = with_number(*step, number->value);
        free(*step);
        *step = made;
    }
}

// Without it the next start would meet the faults of the life before, and fail
// for another reason.
static bool drops_healing(const struct failure *failure, const bool *kept)
{
    for (size_t i = 0; i < failure->schedule.count; i++) {
        if (!kept[i] && !strcmp(failure->schedule.steps[i], "heal"))
            return true;
    }
    return false;
}

static bool fails_alike(void *context)
{
    struct smaller *smaller = context;
    struct failure *failure = smaller->failure;
    struct finding finding;
    if (drops_healing(failure, smaller->shrink.kept))
        return false;
    put_numbers(smaller);
    subject_begin(&failure->subject, &failure->schedule, smaller->shrink.kept);
    subject_end(&failure->subject, &failure->trace);
    judge(&failure->schedule, &failure->trace, &failure->test->limits,
          &finding);
    bool alike = finding.rule == failure->finding.rule;
    finding_deinit(&finding);
    return alike;
}

static void drop_steps(struct schedule *schedule, const bool *kept)
{
    size_t count = 0;
    for (size_t i = 0; i < schedule->count; i++) {
        if (kept[i])
            schedule->steps[count++] = schedule->steps[i];
        else
            free(schedule->steps[i]);
    }
    schedule->count = count;
}

void failure_shrink(struct failure *failure)
{
    size_t count = failure->schedule.count;
    struct smaller smaller = {
        .failure = failure,
        .shrink = {.kept = calloc(count, sizeof(bool)),
                   .count = count,
                   .numbers = calloc(count, sizeof(struct shrink_number)),
                   .fails = fails_alike,
                   .context = &smaller,
                   .tries_max = TRIES_MAX},
    };
    struct shrink *shrink = &smaller.shrink;
    if (!shrink->kept || !shrink->numbers)
        lab_broken("shrink");
    for (size_t i = 0; i < count; i++) {
        const char *step = failure->schedule.steps[i];
        shrink->kept[i] = true;
        if (has_number(step))
            shrink->numbers[shrink->number_count++] = (struct shrink_number){
                strtoull(step + strcspn(step, "0123456789"), NULL, 10), i};
    }
    // An endless loop takes its time each time.
    if (failure->finding.rule != RULE_ENDLESS)
        shrink_run(shrink);
    put_numbers(&smaller);
    drop_steps(&failure->schedule, shrink->kept);
    free(shrink->kept);
    free(shrink->numbers);
    run(failure);
}
