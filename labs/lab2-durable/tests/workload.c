// workload.c -- what the clients of lab 2's schedules ask for.
//
// A counter and an appended text tell of a request that is executed twice, two
// keys set at once of one that is executed by half.
// SPDX-License-Identifier: MIT
#include "labs/lab2-durable/tests/workload.h"

enum { KEYS = 4, VALUE_MIN = 3 };

struct workload workload_begin(struct draw *draw, struct schedule *schedule,
                               const char *policy, unsigned segment_size,
                               unsigned snapshot_log_size)
{
    schedule_add(schedule, "node %s %u %u %u", policy, segment_size,
                 snapshot_log_size, draw_below(draw, 2));
    schedule_add(schedule, "keys s1 s2 s3 s4 n1 n2 n3 n4 a1 a2 a3 a4");
    schedule_add(schedule, "start");
    return (struct workload){
        .draw = draw, .schedule = schedule, .value_max = 60, .next = 1};
}

static unsigned client(struct workload *workload)
{
    return 1 + draw_below(workload->draw, WORKLOAD_CLIENTS);
}

static unsigned key(struct workload *workload)
{
    return 1 + draw_below(workload->draw, KEYS);
}

static unsigned size(struct workload *workload)
{
    unsigned max = workload->value_max;
    if (draw_chance(workload->draw, 80) && max > 100)
        max = 100;
    return VALUE_MIN + draw_below(workload->draw, max);
}

void workload_write(struct workload *workload)
{
    static const char types[] = "sna";
    struct schedule *schedule = workload->schedule;
    unsigned who = client(workload), kind = draw_below(workload->draw, 100);
    unsigned value = workload->next++;
    if (kind < 40)
        schedule_add(schedule, "c%u set s%u ~%u*%u", who, key(workload), value,
                     size(workload));
    else if (kind < 60)
        schedule_add(schedule, "c%u incr n%u", who, key(workload));
    else if (kind < 75)
        schedule_add(schedule, "c%u append a%u ~%u*4", who, key(workload),
                     value);
    else if (kind < 87)
        schedule_add(schedule, "c%u mset s%u ~%u*9 s%u ~%u*%u", who,
                     key(workload), value, key(workload), value,
                     size(workload));
    else if (kind < 99)
        schedule_add(schedule, "c%u del %c%u", who,
                     types[draw_below(workload->draw, 3)], key(workload));
    else
        schedule_add(schedule, "c%u flushall", who);
}

void workload_read(struct workload *workload)
{
    static const char types[] = "sna";
    schedule_add(workload->schedule, "c%u get %c%u", client(workload),
                 types[draw_below(workload->draw, 3)], key(workload));
}

void workload_run(struct workload *workload, unsigned count,
                  unsigned wait_us_max)
{
    while (count-- > 0) {
        if (draw_chance(workload->draw, 75))
            workload_write(workload);
        else
            workload_read(workload);
        if (draw_chance(workload->draw, 35))
            schedule_add(workload->schedule, "wait %u",
                         1 + draw_below(workload->draw, wait_us_max));
    }
}
