// fuzz_snapshot.c -- reads whatever comes as a snapshot. What is a store, once
// written and read again, is the same store.
//
// No mutation finds a right checksum, so the input is mostly the contents of
// blocks, and the harness puts checksums and digest around them. The first
// byte says how, in bits: 1: this way, and not the input as the file itself;
// 2: with a wrong count of blocks in the footer. Then come
// blocks: u16 size of the stored bytes, u16 by how much the raw ones
// are more, and the stored bytes.
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common/base/buffer.h"
#include "common/base/check.h"
#include "common/base/codec.h"
#include "common/base/list.h"
#include "stage1-singlenode/image.h"
#include "stage2-persistence/snapshot_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ADD_BLOCKS = 1, WRONG_COUNT = 2 };

// A world of one file.
struct world {
    struct env env;
    struct slice file;
};

static struct world *world_of(struct env *env)
{
    return container_of(env, struct world, env);
}

static enum status world_open(struct env *env, const char *name,
                              enum env_open how, struct env_file **file)
{
    (void)env, (void)name, (void)how;
    *file = NULL;
    return STATUS_OK;
}

static void world_close(struct env *env, struct env_file *file)
{
    (void)env, (void)file;
}

static enum status world_size(struct env *env, struct env_file *file,
                              uint64_t *size)
{
    (void)file;
    *size = world_of(env)->file.size;
    return STATUS_OK;
}

static enum status world_read(struct env *env, struct env_file *file,
                              uint64_t offset, void *bytes, size_t size,
                              size_t *read)
{
    (void)file;
    struct slice content = world_of(env)->file;
    check(offset <= content.size && size <= content.size - offset);
    memcpy(bytes, content.data + offset, size);
    *read = size;
    return STATUS_OK;
}

static const struct env_ops world_ops = {
    .disk_open = world_open,
    .disk_close = world_close,
    .disk_size = world_size,
    .disk_read = world_read,
};

static const struct snapshot info = {
    .lsn = 42,
    .compressed = true,
    .key_count = UINT64_MAX,
};

static void put_block(struct buffer *file, uint64_t raw_size,
                      struct slice stored)
{
    char head[SNAPSHOT_HEAD_SIZE];
    snapshot_encode_head(head, raw_size, stored);
    buffer_append(file, head, sizeof head);
    buffer_append_slice(file, stored);
}

static uint64_t put_blocks(struct buffer *file, struct slice input)
{
    uint64_t count = 0;
    while (input.size > 4) {
        size_t size = get_u16(input.data);
        uint64_t more = get_u16(input.data + 2);
        input.data += 4;
        input.size -= 4;
        if (size > input.size)
            size = input.size;
        put_block(file, size + more, (struct slice){input.data, size});
        input.data += size;
        input.size -= size;
        count++;
    }
    return count;
}

static void make_file(struct buffer *file, unsigned how, struct slice input)
{
    char header[SNAPSHOT_HEADER_SIZE];
    snapshot_encode_header(header, &info);
    buffer_append(file, header, sizeof header);
    char footer[SNAPSHOT_FOOTER_SIZE];
    put_u64(footer, put_blocks(file, input) + !!(how & WRONG_COUNT));
    put_block(file, 0, (struct slice){0});
    buffer_append(file, footer, sizeof(uint64_t));
    struct digest digest;
    digest_init(&digest);
    digest_update(&digest, file->data, file->size);
    digest_final(&digest, (unsigned char *)footer);
    digest_deinit(&digest);
    buffer_append(file, footer, DIGEST_SIZE);
}

// NULL if it is no snapshot. Owned by the caller.
static struct store *load(struct slice file)
{
    struct hash_secret secret = {{1}};
    struct store *store = store_create(&secret);
    struct world world = {.env.ops = &world_ops, .file = file};
    enum status status;
    struct snapshot_reader *reader = snapshot_reader_create(
        &world.env, "00000000000000000042.snapshot", store, &status);
    check(reader);
    enum snapshot_result result;
    do
        result = snapshot_read_some(reader, 3);
    while (result == SNAPSHOT_MORE);
    check(result != SNAPSHOT_IO);
    check((result == SNAPSHOT_DONE) == !*snapshot_reader_error(reader));
    snapshot_reader_destroy(reader);
    if (result == SNAPSHOT_DONE)
        return store;
    store_destroy(store);
    return NULL;
}

struct output {
    struct env_output output;
    struct buffer bytes;
};

static enum status output_put(struct env_output *output, struct slice bytes)
{
    buffer_append_slice(&container_of(output, struct output, output)->bytes,
                        bytes);
    return STATUS_OK;
}

static void output_progress(struct env_output *output, uint64_t done)
{
    (void)output, (void)done;
}

static void check_again(struct store *store)
{
    store_check_invariants(store);
    struct output output = {.output = {output_put, output_progress}};
    check(snapshot_write(store, &info, &output.output) == STATUS_OK);
    struct store *again = load(buffer_slice(&output.bytes));
    check(again);
    check(store_digest(again) == store_digest(store));
    store_destroy(again);
    buffer_deinit(&output.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct slice input = {(const char *)data + 1, size - 1};
    struct buffer file = {0};
    if (data[0] & ADD_BLOCKS)
        make_file(&file, data[0], input);
    else
        buffer_append_slice(&file, input);
    struct store *store = load(buffer_slice(&file));
    if (store) {
        check_again(store);
        store_destroy(store);
    }
    buffer_deinit(&file);
    return 0;
}
