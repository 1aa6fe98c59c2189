// check_snapshots.h -- reads the snapshots of a directory, every byte of them.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_CHECK_SNAPSHOTS_H
#define VEGA_STAGE2_CHECK_SNAPSHOTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/env/env.h"
#include "stage2-persistence/snapshot.h"

enum { CHECK_TYPE_COUNT = ENTRY_HASH + 1 };
extern const char *const check_type_names[CHECK_TYPE_COUNT]; // Redis' words.

struct check_snapshot {
    char name[SNAPSHOT_NAME_SIZE];
    uint64_t lsn; // As the name says.
    // SNAPSHOT_DONE: it is sound.
    enum snapshot_result result;
    struct snapshot info;            // If it is.
    uint64_t keys[CHECK_TYPE_COUNT]; // Likewise; by enum entry_type.
    char *error;                     // Owned; NULL if it is.
};

struct check_snapshots {
    struct check_snapshot *each; // Owned; oldest first.
    size_t count;
    uint64_t oldest, newest; // LSNs of those that are sound; 0: none is.
};

// Lists and reads them, one at a time, into memory, as a server would. Fails
// when the directory cannot be listed. Deinitialize whatever it returns.
enum status check_snapshots_read(struct check_snapshots *snapshots,
                                 struct env *env);
// Lists them only and takes them for sound.
enum status check_snapshots_list(struct check_snapshots *snapshots,
                                 struct env *env);
void check_snapshots_deinit(struct check_snapshots *snapshots);

#endif
