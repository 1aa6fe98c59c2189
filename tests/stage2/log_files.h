// log_files.h -- a directory with segments made by hand, for tests of what
// reads them.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_LOG_FILES_H
#define VEGA_TESTS_LOG_FILES_H

#include <stdint.h>

#include "common/base/buffer.h"
#include "common/env/env.h"

struct loop;

struct log_files {
    char path[64]; // Of a temporary directory.
    struct loop *loop;
    struct env *env; // The real one, over that directory.
};

struct log_files log_files_create(void);
void log_files_destroy(struct log_files *files); // And all that is in it.

// A file in the making: write it when it is as wanted.
struct log_file {
    char name[48];
    uint32_t salt;
    uint64_t next_lsn;
    struct buffer bytes;
};

// With a valid header.
struct log_file log_file_begin(uint32_t salt, uint64_t first_lsn,
                               uint64_t durable);
// One more record: {"SET", its LSN, a value of `size` bytes}. Returns where it
// begins.
size_t log_file_add(struct log_file *file, uint64_t durable, size_t size);
void log_file_add_zeros(struct log_file *file, size_t size);

// Writes the file, whatever was there, and forgets it.
void log_files_write(struct log_files *files, struct log_file *file);

#endif
