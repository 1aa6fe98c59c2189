// seeds_story.c -- why a seed failed, for people.
// SPDX-License-Identifier: MIT
#include "labs/harness/seeds_story.h"

#include <inttypes.h>

#include "labs/harness/failure.h"
#include "labs/harness/story.h"

_Noreturn void seeds_tell(struct lab *lab, const struct seeds_test *test,
                          uint64_t seed, struct trace *taken)
{
    struct failure failure;
    struct text story = {0};
    failure_init(&failure, test, lab->subject, seed, taken);
    failure_shrink(&failure);
    failure_tell(&failure, &story);
    if (lab->out)
        failure_keep(&failure, lab->out, lab->number, &story);
    lab->tally.failed_seed = seed;
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
        subject_begin(&subject, &schedule);
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
