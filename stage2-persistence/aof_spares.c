// aof_spares.c -- files for segments to come, and how old segments become some.
//
// A write into a file that has its blocks already, and its size, leaves the
// file system nothing to note but the bytes: so a sync is faster (by 20-30 %,
// measured), and no write of a record fails for want of space. What the bytes
// were does not matter: records of a former life have another salt. A spare is
//
//     spare-7.draft   while aof_making.c makes it; removed at a start
//     spare-7.log     whole
//
// A segment that is not needed any more only changes its name. Were its header
// written before that is on disk, a power cut could bring back its old name
// with a header of other records: recovery would call that damage. So it is
// ready only when the names have been synced. A crash before that leaves the
// old name with the old records, which lie at or below a snapshot: harmless.
// The same holds for spares found at a start: the process before may have
// renamed them and not have synced.
//
// Invariants
// (P1) Nothing is written to a spare before its name as a spare is on disk.
// (P2) No more than AOF_SPARES_KEPT old segments are kept: the use of the disk
//      is bounded.
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "stage2-persistence/aof_private.h"

// So many old segments become spares.
enum { AOF_SPARES_KEPT = AOF_SPARES_MAX - 2 };

void aof_spare_format_name(char name[AOF_NAME_SIZE], uint64_t number)
{
    snprintf(name, AOF_NAME_SIZE, "spare-%" PRIu64 ".log", number);
}

// ---- The list

void aof_spares_add(struct aof *aof, struct aof_spare spare)
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

bool aof_spares_have(const struct aof *aof, uint64_t size)
{
    for (size_t i = 0; i < aof->spare_count; i++)
        if (aof->spares[i].size >= size)
            return true;
    return false;
}

void aof_spares_relieved(struct aof *aof, uint64_t size)
{
    if (size >= aof->wanted_size)
        aof->wanted_size = 0;
    if (!aof->full_size)
        return;
    aof->full_size = 0;
    aof->error[0] = 0;
    log_info(aof->log, "log has space again");
}

enum status aof_spares_remove_file(struct aof *aof, const char *name)
{
    // Opened first, so that giving back its blocks is left to the close, which
    // waits in the queue of the disk.
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
    enum status status = aof_spares_remove_file(aof, name);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        log_warn(aof->log, "old segment not removed", LOG_TEXT_OF("file", name),
                 LOG_TEXT_OF("error", status_name(status)));
        return false;
    }
    aof->names_changed = true;
    return true;
}

void aof_spares_step(struct aof *aof)
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
        aof_spares_remove_file(aof, name);
        aof_spares_take(aof, &aof->spares[i]);
    }
}

static void aof_names_done(struct env_io *io, enum status status)
{
    struct aof *aof = container_of(io, struct aof, names_io);
    if (!aof_io_ended(aof))
        return;
    aof->names_syncing = false;
    if (aof->failed) {
        aof_handle(aof);
        return;
    }
    if (status != STATUS_OK)
        aof_drop_unnamed(aof, status);
    for (size_t i = 0; i < aof->spare_count; i++) {
        if (aof->spares[i].state != AOF_SPARE_SYNCING)
            continue;
        aof->spares[i].state = AOF_SPARE_READY;
        aof_spares_relieved(aof, aof->spares[i].size);
    }
    aof_handle(aof);
}

// ---- Begin and end

void aof_spares_init(struct aof *aof)
{
    aof->names_io.done = aof_names_done;
}

void aof_spares_deinit(struct aof *aof)
{
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
            aof_spares_remove_file(aof, name);
        aof->names_changed = true;
    }
    buffer_deinit(&aof->found);
}

void aof_spares_count(const struct aof *aof, struct aof_stats *stats)
{
    for (size_t i = 0; i < aof->spare_count; i++)
        stats->disk_size += aof->spares[i].size;
}

void aof_spares_check(const struct aof *aof)
{
    check(aof->spare_count <= AOF_SPARES_MAX);
    bool syncing = false, named = false;
    for (size_t i = 0; i < aof->spare_count; i++) {
        syncing |= aof->spares[i].state == AOF_SPARE_SYNCING;
        named |= aof->spares[i].state == AOF_SPARE_NAMED;
    }
    if (syncing && !aof->failed) // (P1)
        check(aof->names_syncing);
    if (named)
        check(aof->names_changed);
}
