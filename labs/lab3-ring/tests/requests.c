// requests.c -- what clients of lab 3's schedules ask for.
// SPDX-License-Identifier: MIT
#include "labs/lab3-ring/tests/requests.h"

static const char *const keys[] = {"star", "moon", "sun",  "{t}a", "{t}b",
                                   "x{t}", "{u}1", "{u}2", "p",    "q",
                                   "r",    "s",    "sky",  "sea"};
enum { KEYS = sizeof keys / sizeof *keys, MANY_MAX = 7 };

const char *requests_key(struct draw *draw)
{
    return keys[draw_below(draw, KEYS)];
}

static void add_operation(struct draw *draw, struct text *line, unsigned *next)
{
    unsigned what = draw_below(draw, 3);
    const char *key = requests_key(draw);
    if (what == 0)
        text_printf(line, " put %s v%u", key, ++*next);
    else
        text_printf(line, " %s %s", what == 1 ? "get" : "delete", key);
}

static void add_many(struct draw *draw, struct text *line, unsigned *next,
                     bool batch)
{
    static const char *const words[] = {"mget",  "mset",   "mget",  "mset",
                                        "del",   "exists", "touch", "unlink",
                                        "batch", "batch"};
    unsigned what = draw_below(draw, batch ? 10 : 7);
    text_printf(line, "%s", words[what]);
    for (unsigned n = 1 + draw_below(draw, MANY_MAX); n > 0; n--) {
        if (what >= 8)
            add_operation(draw, line, next);
        else if (what == 1 || what == 3)
            text_printf(line, " %s v%u", requests_key(draw), ++*next);
        else
            text_printf(line, " %s", requests_key(draw));
    }
    if ((what == 1 || what == 8) && batch && draw_chance(draw, 15))
        text_printf(line, " %s", what == 1 ? requests_key(draw) : "get");
}

void requests_add(struct draw *draw, struct schedule *schedule,
                  const char *verb, unsigned *next, bool batch)
{
    struct text line = {0};
    unsigned what = draw_below(draw, 100);
    if (what < 25)
        text_printf(&line, "set %s v%u", requests_key(draw), ++*next);
    else if (what < 50)
        text_printf(&line, "get %s", requests_key(draw));
    else if (what < 55)
        text_printf(&line, "del %s", requests_key(draw));
    else
        add_many(draw, &line, next, batch);
    schedule_add(schedule, "%s %s", verb, line.data);
    text_deinit(&line);
}
