// check_repair.c -- cuts a log where it is damaged, and keeps what it cuts.
//
// The segment that holds the cut comes first: a copy of the whole file under
// the name for what was cut, synced; the valid prefix as a draft, synced; then
// the draft takes the file's name. Segments behind the cut are renamed, the
// newest first. While one of them is left the log has a hole below it, which is
// what it had before: so a crash between any two steps leaves nothing that a
// server would take for more than it is.
//
// The cut is made even where nothing but zeros seems to follow. A segment ends
// where the next one begins; without that one, records that were void would
// count again.
//
// Where the log does not even reach the newest sound snapshot, or begins too
// late for it, none of it continues that snapshot, and all of it is cut.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/check_repair.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/memory.h"

enum { PIECE_SIZE = 1 << 20, KEPT_NAME_SIZE = SEGMENT_NAME_SIZE + 32 };

static const char draft_name[] = "repair.draft"; // Read by nobody.

struct repair {
    struct env *env;
    struct check_keeper *keeper;
    char when[24];
};

// Appends the first `size` bytes of a file to another one, which is empty.
static enum status copy_bytes(struct env *env, struct env_file *from,
                              struct env_file *to, uint64_t size)
{
    char *piece = xmalloc(PIECE_SIZE);
    enum status status = STATUS_OK;
    for (uint64_t at = 0; at < size && status == STATUS_OK; at += PIECE_SIZE) {
        size_t wanted = size - at < PIECE_SIZE ? size - at : PIECE_SIZE;
        size_t got = 0;
        status = env_disk_read(env, from, at, piece, wanted, &got);
        if (status == STATUS_OK && got < wanted)
            status = STATUS_IO;
        if (status == STATUS_OK)
            status =
                env_disk_write_now(env, to, at, (struct slice){piece, wanted});
    }
    free(piece);
    return status;
}

// Makes `to`, synced, of the first `size` bytes of `name`.
static enum status copy_file(struct env *env, const char *name, const char *to,
                             uint64_t size)
{
    struct env_file *source, *target;
    enum status status = env_disk_open(env, name, ENV_OPEN_READ, &source);
    if (status != STATUS_OK)
        return status;
    status = env_disk_open(env, to, ENV_OPEN_CREATE, &target);
    if (status == STATUS_OK) {
        status = copy_bytes(env, source, target, size);
        if (status == STATUS_OK)
            status = env_disk_sync_now(env, target);
        env_disk_close(env, target);
    }
    env_disk_close(env, source);
    return status;
}

static void format_kept(char kept[KEPT_NAME_SIZE], const char *name,
                        const char *when)
{
    snprintf(kept, KEPT_NAME_SIZE, "%s.cut-%s", name, when);
}

// Takes the whole file away.
static enum status repair_take(const struct repair *repair,
                               const struct log_segment *segment)
{
    char kept[KEPT_NAME_SIZE];
    format_kept(kept, segment->name, repair->when);
    enum status status = env_disk_rename(repair->env, segment->name, kept);
    if (status == STATUS_OK)
        status = env_disk_sync_names_now(repair->env);
    if (status == STATUS_OK)
        repair->keeper->kept(repair->keeper, segment->name, kept);
    return status;
}

// Leaves the first `size` bytes of it.
static enum status repair_cut(const struct repair *repair,
                              const struct log_segment *segment, uint64_t size)
{
    struct env *env = repair->env;
    char kept[KEPT_NAME_SIZE];
    format_kept(kept, segment->name, repair->when);
    enum status status = copy_file(env, segment->name, kept, segment->size);
    // A repair that did not end may have left a draft.
    env_disk_remove(env, draft_name);
    if (status == STATUS_OK)
        status = copy_file(env, segment->name, draft_name, size);
    // The copy has its name before the file loses what is in it.
    if (status == STATUS_OK)
        status = env_disk_sync_names_now(env);
    if (status == STATUS_OK)
        status = env_disk_rename(env, draft_name, segment->name);
    if (status == STATUS_OK)
        status = env_disk_sync_names_now(env);
    if (status == STATUS_OK)
        repair->keeper->kept(repair->keeper, segment->name, kept);
    return status;
}

enum status check_repair(struct env *env, const struct check_health *health,
                         struct check_keeper *keeper, const char **file)
{
    const struct log_scan_result *log = health->log;
    struct repair repair = {.env = env, .keeper = keeper};
    time_t now = (time_t)(env_wall_us(env) / 1000000);
    struct tm tm;
    strftime(repair.when, sizeof repair.when, "%Y%m%dT%H%M%S",
             gmtime_r(&now, &tm));

    size_t left = log->cut_next; // Segments that are not taken away.
    if (health->log_verdict == LOG_SCAN_GAP ||
        log->last_lsn < health->snapshots.newest)
        left = 0;
    const struct log_segment *last = left ? &health->segments[left - 1] : NULL;
    // One that would hold no record is in the way of the server's next one.
    if (last && last->records == 0)
        left--;
    else if (last && log->cut_offset < last->size) {
        *file = last->name;
        enum status status = repair_cut(&repair, last, log->cut_offset);
        if (status != STATUS_OK)
            return status;
    }
    for (size_t i = health->segment_count; i-- > left;) {
        *file = health->segments[i].name;
        enum status status = repair_take(&repair, &health->segments[i]);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
