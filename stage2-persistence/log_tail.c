// log_tail.c -- makes the end of a log that was read back safe to go on from.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/log_tail.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"

enum { TAIL_PIECE = 1024 * 1024 };

// Ends like no segment, so that a crash leaves nothing that is read.
static const char tail_draft[] = "tail.draft";

// `to` may be `from`.
static enum status tail_copy_bytes(struct env *env, struct env_file *from,
                                   struct env_file *to, uint64_t size)
{
    char *piece = xmalloc(TAIL_PIECE);
    enum status status = STATUS_OK;
    for (uint64_t at = 0; at < size && status == STATUS_OK;) {
        size_t wanted =
            size - at < TAIL_PIECE ? (size_t)(size - at) : (size_t)TAIL_PIECE;
        size_t got;
        status = env_disk_read(env, from, at, piece, wanted, &got);
        if (status == STATUS_OK && got < wanted)
            status = STATUS_IO;
        if (status == STATUS_OK)
            status =
                env_disk_write_now(env, to, at, (struct slice){piece, wanted});
        at += wanted;
    }
    free(piece);
    return status;
}

// The first `size` bytes of `name` as a new, synced file under the draft's
// name.
static enum status tail_make_draft(struct env *env, const char *name,
                                   uint64_t size)
{
    struct env_file *from, *to;
    enum status status = env_disk_open(env, name, ENV_OPEN_READ, &from);
    if (status != STATUS_OK)
        return status;
    status = env_disk_remove(env, tail_draft);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        status = env_disk_open(env, tail_draft, ENV_OPEN_CREATE, &to);
    if (status != STATUS_OK)
        goto close_from;
    status = tail_copy_bytes(env, from, to, size);
    if (status == STATUS_OK)
        status = env_disk_sync_now(env, to);
    env_disk_close(env, to);
close_from:
    env_disk_close(env, from);
    return status;
}

// Puts a synced copy in the file's place; at once, as far as a crash can tell.
static enum status tail_replace(struct env *env, const char *name,
                                uint64_t size)
{
    enum status status = tail_make_draft(env, name, size);
    if (status == STATUS_OK)
        status = env_disk_rename(env, tail_draft, name);
    else
        env_disk_remove(env, tail_draft);
    if (status == STATUS_OK)
        status = env_disk_sync_names_now(env);
    return status;
}

static enum status tail_zero(struct env *env, struct env_file *file,
                             uint64_t from)
{
    uint64_t size;
    enum status status = env_disk_size(env, file, &size);
    char *zeros = xcalloc(1, TAIL_PIECE);
    for (uint64_t at = from; status == STATUS_OK && at < size;
         at += TAIL_PIECE) {
        size_t piece =
            size - at < TAIL_PIECE ? (size_t)(size - at) : (size_t)TAIL_PIECE;
        status =
            env_disk_write_now(env, file, at, (struct slice){zeros, piece});
    }
    free(zeros);
    return status;
}

// The same in the file itself, which takes no space: writes what was read where
// it was read, so that it is synced once more, and zeros behind it. A crash
// leaves bytes that were there before, or zeros where there was no record.
static enum status tail_rewrite(struct env *env, const char *name,
                                uint64_t size)
{
    struct env_file *file;
    enum status status = env_disk_open(env, name, ENV_OPEN_WRITE, &file);
    if (status != STATUS_OK)
        return status;
    status = tail_copy_bytes(env, file, file, size);
    if (status == STATUS_OK)
        status = tail_zero(env, file, size);
    if (status == STATUS_OK)
        status = env_disk_sync_now(env, file);
    env_disk_close(env, file);
    return status;
}

// On a full disk a start is possible too: reads are served, and writes when
// there is space again.
static enum status tail_renew(struct env *env, const char *name, uint64_t size)
{
    enum status status = tail_replace(env, name, size);
    return status == STATUS_FULL ? tail_rewrite(env, name, size) : status;
}

static bool tail_failed(enum status status, const char *what, const char *name,
                        char *error, size_t error_size)
{
    if (status != STATUS_OK)
        snprintf(error, error_size, "cannot %s %s: %s%s", what, name,
                 status_name(status),
                 status == STATUS_FULL ? "; free some space, and start again"
                                       : "");
    return status != STATUS_OK;
}

// True for what is before the cut and holds a record. (A segment that was not
// read, because a snapshot covers it, has no `used`.)
static bool tail_is_kept(const struct log_scan_result *log,
                         const struct log_segment *segment, size_t index)
{
    return index < log->cut_segment ||
           (index < log->cut_next && segment->valid &&
            (segment->used == 0 || segment->records > 0));
}

bool log_tail_secure(struct env *env, const struct log_scan *scan, char *error,
                     size_t error_size)
{
    const struct log_scan_result *log = log_scan_result(scan);
    size_t count;
    const struct log_segment *segments = log_scan_segments(scan, &count);
    enum status status;
    // Newest first: what is left after a crash still ends at the cut.
    for (size_t i = count; i-- > 0;) {
        const struct log_segment *segment = &segments[i];
        bool kept = tail_is_kept(log, segment, i);
        if (kept && (segment->used == 0 || segment->last_lsn <= log->durable))
            continue;
        status = kept ? tail_renew(env, segment->name, segment->used)
                      : env_disk_remove(env, segment->name);
        if (tail_failed(status, kept ? "copy" : "remove", segment->name, error,
                        error_size))
            return false;
    }
    status = env_disk_sync_names_now(env);
    return !tail_failed(status, "sync", "the data directory", error,
                        error_size);
}
