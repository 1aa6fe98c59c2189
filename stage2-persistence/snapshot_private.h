// snapshot_private.h -- the bytes of a snapshot that its writer and its reader
// agree on; what they mean stands in snapshot.c.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_SNAPSHOT_PRIVATE_H
#define VEGA_STAGE2_SNAPSHOT_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/digest.h"
#include "stage1-singlenode/image.h"
#include "stage2-persistence/snapshot.h"

enum {
    SNAPSHOT_VERSION = 1,
    SNAPSHOT_HEADER_SIZE = 64,
    SNAPSHOT_HEAD_SIZE = 12, // Of a block, in front of its bytes.
    SNAPSHOT_FOOTER_SIZE = 8 + DIGEST_SIZE,
    // LZ4 cannot make more than so many bytes out of one.
    SNAPSHOT_RATIO_MAX = 255,
};

// Bytes of the image in one block: less than one part, two strings and what
// tells of them, on top of what hands a block on.
#define SNAPSHOT_BLOCK_MAX                                                     \
    (UINT64_C(2) * IMAGE_BYTES_MAX + 2 * IMAGE_BLOCK_SIZE)

void snapshot_encode_header(char bytes[SNAPSHOT_HEADER_SIZE],
                            const struct snapshot *snapshot);
// SNAPSHOT_MORE if it is one, and sets all of *snapshot but `size`;
// SNAPSHOT_INVALID or SNAPSHOT_NEWER, with the reason in *wrong, otherwise.
enum snapshot_result snapshot_decode_header(const char *bytes,
                                            struct snapshot *snapshot,
                                            const char **wrong);

// In front of the stored bytes of a block.
struct snapshot_head {
    uint32_t raw_size;    // 0: there are no more blocks.
    uint32_t stored_size; // As raw_size: as they are; smaller: LZ4.
    uint32_t crc;
};
// Computes the checksum of `stored` too.
void snapshot_encode_head(char bytes[SNAPSHOT_HEAD_SIZE], uint64_t raw_size,
                          struct slice stored);
struct snapshot_head snapshot_decode_head(const char *bytes);
// The checksum that belongs in front of them.
uint32_t snapshot_checksum(const char *head, struct slice stored);

#endif
