// argv.c -- arguments that are owned, appended one after another.
//
// While more may come the bytes may move, so that only sizes are kept; the
// pointers are made when somebody asks for them.
// SPDX-License-Identifier: MIT
#include "common/server/argv.h"

#include <stdlib.h>

#include "common/base/memory.h"

enum { ARGV_CAPACITY_MIN = 16 };

void argv_deinit(struct argv *argv)
{
    buffer_deinit(&argv->bytes);
    free(argv->slices);
    *argv = (struct argv){0};
}

void argv_add(struct argv *argv, struct slice argument)
{
    if (argv->count == argv->capacity) {
        argv->capacity =
            argv->capacity ? 2 * argv->capacity : ARGV_CAPACITY_MIN;
        argv->slices =
            xrealloc(argv->slices, argv->capacity * sizeof *argv->slices);
    }
    buffer_append_slice(&argv->bytes, argument);
    argv->slices[argv->count++] = (struct slice){NULL, argument.size};
}

void argv_add_integer(struct argv *argv, int64_t value)
{
    char text[INT64_TEXT_MAX];
    argv_add(argv, (struct slice){text, int64_format(text, value)});
}

void argv_add_all(struct argv *argv, const struct slice *arguments,
                  uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        argv_add(argv, arguments[i]);
}

const struct slice *argv_slices(struct argv *argv)
{
    const char *at = argv->bytes.data;
    for (uint32_t i = 0; i < argv->count; i++) {
        argv->slices[i].data = argv->slices[i].size ? at : "";
        at += argv->slices[i].size;
    }
    return argv->slices;
}
