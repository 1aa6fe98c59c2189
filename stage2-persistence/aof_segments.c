// aof_segments.c -- the turn from one segment to the next, and what becomes of
// the old ones.
//
// A turn takes a spare that is ready. From then on records are encoded for it,
// in memory, while step by step
//
//     CLOSING   what was appended before is written to the old segment, synced
//     HEADER    the spare gets its header: a new salt, its first LSN
//     SYNCING   the header is synced
//               and the file renamed to its name as a segment
//     NAMING    the names are synced
//
// and only then a record is written to it. What a crash can leave: before the
// rename is on disk, a spare, whatever its header says; after it, a segment
// with a whole header and no or some records. In either case nothing that was
// reported written is missing, for no record of it was written.
//
// Old segments form a chain without gaps, by their first LSNs. aof_trim takes
// from its front. A crash in the midst may bring any of them back, with gaps
// between: all they hold is at or below a snapshot, and recovery passes over
// that.
//
// Invariants
// (S1) At most one turn is under way, and one segment takes writes.
// (S2) The old segment is durable as a whole before the new one has a header.
//      So `durable` in a header is its first LSN minus one.
// (S3) A file has its name as a segment only with its header synced.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "stage2-persistence/aof_private.h"

// ---- Old segments

static void aof_closed_add(struct aof *aof, uint64_t first_lsn, uint64_t size,
                           uint64_t end)
{
    if (aof->closed_count == aof->closed_capacity) {
        aof->closed_capacity = aof->closed_capacity * 2 + 8;
        aof->closed =
            xrealloc(aof->closed, aof->closed_capacity * sizeof *aof->closed);
    }
    aof->closed[aof->closed_count++] =
        (struct aof_closed){.first_lsn = first_lsn, .size = size, .end = end};
}

// Its last LSN, or any one beyond it and below the next segment.
static uint64_t aof_closed_last_lsn(const struct aof *aof, size_t index)
{
    bool is_last = index + 1 == aof->closed_count;
    return (is_last ? aof->current.first_lsn
                    : aof->closed[index + 1].first_lsn) -
           1;
}

// Those that nobody needs become spares, or go.
static void aof_trim_closed(struct aof *aof)
{
    size_t count = 0;
    while (count < aof->closed_count &&
           aof_closed_last_lsn(aof, count) <= aof->trim_lsn) {
        char name[SEGMENT_NAME_SIZE];
        segment_format_name(name, aof->closed[count].first_lsn);
        if (!aof_spares_recycle(aof, name, aof->closed[count].size))
            break; // It stays, until the next time.
        count++;
    }
    aof->closed_count -= count;
    if (count)
        memmove(aof->closed, aof->closed + count,
                aof->closed_count * sizeof *aof->closed);
}

void aof_trim(struct aof *aof, uint64_t lsn)
{
    if (lsn > aof->trim_lsn)
        aof->trim_lsn = lsn;
    if (aof->failed)
        return;
    aof_trim_closed(aof);
    env_defer(aof->env, &aof->task);
}

// ---- The turn

static void aof_turn_move(struct aof *aof, enum aof_turn to)
{
    static const bool legal[AOF_TURN_STATES][AOF_TURN_STATES] = {
        [AOF_TURN_NONE][AOF_TURN_CLOSING] = true,
        [AOF_TURN_CLOSING][AOF_TURN_HEADER] = true,
        [AOF_TURN_HEADER][AOF_TURN_SYNCING] = true,
        [AOF_TURN_SYNCING][AOF_TURN_NAMING] = true,
        [AOF_TURN_NAMING][AOF_TURN_NONE] = true,
    };
    check(legal[aof->turn][to]);
    aof->turn = to;
}

void aof_turn_begin(struct aof *aof, size_t size)
{
    struct aof_spare *spare = aof_spares_find(aof, size);
    check(spare); // aof_reserve was not asked, or not heeded.
    check(aof->next.size == 0);
    aof->next = (struct aof_segment){
        .size = spare->size,
        .first_lsn = aof->end + 1,
        .end = SEGMENT_HEADER_SIZE,
        .written = SEGMENT_HEADER_SIZE,
    };
    aof_spare_format_name(aof->next.name, spare->number);
    aof_spares_take(aof, spare);
    env_random(aof->env, &aof->next.salt, sizeof aof->next.salt);
    aof_turn_move(aof, AOF_TURN_CLOSING);

    check(!aof->rest.size);
    struct buffer empty = aof->rest;
    aof->rest = aof->gathering;
    aof->gathering = empty;
    aof->rotating = false;
    env_defer(aof->env, &aof->task);
}

static void aof_turn_write_header(struct aof *aof)
{
    struct aof_segment *next = &aof->next;
    enum status status =
        env_disk_open(aof->env, next->name, ENV_OPEN_WRITE, &next->file);
    if (status != STATUS_OK) {
        aof_fail(aof, "open", next->name, status);
        return;
    }
    check(aof->durable == next->first_lsn - 1); // (S2)
    segment_encode(aof->header, &(struct segment){
                                    .salt = next->salt,
                                    .first_lsn = next->first_lsn,
                                    .durable = aof->durable,
                                    .term = aof->term,
                                    .vote = aof->vote,
                                    .segment_size = next->size,
                                });
    aof_turn_move(aof, AOF_TURN_HEADER);
    aof->turn_io.file = next->file;
    aof->turn_io.offset = 0;
    aof->turn_io.bytes = (struct slice){aof->header, sizeof aof->header};
    aof_submit(aof, &aof->turn_io, env_disk_write);
}

static void aof_turn_rename(struct aof *aof)
{
    char name[SEGMENT_NAME_SIZE];
    segment_format_name(name, aof->next.first_lsn);
    // In the place of one of that name that holds no record: the present one,
    // when its first record was too large for it, or that of a former process.
    enum status status = env_disk_rename(aof->env, aof->next.name, name);
    if (status != STATUS_OK) {
        aof_fail(aof, "rename", aof->next.name, status);
        return;
    }
    snprintf(aof->next.name, sizeof aof->next.name, "%s", name);
    aof_turn_move(aof, AOF_TURN_NAMING);
    aof_submit(aof, &aof->turn_io, env_disk_sync_names);
}

static void aof_turn_end(struct aof *aof)
{
    struct aof_segment *old = &aof->current;
    if (old->file)
        env_disk_close(aof->env, old->file);
    // One without records had the name that is the new one's now: the rename
    // has removed it.
    if (old->end > SEGMENT_HEADER_SIZE)
        aof_closed_add(aof, old->first_lsn, old->size, old->end);
    aof->current = aof->next;
    aof->next = (struct aof_segment){0};
    aof_turn_move(aof, AOF_TURN_NONE);
    log_info(aof->log, "segment begun", LOG_TEXT_OF("file", aof->current.name),
             LOG_INT_OF("size", (int64_t)aof->current.size));
    aof_trim_closed(aof);
}

static void aof_turn_done(struct env_io *io, enum status status)
{
    struct aof *aof = container_of(io, struct aof, turn_io);
    if (!aof_io_ended(aof))
        return;
    if (aof->failed) {
        aof_handle(aof);
        return;
    }
    if (status != STATUS_OK) {
        const char *verb = aof->turn == AOF_TURN_HEADER ? "write" : "sync";
        bool naming = aof->turn == AOF_TURN_NAMING;
        aof_fail(aof, verb, naming ? "the directory" : aof->next.name, status);
    } else if (aof->turn == AOF_TURN_HEADER) {
        aof_turn_move(aof, AOF_TURN_SYNCING);
        aof_submit(aof, &aof->turn_io, env_disk_sync);
    } else if (aof->turn == AOF_TURN_SYNCING) {
        aof_turn_rename(aof); // Upholds (S3).
    } else {
        aof_turn_end(aof);
    }
    aof_handle(aof);
}

void aof_segments_step(struct aof *aof)
{
    bool has_records = aof->current.end > SEGMENT_HEADER_SIZE;
    if (aof->rotating && aof->turn == AOF_TURN_NONE && !has_records)
        aof->rotating = false; // Nothing to close.
    bool wants_turn = aof->rotating || !aof->current.file;
    if (wants_turn && aof->turn == AOF_TURN_NONE && !aof->stopping &&
        aof_spares_find(aof, aof->mark_size))
        aof_turn_begin(aof, aof->mark_size);
    if (aof->turn == AOF_TURN_CLOSING && !aof->flying.size && !aof->rest.size &&
        !aof->syncing && aof->durable == aof->next.first_lsn - 1)
        aof_turn_write_header(aof);
}

// ---- Begin and end

static void aof_segments_see(void *context, const char *name)
{
    struct aof *aof = context;
    uint64_t lsn;
    if (!segment_parse_name(name, &lsn))
        aof_spares_see(aof, name);
    else if (lsn < aof->current.first_lsn)
        aof_closed_add(aof, lsn, 0, 0);
}

static int aof_closed_compare(const void *a, const void *b)
{
    uint64_t first = ((const struct aof_closed *)a)->first_lsn;
    uint64_t second = ((const struct aof_closed *)b)->first_lsn;
    return (first > second) - (first < second);
}

// Where its records end is not known without reading it: at its end.
static enum status aof_closed_measure(struct aof *aof,
                                      struct aof_closed *closed)
{
    char name[SEGMENT_NAME_SIZE];
    segment_format_name(name, closed->first_lsn);
    struct env_file *file;
    enum status status = env_disk_open(aof->env, name, ENV_OPEN_READ, &file);
    if (status != STATUS_OK)
        return status;
    status = env_disk_size(aof->env, file, &closed->size);
    closed->end = closed->size;
    env_disk_close(aof->env, file);
    return status;
}

void aof_segments_init(struct aof *aof)
{
    aof->turn_io.done = aof_turn_done;
    enum status status = env_disk_list(aof->env, aof_segments_see, aof);
    aof_spares_adopt(aof);
    if (aof->closed_count)
        qsort(aof->closed, aof->closed_count, sizeof *aof->closed,
              aof_closed_compare);
    for (size_t i = 0; i < aof->closed_count && status == STATUS_OK; i++)
        status = aof_closed_measure(aof, &aof->closed[i]);
    if (status != STATUS_OK)
        aof_fail(aof, "list", "the files of the log", status);
}

void aof_segments_deinit(struct aof *aof)
{
    free(aof->closed);
}

static void aof_count_segment(struct aof_stats *stats, uint64_t size,
                              uint64_t end)
{
    stats->disk_size += size;
    if (end > SEGMENT_HEADER_SIZE)
        stats->size += end - SEGMENT_HEADER_SIZE;
}

void aof_segments_count(const struct aof *aof, struct aof_stats *stats)
{
    for (size_t i = 0; i < aof->closed_count; i++)
        aof_count_segment(stats, aof->closed[i].size, aof->closed[i].end);
    aof_count_segment(stats, aof->current.size, aof->current.end);
    aof_count_segment(stats, aof->next.size, aof->next.end);
    stats->segments = aof->closed_count + (aof->current.file ? 1 : 0);
    if (aof->closed_count)
        stats->oldest_lsn = aof->closed[0].first_lsn;
    else if (aof->current.file)
        stats->oldest_lsn = aof->current.first_lsn;
}

void aof_segments_check(const struct aof *aof)
{
    for (size_t i = 0; i < aof->closed_count; i++)
        check(aof->closed[i].first_lsn <= aof_closed_last_lsn(aof, i));
    const struct aof_segment *current = &aof->current, *next = &aof->next;
    bool turning = aof->turn != AOF_TURN_NONE;
    check((next->size != 0) == turning);
    check(current->end <= current->size);
    check(next->end <= next->size);
    check(next->written == (turning ? SEGMENT_HEADER_SIZE : 0)); // (S1)
    if (aof->failed)
        return;
    // Every byte between is in memory, once.
    uint64_t behind = turning ? aof->rest.size : aof->gathering.size;
    check(current->end - current->written == aof->flying.size + behind);
    if (turning)
        check(next->end - SEGMENT_HEADER_SIZE == aof->gathering.size);
    else
        check(!aof->rest.size);
    if (aof->turn > AOF_TURN_CLOSING) // (S2)
        check(aof->durable == next->first_lsn - 1);
    if (!aof->marked) // (L2) of aof.c
        check((turning ? next : current)->end + aof->mark_size <=
              (turning ? next : current)->size);
}
