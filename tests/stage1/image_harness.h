// image_harness.h -- images in memory: written into one buffer that remembers
// its blocks, read back from it or from any other bytes.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_IMAGE_HARNESS_H
#define VEGA_TESTS_IMAGE_HARNESS_H

#include "stage1-singlenode/image.h"

enum { IMAGE_BLOCKS_MAX = 64 };

// All blocks of an image, one behind the other.
struct image_bytes {
    struct image_writer writer;
    struct buffer bytes;
    size_t ends[IMAGE_BLOCKS_MAX]; // Where each block ends.
    size_t count;                  // Blocks.
};

void image_bytes_init(struct image_bytes *image); // To be written to.
void image_bytes_deinit(struct image_bytes *image);

// Reads such bytes, block by block; each in memory of its own that is freed
// with the next, so that the sanitizers see who looks back.
struct image_source {
    struct image_reader reader;
    const struct image_bytes *image; // Borrowed.
    size_t index;                    // Of the next block.
    char *copy;                      // Of the present one.
};

void image_source_init(struct image_source *source,
                       const struct image_bytes *image);
void image_source_deinit(struct image_source *source);

#endif
