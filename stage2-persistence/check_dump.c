// check_dump.c -- prints the records of a log as commands.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/check_dump.h"

#include <inttypes.h>
#include <time.h>

#include "common/base/list.h"
#include "common/client/cli_format.h"

static void append_time(struct buffer *out, int64_t now_ms)
{
    int64_t ms = now_ms % 1000;
    time_t seconds = (time_t)(now_ms / 1000 - (ms < 0));
    struct tm tm;
    char text[64];
    // What no calendar holds is a number.
    if (!gmtime_r(&seconds, &tm) ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        buffer_printf(out, "%" PRId64, now_ms);
    else
        buffer_printf(out, "%s.%03dZ", text, (int)(ms < 0 ? ms + 1000 : ms));
}

static void dump_record(struct check_listener *listener,
                        const struct record *record)
{
    struct check_dump *dump =
        container_of(listener, struct check_dump, listener);
    struct buffer *line = &dump->line;
    buffer_clear(line);
    buffer_printf(line, "%" PRIu64 " ", record->lsn);
    append_time(line, record->now_ms);
    if (record->kind == RECORD_MARK)
        buffer_printf(line, " MARK durable=%" PRIu64, record->durable);
    else if (record->kind != RECORD_COMMAND)
        buffer_printf(line, " KIND %d", record->kind);
    struct slice body = record->body;
    for (uint32_t i = 0; i < record->argc; i++) {
        buffer_append_byte(line, ' ');
        cli_format_quoted(line, record_argument(&body));
    }
    buffer_append_byte(line, '\n');
    fwrite(line->data, 1, line->size, dump->out);
}

void check_dump_init(struct check_dump *dump, FILE *out)
{
    *dump = (struct check_dump){.listener = {dump_record}, .out = out};
}

void check_dump_deinit(struct check_dump *dump)
{
    buffer_deinit(&dump->line);
}
