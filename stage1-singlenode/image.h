// image.h -- a store as a sequence of bytes, for whoever must keep or send one.
//
// An image holds all that decides what commands answer from now on: keys,
// values, their encodings and orders, expiries, versions, the count of writes,
// the limits. Not the layout of tables, hash secrets, or who was accessed when:
// two stores with equal images answer alike for ever.
//
// It is a stream of items, integers and strings, cut into blocks by whoever
// carries it; an item never lies in two blocks. Integers are little-endian.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_IMAGE_H
#define VEGA_STAGE1_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"
#include "common/base/status.h"

struct entry;
struct store;

// A block is handed on as soon as it is at least this large.
enum { IMAGE_BLOCK_SIZE = 256 * 1024 };

struct image_writer {
    struct buffer block;
    // Takes the block that is full, or, at the end, what there is; then it is
    // empty. After anything but STATUS_OK the rest of the image is dropped.
    enum status (*full)(struct image_writer *writer, struct slice block);
    enum status status; // The first failure.
};

void image_put_u8(struct image_writer *writer, uint8_t value);
void image_put_u64(struct image_writer *writer, uint64_t value);
// LEB128: 1 byte up to 127, 10 at most.
void image_put_count(struct image_writer *writer, uint64_t value);
void image_put_double(struct image_writer *writer, double value); // IEEE 754.
void image_put_bytes(struct image_writer *writer, struct slice bytes);

struct image_reader {
    struct slice block; // What is left of the present one.
    // Sets `block` to the next one, or returns false at the end and on damage.
    bool (*next)(struct image_reader *reader);
    bool invalid; // An item was missing or malformed. Sticky; what is read from
                  // then on is 0 or empty.
};

uint8_t image_get_u8(struct image_reader *reader);
uint64_t image_get_u64(struct image_reader *reader);
uint64_t image_get_count(struct image_reader *reader);
double image_get_double(struct image_reader *reader);
// Borrowed until the next item is read.
struct slice image_get_bytes(struct image_reader *reader);

// Writes the store: header, then entry after entry. Changes nothing.
// `progress` is told how many entries are done, now and then; may be NULL.
enum status store_save(const struct store *store, struct image_writer *writer,
                       void (*progress)(void *context, uint64_t done),
                       void *context);

// Loading, in steps: the header first, which sizes the tables of the store,
// which must be empty; then entries until there are none left. False, with
// reader->invalid, on damage: then the store is to be thrown away.
struct image_load {
    struct store *store;
    struct image_reader *reader;
    uint64_t count;  // Entries in all.
    uint64_t loaded; // So far.
};
bool image_load_begin(struct image_load *load, struct store *store,
                      struct image_reader *reader);
// Up to `entries_max` of them.
bool image_load_some(struct image_load *load, uint64_t entries_max);

// One entry, key and all, as it stands in an image; for comparing stores and,
// later, for moving keys.
void image_put_entry(struct image_writer *writer, const struct entry *entry);

// A number that is equal for stores with equal images, whatever their tables'
// order. O(n).
uint64_t store_digest(const struct store *store);

#endif
