// recovery.c -- from what is on the disk to a store, when a node starts.
//
// From the snapshot on: the log behind it is executed, judged, and made safe.
// Reading it is log_scan.h's business.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/recovery.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage2-persistence/log_tail.h"
#include "stage2-persistence/recovery_private.h"

enum { RECOVERY_RECORDS = 256 }; // Between two looks at the clock.

enum recovery_step recovery_fail(struct recovery *self, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(self->error, sizeof self->error, format, args);
    va_end(args);
    return RECOVERY_FAILED;
}

// ---- The tail

static void recovery_fill_start(struct recovery *self, uint64_t last)
{
    const struct log_scan_result *log = log_scan_result(self->scan);
    struct aof_start *start = &self->result.start;
    *start = (struct aof_start){
        .next_lsn = last + 1,
        .durable = last,
        .term = log->last_term,
    };
    size_t count;
    const struct log_segment *segments = log_scan_segments(self->scan, &count);
    for (size_t i = 0; i < count && i < log->cut_next; i++) {
        if (segments[i].valid)
            start->vote = segments[i].header.vote;
    }
}

// Everything is executed; makes it safe, and says where the log goes on.
static enum recovery_step recovery_finish(struct recovery *self)
{
    const struct log_scan_result *log = log_scan_result(self->scan);
    if (!log_tail_secure(self->world.env, self->scan, self->error,
                         sizeof self->error))
        return RECOVERY_FAILED;
    if (log->found)
        log_warn(self->world.log, "log cut where a crash left a hole",
                 LOG_TEXT_OF("file", log->file),
                 LOG_INT_OF("last_lsn", (int64_t)log->last_lsn),
                 LOG_INT_OF("records_behind", (int64_t)log->found));
    uint64_t snapshot = self->result.snapshot_lsn;
    recovery_fill_start(self,
                        log->last_lsn > snapshot ? log->last_lsn : snapshot);
    return RECOVERY_DONE;
}

// ---- The log

// The log was durable up to where a snapshot was taken, before that had its
// name. If it ends below one that was refused, what is between is lost.
static enum recovery_step recovery_reach(struct recovery *self)
{
    uint64_t last = log_scan_result(self->scan)->last_lsn;
    if (self->snapshot_next > 0 && last < self->snapshots[0]) {
        char name[SNAPSHOT_NAME_SIZE];
        snapshot_format_name(name, self->snapshots[0], false);
        return recovery_fail(self,
                             "%s is not sound, and the log ends at record %llu,"
                             " before it. Restore one of them, or start "
                             "without what is lost: move %s away",
                             name, (unsigned long long)last, name);
    }
    self->phase = recovery_finish;
    return RECOVERY_MORE;
}

static enum recovery_step recovery_judge(struct recovery *self)
{
    const struct log_scan_result *log = log_scan_result(self->scan);
    unsigned long long offset = log->offset, next = log->last_lsn + 1;
    switch (log->verdict) {
    case LOG_SCAN_CLEAN:
    case LOG_SCAN_TORN:
        return recovery_reach(self);
    case LOG_SCAN_DAMAGED:
        return recovery_fail(
            self,
            "the log is damaged: %s, byte %llu: record %llu: %s. Restore the "
            "file, or cut the log here with 'vega-check --repair', which "
            "keeps what it cuts",
            log->file, offset, next, log->reason);
    case LOG_SCAN_GAP:
        return recovery_fail(self,
                             "the log does not reach back to record %llu%s: a "
                             "file is missing before %s",
                             (unsigned long long)self->result.snapshot_lsn + 1,
                             self->result.snapshot_lsn
                                 ? ", where the snapshot ends"
                                 : ", and there is no snapshot",
                             log->file);
    case LOG_SCAN_NEWER:
        return recovery_fail(self,
                             "%s was written by a newer version of VegaDB (%s);"
                             " this one cannot read it",
                             log->file, log->reason);
    case LOG_SCAN_IO:
        break;
    }
    return recovery_fail(self, "cannot read %s, byte %llu: %s", log->file,
                         offset, log->reason);
}

static void recovery_executed(struct completion *completion,
                              struct request *request)
{
    (void)completion;
    (void)request;
}

static const struct slice *recovery_argv(struct recovery *self,
                                         const struct record *record)
{
    if (record->argc > self->argv.capacity) {
        self->argv.capacity = record->argc;
        self->argv.slices = xrealloc(self->argv.slices,
                                     record->argc * sizeof *self->argv.slices);
    }
    struct slice body = record->body;
    for (uint32_t i = 0; i < record->argc; i++)
        self->argv.slices[i] = record_argument(&body);
    return self->argv.slices;
}

// Execution is a function of the store and what the record holds.
static enum recovery_step recovery_execute(struct recovery *self,
                                           const struct record *record,
                                           const struct log_place *at)
{
    const struct slice *argv = recovery_argv(self, record);
    const struct command *found, *command = NULL;
    if (record->argc)
        command =
            command_resolve(self->world.commands, argv, record->argc, &found);
    // EXEC and its like hold their commands flat, whatever their arity.
    if (!command || !command->run ||
        !(command->serve || command_arity_fits(command, record->argc)) ||
        record->now_ms < self->result.now_ms)
        return recovery_fail(self,
                             "%s, byte %llu: record %llu is nothing that this "
                             "version can execute",
                             at->segment->name, (unsigned long long)at->offset,
                             (unsigned long long)record->lsn);
    struct request request = {
        .command = command,
        .argv = argv,
        .argc = record->argc,
        .now_ms = record->now_ms,
        .seed = record->seed,
        .reply = {.out = &self->reply, .protocol = 2},
        .completion = &self->completion,
    };
    buffer_clear(&self->reply);
    self->world.below->submit(self->world.below, &request);
    self->result.now_ms = record->now_ms;
    self->result.records++;
    self->result.record_size += at->size;
    return RECOVERY_MORE;
}

static enum recovery_step recovery_take(struct recovery *self,
                                        const struct record *record,
                                        const struct log_place *at)
{
    switch (record->kind) {
    case RECORD_COMMAND:
        return recovery_execute(self, record, at);
    case RECORD_MARK:
        return RECOVERY_MORE;
    default:
        return recovery_fail(self,
                             "%s, byte %llu: record %llu is of kind %d, which "
                             "belongs to a later stage",
                             at->segment->name, (unsigned long long)at->offset,
                             (unsigned long long)record->lsn, record->kind);
    }
}

static enum recovery_step recovery_replay(struct recovery *self)
{
    enum recovery_step step = RECOVERY_MORE;
    for (int i = 0; i < RECOVERY_RECORDS && step == RECOVERY_MORE; i++) {
        struct record record;
        struct log_place at;
        enum log_scan_step next = log_scan_next(self->scan, &record, &at);
        if (next == LOG_SCAN_END)
            return recovery_judge(self);
        if (next == LOG_SCAN_MORE)
            break;
        step = recovery_take(self, &record, &at);
    }
    return step;
}

void recovery_open_log(struct recovery *self)
{
    uint64_t lsn = self->result.snapshot_lsn;
    self->scan = log_scan_create(self->world.env, lsn, lsn);
    self->phase = recovery_replay;
}

// ---- For others

struct recovery *recovery_create(const struct recovery_world *world)
{
    struct recovery *self = xcalloc(1, sizeof *self);
    self->world = *world;
    self->phase = recovery_list;
    self->completion.done = recovery_executed;
    return self;
}

void recovery_destroy(struct recovery *self)
{
    if (self->reader)
        snapshot_reader_destroy(self->reader);
    if (self->scan)
        log_scan_destroy(self->scan);
    buffer_deinit(&self->reply);
    free(self->argv.slices);
    free(self);
}

enum recovery_step recovery_run(struct recovery *self, int64_t budget_us)
{
    int64_t end_us = env_now_us(self->world.env) + budget_us;
    enum recovery_step step;
    do
        step = self->phase(self);
    while (step == RECOVERY_MORE && env_now_us(self->world.env) < end_us);
    return step;
}

void recovery_progress(const struct recovery *self, uint64_t *done,
                       uint64_t *total)
{
    *done = *total = self->snapshot_size;
    if (self->reader) {
        *done = snapshot_reader_offset(self->reader);
        *total = snapshot_reader_info(self->reader)->size;
    }
    if (self->scan) {
        struct log_scan_progress log = log_scan_progress(self->scan);
        *done += log.done;
        *total += log.total;
    }
}

const char *recovery_error(const struct recovery *self)
{
    return self->error;
}

const struct recovery_result *recovery_result(const struct recovery *self)
{
    check(self->scan);
    return &self->result;
}
