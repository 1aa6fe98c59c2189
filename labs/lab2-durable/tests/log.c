// log.c -- replay, ack_is_durable, torn_tail, corrupt_middle: the log alone.
// SPDX-License-Identifier: MIT
#include "labs/harness/seeds.h"
#include "labs/lab2-durable/tests/workload.h"

static const char *const ends[] = {"stop", "kill", "power"};

LAB_SEEDS(replay, "What was executed is there again at the next start.")
{
    struct workload workload =
        workload_begin(draw, schedule, "always", 65536, 0);
    workload.value_max = 2000;
    for (unsigned lives = 1 + draw_below(draw, 3); lives > 0; lives--) {
        workload_run(&workload, 5 + draw_below(draw, 30), 3000);
        schedule_add(schedule, "settle");
        schedule_add(schedule, "%s", ends[draw_below(draw, 3)]);
        schedule_add(schedule, "start");
    }
}

// A power cut at a call of the disk, or between two of them.
static void cut_power(struct draw *draw, struct schedule *schedule,
                      struct workload *workload, unsigned calls_max)
{
    if (draw_chance(draw, 70))
        schedule_add(schedule, "crash %u %u 0", 1 + draw_below(draw, calls_max),
                     draw_below(draw, 3));
    workload_run(workload, 10 + draw_below(draw, 40), 4000);
    schedule_add(schedule, "power");
    schedule_add(schedule, "start");
}

LAB_SEEDS(ack_is_durable,
          "What a client was told, by a reply to a write or to a read, is "
          "there after a crash.")
{
    bool always = draw_chance(draw, 85);
    struct workload workload = workload_begin(
        draw, schedule, always ? "always" : "everysec", 16384, 0);
    workload.value_max = 1500;
    if (draw_chance(draw, 30))
        schedule_add(schedule, "slow 50000");
    for (unsigned lives = 1 + draw_below(draw, 3); lives > 0; lives--) {
        if (always) {
            cut_power(draw, schedule, &workload, 40);
            continue;
        }
        schedule_add(schedule, "crash %u %u 1", 1 + draw_below(draw, 30),
                     draw_below(draw, 3));
        workload_run(&workload, 10 + draw_below(draw, 30), 4000);
        schedule_add(schedule, "kill");
        schedule_add(schedule, "start");
    }
}

// Syncs that take long, so that writes go on beside them.
static void tear_beside_sync(struct draw *draw, struct schedule *schedule,
                             struct workload *workload)
{
    schedule_add(schedule, "delay %u", draw_below(draw, 100 * 1000));
    workload_run(workload, 20 + draw_below(draw, 30), 150 * 1000);
    schedule_add(schedule, "power");
    schedule_add(schedule, "start");
}

LAB_SEEDS(torn_tail,
          "A write that a crash tore is dropped, whole, and nothing before "
          "it.")
{
    bool always = draw_chance(draw, 85);
    struct workload workload = workload_begin(
        draw, schedule, always ? "always" : "everysec", 65536, 0);
    workload.value_max = 6000;
    if (!always) {
        tear_beside_sync(draw, schedule, &workload);
        return;
    }
    for (unsigned lives = 1 + draw_below(draw, 3); lives > 0; lives--) {
        workload_run(&workload, draw_below(draw, 10), 3000);
        // Then much at once, so that one write holds many records.
        schedule_add(schedule, "settle");
        if (draw_chance(draw, 60))
            schedule_add(schedule, "crash %u 1 %u", 1 + draw_below(draw, 4),
                         draw_below(draw, 2));
        workload_run(&workload, 5 + draw_below(draw, 20), 60);
        schedule_add(schedule, "wait %u", draw_below(draw, 2000));
        schedule_add(schedule, "power");
        schedule_add(schedule, "start");
    }
}

LAB_SEEDS_WITH(
    corrupt_middle,
    "Damage to what was promised is found: a node starts with all of "
    "it or not at all.",
    .refusals = true)
{
    struct workload workload =
        workload_begin(draw, schedule, "always", 65536, 0);
    workload.value_max = 1000;
    workload_run(&workload, 10 + draw_below(draw, 40), 3000);
    schedule_add(schedule, "settle");
    if (draw_chance(draw, 40)) {
        schedule_add(schedule, "c1 save");
        schedule_add(schedule, "settle");
        workload_run(&workload, 5 + draw_below(draw, 20), 3000);
        schedule_add(schedule, "settle");
    }
    schedule_add(schedule, "stop");
    schedule_add(schedule, "flip %s %u", draw_chance(draw, 85) ? ".log" : "",
                 draw_below(draw, 1u << 30));
    schedule_add(schedule, "start");
}
