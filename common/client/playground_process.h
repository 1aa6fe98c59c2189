// playground_process.h -- processes that end with vega-playground, and what it
// needs for them: ports, logs.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PLAYGROUND_PROCESS_H
#define VEGA_COMMON_PLAYGROUND_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

#include "common/base/buffer.h"

// Starts argv[0], a path, in `directory`, with what it prints appended to `log`
// and nothing to read. It is in a process group of its own, so that the
// terminal's Ctrl-C is not for it, and the kernel kills it when this process
// ends, however it does. -1 with errno set when there is no process to be had;
// what else fails, the log says.
pid_t playground_process_start(const char *directory, const char *log,
                               const char *const *argv);

// Appends the last `lines` lines of the file from byte `from` on, each with a
// line end; nothing when it cannot be read.
void playground_append_tail(const char *path, off_t from, size_t lines,
                            struct buffer *out);

// Its size; 0 when there is none.
off_t playground_file_size(const char *path);

// A port of the loopback that nobody has now, and that the system gives to no
// connection; each call looks on from *next, which the first finds at 0. 0 when
// there is none.
uint16_t playground_free_port(uint16_t *next);

// The text as of printf. Owned by the caller.
char *playground_text(const char *format, ...)
    __attribute__((format(printf, 1, 2), returns_nonnull));

#endif
