// aof.c -- records, the groups in which they are written, and when these are
// synced.
//
// A record is encoded at once, into the bytes that wait for the next write. One
// write is under way at a time; all that is appended meanwhile goes into the
// next one, under `always` together with the sync behind it ("group commit",
// DeWitt et al. 1984, 3.1). So the number of writes follows the speed of the
// disk, not that of the clients.
//
// Invariants
// (L1) durable <= written <= end. `written` moves when a write has succeeded,
//      `durable` when a sync has that was submitted behind it.
// (L2) Only the current segment has bytes that are not synced: a turn to the
//      next one syncs them first, under every policy. So one sync is enough,
//      and the header of a segment proves that all before it is durable.
// (L3) A record carries a `durable` that was true before the record was
// written. (L4) The last record is a mark, or there is room for one behind it.
// (L5) After a failed write or sync nothing more is submitted, and neither
//      `written` nor `durable` moves again: after a failed fsync the kernel may
//      have dropped the pages and call the next one a success (Rebello et al.
//      2020, "Can Applications Recover from fsync Failures?").
// SPDX-License-Identifier: MIT
#include "stage2-persistence/aof.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "stage2-persistence/aof_private.h"

enum {
    AOF_UNWRITTEN_MAX = 64 << 20,   // Bytes in memory before writers must wait.
    AOF_BUFFER_KEPT_MAX = 16 << 20, // A larger buffer is given back.
};

static const int64_t AOF_SYNC_PERIOD_US = 1000000;
static const int64_t AOF_LATE_US = 2000000;
static const int64_t AOF_IDLE_US = 1000000;

const char *const aof_policy_names[] = {"always", "everysec", "no", NULL};

// ---- Operations of the disk

void aof_submit(struct aof *aof, struct env_io *io,
                void (*begin)(struct env *env, struct env_io *io))
{
    check(!aof->failed);
    aof->pending++;
    begin(aof->env, io);
}

static void aof_free(struct aof *aof)
{
    buffer_deinit(&aof->flying);
    buffer_deinit(&aof->rest);
    buffer_deinit(&aof->gathering);
    aof_segments_deinit(aof);
    aof_spares_deinit(aof);
    free(aof);
}

bool aof_io_ended(struct aof *aof)
{
    check(aof->pending > 0);
    aof->pending--;
    if (aof->destroyed && aof->pending == 0)
        aof_free(aof);
    else if (!aof->destroyed)
        return true;
    return false;
}

void aof_fail(struct aof *aof, const char *verb, const char *name,
              enum status status)
{
    if (aof->failed)
        return;
    aof->failed = aof->tell_failed = true;
    snprintf(aof->error, sizeof aof->error,
             "cannot %s %s: %s; check the disk, then start again", verb, name,
             status_name(status));
    log_error(aof->log, "log failed", LOG_TEXT_OF("error", aof->error),
              LOG_INT_OF("durable", (int64_t)aof->durable),
              LOG_INT_OF("lost", (int64_t)(aof->end - aof->durable)));
}

// ---- Groups

static size_t aof_unwritten(const struct aof *aof)
{
    return aof->flying.size + aof->rest.size + aof->gathering.size;
}

// Gives the lot of both to each other.
static void aof_swap_buffers(struct buffer *a, struct buffer *b)
{
    struct buffer kept = *a;
    *a = *b;
    *b = kept;
}

// Submits what belongs to the current segment.
static void aof_write_group(struct aof *aof)
{
    bool turning = aof->turn != AOF_TURN_NONE;
    struct buffer *from = turning ? &aof->rest : &aof->gathering;
    bool waits = aof->policy == AOF_ALWAYS && aof->syncing;
    if (aof->flying.size || waits || !from->size)
        return;
    aof_swap_buffers(from, &aof->flying);
    aof->submitted = turning ? aof->next.first_lsn - 1 : aof->end;
    aof->write.file = aof->current.file;
    aof->write.offset = aof->current.written;
    aof->write.bytes = buffer_slice(&aof->flying);
    aof->groups++;
    aof_submit(aof, &aof->write, env_disk_write);
}

static bool aof_wants_sync(const struct aof *aof)
{
    if (aof->syncing || aof->submitted == aof->durable)
        return false;
    bool closing = aof->turn == AOF_TURN_CLOSING && !aof->rest.size;
    return aof->policy == AOF_ALWAYS || closing || aof->stopping ||
           (aof->policy == AOF_EVERYSEC && aof->sync_due) ||
           aof->sync_wanted > aof->durable;
}

// The first record came that no sync covers: one is due in a second.
static void aof_begin_second(struct aof *aof, int64_t now_us)
{
    aof->unsynced_since_us = now_us;
    if (aof->policy == AOF_EVERYSEC)
        env_timer_start(aof->env, &aof->sync_timer, AOF_SYNC_PERIOD_US);
}

// Takes its place behind the write under way, and so covers that too.
static void aof_sync_group(struct aof *aof)
{
    if (!aof_wants_sync(aof))
        return;
    int64_t now_us = env_now_us(aof->env);
    aof->syncing = true;
    aof->syncing_lsn = aof->submitted;
    aof->syncing_since_us = aof->unsynced_since_us;
    aof->sync_began_us = now_us;
    aof->sync_due = false;
    aof->unsynced_since_us = 0;
    if (aof->submitted < aof->end)
        aof_begin_second(aof, now_us);
    aof->sync.file = aof->current.file;
    aof_submit(aof, &aof->sync, env_disk_sync);
}

static void aof_write_done(struct env_io *io, enum status status)
{
    struct aof *aof = container_of(io, struct aof, write);
    if (!aof_io_ended(aof))
        return;
    if (status != STATUS_OK)
        aof_fail(aof, "write", aof->current.name, status);
    if (!aof->failed) {
        aof->current.written += aof->flying.size;
        aof->written = aof->submitted;
        aof->tell_advanced = true;
        if (aof->syncing) // Now it is its turn.
            aof->sync_began_us = env_now_us(aof->env);
    }
    if (aof->flying.capacity > AOF_BUFFER_KEPT_MAX)
        buffer_deinit(&aof->flying);
    buffer_clear(&aof->flying);
    aof_handle(aof);
}

static void aof_count_sync(struct aof *aof)
{
    int64_t now_us = env_now_us(aof->env);
    aof->syncs++;
    aof->sync_us_last = (uint64_t)(now_us - aof->sync_began_us);
    if (aof->sync_us_last > aof->sync_us_max)
        aof->sync_us_max = aof->sync_us_last;
    if (aof->policy == AOF_EVERYSEC &&
        now_us - aof->syncing_since_us > AOF_SYNC_PERIOD_US + AOF_LATE_US) {
        aof->syncs_late++;
        aof->tell_ready = true; // For those who saw aof_is_late.
    }
}

static void aof_sync_done(struct env_io *io, enum status status)
{
    struct aof *aof = container_of(io, struct aof, sync);
    if (!aof_io_ended(aof))
        return;
    if (status != STATUS_OK)
        aof_fail(aof, "sync", aof->current.name, status);
    aof->syncing = false;
    if (!aof->failed) { // Nor a write before it: upholds (L5).
        aof_count_sync(aof);
        aof->durable = aof->syncing_lsn;
        aof->tell_advanced = true;
    }
    aof_handle(aof);
}

// ---- Records

// Encodes it into what the tail of the log has gathered.
static void aof_encode(struct aof *aof, const struct record *record,
                       const struct slice *argv, uint32_t argc)
{
    struct aof_segment *tail = aof_tail(aof);
    size_t before = aof->gathering.size;
    struct record placed = *record;
    placed.lsn = ++aof->end;
    placed.durable = aof->durable; // Upholds (L3).
    record_encode(&aof->gathering, tail->salt, &placed, argv, argc);
    tail->end += aof->gathering.size - before;
    check(tail->end <= tail->size);
    aof->term = record->term;
    aof->now_ms = record->now_ms;
    if (!aof->task.queued)
        env_defer(aof->env, &aof->task);
}

// So that what recovery finds invalid below it is known to be damage, not the
// trace of a power cut. One is enough: a mark needs none behind it.
static void aof_mark(struct aof *aof)
{
    check(!aof->marked);
    struct record mark = {
        .kind = RECORD_MARK, .term = aof->term, .now_ms = aof->now_ms};
    aof_encode(aof, &mark, NULL, 0);
    aof->marked = true;
    aof->sync_wanted = aof->end;
}

// Goes on with a stop: everything is synced, then the mark is.
static void aof_stop_step(struct aof *aof)
{
    if (!aof->stopping || aof->stopped)
        return;
    bool synced = aof->durable == aof->end;
    if (!aof->failed && synced && !aof->marked)
        aof_mark(aof);
    else if (aof->failed || (synced && aof->pending == 0))
        aof->stopped = aof->tell_advanced = true;
}

static void aof_idle(struct env_timer *timer)
{
    struct aof *aof = container_of(timer, struct aof, idle_timer);
    aof->idle_timer_runs = false;
    if (aof->marked || aof->failed)
        return;
    int64_t idle_us = env_now_us(aof->env) - aof->appended_us;
    bool synced = aof->durable == aof->end;
    if (idle_us >= AOF_IDLE_US && synced) {
        aof_mark(aof);
    } else {
        int64_t left_us = AOF_IDLE_US - idle_us;
        env_timer_start(aof->env, timer, left_us > 0 ? left_us : AOF_IDLE_US);
        aof->idle_timer_runs = true;
    }
}

static void aof_sync_is_due(struct env_timer *timer)
{
    struct aof *aof = container_of(timer, struct aof, sync_timer);
    aof->sync_due = aof->unsynced_since_us;
    aof_handle(aof);
}

// ---- The end of a round

static void aof_note_time(struct aof *aof)
{
    if (aof->end == aof->submitted)
        return;
    aof->appended_us = env_now_us(aof->env);
    if (!aof->unsynced_since_us)
        aof_begin_second(aof, aof->appended_us);
    if (!aof->idle_timer_runs && !aof->marked) {
        aof->idle_timer_runs = true;
        env_timer_start(aof->env, &aof->idle_timer, AOF_IDLE_US);
    }
}

static void aof_step(struct aof *aof)
{
    if (!aof->failed)
        aof_segments_step(aof);
    if (!aof->failed) { // Still?
        aof_spares_step(aof);
        aof_write_group(aof);
        aof_sync_group(aof);
    }
    aof_stop_step(aof);
}

// What aof_reserve answers. Asks for a spare when one is missing.
static enum aof_room aof_room(struct aof *aof, size_t size)
{
    if (aof->failed)
        return AOF_FAILED;
    if (aof_segment_takes(aof, aof_tail(aof), size) ||
        (aof->turn == AOF_TURN_NONE && aof_spares_find(aof, size)))
        return aof_unwritten(aof) > AOF_UNWRITTEN_MAX ? AOF_WAIT : AOF_READY;
    if (!aof_spares_find(aof, size)) {
        if (aof->full)
            return AOF_FULL;
        aof_spares_want(aof, size);
    }
    return AOF_WAIT;
}

// The owner may call anything but aof_destroy from here.
static void aof_tell(struct aof *aof)
{
    if (aof->waiting && aof_room(aof, aof->waiting_size) != aof->waiting_room) {
        aof->waiting = false;
        aof->tell_ready = true;
    }
    bool failed = aof->tell_failed, advanced = aof->tell_advanced;
    bool ready = aof->tell_ready;
    aof->tell_failed = aof->tell_advanced = aof->tell_ready = false;
    if (failed)
        aof->owner->failed(aof->owner);
    if (advanced)
        aof->owner->advanced(aof->owner);
    if (ready)
        aof->owner->ready(aof->owner);
}

void aof_handle(struct aof *aof)
{
    aof_step(aof);
    aof_tell(aof);
}

static void aof_end_round(struct env_task *task)
{
    struct aof *aof = container_of(task, struct aof, task);
    aof_note_time(aof);
    aof_handle(aof);
}

// ---- Public

struct aof *aof_create(struct env *env, struct logger *log,
                       const struct aof_options *options,
                       const struct aof_start *start, struct aof_owner *owner)
{
    check(start->next_lsn > 0 && start->durable == start->next_lsn - 1);
    struct aof *aof = xcalloc(1, sizeof *aof);
    aof->env = env;
    aof->log = log;
    aof->owner = owner;
    aof->options = *options;
    aof->policy = options->policy;
    aof->task.run = aof_end_round;
    aof->end = aof->written = aof->durable = start->durable;
    aof->submitted = start->durable;
    aof->term = start->term;
    aof->vote = start->vote;
    aof->mark_size = record_size(NULL, 0);
    aof->marked = true;
    aof->write.done = aof_write_done;
    aof->sync.done = aof_sync_done;
    aof->sync_timer.fire = aof_sync_is_due;
    aof->idle_timer.fire = aof_idle;
    check(options->segment_size >= SEGMENT_HEADER_SIZE + 2 * aof->mark_size);
    aof->current.first_lsn = start->next_lsn;
    aof_spares_init(aof);
    aof_segments_init(aof);
    env_defer(env, &aof->task);
    return aof;
}

static void aof_ignore_name(void *context, const char *name)
{
    (void)context, (void)name;
}

void aof_destroy(struct aof *aof)
{
    env_timer_stop(aof->env, &aof->sync_timer);
    env_timer_stop(aof->env, &aof->idle_timer);
    env_timer_stop(aof->env, &aof->retry_timer);
    if (aof->current.file)
        env_disk_close(aof->env, aof->current.file);
    if (aof->next.file)
        env_disk_close(aof->env, aof->next.file);
    if (aof->draft)
        env_disk_close(aof->env, aof->draft);
    aof->destroyed = true;
    // What is under way still names this memory, and is completed when the
    // world ends in good order. In one that has ended already, as a process
    // that crashed in the simulator, nothing completes and any call says so.
    if (aof->pending == 0 ||
        env_disk_list(aof->env, aof_ignore_name, NULL) == STATUS_CLOSED)
        aof_free(aof);
}

enum aof_room aof_reserve(struct aof *aof, size_t size)
{
    check(size > 0);
    enum aof_room room = aof_room(aof, size);
    if (room == AOF_WAIT || room == AOF_FULL) {
        // Of several who wait, the smallest: it may go on first.
        if (!aof->waiting || size < aof->waiting_size)
            aof->waiting_size = size;
        aof->waiting = true;
        aof->waiting_room = room;
    }
    return room;
}

uint64_t aof_append(struct aof *aof, const struct record *record,
                    const struct slice *argv, uint32_t argc)
{
    check(!aof->stopped);
    size_t size = record_size(argv, argc);
    check(size > 0);
    if (!aof_segment_takes(aof, aof_tail(aof), size)) // Upholds (L4).
        aof_turn_begin(aof, size);
    aof_encode(aof, record, argv, argc);
    aof->marked = false;
    return aof->end;
}

uint64_t aof_end(const struct aof *aof)
{
    return aof->end;
}

uint64_t aof_written(const struct aof *aof)
{
    return aof->written;
}

uint64_t aof_durable(const struct aof *aof)
{
    return aof->durable;
}

void aof_sync(struct aof *aof)
{
    aof->sync_wanted = aof->end;
    env_defer(aof->env, &aof->task);
}

enum aof_policy aof_policy(const struct aof *aof)
{
    return aof->policy;
}

void aof_set_policy(struct aof *aof, enum aof_policy policy)
{
    aof->policy = policy;
    aof->sync_due = false;
    if (policy == AOF_EVERYSEC)
        env_timer_start(aof->env, &aof->sync_timer, AOF_SYNC_PERIOD_US);
    env_defer(aof->env, &aof->task); // `always` syncs what is there.
}

bool aof_is_late(const struct aof *aof)
{
    int64_t since_us =
        aof->syncing ? aof->syncing_since_us : aof->unsynced_since_us;
    if (aof->policy != AOF_EVERYSEC || !since_us || aof->failed)
        return false;
    return env_now_us(aof->env) - since_us > AOF_SYNC_PERIOD_US + AOF_LATE_US;
}

void aof_rotate(struct aof *aof)
{
    aof->rotating = true;
    env_defer(aof->env, &aof->task);
}

void aof_stop(struct aof *aof)
{
    aof->stopping = true;
    env_defer(aof->env, &aof->task);
}

bool aof_is_stopped(const struct aof *aof)
{
    return aof->stopped;
}

const char *aof_error(const struct aof *aof)
{
    return aof->error;
}

void aof_stats(const struct aof *aof, struct aof_stats *stats)
{
    *stats = (struct aof_stats){
        .groups = aof->groups,
        .syncs = aof->syncs,
        .syncs_late = aof->syncs_late,
        .sync_us_last = aof->sync_us_last,
        .sync_us_max = aof->sync_us_max,
        .unwritten = aof_unwritten(aof),
        .full = aof->full,
        .syncing = aof->syncing,
    };
    aof_segments_count(aof, stats);
    aof_spares_count(aof, stats);
}

void aof_check_invariants(const struct aof *aof)
{
    check(aof->durable <= aof->written); // (L1)
    check(aof->written <= aof->submitted);
    check(aof->submitted <= aof->end);
    if (aof->syncing)
        check(aof->durable <= aof->syncing_lsn &&
              aof->syncing_lsn <= aof->submitted);
    if (aof->end > aof->written)
        check(aof_unwritten(aof) > 0 || aof->failed);
    if (aof->stopped && !aof->failed)
        check(aof->durable == aof->end && aof->marked);
    if (aof->full)
        check(aof->error[0]);
    aof_segments_check(aof);
    aof_spares_check(aof);
}
