// flat.h -- a transaction as one request: how EXEC and COMMIT go down the
// stack.
//
//     NAME  n  { key version } * n  m  { seed argc argument * argc } * m
//
// Numbers are decimals. First the keys that must still have these versions (0:
// the key must be absent), then the commands, each with the randomness that it
// runs with. So a transaction is an argv like any other: a layer copies it,
// logs it, sends it and runs it again without knowing what it is.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_FLAT_H
#define VEGA_COMMON_FLAT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/server/argv.h"

// ---- Writing, in this order

// `versions` holds a key and its version in turn.
void flat_begin(struct argv *flat, struct slice name, struct argv *versions);
void flat_begin_commands(struct argv *flat, uint32_t count);
void flat_add_command(struct argv *flat, uint64_t seed,
                      const struct slice *argv, uint32_t argc);

// ---- Reading

struct flat { // What is left to read.
    const struct slice *next;
    uint32_t left;
};

struct flat_version {
    struct slice key; // Borrowed from the argv, as all below.
    uint64_t version;
};

struct flat_command {
    uint64_t seed;
    const struct slice *argv;
    uint32_t argc; // At least 1.
};

// False if `argv` has another form than that above. Where it is true, reading
// as many as the counts say succeeds.
bool flat_is_valid(const struct slice *argv, uint32_t argc);

struct flat flat_open(const struct slice *argv, uint32_t argc);
bool flat_read_count(struct flat *flat, uint32_t *count);
bool flat_read_version(struct flat *flat, struct flat_version *version);
bool flat_read_command(struct flat *flat, struct flat_command *command);

#endif
