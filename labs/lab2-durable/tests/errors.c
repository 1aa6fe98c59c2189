// errors.c -- disk_errors: the disk refuses.
// SPDX-License-Identifier: MIT
#include "labs/harness/seeds.h"
#include "labs/lab2-durable/tests/workload.h"

static void break_disk(struct draw *draw, struct schedule *schedule)
{
    static const char *const kinds[] = {"write", "sync",   "sync",   "sync",
                                        "names", "create", "rename", "remove"};
    if (draw_chance(draw, 15))
        schedule_add(schedule, "space %u", draw_below(draw, 40000));
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
        break_disk(draw, schedule);
        workload_run(&workload, 5 + draw_below(draw, 20), 3000);
        if (draw_chance(draw, 25))
            schedule_add(schedule, "c1 bgsave");
        workload_run(&workload, 5 + draw_below(draw, 20), 3000);
        schedule_add(schedule, "wait 100000");
        schedule_add(schedule, "power");
        schedule_add(schedule, "heal");
        schedule_add(schedule, "start");
    }
}
