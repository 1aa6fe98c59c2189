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
    RECORD_HEADER_SIZE = 48, // Up to the arguments.
    // Bytes of one record: what a client may send in one request, and a
    // transaction may gather. The log refuses more, before it is executed.
    RECORD_SIZE_MAX = 1 << 30,
    RECORD_ARGUMENTS_MAX = 1 << 22,
};

struct record {
    uint8_t kind;     // Never 0.
    uint64_t lsn;     // 1, 2, 3, ... without gaps.
    uint64_t term;    // Of whoever elects; 0 before stage 5.
    uint64_t durable; // Highest LSN known to be synced when this was written:
                      // below lsn. 0 is always true.
    int64_t now_ms;   // Of execution, as is
    uint64_t seed;    // this.
    uint32_t argc;
    struct slice body; // The arguments as they stand; see record_argument.
};

// Bytes that the record of these arguments takes; 0 when it is beyond
// RECORD_SIZE_MAX or RECORD_ARGUMENTS_MAX.
size_t record_size(const struct slice *argv, uint32_t argc);

// Appends it to `out`, which has no limit. `record`: all but argc and body.
// record_size of the arguments is not 0. A `durable` of more than 2^32 records
// ago is written as 0.
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
// carry. On RECORD_OK sets *record and *size, the bytes that it takes; on
// RECORD_PARTIAL sets *size, the bytes that are wanted at least.
enum record_result record_decode(struct slice input, uint32_t salt,
                                 uint64_t lsn, struct record *record,
                                 size_t *size);

// The LSN that stands in what may be a record; 0 when that is cut off.
uint64_t record_peek_lsn(struct slice input);

// Takes the next argument from the front of `body`, which was checked by
// record_decode: call it `argc` times.
struct slice record_argument(struct slice *body);

// True if `input` begins with what would be the record of that LSN under some
// salt: all but the checksum fits. For when the salt is lost.
bool record_resembles(struct slice input, uint64_t lsn);

// The search for valid records anywhere, at any LSN: what a power cut left
// behind a hole. A file is searched piece by piece.
struct record_search {
    uint32_t salt;
    uint64_t lsn_min, lsn_max; // Of those to be found; lsn_min moves behind
                               // each: they come in order.
    // Bytes of what looks like a record of this log and is none that may be
    // summed up; a few times the size of the file keeps the search linear. Only
    // a value that was made for it will reach that.
    uint64_t tried_max;

    // What was found so far.
    uint64_t count;
    uint64_t lsn_last;
    uint64_t durable; // The highest mark.
    uint64_t tried;
    bool gave_up; // tried_max was passed: nobody knows what was missed.
};

// Searches `input`, the next bytes of `left` that there are in all. Returns how
// many of them are done with: what remains must be seen again, with at least
// *wanted bytes. All are done with when input.size == left.
size_t record_search(struct record_search *search, struct slice input,
                     uint64_t left, size_t *wanted);

#endif
