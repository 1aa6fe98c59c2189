// snapshot_write.c -- a store into a file; see snapshot.c for the bytes.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshot.h"

#include <lz4.h>

#include "common/base/buffer.h"
#include "common/base/codec.h"
#include "common/base/list.h"
#include "stage2-persistence/snapshot_private.h"

struct snapshot_writer {
    struct image_writer image;
    struct env_output *output;
    struct digest digest;
    uint64_t blocks;
    bool compress;
    struct buffer packed; // A compressed block, behind room for its head.
};

static enum status writer_put(struct snapshot_writer *writer, const char *bytes,
                              size_t size)
{
    digest_update(&writer->digest, bytes, size);
    return writer->output->put(writer->output, (struct slice){bytes, size});
}

// Compresses the block if that makes it smaller; the room that is offered is
// one byte less than the block, so LZ4 gives up as soon as it cannot.
static size_t writer_pack(struct snapshot_writer *writer, struct slice block)
{
    if (!writer->compress || block.size > LZ4_MAX_INPUT_SIZE)
        return 0;
    buffer_clear(&writer->packed);
    buffer_reserve(&writer->packed, SNAPSHOT_HEAD_SIZE + block.size);
    int size = LZ4_compress_default(block.data,
                                    writer->packed.data + SNAPSHOT_HEAD_SIZE,
                                    (int)block.size, (int)block.size - 1);
    return size > 0 ? (size_t)size : 0;
}

static enum status writer_put_block(struct image_writer *image,
                                    struct slice block)
{
    struct snapshot_writer *writer =
        container_of(image, struct snapshot_writer, image);
    writer->blocks++;
    size_t packed = writer_pack(writer, block);
    if (packed) {
        char *bytes = writer->packed.data;
        struct slice stored = {bytes + SNAPSHOT_HEAD_SIZE, packed};
        snapshot_encode_head(bytes, block.size, stored);
        return writer_put(writer, bytes, SNAPSHOT_HEAD_SIZE + packed);
    }
    // In two pieces rather than one that must be put together first.
    char head[SNAPSHOT_HEAD_SIZE];
    snapshot_encode_head(head, block.size, block);
    enum status status = writer_put(writer, head, sizeof head);
    return status == STATUS_OK ? writer_put(writer, block.data, block.size)
                               : status;
}

static void writer_progress(void *context, uint64_t done)
{
    struct snapshot_writer *writer = context;
    writer->output->progress(writer->output, done);
}

// The end of the blocks, and the footer.
static enum status writer_finish(struct snapshot_writer *writer)
{
    char bytes[SNAPSHOT_HEAD_SIZE + SNAPSHOT_FOOTER_SIZE];
    char *footer = bytes + SNAPSHOT_HEAD_SIZE;
    snapshot_encode_head(bytes, 0, (struct slice){0});
    put_u64(footer, writer->blocks);
    char *sum = footer + sizeof writer->blocks;
    digest_update(&writer->digest, bytes, (size_t)(sum - bytes));
    digest_final(&writer->digest, (unsigned char *)sum);
    return writer->output->put(writer->output,
                               (struct slice){bytes, sizeof bytes});
}

enum status snapshot_write(const struct store *store,
                           const struct snapshot *snapshot,
                           struct env_output *output)
{
    struct snapshot_writer writer = {
        .image.full = writer_put_block,
        .output = output,
        .compress = snapshot->compressed,
    };
    digest_init(&writer.digest);
    char header[SNAPSHOT_HEADER_SIZE];
    snapshot_encode_header(header, snapshot);
    enum status status = writer_put(&writer, header, sizeof header);
    if (status == STATUS_OK)
        status = store_save(store, &writer.image, writer_progress, &writer);
    if (status == STATUS_OK)
        status = writer_finish(&writer);
    buffer_deinit(&writer.image.block);
    buffer_deinit(&writer.packed);
    digest_deinit(&writer.digest);
    return status;
}
