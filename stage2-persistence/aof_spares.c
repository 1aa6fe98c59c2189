// aof_spares.c -- files for segments to come: made of zeros, or of segments
// that nobody needs any more.
//
// A write into a file that has its blocks already, and its size, leaves the
// file system nothing to note but the bytes: so a sync is faster (by 20-30 %,
// measured), and no write of a record fails for want of space. What the bytes
// were does not matter. A spare is
//
//     spare-7.draft   while it is made; not whole, and removed at a start
//     spare-7.log     whole
//
// It is made in pieces, one at a time, in the one queue of the disk behind the
// log's own writes, each synced so that none brings a long sync. The log sets
// the pace: pieces come twice as fast as records fill the present segment, and
// as fast as the disk can when somebody waits for one.
//
// A segment that is not needed any more only changes its name. Were its header
// written before that is on disk, a power cut could bring back its old name
// with a header of other records: recovery would call that damage. So it is
// ready only when the names have been synced; before that the crash leaves the
// old name with the old records, which lie at or below a snapshot. That holds
// for spares found at a start, too: the process before may have renamed them
// and not have synced. Old records behind new ones do no harm: their salt is
// another.
//
// Invariants
// (P1) Nothing is written to a spare before its name as a spare is on disk.
// (P2) At most one draft is being made, and only when no spare would do.
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "stage2-persistence/aof_private.h"

enum { AOF_PIECE_SIZE = 1 << 20, AOF_BLOCK_SIZE = 4096 };

static const int64_t AOF_RETRY_US = 1000000;

void aof_spare_format_name(char name[AOF_NAME_SIZE], uint64_t number)
{
    snprintf(name, AOF_NAME_SIZE, "spare-%" PRIu64 ".log", number);
}

static void aof_draft_format_name(char name[AOF_NAME_SIZE], uint64_t number)
{
    snprintf(name, AOF_NAME_SIZE, "spare-%" PRIu64 ".draft", number);
}

// ---- The list

static void aof_spares_add(struct aof *aof, struct aof_spare spare)
{
    check(aof->spare_count < AOF_SPARES_MAX);
    aof->spares[aof->spare_count++] = spare;
}

void aof_spares_take(struct aof *aof, struct aof_spare *spare)
{
    *spare = aof->spares[--aof->spare_count];
}

struct aof_spare *aof_spares_find(struct aof *aof, size_t size)
{
    uint64_t needed = SEGMENT_HEADER_SIZE + size + aof->mark_size;
    struct aof_spare *found = NULL;
    for (size_t i = 0; i < aof->spare_count; i++) {
        struct aof_spare *spare = &aof->spares[i];
        if (spare->state == AOF_SPARE_READY && spare->size >= needed &&
            (!found || spare->size < found->size))
            found = spare;
    }
    return found;
}

// Whether there is a spare of at least that size, or will soon be.
static bool aof_spares_have(const struct aof *aof, uint64_t size)
{
    for (size_t i = 0; i < aof->spare_count; i++)
        if (aof->spares[i].size >= size)
            return true;
    return false;
}

// There is space again.
static void aof_spares_relieved(struct aof *aof)
{
    if (!aof->full)
        return;
    aof->full = false;
    aof->error[0] = 0;
    log_info(aof->log, "log has space again");
}

// Opened first, so that giving back its blocks is left to the close, which
// waits in the queue of the disk.
static enum status aof_remove_file(struct aof *aof, const char *name)
{
    struct env_file *file;
    bool opened =
        env_disk_open(aof->env, name, ENV_OPEN_READ, &file) == STATUS_OK;
    enum status status = env_disk_remove(aof->env, name);
    if (opened)
        env_disk_close(aof->env, file);
    return status;
}

// ---- Segments that become spares

static size_t aof_spares_of_segment_size(const struct aof *aof)
{
    size_t count = 0;
    for (size_t i = 0; i < aof->spare_count; i++)
        count += aof->spares[i].size == aof->options.segment_size;
    return count;
}

bool aof_spares_recycle(struct aof *aof, const char *name, uint64_t size)
{
    struct aof_spare spare = {.number = aof->number + 1, .size = size};
    char to[AOF_NAME_SIZE];
    aof_spare_format_name(to, spare.number);
    bool wanted = size == aof->options.segment_size &&
                  aof_spares_of_segment_size(aof) < AOF_SPARES_KEPT &&
                  aof->spare_count < AOF_SPARES_MAX - 1;
    if (wanted && env_disk_rename(aof->env, name, to) == STATUS_OK) {
        aof->number++;
        aof_spares_add(aof, spare);
        aof->names_changed = true;
        return true;
    }
    enum status status = aof_remove_file(aof, name);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        log_warn(aof->log, "old segment not removed", LOG_TEXT_OF("file", name),
                 LOG_TEXT_OF("error", status_name(status)));
        return false;
    }
    aof->names_changed = true;
    return true;
}

static void aof_names_sync(struct aof *aof)
{
    if (!aof->names_changed || aof->names_syncing)
        return;
    for (size_t i = 0; i < aof->spare_count; i++)
        if (aof->spares[i].state == AOF_SPARE_NAMED)
            aof->spares[i].state = AOF_SPARE_SYNCING;
    aof->names_changed = false;
    aof->names_syncing = true;
    aof_submit(aof, &aof->names_io, env_disk_sync_names);
}

// Under which name a crash would show them is not known: nothing may be written
// to them. Upholds (P1).
static void aof_drop_unnamed(struct aof *aof, enum status status)
{
    log_warn(aof->log, "spare segments given up",
             LOG_TEXT_OF("error", status_name(status)));
    for (size_t i = aof->spare_count; i-- > 0;) {
        if (aof->spares[i].state != AOF_SPARE_SYNCING)
            continue;
        char name[AOF_NAME_SIZE];
        aof_spare_format_name(name, aof->spares[i].number);
        aof_remove_file(aof, name);
        aof_spares_take(aof, &aof->spares[i]);
    }
}

static void aof_names_done(struct env_io *io, enum status status)
{
    struct aof *aof = container_of(io, struct aof, names_io);
    if (!aof_io_ended(aof))
        return;
    aof->names_syncing = false;
    if (status != STATUS_OK)
        aof_drop_unnamed(aof, status);
    for (size_t i = 0; i < aof->spare_count; i++) {
        if (aof->spares[i].state != AOF_SPARE_SYNCING)
            continue;
        aof->spares[i].state = AOF_SPARE_READY;
        aof_spares_relieved(aof);
    }
    aof_handle(aof);
}

// ---- Spares that are made

static void aof_making_move(struct aof *aof, enum aof_making to)
{
    static const bool legal[AOF_MAKING_STATES][AOF_MAKING_STATES] = {
        [AOF_MAKING_NONE][AOF_MAKING_PAUSED] = true,
        [AOF_MAKING_NONE][AOF_MAKING_RETRY] = true, // It cannot be created.
        [AOF_MAKING_PAUSED][AOF_MAKING_ZEROS] = true,
        [AOF_MAKING_ZEROS][AOF_MAKING_SYNCING] = true,
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
    bool was_full = aof->full;
    snprintf(aof->error, sizeof aof->error,
             "cannot make %s of %" PRIu64 " bytes: %s; %s, it is tried again "
             "every second",
             name, aof->draft_size, status_name(status),
             status == STATUS_FULL ? "free some space" : "check the disk");
    aof->full = true;
    aof->wanted_size = 0; // Who wants it will be refused, and may ask again.
    if (!was_full)
        log_warn(aof->log, "log has no space",
                 LOG_TEXT_OF("error", aof->error));
    aof_making_move(aof, AOF_MAKING_RETRY);
    env_timer_start(aof->env, &aof->retry_timer, AOF_RETRY_US);
}

static uint64_t aof_spares_needed_size(const struct aof *aof)
{
    uint64_t usual = aof->options.segment_size;
    return aof->wanted_size > usual ? aof->wanted_size : usual;
}

static void aof_making_begin(struct aof *aof)
{
    char name[AOF_NAME_SIZE];
    aof->draft_number = ++aof->number;
    aof_draft_format_name(name, aof->draft_number);
    aof->draft_size = aof_spares_needed_size(aof);
    enum status status =
        env_disk_open(aof->env, name, ENV_OPEN_CREATE, &aof->draft);
    if (status == STATUS_OK)
        aof_making_move(aof, AOF_MAKING_PAUSED);
    else
        aof_making_fail(aof, status);
}

static void aof_making_write(struct aof *aof)
{
    if (aof_spares_needed_size(aof) > aof->draft_size)
        aof->draft_size = aof_spares_needed_size(aof);
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
        aof_remove_file(aof, name);
        aof_spares_take(aof, &aof->spares[0]);
    }
    aof_spares_add(aof, (struct aof_spare){.number = aof->draft_number,
                                           .size = aof->draft_size,
                                           .state = AOF_SPARE_READY});
    aof->draft_made = 0;
    aof_making_move(aof, AOF_MAKING_NONE);
    aof_spares_relieved(aof);
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
    if (status != STATUS_OK) {
        aof_making_fail(aof, status);
    } else if (aof->making == AOF_MAKING_ZEROS) {
        aof_making_move(aof, AOF_MAKING_SYNCING);
        aof_submit(aof, &aof->making_io, env_disk_sync);
    } else if (aof->making == AOF_MAKING_NAMING) {
        aof_making_end(aof);
    } else if (aof->draft_made < aof->draft_size) {
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
    if (first || aof->rotating || aof->wanted_size || aof->full)
        return true;
    uint64_t end = aof_tail(aof)->end;
    return aof->draft_made < 2 * (end - SEGMENT_HEADER_SIZE);
}

static void aof_retry(struct env_timer *timer)
{
    struct aof *aof = container_of(timer, struct aof, retry_timer);
    if (aof->failed)
        return;
    aof_making_move(aof, AOF_MAKING_NONE);
    if (aof_spares_have(aof, aof_spares_needed_size(aof)))
        aof_spares_relieved(aof); // What failed was one of a special size.
    aof_handle(aof);
}

void aof_spares_want(struct aof *aof, size_t size)
{
    uint64_t needed = SEGMENT_HEADER_SIZE + size + aof->mark_size;
    needed = (needed + AOF_BLOCK_SIZE - 1) / AOF_BLOCK_SIZE * AOF_BLOCK_SIZE;
    if (needed < aof->options.segment_size)
        needed = aof->options.segment_size;
    if (aof->wanted_size >= needed || aof_spares_have(aof, needed))
        return;
    aof->wanted_size = needed;
    env_defer(aof->env, &aof->task);
}

void aof_spares_step(struct aof *aof)
{
    aof_names_sync(aof);
    bool have = aof_spares_have(aof, aof_spares_needed_size(aof));
    if (have)
        aof->wanted_size = 0;
    if (aof->stopping || !aof_making_is_time(aof))
        return;
    if (aof->making == AOF_MAKING_NONE && !have) // (P2)
        aof_making_begin(aof);
    if (aof->making == AOF_MAKING_PAUSED)
        aof_making_write(aof);
}

// ---- Begin and end

void aof_spares_init(struct aof *aof)
{
    aof->zeros = memory_map(AOF_PIECE_SIZE);
    aof->names_io.done = aof_names_done;
    aof->making_io.done = aof_making_done;
    aof->retry_timer.fire = aof_retry;
}

void aof_spares_deinit(struct aof *aof)
{
    memory_unmap(aof->zeros, AOF_PIECE_SIZE);
    buffer_deinit(&aof->found);
}

void aof_spares_see(struct aof *aof, const char *name)
{
    if (!strncmp(name, "spare-", 6) && strlen(name) < AOF_NAME_SIZE)
        buffer_append(&aof->found, name, strlen(name) + 1);
}

// It is a spare if it has the name and the size of one.
static bool aof_spare_read(struct aof *aof, const char *name,
                           struct aof_spare *spare)
{
    char expected[AOF_NAME_SIZE];
    *spare = (struct aof_spare){.number = strtoull(name + 6, NULL, 10)};
    aof_spare_format_name(expected, spare->number);
    struct env_file *file;
    if (spare->number == UINT64_MAX || strcmp(name, expected) != 0 ||
        env_disk_open(aof->env, name, ENV_OPEN_READ, &file) != STATUS_OK)
        return false;
    bool sized = env_disk_size(aof->env, file, &spare->size) == STATUS_OK;
    env_disk_close(aof->env, file);
    return sized && spare->size == aof->options.segment_size;
}

void aof_spares_adopt(struct aof *aof)
{
    for (size_t at = 0; at < aof->found.size;) {
        const char *name = aof->found.data + at;
        at += strlen(name) + 1;
        struct aof_spare spare;
        bool is_spare = aof_spare_read(aof, name, &spare);
        if (spare.number != UINT64_MAX && spare.number > aof->number)
            aof->number = spare.number;
        if (is_spare && aof->spare_count < AOF_SPARES_KEPT)
            aof_spares_add(aof, spare);
        else
            aof_remove_file(aof, name);
        aof->names_changed = true;
    }
    buffer_deinit(&aof->found);
}

void aof_spares_count(const struct aof *aof, struct aof_stats *stats)
{
    for (size_t i = 0; i < aof->spare_count; i++)
        stats->disk_size += aof->spares[i].size;
    stats->disk_size += aof->draft_made;
}

void aof_spares_check(const struct aof *aof)
{
    check(aof->spare_count <= AOF_SPARES_MAX);
    bool syncing = false, named = false;
    for (size_t i = 0; i < aof->spare_count; i++) {
        syncing |= aof->spares[i].state == AOF_SPARE_SYNCING;
        named |= aof->spares[i].state == AOF_SPARE_NAMED;
    }
    if (syncing) // (P1)
        check(aof->names_syncing);
    if (named)
        check(aof->names_changed);
    bool open = aof->making == AOF_MAKING_PAUSED ||
                aof->making == AOF_MAKING_ZEROS ||
                aof->making == AOF_MAKING_SYNCING;
    check(open == (aof->draft != NULL)); // (P2)
    check(aof->draft_made <= aof->draft_size);
}
