// snapshots.c -- the keeper of a node's snapshot files.
//
//     IDLE  --start-->  WRITING   a job writes and syncs the draft
//           --done--->  WAITING   until the log is durable through its LSN
//           --then--->  NAMING    renamed; the name is being synced
//           --done--->  IDLE      it counts; older ones are removed
//
// and from each of them to IDLE when it fails. Were the draft renamed earlier,
// a power cut could leave a snapshot of what the log has lost: writes that
// nobody was promised, under LSNs that are given out again.
//
// Invariants
// (K1) A file with a snapshot's name holds nothing that is not durable in the
//      log.
// (K2) What the log does not need any more (snapshots_needed_lsn) is in two
//      snapshots whose names are synced.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshots.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "stage2-persistence/snapshot_files.h"
#include "stage2-persistence/snapshot_schedule.h"

enum { ERROR_SIZE = 160 };

static const int64_t second_us = 1000 * 1000;
static const int64_t retry_us = 60 * second_us;
static const int64_t progress_us = 5 * second_us; // Between two lines.

// Of the log, so that a full disk does not mean one snapshot after another.
static const uint64_t room_min = 1 << 20;

enum phase { IDLE, WRITING, WAITING, NAMING };

struct snapshots {
    struct env *env;
    struct logger *log;
    const struct store *store;
    struct snapshots_owner *owner;

    struct snapshot_schedule schedule;
    uint64_t log_size_max;
    bool compress;

    struct snapshot_files files;
    uint64_t durable; // The log is, up to here.
    bool log_failed, stopping;

    enum phase phase;
    struct snapshot taken; // The present one;
    char draft[SNAPSHOT_NAME_SIZE];
    char name[SNAPSHOT_NAME_SIZE];
    int64_t started_us, told_us;
    uint64_t changes_taken, log_size_taken; // What it covers of the stats'.
    struct env_job job;
    struct env_io names;   // Their sync.
    struct env_timer soon; // For what must not happen inside a call.

    int64_t saved_us; // When the last one did, or the start.
    int64_t retry_at_us;
    struct snapshots_stats stats;
    char error[ERROR_SIZE];
};

// ---- How one ends

static void snapshots_end(struct snapshots *self)
{
    self->phase = IDLE;
    if (self->stopping)
        return;
    self->owner->ended(self->owner);
    if (self->stats.scheduled)
        snapshots_start(self, SNAPSHOTS_ASKED);
}

__attribute__((format(printf, 2, 3))) static void
snapshots_fail(struct snapshots *self, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(self->error, sizeof self->error, format, args);
    va_end(args);
    self->stats.last_failed = true;
    self->retry_at_us = env_now_us(self->env) + retry_us;
    log_error(self->log, "snapshot failed", LOG_TEXT_OF("reason", self->error),
              LOG_INT_OF("retry_s", retry_us / second_us));
    snapshots_end(self);
}

// ---- One after another

static void snapshots_named(struct env_io *io, enum status status)
{
    struct snapshots *self = container_of(io, struct snapshots, names);
    if (status != STATUS_OK) {
        // The file may stay: it is whole, and (K1) holds.
        snapshots_fail(self, "cannot sync the name of %s: %s", self->name,
                       status_name(status));
        return;
    }
    struct snapshots_stats *stats = &self->stats;
    self->saved_us = env_now_us(self->env);
    stats->finished++;
    stats->last_failed = false;
    stats->last_saved_ms = env_wall_us(self->env) / 1000;
    stats->last_duration_ms = (self->saved_us - self->started_us) / 1000;
    stats->last_lsn = self->taken.lsn;
    stats->last_size = self->taken.size;
    stats->changes -= self->changes_taken;
    stats->log_size -= self->log_size_taken;
    self->retry_at_us = 0;
    self->error[0] = '\0';
    log_info(self->log, "snapshot saved", LOG_TEXT_OF("file", self->name),
             LOG_INT_OF("keys", (int64_t)self->taken.key_count),
             LOG_INT_OF("bytes", (int64_t)self->taken.size),
             LOG_INT_OF("ms", stats->last_duration_ms));
    snapshot_files_keep(&self->files, self->taken.lsn);
    snapshot_files_remove_others(&self->files);
    snapshots_end(self);
}

// Upholds (K1): the log is durable by now.
static void snapshots_rename(struct snapshots *self)
{
    check(self->durable >= self->taken.lsn);
    enum status status = env_disk_rename(self->env, self->draft, self->name);
    if (status != STATUS_OK) {
        snapshot_files_remove(&self->files, self->draft);
        snapshots_fail(self, "cannot rename %s: %s", self->draft,
                       status_name(status));
        return;
    }
    self->phase = NAMING;
    self->names.done = snapshots_named;
    self->names.directory = ENV_SNAPSHOTS;
    env_disk_sync_names(self->env, &self->names);
}

static void snapshots_written(struct env_job *job, enum status status)
{
    struct snapshots *self = container_of(job, struct snapshots, job);
    check(self->phase == WRITING);
    if (status != STATUS_OK) {
        snapshots_fail(self, "cannot write %s: %s", self->draft,
                       status_name(status));
        return;
    }
    self->taken.size = job->size;
    self->phase = WAITING;
    uint64_t durable = self->owner->sync_log(self->owner);
    if (durable > self->durable)
        self->durable = durable;
    if (self->durable >= self->taken.lsn)
        snapshots_rename(self);
}

// In the job's world.
static enum status snapshots_write(struct env_job *job,
                                   struct env_output *output)
{
    struct snapshots *self = container_of(job, struct snapshots, job);
    return snapshot_write(self->store, &self->taken, output);
}

static void snapshots_give_up(struct snapshots *self)
{
    if (self->phase == WRITING)
        env_job_stop(self->env, &self->job);
    else
        snapshot_files_remove(&self->files, self->draft);
}

// What the log has told.
static void snapshots_go_on(struct env_timer *timer)
{
    struct snapshots *self = container_of(timer, struct snapshots, soon);
    if (self->log_failed &&
        (self->phase == WRITING || self->phase == WAITING)) {
        snapshots_give_up(self);
        snapshots_fail(self, "the log has failed");
    } else if (self->phase == WAITING && self->durable >= self->taken.lsn) {
        snapshots_rename(self);
    }
}

// ---- When one is taken

static void snapshots_begin(struct snapshots *self)
{
    struct snapshot *taken = &self->taken;
    *taken = (struct snapshot){
        .compressed = self->compress,
        .key_count = store_count(self->store),
    };
    self->owner->describe(self->owner, taken);
    snapshot_format_name(self->draft, taken->lsn, true);
    snapshot_format_name(self->name, taken->lsn, false);
    self->changes_taken = self->stats.changes;
    self->log_size_taken = self->stats.log_size;
    self->stats.total = taken->key_count;
    self->stats.started++;
    self->stats.scheduled = false;
    self->stats.running_since_ms = env_wall_us(self->env) / 1000;
    self->phase = WRITING;
}

bool snapshots_start(struct snapshots *self, enum snapshots_reason reason)
{
    static const char *const reasons[] = {
        [SNAPSHOTS_ASKED] = "asked",
        [SNAPSHOTS_SCHEDULE] = "schedule",
        [SNAPSHOTS_LOG_SIZE] = "log size",
    };
    if (self->phase != IDLE || self->log_failed || self->stopping)
        return false;
    snapshots_begin(self);
    // A job that failed could perhaps not remove its own.
    snapshot_files_remove_drafts(&self->files);
    self->job = (struct env_job){
        .name = self->draft,
        .write = snapshots_write,
        .done = snapshots_written,
    };
    self->started_us = env_now_us(self->env);
    env_job_start(self->env, &self->job);
    self->told_us = env_now_us(self->env);
    self->stats.fork_us = self->told_us - self->started_us;
    log_info(self->log, "snapshot started",
             LOG_INT_OF("lsn", (int64_t)self->taken.lsn),
             LOG_TEXT_OF("reason", reasons[reason]),
             LOG_INT_OF("keys", (int64_t)self->taken.key_count),
             LOG_INT_OF("fork_us", self->stats.fork_us));
    return true;
}

void snapshots_schedule(struct snapshots *self)
{
    if (!snapshots_start(self, SNAPSHOTS_ASKED))
        self->stats.scheduled = !self->log_failed && !self->stopping;
}

// So that a log cannot fill a disk that is small, or that others have filled.
// A half, because the log before the last two snapshots stays for as long.
static uint64_t snapshots_room(const struct snapshots *self)
{
    uint64_t room = env_disk_free(self->env) / 2;
    return room > room_min ? room : room_min;
}

static bool snapshots_is_log_large(const struct snapshots *self)
{
    uint64_t log_size = self->stats.log_size;
    return self->log_size_max > 0 && log_size > self->stats.last_size &&
           (log_size > self->log_size_max || log_size > snapshots_room(self));
}

static void snapshots_tell_progress(struct snapshots *self, int64_t now_us)
{
    if (now_us - self->told_us < progress_us)
        return;
    self->told_us = now_us;
    log_info(self->log, "snapshot progress",
             LOG_INT_OF("keys", (int64_t)self->job.progress),
             LOG_INT_OF("of", (int64_t)self->taken.key_count));
}

void snapshots_tick(struct snapshots *self)
{
    int64_t now_us = env_now_us(self->env);
    if (self->phase != IDLE)
        snapshots_tell_progress(self, now_us);
    else if (self->stats.last_failed && now_us < self->retry_at_us)
        return;
    else if (snapshot_schedule_is_due(&self->schedule,
                                      (now_us - self->saved_us) / second_us,
                                      self->stats.changes))
        snapshots_start(self, SNAPSHOTS_SCHEDULE);
    else if (snapshots_is_log_large(self))
        snapshots_start(self, SNAPSHOTS_LOG_SIZE);
}

// ---- What the owner tells

bool snapshots_apply(struct snapshots *self, const char *schedule,
                     uint64_t log_size_max, bool compress)
{
    if (!snapshot_schedule_parse(schedule, &self->schedule))
        return false;
    self->log_size_max = log_size_max;
    self->compress = compress;
    return true;
}

void snapshots_changed(struct snapshots *self, uint64_t changes,
                       uint64_t log_size)
{
    self->stats.changes += changes;
    self->stats.log_size += log_size;
}

void snapshots_log_durable(struct snapshots *self, uint64_t lsn)
{
    check(lsn >= self->durable);
    self->durable = lsn;
    if (self->phase == WAITING && lsn >= self->taken.lsn)
        env_timer_start(self->env, &self->soon, 0);
}

void snapshots_log_failed(struct snapshots *self)
{
    self->log_failed = true;
    self->stats.scheduled = false;
    env_timer_start(self->env, &self->soon, 0);
}

// ---- For the owner

struct snapshots *snapshots_create(struct env *env, struct logger *log,
                                   const struct store *store,
                                   uint64_t loaded_lsn,
                                   struct snapshots_owner *owner)
{
    struct snapshots *self = xcalloc(1, sizeof *self);
    self->env = env;
    self->log = log;
    self->store = store;
    self->owner = owner;
    self->soon.fire = snapshots_go_on;
    self->saved_us = env_now_us(env);
    self->stats.last_saved_ms = env_wall_us(env) / 1000;
    self->stats.last_duration_ms = -1;
    self->files.env = env;
    self->files.log = log;
    snapshot_files_remove_drafts(&self->files);
    snapshot_files_find(&self->files, loaded_lsn);
    self->stats.last_lsn = self->files.kept[0];
    self->stats.last_size = snapshot_files_size(&self->files);
    return self;
}

void snapshots_destroy(struct snapshots *self)
{
    env_timer_stop(self->env, &self->soon);
    if (self->phase == WRITING)
        env_job_stop(self->env, &self->job);
    free(self);
}

void snapshots_stop(struct snapshots *self)
{
    self->stopping = true;
    self->stats.scheduled = false;
    if (self->phase != WRITING && self->phase != WAITING)
        return;
    snapshots_give_up(self);
    self->phase = IDLE;
}

bool snapshots_is_stopped(const struct snapshots *self)
{
    return self->stopping && self->phase == IDLE;
}

uint64_t snapshots_needed_lsn(const struct snapshots *self)
{
    const struct snapshot_files *files = &self->files;
    return files->count == SNAPSHOT_FILES_KEPT ? files->kept[files->count - 1]
                                               : 0;
}

void snapshots_stats(const struct snapshots *self,
                     struct snapshots_stats *stats)
{
    *stats = self->stats;
    stats->running = self->phase != IDLE;
    stats->progress = stats->running ? self->job.progress : 0;
    stats->total = stats->running ? self->stats.total : 0;
    stats->running_since_ms = stats->running ? stats->running_since_ms : 0;
}

const char *snapshots_error(const struct snapshots *self)
{
    return self->error;
}

void snapshots_check_invariants(const struct snapshots *self)
{
    snapshot_files_check_invariants(&self->files);
    if (self->phase == NAMING)
        check(self->durable >= self->taken.lsn); // (K1)
    if (self->phase == IDLE)
        check(!self->stats.scheduled);
    check(self->stats.started >= self->stats.finished);
    check(self->stats.last_failed == (self->error[0] != '\0'));
}
