// sim.c -- virtual time: one queue of events, and the trace of what they did.
//
// Events are ordered by (time, ordinal of their start), so ties are broken by
// what the program did and by nothing else. Between two events time stands
// still; what a node does in a callback takes none.
//
// The hash is a chain over the lines of the trace. So two runs agree in their
// hashes when they agree line by line, and where they part can be read.
// SPDX-License-Identifier: MIT
#include "common/sim/sim.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/check.h"
#include "common/base/hash.h"

enum { SIM_LINE_SIZE = 512, SIM_MILLION = 1000000 };

void sim_init(struct sim *sim, uint64_t seed)
{
    *sim = (struct sim){0};
    random_init(&sim->random, seed);
    list_init(&sim->rounds);
}

void sim_deinit(struct sim *sim)
{
    check(list_is_empty(&sim->rounds));
    env_timers_deinit(&sim->queue);
}

void sim_end_round(struct sim *sim)
{
    list_for_each_safe (link, &sim->rounds) {
        struct sim_round *round = container_of(link, struct sim_round, link);
        round->end(round);
    }
}

bool sim_step(struct sim *sim)
{
    sim_end_round(sim);
    struct env_timer *event = env_timers_first(&sim->queue);
    if (!event)
        return false;
    check(event->due_us >= sim->now_us);
    sim->now_us = event->due_us;
    sim->events++;
    env_timers_stop(&sim->queue, event);
    event->fire(event);
    sim_end_round(sim);
    return true;
}

void sim_run_until(struct sim *sim, int64_t until_us)
{
    check(until_us >= sim->now_us);
    sim_end_round(sim);
    const struct env_timer *event;
    while ((event = env_timers_first(&sim->queue)) && event->due_us <= until_us)
        sim_step(sim);
    sim->now_us = until_us;
}

void sim_start(struct sim *sim, struct env_timer *event, int64_t after_us)
{
    check(after_us >= 0);
    if (after_us > INT64_MAX - sim->now_us)
        after_us = INT64_MAX - sim->now_us;
    env_timers_start(&sim->queue, event, sim->now_us + after_us);
}

void sim_stop(struct sim *sim, struct env_timer *event)
{
    env_timers_stop(&sim->queue, event);
}

static void sim_note_line(struct sim *sim, const char *who, const char *format,
                          va_list args) __attribute__((format(printf, 3, 0)));

static void sim_note_line(struct sim *sim, const char *who, const char *format,
                          va_list args)
{
    char line[SIM_LINE_SIZE];
    int64_t us = sim->now_us;
    int size = snprintf(line, sizeof line, "%8" PRId64 ".%03d ms  %-4s  ",
                        us / 1000, (int)(us % 1000), who);
    check(size > 0 && size < (int)sizeof line);
    // A line that is too long is cut, the same way each time.
    vsnprintf(line + size, sizeof line - (size_t)size, format, args);

    sim->hash = XXH3_64bits_withSeed(line, strlen(line), sim->hash);
    if (sim->trace)
        sim->trace(sim->trace_context, line);
}

void sim_note(struct sim *sim, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sim_note_line(sim, "--", format, args);
    va_end(args);
}

void sim_note_of(struct sim *sim, const char *who, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sim_note_line(sim, who, format, args);
    va_end(args);
}

bool sim_chance(struct sim *sim, uint32_t per_million)
{
    return per_million && random_below(&sim->random, SIM_MILLION) < per_million;
}

uint64_t sim_between(struct sim *sim, uint64_t low, uint64_t high)
{
    check(low <= high);
    return low + random_below(&sim->random, high - low + 1);
}

void sim_add_round(struct sim *sim, struct sim_round *round)
{
    list_push_back(&sim->rounds, &round->link);
}

void sim_remove_round(struct sim_round *round)
{
    list_remove(&round->link);
}

void sim_check_invariants(const struct sim *sim)
{
    env_timers_check_invariants(&sim->queue);
    const struct env_timer *first = env_timers_first(&sim->queue);
    if (first)
        check(first->due_us >= sim->now_us);
}
