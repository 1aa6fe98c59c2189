// segment.h -- the header and the name of a file of the log. The bytes stand in
// segment.c; records (record.h) follow them.
//
// Pure: works on memory only.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_SEGMENT_H
#define VEGA_STAGE2_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/slice.h"

enum { SEGMENT_HEADER_SIZE = 4096, SEGMENT_VERSION = 1 };

struct segment {
    uint32_t salt; // New at each use: records of a former life are not valid.
    uint64_t first_lsn;
    uint64_t durable;      // As in a record, when the segment was begun.
    uint64_t term, vote;   // What a later stage needs with the log.
    uint64_t segment_size; // Bytes of the whole file, as it was made.
};

void segment_encode(char bytes[SEGMENT_HEADER_SIZE],
                    const struct segment *segment);

enum segment_result {
    SEGMENT_OK,
    SEGMENT_INVALID, // Torn, damaged, or something else.
    SEGMENT_NEWER,   // Written by a newer version: *version says which.
};
// `bytes`: the file, or its front. On SEGMENT_OK sets *segment.
enum segment_result segment_decode(struct slice bytes, struct segment *segment,
                                   uint32_t *version);

// "00000000000000000001.log", and back; false for any other name.
enum { SEGMENT_NAME_SIZE = 32 };
void segment_format_name(char name[SEGMENT_NAME_SIZE], uint64_t first_lsn);
bool segment_parse_name(const char *name, uint64_t *first_lsn);

#endif
