// sim_disk.h -- a disk of the simulated world. It outlives the processes that
// use it, and its power can be cut. What it may lose, tear, damage or refuse
// stands at the top of sim_disk.c.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_DISK_H
#define VEGA_COMMON_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"
#include "common/base/status.h"
#include "common/sim/sim.h"

struct sim_process;

enum sim_call_kind {
    SIM_CALL_OPEN, // Of a file that exists.
    SIM_CALL_READ,
    SIM_CALL_LIST,
    // From here on calls change the disk: they are counted, and a process can
    // crash at each of them.
    SIM_CALL_CREATE,
    SIM_CALL_WRITE,
    SIM_CALL_SYNC,
    SIM_CALL_SYNC_NAMES,
    SIM_CALL_RENAME,
    SIM_CALL_REMOVE,
    SIM_CALL_KINDS,
};

// Fails calls of one kind, precisely: after `skip` more that are let through,
// the next `times`, with `status`. Zeroed: none. The disk counts both down.
struct sim_failure {
    uint64_t skip, times;
    enum status status;
};

enum sim_crash_how {
    SIM_CRASH_BEFORE, // The call has no effect.
    SIM_CRASH_TORN,   // A write is carried out in part, another call or not.
    SIM_CRASH_AFTER,  // The call has its effect, and nobody is told.
};

// Ends the process at the call with this number (disk->calls counts them): the
// call returns STATUS_CLOSED, and process->dead is set.
struct sim_crash {
    uint64_t at_call; // 0: none.
    enum sim_crash_how how;
    bool kill; // Only the process ends; otherwise the power is cut.
};

// May be changed at any time.
struct sim_disk_knobs {
    uint64_t capacity;   // Bytes of all files; 0: no bound.
    bool snapshots_dead; // All calls in that directory fail with STATUS_IO.
    // How many of a million calls fail with STATUS_IO.
    uint32_t failures_per_million[SIM_CALL_KINDS];
    struct sim_failure fail[SIM_CALL_KINDS];
    struct sim_crash crash;
    uint32_t slow_per_million; // Syncs that take 100 ms to 3 s.
    int64_t delay_us;          // Added to every asynchronous write and sync.
};

struct sim_disk {
    struct sim *sim;
    struct sim_disk_knobs knobs;
    uint64_t calls;              // That change the disk, so far.
    struct sim_process *process; // That uses it now, or NULL.

    // The disk's own; see sim_disk_private.h.
    struct list_link inodes;  // In the order of their making.
    struct list_link renames; // Changes of names that are not synced.
    uint64_t ordinals;        // Of writes and changes of names, so far.
};

// An empty one without faults, on which a sync in a thousand is slow. Owned by
// the caller; `sim` outlives it.
struct sim_disk *sim_disk_create(struct sim *sim);
// No living process may use it.
void sim_disk_destroy(struct sim_disk *disk);

// A disk like this one, with all that is not synced and with the knobs, but
// used by nobody: to see what other ends a power cut can have, or to recover
// the same state again. Owned by the caller.
struct sim_disk *sim_disk_clone(const struct sim_disk *disk);

// Ends the process that uses the disk, if there is one, and loses what it may
// of what was not synced. What remains is all durable.
void sim_power_cut(struct sim_disk *disk);

// For harnesses and checkers. These have no faults and are not counted.

// The name of the file at `index`, sorted by name; NULL behind the last.
// Borrowed until the disk changes.
const char *sim_disk_name(const struct sim_disk *disk, size_t index);
bool sim_disk_has(const struct sim_disk *disk, const char *name);
// As a process would read it now. Borrowed until the disk changes.
enum status sim_disk_content(const struct sim_disk *disk, const char *name,
                             struct slice *content);
// As it is on the platter, also by the name there: what a power cut leaves
// that loses all it may.
enum status sim_disk_durable(const struct sim_disk *disk, const char *name,
                             struct slice *content);
uint64_t sim_disk_used(const struct sim_disk *disk); // Counts to capacity.

// Puts a file there, durable at once, in the place of one of that name.
void sim_disk_put(struct sim_disk *disk, const char *name,
                  struct slice content);
void sim_disk_drop(struct sim_disk *disk, const char *name); // Likewise.

// Bit rot: flips the bits of `mask` in one byte, durably. The byte exists.
void sim_disk_flip(struct sim_disk *disk, const char *name, uint64_t offset,
                   unsigned char mask);
// Flips one bit anywhere. False when there is no byte. *name, borrowed until
// the disk changes, and *offset say where; either may be NULL.
bool sim_disk_rot(struct sim_disk *disk, const char **name, uint64_t *offset);

void sim_disk_check_invariants(const struct sim_disk *disk);

#endif
