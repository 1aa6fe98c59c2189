// aof.c -- records on their way into the log, and what its owner is told.
//
// A record is encoded at once, behind those that wait for the next write;
// aof_groups.c writes and syncs them. Which files there are is the matter of
// aof_segments.c, aof_spares.c and aof_making.c.
//
// Invariants
// (L1) A record carries a `durable` that was true before it was written.
// (L2) The last record is a mark, or there is room for one behind it.
// (L3) The owner is called when all that could be begun has been begun, and
//      never from inside a call of its own.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/aof.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "stage2-persistence/aof_private.h"

enum { AOF_UNWRITTEN_MAX = 64 << 20 }; // Bytes, before writers must wait.

static const int64_t AOF_IDLE_US = 1000000;

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
    aof_groups_deinit(aof);
    aof_segments_deinit(aof);
    aof_spares_deinit(aof);
    aof_making_deinit(aof);
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
    aof->failed = true;
    aof->tell_failed = status != STATUS_CLOSED; // See aof_destroy.
    aof->full_size = 0; // That matters no more, and the error is another one.
    snprintf(aof->error, sizeof aof->error,
             "cannot %s %s: %s; check the disk, then start again", verb, name,
             status_name(status));
    log_error(aof->log, "log failed", LOG_TEXT_OF("error", aof->error),
              LOG_INT_OF("durable", (int64_t)aof->durable),
              LOG_INT_OF("lost", (int64_t)(aof->end - aof->durable)));
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
    placed.durable = aof->durable; // Upholds (L1).
    record_encode(&aof->gathering, tail->salt, &placed, argv, argc);
    tail->end += aof->gathering.size - before;
    check(tail->end <= tail->size);
    aof->term = record->term;
    aof->now_ms = record->now_ms;
    aof->appended = true;
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

// ---- The end of a round

// The time of what was appended since the last look.
static void aof_note_time(struct aof *aof)
{
    aof->appended = false;
    aof->appended_us = env_now_us(aof->env);
    aof_groups_note(aof, aof->appended_us);
    if (!aof->idle_timer_runs && !aof->marked) {
        aof->idle_timer_runs = true;
        env_timer_start(aof->env, &aof->idle_timer, AOF_IDLE_US);
    }
}

static void aof_step(struct aof *aof)
{
    if (aof->appended)
        aof_note_time(aof);
    if (!aof->failed)
        aof_segments_step(aof);
    if (!aof->failed) { // Still?
        aof_spares_step(aof);
        aof_making_step(aof);
        aof_groups_step(aof);
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
        return aof_groups_unwritten(aof) > AOF_UNWRITTEN_MAX ? AOF_WAIT
                                                             : AOF_READY;
    bool hope = aof_spares_find(aof, size) || aof_making_want(aof, size);
    return hope ? AOF_WAIT : AOF_FULL;
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
    aof_handle(container_of(task, struct aof, task));
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
    aof->idle_timer.fire = aof_idle;
    check(options->segment_size >= SEGMENT_HEADER_SIZE + 2 * aof->mark_size);
    aof->current.first_lsn = start->next_lsn;
    aof_groups_init(aof);
    aof_spares_init(aof);
    aof_making_init(aof);
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
    env_timer_stop(aof->env, &aof->late_timer);
    env_timer_stop(aof->env, &aof->group_timer);
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
    if (!aof_segment_takes(aof, aof_tail(aof), size)) // Upholds (L2).
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
        .unwritten = aof_groups_unwritten(aof),
        .full = aof->full_size,
        .syncing = aof->syncing,
    };
    aof_segments_count(aof, stats);
    aof_spares_count(aof, stats);
    stats->disk_size += aof->draft_made;
}

void aof_check_invariants(const struct aof *aof)
{
    if (aof->stopped && !aof->failed) {
        check(aof->durable == aof->end);
        check(aof->marked);
    }
    if (aof->failed || aof->full_size)
        check(aof->error[0]);
    aof_groups_check(aof);
    aof_segments_check(aof);
    aof_spares_check(aof);
    aof_making_check(aof);
}
