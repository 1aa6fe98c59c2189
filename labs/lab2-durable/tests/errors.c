// errors.c -- disk_errors: the disk refuses.
// SPDX-License-Identifier: MIT
#include "labs/harness/seeds.h"
#include "labs/lab2-durable/tests/workload.h"

// Enough to fill what is left of the log's files.
static void fill_disk(struct workload *workload)
{
    schedule_add(workload->schedule, "space %u",
                 draw_below(workload->draw, 40000));
    workload_run(workload, 100, 3000);
}

static void break_disk(struct workload *workload)
{
    static const char *const kinds[] = {"write", "sync",   "sync",   "sync",
                                        "names", "create", "rename", "remove"};
    struct draw *draw = workload->draw;
    struct schedule *schedule = workload->schedule;
    if (draw_chance(draw, 15))
        fill_disk(workload);
    else
        schedule_add(schedule, "fail %s %u %u", kinds[draw_below(draw, 8)],
                     draw_below(draw, 12), 1 + draw_below(draw, 2));
}

LAB_SEEDS_WITH(disk_errors,
               "After a write or a sync that failed nobody is told that it is "
               "safe.",
               .errors = true)
{
    struct workload workload =
        workload_begin(draw, schedule, "always", 16384, 0);
    workload.value_max = 1200;
    for (unsigned lives = 1 + draw_below(draw, 2); lives > 0; lives--) {
        workload_run(&workload, 3 + draw_below(draw, 10), 3000);
        break_disk(&workload);
        workload_run(&workload, 5 + draw_below(draw, 20), 3000);
        if (draw_chance(draw, 25))
            schedule_add(schedule, "c1 bgsave");
        workload_run(&workload, 5 + draw_below(draw, 20), 3000);
        schedule_add(schedule,
                     draw_chance(draw, 50) ? "settle" : "wait 100000");
        schedule_add(schedule, "power");
        schedule_add(schedule, "heal");
        schedule_add(schedule, "start");
    }
}
