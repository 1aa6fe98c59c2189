// seeds_story.c -- why a seed failed, for people.
// SPDX-License-Identifier: MIT
#include "labs/harness/seeds_story.h"

#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "labs/harness/story.h"
#include "labs/harness/subject.h"

static void add_end(struct text *story, const struct subject *subject)
{
    if (WIFSIGNALED(subject->status))
        text_printf(story, "  SERVER    was ended by signal %d (%s)\n",
                    WTERMSIG(subject->status),
                    strsignal(WTERMSIG(subject->status)));
    else
        text_printf(story, "  SERVER    ended with exit status %d\n",
                    WEXITSTATUS(subject->status));
}

static void add_events(struct text *story, const struct trace *trace,
                       size_t last)
{
    size_t first = last > 12 ? last - 11 : 1;
    for (size_t i = first; i <= last; i++) {
        struct bytes event = trace_event(trace, i);
        text_printf(story, "  %5zu %.*s\n", i,
                    event.size > 70 ? 70 : (int)event.size, event.data);
    }
}

_Noreturn void seeds_tell(struct lab *lab, const struct seeds_test *test,
                          uint64_t seed)
{
    struct subject subject = {.path = lab->subject};
    struct schedule schedule = seeds_schedule(test, seed);
    struct trace trace = {0};
    struct verdict verdict;
    struct text story = {0};
    subject_begin(&subject, &schedule, NULL);
    subject_end(&subject, &trace);
    judge(&schedule, &trace, &test->limits, &verdict);
    lab->tally.failed_seed = seed;
    text_printf(&story, "  RULE      %s\n", test->of.rule);
    if (verdict.rule == RULE_NONE)
        text_printf(&story,
                    "  HAPPENED  the seed fails behind others only: something "
                    "outlives a node (a static variable?)\n");
    else
        text_printf(&story, "  HAPPENED  %s\n", verdict.happened.data);
    if (verdict.expected.size)
        text_printf(&story, "  EXPECTED  %s\n", verdict.expected.data);
    if (verdict.got.size)
        text_printf(&story, "  GOT       %s\n", verdict.got.data);
    if (verdict.rule == RULE_ENDED)
        add_end(&story, &subject);
    add_events(&story, &trace, verdict.event);
    story_add_printed(&story, subject.printed_fd);
    story_end_case(lab, 'F', text_bytes(&story));
}

_Noreturn void seeds_tell_difference(struct lab *lab,
                                     const struct seeds_test *test,
                                     uint64_t seed)
{
    struct schedule schedule = seeds_schedule(test, seed);
    struct trace traces[2] = {0};
    struct text story = {0};
    for (size_t i = 0; i < 2; i++) {
        struct subject subject = {.path = lab->subject};
        subject_begin(&subject, &schedule, NULL);
        subject_end(&subject, &traces[i]);
        subject_deinit(&subject);
    }
    lab->tally.failed_seed = seed;
    lab->tally.differs = true;
    size_t event = trace_first_difference(&traces[0], &traces[1]);
    text_printf(&story, "  RULE      Equal seeds give equal runs.\n");
    if (!event) {
        text_printf(&story,
                    "  HAPPENED  two runs of seed %" PRIu64 " differ behind "
                    "other seeds: something outlives a\n            node (a "
                    "static variable?)\n",
                    seed);
        story_end_case(lab, 'F', text_bytes(&story));
    }
    text_printf(&story,
                "  HAPPENED  two runs of seed %" PRIu64 " differ: your node "
                "read the clock, memory that nobody\n            set, or a "
                "pointer's value; first divergence at event %zu\n",
                seed, event);
    for (size_t i = 0; i < 2; i++) {
        struct bytes text = trace_event(&traces[i], event);
        text_printf(&story, "  %-9s %.*s\n", i ? "THEN" : "ONCE",
                    text.size > 66 ? 66 : (int)text.size, text.data);
    }
    story_end_case(lab, 'F', text_bytes(&story));
}
