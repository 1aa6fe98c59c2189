// snapshot_files.h -- which files are snapshots that count, and which can go.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_SNAPSHOT_FILES_H
#define VEGA_STAGE2_SNAPSHOT_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/logger.h"
#include "common/env/env.h"

enum { SNAPSHOT_FILES_KEPT = 2 };

struct snapshot_files {
    struct env *env; // Both are borrowed.
    struct logger *log;
    uint64_t kept[SNAPSHOT_FILES_KEPT]; // LSNs, newest first.
    size_t count;
};

// Finds the newest ones on the disk, leaving out those above `lsn_max`.
void snapshot_files_find(struct snapshot_files *files, uint64_t lsn_max);
// Bytes of the newest one; 0 when there is none, or it cannot be told.
uint64_t snapshot_files_size(const struct snapshot_files *files);

// From now on this one counts; if it makes one too many, the oldest does not.
void snapshot_files_keep(struct snapshot_files *files, uint64_t lsn);

// Remove what is on the disk and does not count, or is a draft. That something
// could not be removed is told, and no more.
void snapshot_files_remove_others(struct snapshot_files *files);
void snapshot_files_remove_drafts(struct snapshot_files *files);
void snapshot_files_remove(struct snapshot_files *files, const char *name);

void snapshot_files_check_invariants(const struct snapshot_files *files);

#endif
