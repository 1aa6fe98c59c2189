// snapshot_files.c -- which files are snapshots that count, and which can go.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshot_files.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "stage2-persistence/snapshot.h"

// What is in the directory, noted before anything in it is changed.
struct listing {
    struct listed {
        uint64_t lsn;
        bool draft;
    } * files; // Owned.
    size_t count;
};

static void listing_add(void *context, const char *name)
{
    struct listing *listing = context;
    struct listed file;
    if (!snapshot_parse_name(name, &file.lsn, &file.draft))
        return;
    size_t size = (listing->count + 1) * sizeof file;
    listing->files = xrealloc(listing->files, size);
    listing->files[listing->count++] = file;
}

static struct listing snapshot_files_list(struct snapshot_files *files)
{
    struct listing listing = {0};
    enum status status = env_disk_list(files->env, listing_add, &listing);
    if (status != STATUS_OK)
        log_warn(files->log, "cannot list the snapshots",
                 LOG_TEXT_OF("reason", status_name(status)));
    return listing;
}

static bool snapshot_files_counts(const struct snapshot_files *files,
                                  uint64_t lsn)
{
    for (size_t i = 0; i < files->count; i++) {
        if (files->kept[i] == lsn)
            return true;
    }
    return false;
}

void snapshot_files_keep(struct snapshot_files *files, uint64_t lsn)
{
    size_t at = 0;
    while (at < files->count && files->kept[at] > lsn)
        at++;
    if (at == SNAPSHOT_FILES_KEPT || snapshot_files_counts(files, lsn))
        return;
    if (files->count < SNAPSHOT_FILES_KEPT)
        files->count++;
    memmove(files->kept + at + 1, files->kept + at,
            (files->count - at - 1) * sizeof *files->kept);
    files->kept[at] = lsn;
}

void snapshot_files_find(struct snapshot_files *files, uint64_t lsn_max)
{
    struct listing listing = snapshot_files_list(files);
    for (size_t i = 0; i < listing.count; i++) {
        if (!listing.files[i].draft && listing.files[i].lsn <= lsn_max)
            snapshot_files_keep(files, listing.files[i].lsn);
    }
    free(listing.files);
}

uint64_t snapshot_files_size(const struct snapshot_files *files)
{
    char name[SNAPSHOT_NAME_SIZE];
    struct env_file *file;
    uint64_t size = 0;
    if (files->count == 0)
        return 0;
    snapshot_format_name(name, files->kept[0], false);
    if (env_disk_open(files->env, name, ENV_OPEN_READ, &file) != STATUS_OK)
        return 0;
    if (env_disk_size(files->env, file, &size) != STATUS_OK)
        size = 0;
    env_disk_close(files->env, file);
    return size;
}

void snapshot_files_remove(struct snapshot_files *files, const char *name)
{
    enum status status = env_disk_remove(files->env, name);
    if (status == STATUS_OK)
        log_info(files->log, "snapshot removed", LOG_TEXT_OF("file", name));
    else if (status != STATUS_NOT_FOUND)
        log_warn(files->log, "cannot remove", LOG_TEXT_OF("file", name),
                 LOG_TEXT_OF("reason", status_name(status)));
}

static void snapshot_files_clean(struct snapshot_files *files, bool drafts)
{
    struct listing listing = snapshot_files_list(files);
    for (size_t i = 0; i < listing.count; i++) {
        struct listed file = listing.files[i];
        if (file.draft != drafts ||
            (!drafts && snapshot_files_counts(files, file.lsn)))
            continue;
        char name[SNAPSHOT_NAME_SIZE];
        snapshot_format_name(name, file.lsn, file.draft);
        snapshot_files_remove(files, name);
    }
    free(listing.files);
}

void snapshot_files_remove_others(struct snapshot_files *files)
{
    snapshot_files_clean(files, false);
}

void snapshot_files_remove_drafts(struct snapshot_files *files)
{
    snapshot_files_clean(files, true);
}

void snapshot_files_check_invariants(const struct snapshot_files *files)
{
    check(files->count <= SNAPSHOT_FILES_KEPT);
    for (size_t i = 1; i < files->count; i++)
        check(files->kept[i - 1] > files->kept[i]);
}
