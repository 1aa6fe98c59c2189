// snapshot.c -- the bytes of a snapshot, and its names.
//
//     header   64 bytes
//     blocks
//     end      a block without bytes: raw_size and stored_size are 0
//     footer   40 bytes, and nothing behind them
//
// All integers are little-endian.
//
//     header   0  8 bytes  "VEGASNAP"
//              8  u32      version of the format: 1
//             12  u32      flags; 1: blocks may be compressed
//             16  u64      lsn        it holds the effects of all records
//             24  u64      term         up to this one, whose term this is
//             32  i64      now_ms     of execution, when it was taken
//             40  u64      key_count  expired ones may be counted, but are
//             48  12 bytes zero         not in the blocks
//             60  u32      CRC-32C of bytes 0 to 60
//     block    0  u32      raw_size     of its part of the image
//              4  u32      stored_size  of the bytes that follow
//              8  u32      CRC-32C of bytes 0 to 8 and of those that follow
//             12  bytes    as they are if both sizes are equal; else one LZ4
//                          block (lz4.org), always of fewer than raw_size
//     footer   0  u64      blocks, the end not counted
//              8  32 bytes SHA-256 of all of the file that is before it
//
// The blocks, one after another and unpacked, are the image of the store
// (stage1-singlenode/store_image.c), cut where one of its parts ends.
//
// Whatever a later version does, its first 64 bytes begin with magic and
// version and end with their checksum: so an old program knows a newer file
// from a damaged one.
//
// A snapshot is valid if and only if (1) every checksum matches, (2) the name
// carries the header's LSN, (3) every block is as it was announced, (4) the
// image is complete where the blocks end, (5) the footer counts the blocks and
// its digest matches, and (6) the file ends there.
//
// What a crash can leave. It is written under the name of a draft, synced, and
// renamed when the log is durable through its LSN. So a draft is of no use to
// anybody; a file with a snapshot's name is whole, and what is wrong with it is
// damage.
//
// Invariants
// (S1) No byte of a block is used before its checksum was compared, and nothing
//      of a file counts before SNAPSHOT_DONE.
// (S2) Nothing is allocated for a size that the file cannot have.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/codec.h"
#include "common/base/crc32c.h"
#include "stage2-persistence/snapshot_private.h"

enum {
    AT_MAGIC = 0,
    MAGIC_SIZE = 8,
    AT_VERSION = 8,
    AT_FLAGS = 12,
    AT_LSN = 16,
    AT_TERM = 24,
    AT_NOW = 32,
    AT_KEYS = 40,
    AT_CRC = 60,

    AT_RAW_SIZE = 0,
    AT_STORED_SIZE = 4,
    AT_BLOCK_CRC = 8,

    FLAG_COMPRESSED = 1,
};

static const char magic[] = "VEGASNAP";

_Static_assert(SNAPSHOT_BLOCK_MAX <= UINT32_MAX, "sizes have four bytes");

// ---- Names

enum { LSN_DIGITS = 20 }; // Of UINT64_MAX.

static const char final_suffix[] = ".snapshot";
static const char draft_suffix[] = ".snapshot.draft";

void snapshot_format_name(char name[SNAPSHOT_NAME_SIZE], uint64_t lsn,
                          bool draft)
{
    snprintf(name, SNAPSHOT_NAME_SIZE, "%0*" PRIu64 "%s", LSN_DIGITS, lsn,
             draft ? draft_suffix : final_suffix);
}

bool snapshot_parse_name(const char *name, uint64_t *lsn, bool *draft)
{
    uint64_t value = 0;
    for (int i = 0; i < LSN_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(name[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    const char *suffix = name + LSN_DIGITS;
    bool is_draft = !strcmp(suffix, draft_suffix);
    if (!is_draft && strcmp(suffix, final_suffix) != 0)
        return false;
    *lsn = value;
    *draft = is_draft;
    return true;
}

// ---- Header

void snapshot_encode_header(char bytes[SNAPSHOT_HEADER_SIZE],
                            const struct snapshot *snapshot)
{
    memset(bytes, 0, SNAPSHOT_HEADER_SIZE);
    memcpy(bytes + AT_MAGIC, magic, MAGIC_SIZE);
    put_u32(bytes + AT_VERSION, SNAPSHOT_VERSION);
    put_u32(bytes + AT_FLAGS, snapshot->compressed ? FLAG_COMPRESSED : 0);
    put_u64(bytes + AT_LSN, snapshot->lsn);
    put_u64(bytes + AT_TERM, snapshot->term);
    put_u64(bytes + AT_NOW, (uint64_t)snapshot->now_ms);
    put_u64(bytes + AT_KEYS, snapshot->key_count);
    put_u32(bytes + AT_CRC, crc32c(0, bytes, AT_CRC));
}

enum snapshot_result snapshot_decode_header(const char *bytes,
                                            struct snapshot *snapshot,
                                            const char **wrong)
{
    uint32_t version = get_u32(bytes + AT_VERSION);
    uint32_t flags = get_u32(bytes + AT_FLAGS);
    if (memcmp(bytes + AT_MAGIC, magic, MAGIC_SIZE) != 0) {
        *wrong = "this is no snapshot";
        return SNAPSHOT_INVALID;
    }
    if (get_u32(bytes + AT_CRC) != crc32c(0, bytes, AT_CRC)) {
        *wrong = "the checksum of the header does not match";
        return SNAPSHOT_INVALID;
    }
    if (version > SNAPSHOT_VERSION) {
        *wrong = "this was written by a newer version";
        return SNAPSHOT_NEWER;
    }
    if (version == 0 || flags > FLAG_COMPRESSED) {
        *wrong = "the header makes no sense";
        return SNAPSHOT_INVALID;
    }
    *snapshot = (struct snapshot){
        .lsn = get_u64(bytes + AT_LSN),
        .term = get_u64(bytes + AT_TERM),
        .now_ms = (int64_t)get_u64(bytes + AT_NOW),
        .compressed = flags & FLAG_COMPRESSED,
        .key_count = get_u64(bytes + AT_KEYS),
    };
    return SNAPSHOT_MORE;
}

// ---- The head of a block

uint32_t snapshot_checksum(const char *head, struct slice stored)
{
    uint32_t crc = crc32c(0, head, AT_BLOCK_CRC);
    return crc32c(crc, stored.data, stored.size);
}

void snapshot_encode_head(char bytes[SNAPSHOT_HEAD_SIZE], uint64_t raw_size,
                          struct slice stored)
{
    check(raw_size <= SNAPSHOT_BLOCK_MAX && stored.size <= raw_size);
    put_u32(bytes + AT_RAW_SIZE, (uint32_t)raw_size);
    put_u32(bytes + AT_STORED_SIZE, (uint32_t)stored.size);
    put_u32(bytes + AT_BLOCK_CRC, snapshot_checksum(bytes, stored));
}

struct snapshot_head snapshot_decode_head(const char *bytes)
{
    return (struct snapshot_head){
        .raw_size = get_u32(bytes + AT_RAW_SIZE),
        .stored_size = get_u32(bytes + AT_STORED_SIZE),
        .crc = get_u32(bytes + AT_BLOCK_CRC),
    };
}
