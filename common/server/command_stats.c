// command_stats.c -- what the commands cost.
// SPDX-License-Identifier: MIT
#include "common/server/command_stats.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"

// Work that does not grow with what is stored, but at most with the bytes of
// request and reply.
static bool is_quick(const struct command *command)
{
    return command->run &&
           (command->flags & COMMAND_FAST || !strcmp(command->group, "string"));
}

void command_stats_init(struct command_stats *stats, struct env *env,
                        const struct command_table *table)
{
    *stats = (struct command_stats){.env = env};
    stats->count = (uint32_t)command_id_count(table);
    stats->records = xcalloc(stats->count, sizeof *stats->records);
    for (uint32_t id = 0; id < stats->count; id++)
        stats->records[id].is_quick = is_quick(command_by_id(table, id));
    command_stats_reset(stats);
}

static void forget_times(struct command_record *record)
{
    if (!record->times)
        return;
    histogram_deinit(&record->times->past);
    histogram_deinit(&record->times->last_minute);
    histogram_deinit(&record->times->minute);
    free(record->times);
    record->times = NULL;
}

void command_stats_deinit(struct command_stats *stats)
{
    for (uint32_t id = 0; id < stats->count; id++)
        forget_times(&stats->records[id]);
    free(stats->records);
}

void command_stats_reset(struct command_stats *stats)
{
    for (uint32_t id = 0; id < stats->count; id++) {
        struct command_record *record = &stats->records[id];
        forget_times(record);
        record->failed = record->rejected = 0;
    }
    stats->error_count = 0;
    stats->since_us = env_now_us(stats->env);
    stats->minute_us = stats->last_minute_us = stats->since_us;
}

void command_stats_tick(struct command_stats *stats)
{
    int64_t now_us = env_now_us(stats->env);
    if (now_us - stats->minute_us < COMMAND_STATS_MINUTE_US)
        return;
    for (uint32_t id = 0; id < stats->count; id++) {
        struct command_times *times = stats->records[id].times;
        if (!times)
            continue;
        histogram_merge(&times->past, &times->minute);
        histogram_deinit(&times->last_minute);
        times->last_minute = times->minute;
        histogram_init(&times->minute);
    }
    stats->last_minute_us = stats->minute_us;
    stats->minute_us = now_us;
}

void command_stats_add(struct command_stats *stats, uint32_t id,
                       uint64_t each_ns, uint64_t count)
{
    check(id < stats->count);
    struct command_record *record = &stats->records[id];
    if (!record->times)
        record->times = xcalloc(1, sizeof *record->times);
    histogram_add_many(&record->times->minute, each_ns, count);
}

static struct error_count *find_error(struct command_stats *stats,
                                      struct slice code)
{
    for (uint32_t i = 0; i < stats->error_count; i++) {
        if (slice_equal(slice_of(stats->errors[i].code), code))
            return &stats->errors[i];
    }
    if (stats->error_count == COMMAND_STATS_ERRORS_MAX)
        return NULL;
    struct error_count *error = &stats->errors[stats->error_count++];
    *error = (struct error_count){0};
    memcpy(error->code, code.data, code.size);
    return error;
}

void command_stats_add_error(struct command_stats *stats, struct slice text)
{
    struct slice code = {text.data, 0};
    while (code.size < text.size && code.size < COMMAND_STATS_CODE_MAX &&
           text.data[code.size] > ' ')
        code.size++;
    struct error_count *error = find_error(stats, code);
    if (error)
        error->count++;
}

void command_stats_read(const struct command_stats *stats, uint32_t id,
                        enum command_span span, struct histogram *times)
{
    check(id < stats->count);
    histogram_init(times);
    const struct command_times *known = stats->records[id].times;
    if (!known)
        return;
    histogram_merge(times, &known->minute);
    histogram_merge(times, span == COMMAND_RECENT ? &known->last_minute
                                                  : &known->past);
}

bool command_stats_next_percentile(const char **list, double *percent)
{
    while (**list == ' ')
        ++*list;
    size_t size = strcspn(*list, " ");
    struct slice word = {*list, size};
    if (!slice_to_double(word, percent) || !(*percent >= 0 && *percent <= 100))
        return false;
    *list += size;
    return true;
}

int64_t command_stats_span_us(const struct command_stats *stats,
                              enum command_span span)
{
    return env_now_us(stats->env) -
           (span == COMMAND_RECENT ? stats->last_minute_us : stats->since_us);
}
