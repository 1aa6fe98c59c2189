// snapshots.c -- snapshot_atomic, snapshot_live, bounded.
// SPDX-License-Identifier: MIT
#include "labs/harness/seeds.h"
#include "labs/lab2-durable/tests/workload.h"

static void take_snapshot(struct draw *draw, struct schedule *schedule)
{
    schedule_add(schedule, "c%u %s", 1 + draw_below(draw, WORKLOAD_CLIENTS),
                 draw_chance(draw, 50) ? "bgsave" : "save");
}

// One of two may rot: the other, and the log behind it, hold everything.
static void damage_snapshot(struct schedule *schedule, struct draw *draw)
{
    for (unsigned i = 0; i < 2; i++) {
        schedule_add(schedule, "c1 save");
        schedule_add(schedule, "c1 incr n1");
        schedule_add(schedule, "settle");
    }
    schedule_add(schedule, "stop");
    schedule_add(schedule, "flip .snapshot %u", draw_below(draw, 1u << 30));
    schedule_add(schedule, "start");
}

LAB_SEEDS(snapshot_atomic,
          "A crash while a snapshot is made, named or stands in for the log "
          "loses nothing.")
{
    struct workload workload =
        workload_begin(draw, schedule, "always", 16384, 0);
    workload.value_max = 1500;
    for (unsigned lives = 1 + draw_below(draw, 3); lives > 0; lives--) {
        for (unsigned i = draw_below(draw, 3); i > 0; i--) {
            workload_run(&workload, 5 + draw_below(draw, 20), 3000);
            take_snapshot(draw, schedule);
            schedule_add(schedule, "wait %u", draw_below(draw, 100 * 1000));
        }
        workload_run(&workload, 5 + draw_below(draw, 20), 3000);
        if (draw_chance(draw, 80))
            schedule_add(schedule, "crash %u %u %u", 1 + draw_below(draw, 20),
                         draw_below(draw, 3), draw_chance(draw, 25));
        take_snapshot(draw, schedule);
        schedule_add(schedule, "wait %u", draw_below(draw, 10 * 1000));
        workload_run(&workload, draw_below(draw, 20), 3000);
        schedule_add(schedule, "power");
        schedule_add(schedule, "start");
    }
    if (draw_chance(draw, 30))
        damage_snapshot(schedule, draw);
}

LAB_SEEDS(snapshot_live,
          "Requests go on while a snapshot is made, and each is executed "
          "once.")
{
    static const char *const ends[] = {"stop", "kill", "power"};
    struct workload workload =
        workload_begin(draw, schedule, "always", 65536, 0);
    if (draw_chance(draw, 50))
        schedule_add(schedule, "delay %u", draw_below(draw, 5000));
    for (unsigned lives = 1 + draw_below(draw, 2); lives > 0; lives--) {
        for (unsigned i = 1 + draw_below(draw, 3); i > 0; i--) {
            workload_run(&workload, 5 + draw_below(draw, 10), 2000);
            schedule_add(schedule, "c1 bgsave");
            workload_run(&workload, 5 + draw_below(draw, 20), 800);
        }
        schedule_add(schedule, "settle");
        workload_run(&workload, draw_below(draw, 10), 2000);
        schedule_add(schedule, "settle");
        schedule_add(schedule, "%s", ends[draw_below(draw, 3)]);
        schedule_add(schedule, "start");
    }
}

// The data are some 10 kB, the log between two snapshots may have 30. Under
// every policy: a turn to a new file waits for a sync that nobody else may
// want.
LAB_SEEDS_WITH(
    bounded,
    "Files take space for what the store holds, not for all that was "
    "ever written.",
    .size_max = 300 * 1000)
{
    static const char *const policies[] = {"always", "everysec", "no"};
    struct workload workload = workload_begin(
        draw, schedule, policies[draw_below(draw, 3)], 16384, 30000);
    workload.value_max = 8000;
    for (unsigned i = 0; i < 20; i++) {
        workload_run(&workload, 60, 1500);
        schedule_add(schedule, "settle");
        schedule_add(schedule, "measure");
        if (draw_chance(draw, 10)) {
            schedule_add(schedule, "%s",
                         draw_chance(draw, 50) ? "stop" : "kill");
            schedule_add(schedule, "start");
        }
    }
}
