// info.h -- the text of INFO, section by section.
//
//     # Server\r\n
//     redis_version:7.0.15\r\n
//
// The server and every layer are asked for all of their sections each time;
// the ones that the client did not ask for are dropped while they are written.
// A section may be added to from several places.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_INFO_H
#define VEGA_COMMON_INFO_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"

enum { INFO_SECTIONS_MAX = 24 };

struct info_section {
    char name[24];
    struct buffer text;
};

struct info {
    const struct slice *wanted; // Section names, any case. Borrowed.
    size_t wanted_count;        // 0: the default ones.
    struct info_section sections[INFO_SECTIONS_MAX];
    size_t count;
    struct info_section *current; // NULL while an unwanted section is written.
};

void info_init(struct info *info, const struct slice *wanted, size_t count);
void info_deinit(struct info *info);

// Opens the section `name` ("Memory"), new or begun before. A section that is
// not part of the default answer (`extra`) is written only when it is named,
// or by ALL and EVERYTHING.
void info_section(struct info *info, const char *name, bool extra);

// One line "field:value" of the open section.
void info_field(struct info *info, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// All sections in the order in which they were first opened, so the server
// opens them in the order of Redis and the layers fill them. Appends to `out`.
void info_format(const struct info *info, struct buffer *out);

#endif
