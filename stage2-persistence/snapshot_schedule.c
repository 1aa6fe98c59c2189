// snapshot_schedule.c -- when it is time for a snapshot.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshot_schedule.h"

#include <string.h>

#include "common/base/slice.h"

// Takes the word in front of *text and the spaces behind it, and reads it as a
// number from 1.
static bool take_number(const char **text, int64_t *number)
{
    struct slice word = {*text, strcspn(*text, " ")};
    *text += word.size;
    *text += strspn(*text, " ");
    return slice_to_int64(word, number) && *number > 0;
}

bool snapshot_schedule_parse(const char *text,
                             struct snapshot_schedule *schedule)
{
    struct snapshot_schedule parsed = {0};
    text += strspn(text, " ");
    while (*text) {
        int64_t seconds, changes;
        if (parsed.count == SNAPSHOT_RULES_MAX ||
            !take_number(&text, &seconds) || !take_number(&text, &changes))
            return false;
        parsed.rules[parsed.count].seconds = seconds;
        parsed.rules[parsed.count++].changes = (uint64_t)changes;
    }
    *schedule = parsed;
    return true;
}

bool snapshot_schedule_is_due(const struct snapshot_schedule *schedule,
                              int64_t seconds, uint64_t changes)
{
    for (size_t i = 0; i < schedule->count; i++) {
        if (seconds >= schedule->rules[i].seconds &&
            changes >= schedule->rules[i].changes)
            return true;
    }
    return false;
}
