// image.h -- a store as a sequence of bytes, for whoever must keep or send one.
//
// An image holds all that decides what commands answer from now on: keys,
// values, their encodings and orders, expiries, versions, the count of writes,
// the limits, the time. Not what may differ between nodes that answer alike:
// the layout of tables (it decides the order of SCAN, and what RANDOMKEY and
// eviction draw), hash secrets, who was accessed when, the pieces of a list.
// Neither what has expired by the store's time, whether or not its memory was
// reclaimed: that is absent for everybody.
//
// It is a stream of parts, each a few integers and strings, cut into blocks by
// whoever carries it; a part never lies in two blocks. Integers are
// little-endian. The bytes of a store are described in store_image.c, those of
// a value in its family's file. Versions of the format, checksums and
// compression are the carrier's.
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
struct object;
struct store;

// A block is handed on as soon as it is at least this large. It is larger by
// less than one part: a key with its string, or an element of a structure.
enum { IMAGE_BLOCK_SIZE = 256 * 1024 };

// Bytes of one string: the most that a client can ever send.
enum { IMAGE_BYTES_MAX = 1024 * 1024 * 1024 };

struct image_writer {    // Zeroed but for `full`: at the beginning.
    struct buffer block; // buffer_deinit is its owner's.
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

// After each part: hands the block on if it is full.
void image_end_part(struct image_writer *writer);
// Hands on what there is.
void image_flush(struct image_writer *writer);

// Nothing that is read is trusted: what would go beyond the block is malformed,
// and so is a count of more things than the rest of the image can hold.
struct image_reader {
    struct slice block; // What is left of the present one. May begin empty.
    // Bytes that `next` may still bring, at most; kept by whoever wrote it.
    uint64_t rest;
    // Sets `block` to the next one, or returns false at the end and on damage.
    // NULL: there are no more.
    bool (*next)(struct image_reader *reader);
    bool invalid; // An item was missing or malformed. Sticky; what is read from
                  // then on is 0 or empty.
};

// Before each part: goes on to the next block if the present one was read.
void image_begin_part(struct image_reader *reader);

uint8_t image_get_u8(struct image_reader *reader);
uint64_t image_get_u64(struct image_reader *reader);
uint64_t image_get_count(struct image_reader *reader);
double image_get_double(struct image_reader *reader);
// At most IMAGE_BYTES_MAX. Borrowed until the next part begins.
struct slice image_get_bytes(struct image_reader *reader);

// A count of things that take `size_min` > 0 bytes each, or more.
size_t image_get_count_of(struct image_reader *reader, size_t size_min);

// Says that what was read makes no sense.
void image_refuse(struct image_reader *reader);

// For the x_load of the families: `taken` if all went well and it has
// elements; otherwise it is freed and NULL returned.
struct object *image_check_object(struct image_reader *reader,
                                  struct object *taken);

// Writes the store: header, then entry after entry. Changes nothing.
// `progress` is told how many entries are done, now and then; may be NULL.
enum status store_save(const struct store *store, struct image_writer *writer,
                       void (*progress)(void *context, uint64_t done),
                       void *context);

// Loading, in steps: the header first, which sizes the tables of the store,
// which must be empty; then entries until there are none left. False, with
// reader->invalid, on damage: then the store is to be thrown away. The store's
// time becomes the image's unless it is later already.
struct image_load {
    struct store *store;
    struct image_reader *reader;
    uint64_t count;  // Entries in all.
    uint64_t loaded; // So far.
};
bool image_load_begin(struct image_load *load, struct store *store,
                      struct image_reader *reader);
// Up to `entries_max` of them. With the last one the block must be at its end;
// whether there are others after it is the carrier's to say.
bool image_load_some(struct image_load *load, uint64_t entries_max);

// One entry, key and all, as it stands in an image; for comparing stores and,
// later, for moving keys.
void image_put_entry(struct image_writer *writer, const struct entry *entry);

// A number that is equal for stores with equal images, whatever their tables'
// order and their time; but what has expired by the store's time is not
// counted, so compare at the same one. O(n).
uint64_t store_digest(const struct store *store);

#endif
