// aof_making.c -- a new spare, made of zeros before it is needed.
//
// It is made in pieces, one at a time and patiently: the log's own writes and
// syncs overtake them. Each is synced, so that none keeps the disk busy for
// long (but not the first file of all, which no log has to wait behind). The
// log sets the pace: pieces come twice as fast as records fill the present
// segment, and as fast as the disk can when somebody waits. So a log that is
// hardly used takes hardly any space, and one that fills finds the next segment
// ready when the present one is half full.
//
// What fails here costs no record. The draft goes, and it is tried again once a
// second; meanwhile records have what is left of the present segment.
//
// Invariants
// (M1) At most one draft is made, and only when no spare would do.
// (M2) A spare was synced, then named, and then the names were synced.
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "stage2-persistence/aof_private.h"

enum { AOF_PIECE_SIZE = 1 << 20, AOF_BLOCK_SIZE = 4096 };

static const int64_t AOF_RETRY_US = 1000000;

static void aof_draft_format_name(char name[AOF_NAME_SIZE], uint64_t number)
{
    snprintf(name, AOF_NAME_SIZE, "spare-%" PRIu64 ".draft", number);
}

static void aof_making_move(struct aof *aof, enum aof_making to)
{
    static const bool legal[AOF_MAKING_STATES][AOF_MAKING_STATES] = {
        [AOF_MAKING_NONE][AOF_MAKING_PAUSED] = true,
        [AOF_MAKING_NONE][AOF_MAKING_RETRY] = true, // It cannot be created.
        [AOF_MAKING_PAUSED][AOF_MAKING_ZEROS] = true,
        [AOF_MAKING_ZEROS][AOF_MAKING_SYNCING] = true,
        [AOF_MAKING_ZEROS][AOF_MAKING_PAUSED] = true,
        [AOF_MAKING_ZEROS][AOF_MAKING_RETRY] = true,
        [AOF_MAKING_SYNCING][AOF_MAKING_PAUSED] = true,
        [AOF_MAKING_SYNCING][AOF_MAKING_NAMING] = true,
        [AOF_MAKING_SYNCING][AOF_MAKING_RETRY] = true,
        [AOF_MAKING_NAMING][AOF_MAKING_NONE] = true,
        [AOF_MAKING_NAMING][AOF_MAKING_RETRY] = true,
        [AOF_MAKING_RETRY][AOF_MAKING_NONE] = true,
    };
    check(legal[aof->making][to]);
    aof->making = to;
}

// The draft goes, and the space that it took with it.
static void aof_making_fail(struct aof *aof, enum status status)
{
    char name[AOF_NAME_SIZE];
    if (aof->making == AOF_MAKING_NAMING)
        aof_spare_format_name(name, aof->draft_number);
    else
        aof_draft_format_name(name, aof->draft_number);
    env_disk_remove(aof->env, name);
    if (aof->draft)
        env_disk_close(aof->env, aof->draft);
    aof->draft = NULL;
    aof->draft_made = 0;
    bool was_full = aof->full_size;
    snprintf(aof->error, sizeof aof->error,
             "cannot make %s of %" PRIu64 " bytes: %s; %s, it is tried again "
             "every second",
             name, aof->draft_size, status_name(status),
             status == STATUS_FULL ? "free some space" : "check the disk");
    if (!was_full || aof->draft_size < aof->full_size)
        aof->full_size = aof->draft_size;
    aof->wanted_size = 0; // Who wants it will be refused, and may ask again.
    if (!was_full)
        log_warn(aof->log, "log has no space",
                 LOG_TEXT_OF("error", aof->error));
    aof_making_move(aof, AOF_MAKING_RETRY);
    env_timer_start(aof->env, &aof->retry_timer, AOF_RETRY_US);
}

// Of the file that is to be made.
static uint64_t aof_making_size(const struct aof *aof)
{
    uint64_t usual = aof->options.segment_size;
    return aof->wanted_size > usual ? aof->wanted_size : usual;
}

static void aof_making_begin(struct aof *aof)
{
    char name[AOF_NAME_SIZE];
    aof->draft_number = ++aof->number;
    aof_draft_format_name(name, aof->draft_number);
    aof->draft_size = aof_making_size(aof);
    enum status status =
        env_disk_open(aof->env, name, ENV_OPEN_CREATE, &aof->draft);
    if (status == STATUS_OK)
        aof_making_move(aof, AOF_MAKING_PAUSED);
    else
        aof_making_fail(aof, status);
}

static void aof_making_write(struct aof *aof)
{
    if (aof_making_size(aof) > aof->draft_size)
        aof->draft_size = aof_making_size(aof);
    uint64_t left = aof->draft_size - aof->draft_made;
    uint64_t size = left < AOF_PIECE_SIZE ? left : AOF_PIECE_SIZE;
    aof->making_io.file = aof->draft;
    aof->making_io.offset = aof->draft_made;
    aof->making_io.bytes = (struct slice){aof->zeros, size};
    aof->draft_made += size;
    aof_making_move(aof, AOF_MAKING_ZEROS);
    aof_submit(aof, &aof->making_io, env_disk_write);
}

static void aof_making_rename(struct aof *aof)
{
    char from[AOF_NAME_SIZE], to[AOF_NAME_SIZE];
    aof_draft_format_name(from, aof->draft_number);
    aof_spare_format_name(to, aof->draft_number);
    enum status status = env_disk_rename(aof->env, from, to);
    if (status != STATUS_OK) {
        aof_making_fail(aof, status);
        return;
    }
    env_disk_close(aof->env, aof->draft);
    aof->draft = NULL;
    aof_making_move(aof, AOF_MAKING_NAMING);
    aof_submit(aof, &aof->making_io, env_disk_sync_names);
}

static void aof_making_end(struct aof *aof)
{
    if (aof->spare_count == AOF_SPARES_MAX) { // Of special sizes, all unused.
        char name[AOF_NAME_SIZE];
        aof_spare_format_name(name, aof->spares[0].number);
        aof_spares_remove_file(aof, name);
        aof_spares_take(aof, &aof->spares[0]);
    }
    aof_spares_add(aof, (struct aof_spare){.number = aof->draft_number,
                                           .size = aof->draft_size,
                                           .state = AOF_SPARE_READY});
    aof->draft_made = 0;
    aof_making_move(aof, AOF_MAKING_NONE);
    aof_spares_relieved(aof, aof->draft_size);
}

static void aof_making_done(struct env_io *io, enum status status)
{
    struct aof *aof = container_of(io, struct aof, making_io);
    if (!aof_io_ended(aof))
        return;
    if (aof->failed) {
        aof_handle(aof);
        return;
    }
    bool is_whole = aof->draft_made == aof->draft_size;
    bool is_first = !aof->current.file; // No log yet that a sync could delay.
    if (status != STATUS_OK) {
        aof_making_fail(aof, status);
    } else if (aof->making == AOF_MAKING_NAMING) {
        aof_making_end(aof);
    } else if (aof->making == AOF_MAKING_ZEROS && (is_whole || !is_first)) {
        aof_making_move(aof, AOF_MAKING_SYNCING);
        aof_submit(aof, &aof->making_io, env_disk_sync);
    } else if (!is_whole) {
        aof_making_move(aof, AOF_MAKING_PAUSED);
    } else {
        aof_making_rename(aof);
    }
    aof_handle(aof);
}

// Whether the next piece is to be written now.
static bool aof_making_is_time(struct aof *aof)
{
    bool first = aof->turn == AOF_TURN_NONE && !aof->current.file;
    if (first || aof->rotating || aof->wanted_size || aof->full_size)
        return true;
    uint64_t end = aof_tail(aof)->end;
    return aof->draft_made < 2 * (end - SEGMENT_HEADER_SIZE);
}

static void aof_making_retry(struct env_timer *timer)
{
    struct aof *aof = container_of(timer, struct aof, retry_timer);
    if (aof->failed)
        return;
    aof_making_move(aof, AOF_MAKING_NONE);
    if (aof_spares_have(aof, aof_making_size(aof)))
        aof_spares_relieved(aof, 0); // What failed was one of a special size.
    aof_handle(aof);
}

bool aof_making_want(struct aof *aof, size_t size)
{
    uint64_t needed = SEGMENT_HEADER_SIZE + size + aof->mark_size;
    needed = (needed + AOF_BLOCK_SIZE - 1) / AOF_BLOCK_SIZE * AOF_BLOCK_SIZE;
    if (needed < aof->options.segment_size)
        needed = aof->options.segment_size;
    if (aof_spares_have(aof, needed))
        return true;
    if (aof->full_size && needed >= aof->full_size)
        return false;
    if (aof->wanted_size < needed) {
        aof->wanted_size = needed;
        env_defer(aof->env, &aof->task);
    }
    return true;
}

void aof_making_step(struct aof *aof)
{
    if (aof->stopping || !aof_making_is_time(aof))
        return;
    if (aof->making == AOF_MAKING_NONE && // Upholds (M1).
        !aof_spares_have(aof, aof_making_size(aof)))
        aof_making_begin(aof);
    if (aof->making == AOF_MAKING_PAUSED)
        aof_making_write(aof);
}

void aof_making_init(struct aof *aof)
{
    aof->zeros = memory_map(AOF_PIECE_SIZE);
    aof->making_io.done = aof_making_done;
    aof->making_io.patient = true;
    aof->retry_timer.fire = aof_making_retry;
}

void aof_making_deinit(struct aof *aof)
{
    memory_unmap(aof->zeros, AOF_PIECE_SIZE);
}

void aof_making_check(const struct aof *aof)
{
    bool open = aof->making == AOF_MAKING_PAUSED ||
                aof->making == AOF_MAKING_ZEROS ||
                aof->making == AOF_MAKING_SYNCING;
    check(open == (aof->draft != NULL)); // (M1)
    check(aof->draft_made <= aof->draft_size);
}
