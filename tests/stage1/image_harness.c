// image_harness.c -- see image_harness.h.
// SPDX-License-Identifier: MIT
#include "tests/stage1/image_harness.h"

#include <stdlib.h>

#include "common/base/list.h"
#include "common/base/memory.h"
#include "tests/test.h"

static enum status keep_block(struct image_writer *writer, struct slice block)
{
    struct image_bytes *image =
        container_of(writer, struct image_bytes, writer);
    ck_assert_uint_lt(image->count, IMAGE_BLOCKS_MAX);
    buffer_append_slice(&image->bytes, block);
    image->ends[image->count++] = image->bytes.size;
    return STATUS_OK;
}

void image_bytes_init(struct image_bytes *image)
{
    *image = (struct image_bytes){.writer.full = keep_block};
}

void image_bytes_deinit(struct image_bytes *image)
{
    buffer_deinit(&image->writer.block);
    buffer_deinit(&image->bytes);
}

static bool source_next(struct image_reader *reader)
{
    struct image_source *source =
        container_of(reader, struct image_source, reader);
    const struct image_bytes *image = source->image;
    if (source->index == image->count)
        return false;
    size_t start = source->index ? image->ends[source->index - 1] : 0;
    size_t size = image->ends[source->index++] - start;
    free(source->copy);
    source->copy = xmalloc(size ? size : 1);
    memcpy(source->copy, image->bytes.data + start, size);
    reader->block = (struct slice){source->copy, size};
    reader->rest = image->bytes.size - start - size;
    return true;
}

void image_source_init(struct image_source *source,
                       const struct image_bytes *image)
{
    *source = (struct image_source){
        .reader = {.next = source_next, .rest = image->bytes.size},
        .image = image,
    };
}

void image_source_deinit(struct image_source *source)
{
    free(source->copy);
}
