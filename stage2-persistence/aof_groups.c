// aof_groups.c -- what waits in memory goes to the disk in groups, and is
// synced.
//
// One write is under way at a time; all that is appended meanwhile goes into
// the next one, under `always` together with the sync behind it ("group
// commit", DeWitt et al. 1984). So the number of writes follows the speed of
// the disk, not that of the clients. Under the other policies a write does not
// wait for a sync under way: that may have a second's records to carry.
//
// Clients that were answered together come back one by one, and a sync begun
// for the first of them would keep all others waiting, twice: for its end, and
// for their own. So after a sync a group waits until nearly as many records are
// there as came around the last time, but no longer than that sync took. (As
// PostgreSQL's commit_delay; here nobody has to choose it.) One or two clients
// never wait.
//
// Invariants
// (G1) durable <= written <= end. `written` moves when a write has succeeded,
//      `durable` when a sync has that was submitted behind it.
// (G2) Only the current segment has bytes that are not synced: a turn to the
//      next one syncs them first, under every policy. So one sync is enough.
// (G3) After a failed write or sync nothing more is submitted, and neither
//      `written` nor `durable` moves again: after a failed fsync the kernel may
//      have dropped the pages and call the next one a success (Rebello et al.
//      2020, "Can Applications Recover from fsync Failures?").
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
#include "common/base/list.h"
#include "stage2-persistence/aof_private.h"

enum { AOF_BUFFER_KEPT_MAX = 16 << 20 }; // A larger buffer is given back.

static const int64_t AOF_SYNC_PERIOD_US = 1000000;
static const int64_t AOF_LATE_US = 2000000;
static const int64_t AOF_GROUP_WAIT_US_MAX = 1000;

const char *const aof_policy_names[] = {"always", "everysec", "no", NULL};

size_t aof_groups_unwritten(const struct aof *aof)
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

// The next group may wait for those who are answered now.
static void aof_group_expect(struct aof *aof, int64_t now_us)
{
    uint64_t around = aof->end - aof->durable;
    int64_t wait_us = (int64_t)aof->sync_us_last;
    if (wait_us > AOF_GROUP_WAIT_US_MAX)
        wait_us = AOF_GROUP_WAIT_US_MAX;
    aof->group_min = around - (around + 9) / 10;
    aof->group_until_us = now_us + wait_us;
}

static bool aof_group_waits(struct aof *aof)
{
    if (aof->policy != AOF_ALWAYS)
        return false;
    if (aof->syncing)
        return true;
    bool is_due = aof->stopping || aof->turn != AOF_TURN_NONE ||
                  aof->end - aof->submitted >= aof->group_min;
    int64_t left_us = is_due ? 0 : aof->group_until_us - env_now_us(aof->env);
    if (left_us > 0)
        env_timer_start(aof->env, &aof->group_timer, left_us);
    return left_us > 0;
}

static void aof_group_is_due(struct env_timer *timer)
{
    aof_handle(container_of(timer, struct aof, group_timer));
}

// Submits what belongs to the current segment.
static void aof_write_group(struct aof *aof)
{
    bool turning = aof->turn != AOF_TURN_NONE;
    struct buffer *from = turning ? &aof->rest : &aof->gathering;
    if (aof->flying.size || !from->size || aof_group_waits(aof))
        return;
    aof_swap_buffers(from, &aof->flying);
    aof->submitted = turning ? aof->next.first_lsn - 1 : aof->end;
    aof->write.file = aof->current.file;
    aof->write.offset = aof->current.written;
    aof->write.bytes = buffer_slice(&aof->flying);
    aof->groups++;
    aof_submit(aof, &aof->write, env_disk_write);
}

static void aof_is_late_now(struct env_timer *timer)
{
    container_of(timer, struct aof, late_timer)->late = true;
}

// The oldest record that is not synced is another one now. A timer rather than
// a look at the clock for every request.
static void aof_watch_oldest(struct aof *aof, int64_t now_us)
{
    int64_t since_us =
        aof->syncing ? aof->syncing_since_us : aof->unsynced_since_us;
    aof->late = false;
    if (aof->policy == AOF_EVERYSEC && since_us)
        env_timer_start(aof->env, &aof->late_timer,
                        since_us + AOF_SYNC_PERIOD_US + AOF_LATE_US - now_us);
    else
        env_timer_stop(aof->env, &aof->late_timer);
}

// The first record came that no sync covers: one is due in a second.
static void aof_begin_second(struct aof *aof, int64_t now_us)
{
    aof->unsynced_since_us = now_us;
    if (aof->policy == AOF_EVERYSEC)
        env_timer_start(aof->env, &aof->sync_timer, AOF_SYNC_PERIOD_US);
    aof_watch_oldest(aof, now_us);
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

// For aof_each_unsafe, until the sync behind the write is done.
static void aof_keep_unsynced(struct aof *aof)
{
    if (aof->policy != AOF_ALWAYS)
        return;
    if (aof->unsynced.size == 0)
        aof_swap_buffers(&aof->unsynced, &aof->flying);
    else
        buffer_append_slice(&aof->unsynced, buffer_slice(&aof->flying));
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
        if (aof->syncing && aof->submitted <= aof->syncing_lsn)
            aof->sync_began_us = env_now_us(aof->env); // Now it is its turn.
        aof_keep_unsynced(aof);
        if (aof->flying.capacity > AOF_BUFFER_KEPT_MAX)
            buffer_deinit(&aof->flying);
        buffer_clear(&aof->flying);
    }
    aof_handle(aof);
}

static void aof_count_sync(struct aof *aof, int64_t now_us)
{
    aof->syncs++;
    aof->sync_us_last = (uint64_t)(now_us - aof->sync_began_us);
    if (aof->sync_us_last > aof->sync_us_max)
        aof->sync_us_max = aof->sync_us_last;
    if (aof->policy == AOF_EVERYSEC &&
        now_us - aof->syncing_since_us >= AOF_SYNC_PERIOD_US + AOF_LATE_US) {
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
    if (!aof->failed) { // Nor a write before it: upholds (G3).
        int64_t now_us = env_now_us(aof->env);
        aof_count_sync(aof, now_us);
        aof_watch_oldest(aof, now_us);
        aof_group_expect(aof, now_us);
        aof->durable = aof->syncing_lsn;
        aof->tell_advanced = true;
        if (aof->durable == aof->submitted)
            buffer_clear(&aof->unsynced);
    }
    aof_handle(aof);
}

static void aof_sync_is_due(struct env_timer *timer)
{
    struct aof *aof = container_of(timer, struct aof, sync_timer);
    aof->sync_due = aof->unsynced_since_us;
    aof_handle(aof);
}

void aof_groups_note(struct aof *aof, int64_t now_us)
{
    if (!aof->unsynced_since_us)
        aof_begin_second(aof, now_us);
}

void aof_groups_step(struct aof *aof)
{
    aof_write_group(aof);
    aof_sync_group(aof);
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
    if (policy == aof->policy)
        return;
    aof->policy = policy;
    aof->sync_due = false;
    aof->tell_ready = true; // For those who saw aof_is_late: it may not be so.
    if (policy == AOF_EVERYSEC)
        env_timer_start(aof->env, &aof->sync_timer, AOF_SYNC_PERIOD_US);
    aof_watch_oldest(aof, env_now_us(aof->env));
    env_defer(aof->env, &aof->task); // `always` syncs what is there.
}

bool aof_is_late(const struct aof *aof)
{
    return aof->late && !aof->failed;
}

void aof_groups_init(struct aof *aof)
{
    aof->write.done = aof_write_done;
    aof->sync.done = aof_sync_done;
    aof->sync_timer.fire = aof_sync_is_due;
    aof->late_timer.fire = aof_is_late_now;
    aof->group_timer.fire = aof_group_is_due;
}

void aof_groups_deinit(struct aof *aof)
{
    buffer_deinit(&aof->unsynced);
    buffer_deinit(&aof->flying);
    buffer_deinit(&aof->rest);
    buffer_deinit(&aof->gathering);
}

static void aof_each_of(struct slice bytes, uint32_t salt,
                        void (*each)(void *context,
                                     const struct record *record),
                        void *context)
{
    struct record record;
    size_t size;
    while (record_decode(bytes, salt, record_peek_lsn(bytes), &record, &size) ==
           RECORD_OK) {
        each(context, &record);
        bytes.data += size;
        bytes.size -= size;
    }
}

void aof_each_unsafe(const struct aof *aof,
                     void (*each)(void *context, const struct record *record),
                     void *context)
{
    uint32_t salt = aof->current.salt;
    aof_each_of(buffer_slice(&aof->unsynced), salt, each, context);
    aof_each_of(buffer_slice(&aof->flying), salt, each, context);
    aof_each_of(buffer_slice(&aof->rest), salt, each, context);
    if (aof->turn != AOF_TURN_NONE)
        salt = aof->next.salt;
    aof_each_of(buffer_slice(&aof->gathering), salt, each, context);
}

void aof_groups_check(const struct aof *aof)
{
    check(aof->durable <= aof->written); // (G1)
    check(aof->written <= aof->submitted);
    check(aof->submitted <= aof->end);
    if (aof->syncing)
        check(aof->durable <= aof->syncing_lsn);
    if (aof->syncing)
        check(aof->syncing_lsn <= aof->submitted);
    if (aof->end > aof->written && !aof->failed)
        check(aof_groups_unwritten(aof) > 0);
    if (aof->policy == AOF_EVERYSEC && aof->written > aof->durable &&
        !aof->failed)
        check(aof->syncing || aof->unsynced_since_us);
}
