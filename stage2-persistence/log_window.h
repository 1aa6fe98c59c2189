// log_window.h -- reads a file from front to back, a large piece at a time:
// what is in memory is the window, and it moves.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_LOG_WINDOW_H
#define VEGA_STAGE2_LOG_WINDOW_H

#include <stdint.h>

#include "common/base/buffer.h"
#include "common/env/env.h"

enum { LOG_WINDOW_SIZE = 1 << 20 }; // Unless more is wanted at once.

// Zeroed: closed.
struct log_window {
    struct env *env;
    struct env_file *file; // NULL: closed.
    uint64_t size;         // Of the file.
    uint64_t offset;       // In the file, of the front of the window.
    struct buffer bytes;
    size_t front; // Of the window, in `bytes`.
};

// Opens a file; the window, empty, stands at `offset`.
enum status log_window_open(struct log_window *window, struct env *env,
                            const char *name, uint64_t offset);
void log_window_close(struct log_window *window); // Harmless when closed.

// What is in the window. Borrowed until log_window_fill.
struct slice log_window_bytes(const struct log_window *window);
// Bytes of the file from the front of the window on.
uint64_t log_window_left(const struct log_window *window);

// Moves the front over bytes that are in the window.
void log_window_skip(struct log_window *window, size_t size);

// Makes the window hold `wanted` bytes or more, or all that are left. A file
// that turns out to be shorter than it was is as long as it is.
enum status log_window_fill(struct log_window *window, size_t wanted);

#endif
