// snapshot.h -- one file that holds the whole store as it was after one LSN.
// The bytes, and when they are valid, stand in snapshot.c.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_SNAPSHOT_H
#define VEGA_STAGE2_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/env/env.h"
#include "stage1-singlenode/store.h"

struct snapshot {
    uint64_t lsn;   // It holds the effects of all records up to here.
    uint64_t term;  // Of that record.
    int64_t now_ms; // Of execution, when it was taken.
    bool compressed;
    uint64_t key_count; // At most; see store_count.
    uint64_t size;      // Bytes of the file; set when reading.
};

// "00000000000000000042.snapshot", and back. A draft, not valid yet, ends in
// ".snapshot.draft".
enum { SNAPSHOT_NAME_SIZE = 40 };
void snapshot_format_name(char name[SNAPSHOT_NAME_SIZE], uint64_t lsn,
                          bool draft);
bool snapshot_parse_name(const char *name, uint64_t *lsn, bool *draft);

// Writes it all. For env_job.write: changes nothing. Progress is in entries.
enum status snapshot_write(const struct store *store,
                           const struct snapshot *snapshot,
                           struct env_output *output);

enum snapshot_result {
    SNAPSHOT_MORE, // Some of it was read; go on.
    SNAPSHOT_DONE, // All was read, and it is valid.
    SNAPSHOT_INVALID,
    SNAPSHOT_NEWER, // Written by a newer version.
    SNAPSHOT_IO,    // The file cannot be read.
};

// Reads a file into an empty store, a slice at a time. What was loaded of one
// that turns out to be invalid is to be thrown away with its store.
struct snapshot_reader;
// NULL with *status when the file cannot be opened. `env` and `store` are
// borrowed.
struct snapshot_reader *snapshot_reader_create(struct env *env,
                                               const char *name,
                                               struct store *store,
                                               enum status *status);
void snapshot_reader_destroy(struct snapshot_reader *reader);
enum snapshot_result snapshot_read_some(struct snapshot_reader *reader,
                                        uint64_t entries_max);
// `size` at once, the rest from the first SNAPSHOT_MORE on. Borrowed.
const struct snapshot *
snapshot_reader_info(const struct snapshot_reader *reader);
uint64_t snapshot_reader_offset(const struct snapshot_reader *reader);
// What is wrong, and where: "0...42.snapshot, byte 64: the checksum of the
// block does not match". "" before SNAPSHOT_INVALID, _NEWER or _IO. Borrowed.
const char *snapshot_reader_error(const struct snapshot_reader *reader);

#endif
