// record.h -- the framing of the log: one record after another in a segment.
// The bytes, and when they are valid, stand in record.c.
//
// Pure: works on memory only.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_RECORD_H
#define VEGA_STAGE2_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"

enum record_kind {
    RECORD_COMMAND = 1, // A request that changed the store.
    RECORD_MARK = 2,    // No request; carries `durable` of an idle log.
    // Kinds from here on belong to layers above, who register them.
    RECORD_KIND_OTHERS = 16,
};

enum {
    RECORD_HEADER_SIZE = 64, // Up to the arguments; at most.
    // Bytes of one record: what a client may send in one request, and a
    // transaction may gather. The log refuses more, before it is executed.
    RECORD_SIZE_MAX = 1 << 30,
    RECORD_ARGUMENTS_MAX = 1 << 22,
};

struct record {
    uint8_t kind;
    uint64_t lsn;     // 1, 2, 3, ... without gaps.
    uint64_t term;    // Of whoever elects; 0 before stage 5.
    uint64_t durable; // Highest LSN known to be synced when this was written.
    int64_t now_ms;   // Of execution, as is
    uint64_t seed;    // this.
    uint32_t argc;
    struct slice body; // The arguments as they stand; see record_argument.
};

// Bytes that the record of these arguments takes; 0 when it is beyond
// RECORD_SIZE_MAX or RECORD_ARGUMENTS_MAX.
size_t record_size(const struct slice *argv, uint32_t argc);

// Appends it to `out`. `record`: all but argc and body.
void record_encode(struct buffer *out, uint32_t salt,
                   const struct record *record, const struct slice *argv,
                   uint32_t argc);

enum record_result {
    RECORD_OK,
    RECORD_NONE,    // Length 0, or no bytes left: nothing was written here.
    RECORD_PARTIAL, // It goes on beyond `input`.
    RECORD_INVALID, // The checksum, the LSN or the form is wrong.
};

// Reads the record at the front of `input`, borrowing it. `lsn` is what it must
// carry. On RECORD_OK sets *record and *size, the bytes that it takes.
enum record_result record_decode(struct slice input, uint32_t salt,
                                 uint64_t lsn, struct record *record,
                                 size_t *size);

// Takes the next argument from the front of `body`, which was checked by
// record_decode: call it `argc` times.
struct slice record_argument(struct slice *body);

// Looks for valid records anywhere in `input`, at any LSN in [lsn_min,
// lsn_max]: what a power cut left behind a hole. Returns the highest `durable`
// mark that one of them carries; 0 when there is none.
uint64_t record_find_mark(struct slice input, uint32_t salt, uint64_t lsn_min,
                          uint64_t lsn_max);

// The header of a segment, SEGMENT_HEADER_SIZE bytes; records follow it.
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
enum segment_result segment_decode(struct slice bytes, struct segment *segment,
                                   uint32_t *version);

// "00000000000000000001.log", and back; false for any other name.
enum { SEGMENT_NAME_SIZE = 32 };
void segment_format_name(char name[SEGMENT_NAME_SIZE], uint64_t first_lsn);
bool segment_parse_name(const char *name, uint64_t *first_lsn);

#endif
