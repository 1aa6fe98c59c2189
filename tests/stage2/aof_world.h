// aof_world.h -- a log over a simulated disk, for its tests: records whose
// content follows from their LSN and size, and a reader that takes what is on
// the disk apart and holds it against them.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_AOF_WORLD_H
#define VEGA_TESTS_AOF_WORLD_H

#include "common/sim/sim.h"
#include "common/sim/sim_disk.h"
#include "common/sim/sim_process.h"
#include "stage2-persistence/aof.h"

enum { AOF_WORLD_RECORDS_MAX = 8192 };

struct aof_world {
    struct sim sim;
    struct sim_disk *disk;
    struct sim_process *process;
    struct aof *aof;
    struct aof_options options;
    struct aof_owner owner;
    int advanced, ready, failed; // Calls of the owner.
    uint64_t durable;            // Highest that was ever reported.
    uint64_t trimmed;
    // Bytes of the argument of each record, by LSN; 0: a mark.
    uint32_t sizes[AOF_WORLD_RECORDS_MAX];
};

// Heap, and a segment size of 64 KiB under `always`; nothing runs yet.
struct aof_world *aof_world_create(uint64_t seed);
void aof_world_destroy(struct aof_world *world);

// A node begins, at that LSN; and ends, orderly or not.
void aof_world_start(struct aof_world *world, uint64_t next_lsn);
void aof_world_end(struct aof_world *world);

// A new one that runs from LSN 1 on; its first segment stands, its disk is
// quiet.
struct aof_world *aof_world_running(enum aof_policy policy);
struct aof_stats aof_world_stats(const struct aof_world *world);

// Lets time pass, in small steps, checking the invariants after each.
void aof_world_run(struct aof_world *world, int64_t us);
// The same until a record of that size has room, ten seconds at most.
enum aof_room aof_world_wait(struct aof_world *world, uint32_t argument_size);

// Bytes of the record with an argument of so many bytes.
size_t aof_world_record_size(uint32_t argument_size);
// Appends one, for which there is room. Returns its LSN.
uint64_t aof_world_append(struct aof_world *world, uint32_t argument_size);
// Waits, then appends.
void aof_world_put(struct aof_world *world, uint32_t argument_size);
void aof_world_stop(struct aof_world *world);

struct aof_found {
    uint64_t first_lsn, end; // Of the chain of valid records; end 0: none.
    uint64_t marked;         // Highest `durable` in one of them.
    size_t segments, marks;
    bool last_is_mark;
};
// Reads all segments, as a process would, and checks that they hold what was
// appended, without gaps but in what was trimmed.
struct aof_found aof_world_read(const struct aof_world *world,
                                const struct sim_disk *disk);
size_t aof_world_files(const struct sim_disk *disk, const char *prefix);

#endif
