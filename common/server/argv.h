// argv.h -- arguments that are owned, appended one after another.
//
// A zeroed struct argv is an empty one.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_ARGV_H
#define VEGA_COMMON_ARGV_H

#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"

struct argv {
    struct buffer bytes;  // Of all arguments, without gaps.
    struct slice *slices; // Sizes only, until argv_slices was called.
    uint32_t count;
    uint32_t capacity;
};

void argv_deinit(struct argv *argv); // Leaves it empty and usable.

void argv_add(struct argv *argv, struct slice argument); // Copied.
void argv_add_integer(struct argv *argv, int64_t value); // As a decimal.
void argv_add_all(struct argv *argv, const struct slice *arguments,
                  uint32_t count);

// All of them. Borrowed until the next one is added.
const struct slice *argv_slices(struct argv *argv);

#endif
