// snapshot_read.c -- a file into a store; see snapshot.c for the bytes.
//
// The file is read in large pieces into a window, and the image is read out of
// the window itself unless a block is compressed: the bytes of a key are
// copied by the kernel, and then into its entry.
//
// Reading goes through phases, one function each: the header and the entries,
// until all are there; then the end and the footer.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/snapshot.h"

#include <lz4.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/base/check.h"
#include "common/base/codec.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "stage2-persistence/snapshot_private.h"

enum {
    WINDOW_SIZE = 1024 * 1024, // Read at once; stays in the cache.
    ERROR_SIZE = 200,
};

struct snapshot_reader {
    struct env *env;
    struct env_file *file;
    struct store *store;
    char name[SNAPSHOT_NAME_SIZE];
    struct snapshot info;

    // Bytes of the file: those before `offset` were used; from there on there
    // are `window.size - taken` in memory.
    uint64_t offset;
    struct buffer window;
    size_t taken;

    struct buffer raw; // An unpacked block.
    uint64_t block_at; // Where the present block begins.
    uint64_t blocks;
    struct digest digest; // Of all before `offset`.

    struct image_reader image;
    struct image_load load;

    enum snapshot_result result; // SNAPSHOT_MORE; or how it ended.
    bool begun;                  // The header was read.
    char error[ERROR_SIZE];
};

// ---- Failing

__attribute__((format(printf, 4, 5))) static bool
reader_fail(struct snapshot_reader *reader, enum snapshot_result result,
            uint64_t offset, const char *format, ...)
{
    if (reader->result != SNAPSHOT_MORE)
        return false; // What came first says most.
    char what[ERROR_SIZE / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    reader->result = result;
    snprintf(reader->error, sizeof reader->error, "%s, byte %llu: %s",
             reader->name, (unsigned long long)offset, what);
    return false;
}

static bool reader_refuse(struct snapshot_reader *reader, uint64_t offset,
                          const char *what)
{
    return reader_fail(reader, SNAPSHOT_INVALID, offset, "%s", what);
}

// ---- The window

static uint64_t reader_left(const struct snapshot_reader *reader)
{
    return reader->info.size - reader->offset;
}

// Reads on from the file behind what is in the window.
static bool reader_fill(struct snapshot_reader *reader)
{
    struct buffer *window = &reader->window;
    size_t room = window->capacity - window->size, got;
    uint64_t offset = reader->offset + window->size;
    if (room > reader->info.size - offset)
        room = (size_t)(reader->info.size - offset);
    enum status status = env_disk_read(reader->env, reader->file, offset,
                                       window->data + window->size, room, &got);
    if (status != STATUS_OK)
        return reader_fail(reader, SNAPSHOT_IO, offset, "cannot be read: %s",
                           status_name(status));
    if (got != room)
        return reader_fail(reader, SNAPSHOT_IO, offset + got,
                           "the file became shorter");
    window->size += got;
    return true;
}

// The next `size` bytes of the file, without using them; NULL on failure.
// Borrowed until the next call.
static const char *reader_peek(struct snapshot_reader *reader, uint64_t size)
{
    // Upholds (S2).
    if (size > reader_left(reader)) {
        reader_refuse(reader, reader->info.size, "the file ends too early");
        return NULL;
    }
    struct buffer *window = &reader->window;
    if (size > window->size - reader->taken) {
        buffer_consume(window, reader->taken);
        reader->taken = 0;
        uint64_t wanted = size > WINDOW_SIZE ? size : WINDOW_SIZE;
        if (wanted > reader_left(reader))
            wanted = reader_left(reader);
        buffer_reserve(window, (size_t)wanted - window->size);
        if (!reader_fill(reader))
            return NULL;
    }
    return window->data + reader->taken;
}

// Uses them.
static void reader_take(struct snapshot_reader *reader, size_t size)
{
    digest_update(&reader->digest, reader->window.data + reader->taken, size);
    reader->taken += size;
    reader->offset += size;
}

// ---- Blocks

static bool reader_check_head(struct snapshot_reader *reader,
                              const struct snapshot_head *head)
{
    bool packed = head->stored_size != head->raw_size;
    if (head->raw_size > SNAPSHOT_BLOCK_MAX ||
        head->stored_size > head->raw_size ||
        head->raw_size / SNAPSHOT_RATIO_MAX > head->stored_size ||
        (packed && (!reader->info.compressed || head->stored_size == 0)))
        return reader_refuse(reader, reader->offset,
                             "the sizes of the block make no sense");
    return true;
}

static bool reader_unpack(struct snapshot_reader *reader,
                          const struct snapshot_head *head, struct slice stored)
{
    struct buffer *raw = &reader->raw;
    buffer_clear(raw);
    buffer_reserve(raw, head->raw_size);
    int size = -1;
    if (head->raw_size <= LZ4_MAX_INPUT_SIZE)
        size = LZ4_decompress_safe(stored.data, raw->data, (int)stored.size,
                                   (int)head->raw_size);
    if (size < 0 || (uint32_t)size != head->raw_size)
        return reader_refuse(reader, reader->offset,
                             "the block cannot be decompressed");
    raw->size = head->raw_size;
    reader->image.block = buffer_slice(raw);
    return true;
}

// How much image can still come.
static uint64_t reader_rest(const struct snapshot_reader *reader)
{
    uint64_t ratio = reader->info.compressed ? SNAPSHOT_RATIO_MAX : 1;
    uint64_t left = reader_left(reader);
    return left < UINT64_MAX / ratio ? left * ratio : UINT64_MAX;
}

// Upholds (S1).
static bool reader_next_block(struct snapshot_reader *reader)
{
    reader->block_at = reader->offset;
    const char *bytes = reader_peek(reader, SNAPSHOT_HEAD_SIZE);
    if (!bytes)
        return false;
    struct snapshot_head head = snapshot_decode_head(bytes);
    if (!reader_check_head(reader, &head))
        return false;
    bytes =
        reader_peek(reader, SNAPSHOT_HEAD_SIZE + (uint64_t)head.stored_size);
    if (!bytes)
        return false;
    struct slice stored = {bytes + SNAPSHOT_HEAD_SIZE, head.stored_size};
    if (head.crc != snapshot_checksum(bytes, stored))
        return reader_refuse(reader, reader->offset,
                             "the checksum of the block does not match");
    if (head.raw_size == 0)
        return reader_refuse(reader, reader->offset,
                             "the blocks end before the data does");
    reader->image.block = stored;
    if (head.stored_size != head.raw_size &&
        !reader_unpack(reader, &head, stored))
        return false;
    reader_take(reader, SNAPSHOT_HEAD_SIZE + stored.size);
    reader->image.rest = reader_rest(reader);
    reader->blocks++;
    return true;
}

static bool reader_next(struct image_reader *image)
{
    return reader_next_block(
        container_of(image, struct snapshot_reader, image));
}

// What the image found wrong with itself, unless the block was it.
static bool reader_refuse_image(struct snapshot_reader *reader)
{
    return reader_refuse(reader, reader->block_at,
                         "the block holds what is no part of a store");
}

// ---- Phases

static bool reader_begin(struct snapshot_reader *reader)
{
    const char *wrong, *bytes = reader_peek(reader, SNAPSHOT_HEADER_SIZE);
    if (!bytes)
        return false;
    struct snapshot info;
    enum snapshot_result result = snapshot_decode_header(bytes, &info, &wrong);
    if (result != SNAPSHOT_MORE)
        return reader_fail(reader, result, 0, "%s", wrong);
    uint64_t lsn;
    bool draft;
    if (!snapshot_parse_name(reader->name, &lsn, &draft) || lsn != info.lsn)
        return reader_fail(reader, SNAPSHOT_INVALID, 0,
                           "the header says LSN %llu, unlike the name",
                           (unsigned long long)info.lsn);
    info.size = reader->info.size;
    reader->info = info;
    reader_take(reader, SNAPSHOT_HEADER_SIZE);
    reader->image.next = reader_next;
    reader->image.rest = reader_rest(reader);
    if (!image_load_begin(&reader->load, reader->store, &reader->image))
        return reader_refuse_image(reader);
    if (reader->load.count > info.key_count)
        return reader_refuse(reader, reader->block_at,
                             "there are more keys than the header says");
    reader->begun = true;
    return true;
}

// All entries are there.
static bool reader_end(struct snapshot_reader *reader)
{
    if (reader->image.block.size > 0)
        return reader_refuse(reader, reader->block_at,
                             "the block goes on behind the last key");
    const char *bytes = reader_peek(reader, SNAPSHOT_HEAD_SIZE);
    if (!bytes)
        return false;
    struct snapshot_head head = snapshot_decode_head(bytes);
    if (head.raw_size != 0 || head.stored_size != 0 ||
        head.crc != snapshot_checksum(bytes, (struct slice){0}))
        return reader_refuse(reader, reader->offset,
                             "this should be the end of the blocks");
    reader_take(reader, SNAPSHOT_HEAD_SIZE);
    return true;
}

static bool reader_footer(struct snapshot_reader *reader)
{
    const char *bytes = reader_peek(reader, SNAPSHOT_FOOTER_SIZE);
    if (!bytes)
        return false;
    if (get_u64(bytes) != reader->blocks)
        return reader_refuse(reader, reader->offset,
                             "the number of blocks is another one");
    reader_take(reader, sizeof reader->blocks);
    unsigned char sum[DIGEST_SIZE];
    digest_final(&reader->digest, sum);
    if (memcmp(bytes + sizeof reader->blocks, sum, sizeof sum) != 0)
        return reader_refuse(reader, reader->offset,
                             "the digest of the file does not match");
    reader->offset += sizeof sum;
    if (reader_left(reader) > 0)
        return reader_refuse(reader, reader->offset,
                             "the file goes on behind its end");
    reader->result = SNAPSHOT_DONE;
    return true;
}

// ---- For the owner

struct snapshot_reader *snapshot_reader_create(struct env *env,
                                               const char *name,
                                               struct store *store,
                                               enum status *status)
{
    struct env_file *file;
    uint64_t size;
    *status = env_disk_open(env, name, ENV_OPEN_READ, &file);
    if (*status != STATUS_OK)
        return NULL;
    *status = env_disk_size(env, file, &size);
    if (*status != STATUS_OK) {
        env_disk_close(env, file);
        return NULL;
    }
    struct snapshot_reader *reader = xcalloc(1, sizeof *reader);
    reader->env = env;
    reader->file = file;
    reader->store = store;
    reader->info.size = size;
    snprintf(reader->name, sizeof reader->name, "%s", name);
    digest_init(&reader->digest);
    return reader;
}

void snapshot_reader_destroy(struct snapshot_reader *reader)
{
    env_disk_close(reader->env, reader->file);
    digest_deinit(&reader->digest);
    buffer_deinit(&reader->window);
    buffer_deinit(&reader->raw);
    free(reader);
}

enum snapshot_result snapshot_read_some(struct snapshot_reader *reader,
                                        uint64_t entries_max)
{
    check(entries_max > 0);
    if (reader->result != SNAPSHOT_MORE)
        return reader->result;
    if (!reader->begun && !reader_begin(reader))
        return reader->result;
    if (reader->load.loaded < reader->load.count &&
        !image_load_some(&reader->load, entries_max))
        reader_refuse_image(reader);
    else if (reader->load.loaded == reader->load.count && reader_end(reader))
        reader_footer(reader);
    return reader->result;
}

const struct snapshot *
snapshot_reader_info(const struct snapshot_reader *reader)
{
    return &reader->info;
}

uint64_t snapshot_reader_offset(const struct snapshot_reader *reader)
{
    return reader->offset;
}

const char *snapshot_reader_error(const struct snapshot_reader *reader)
{
    return reader->error;
}
