// fuzz_image.c -- loads whatever comes into a store. What was accepted obeys
// all rules, and is the same again after another save and load.
//
// The first byte says how many of the following ones make the first block.
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "stage1-singlenode/image.h"
#include "stage1-singlenode/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Blocks in copies of their own, so that ASan sees a read of one too many and
// a look back at the block before.
struct source {
    struct image_reader reader;
    struct slice blocks[2];
    size_t index;
    char *copy;
};

static bool source_next(struct image_reader *reader)
{
    struct source *source = container_of(reader, struct source, reader);
    if (source->index == 2)
        return false;
    struct slice block = source->blocks[source->index++];
    free(source->copy);
    source->copy = malloc(block.size ? block.size : 1);
    check(source->copy);
    if (block.size)
        memcpy(source->copy, block.data, block.size);
    reader->block = (struct slice){source->copy, block.size};
    reader->rest -= block.size;
    return true;
}

static struct store *make_store(const char *secret_seed)
{
    struct hash_secret secret;
    hash_secret_derive(&secret, slice_of(secret_seed));
    return store_create(&secret);
}

static bool load(struct store *store, struct slice first, struct slice second)
{
    struct source source = {
        .reader = {.next = source_next, .rest = first.size + second.size},
        .blocks = {first, second},
    };
    struct image_load state;
    bool valid = image_load_begin(&state, store, &source.reader);
    if (valid) {
        do
            valid = image_load_some(&state, 7);
        while (valid && state.loaded < state.count);
    }
    check(valid != source.reader.invalid);
    free(source.copy);
    return valid;
}

struct saved {
    struct image_writer writer;
    struct buffer bytes;
};

static enum status keep_block(struct image_writer *writer, struct slice block)
{
    struct saved *saved = container_of(writer, struct saved, writer);
    buffer_append_slice(&saved->bytes, block);
    return STATUS_OK;
}

static void check_again(const struct store *store)
{
    struct saved saved = {.writer.full = keep_block};
    check(store_save(store, &saved.writer, NULL, NULL) == STATUS_OK);
    struct store *again = make_store("again");
    check(load(again, buffer_slice(&saved.bytes), (struct slice){0}));
    check(store_digest(again) == store_digest(store));
    store_check_invariants(again);
    store_destroy(again);
    buffer_deinit(&saved.writer.block);
    buffer_deinit(&saved.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct slice bytes = {(const char *)data + 1, size - 1};
    size_t cut = data[0] < bytes.size ? data[0] : bytes.size;
    struct slice second = {bytes.data + cut, bytes.size - cut};
    struct store *store = make_store("first");
    if (load(store, (struct slice){bytes.data, cut}, second)) {
        store_check_invariants(store);
        check_again(store);
    }
    store_destroy(store);
    return 0;
}
