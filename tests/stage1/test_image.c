// test_image.c -- the integers and strings that images are made of.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/image.h"

#include <math.h>

#include "tests/stage1/image_harness.h"
#include "tests/test.h"

static const uint64_t numbers[] = {
    0,
    1,
    127,
    128,
    255,
    300,
    INT32_MAX,
    UINT32_MAX,
    INT64_MAX,
    UINT64_MAX,
    (UINT64_C(1) << 63) - 1,
    UINT64_C(1) << 63,
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

TEST(what_is_put_is_got)
{
    struct image_bytes image;
    struct image_source source;
    image_bytes_init(&image);
    for (int i = 0; i < NUMBERS; i++) {
        image_put_u8(&image.writer, (uint8_t)numbers[i]);
        image_put_u64(&image.writer, numbers[i]);
        image_put_count(&image.writer, numbers[i]);
    }
    image_put_double(&image.writer, -0.0);
    image_put_double(&image.writer, -INFINITY);
    image_put_bytes(&image.writer, SLICE(""));
    image_put_bytes(&image.writer, SLICE("\0\xff\r\n"));
    image_flush(&image.writer);

    image_source_init(&source, &image);
    struct image_reader *reader = &source.reader;
    image_begin_part(reader);
    for (int i = 0; i < NUMBERS; i++) {
        ck_assert_uint_eq(image_get_u8(reader), numbers[i] & 255);
        ck_assert_uint_eq(image_get_u64(reader), numbers[i]);
        ck_assert_uint_eq(image_get_count(reader), numbers[i]);
    }
    ck_assert(signbit(image_get_double(reader)));
    ck_assert(image_get_double(reader) == -INFINITY);
    ck_assert_uint_eq(image_get_bytes(reader).size, 0);
    ck_assert(slice_equal(image_get_bytes(reader), SLICE("\0\xff\r\n")));
    ck_assert_uint_eq(reader->block.size, 0);
    ck_assert(!reader->invalid);
    image_source_deinit(&source);
    image_bytes_deinit(&image);
}

TEST(the_bytes_are_these)
{
    struct image_bytes image;
    image_bytes_init(&image);
    image_put_u8(&image.writer, 7);
    image_put_u64(&image.writer, 258);
    image_put_count(&image.writer, 300);
    image_put_bytes(&image.writer, SLICE("hi"));
    image_put_double(&image.writer, 1);
    ck_assert(slice_equal(buffer_slice(&image.writer.block),
                          SLICE("\7\2\1\0\0\0\0\0\0\254\2\2hi"
                                "\0\0\0\0\0\0\xf0\x3f")));
    image_bytes_deinit(&image);
}

TEST(a_block_ends_with_the_part_that_fills_it)
{
    static char bytes[1000];
    struct image_bytes image;
    image_bytes_init(&image);
    struct slice string = {bytes, sizeof bytes};
    size_t part = 2 * (2 + sizeof bytes);
    for (size_t i = 0; i < 2 * IMAGE_BLOCK_SIZE / part + 2; i++) {
        image_put_bytes(&image.writer, string);
        image_put_bytes(&image.writer, string);
        image_end_part(&image.writer);
    }
    ck_assert_uint_eq(image.count, 2);
    ck_assert_uint_eq(image.ends[0] % part, 0);
    ck_assert_uint_ge(image.ends[0], IMAGE_BLOCK_SIZE);
    ck_assert_uint_lt(image.ends[0], IMAGE_BLOCK_SIZE + part);
    image_bytes_deinit(&image);
}

static enum status fail_once(struct image_writer *writer, struct slice block)
{
    ck_assert_uint_gt(block.size, 0);
    ck_assert_int_eq(writer->status, STATUS_OK);
    return STATUS_FULL;
}

TEST(after_a_failure_the_rest_is_dropped)
{
    struct image_writer writer = {.full = fail_once};
    image_put_u8(&writer, 1);
    image_flush(&writer);
    ck_assert_int_eq(writer.status, STATUS_FULL);
    for (int i = 0; i < IMAGE_BLOCK_SIZE; i++) {
        image_put_u64(&writer, 1);
        image_end_part(&writer);
    }
    image_flush(&writer);
    ck_assert_int_eq(writer.status, STATUS_FULL);
    ck_assert_uint_lt(writer.block.capacity, 4 * IMAGE_BLOCK_SIZE);
    buffer_deinit(&writer.block);
}

// Bytes that no writer makes, and the reading that finds it out.
enum reading { COUNT, U64, BYTES, COUNT_OF_8 };

static const struct malformed {
    enum reading reading;
    struct slice bytes;
} malformed[] = {
    {COUNT, {"", 0}},
    {COUNT, {"\x80", 1}},
    {COUNT, {"\x80\x00", 2}},                                  // Longer than
    {COUNT, {"\x81\x80\x00", 3}},                              // need be.
    {COUNT, {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10}}, // 65 bits.
    {COUNT, {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11}},
    {U64, {"1234567", 7}},
    {BYTES, {"\x03xx", 3}},
    {BYTES, {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10}},
    {COUNT_OF_8,
     {"\x02"
      "12345678",
      9}},
    {COUNT_OF_8, {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10}},
};
enum { MALFORMED = sizeof malformed / sizeof *malformed };

TEST_FOR(what_is_malformed_is_refused_and_reads_as_nothing, MALFORMED)
{
    const struct malformed *row = &malformed[_i];
    struct image_reader reader = {.block = row->bytes};
    switch (row->reading) {
    case COUNT:
        ck_assert_uint_eq(image_get_count(&reader), 0);
        break;
    case U64:
        ck_assert_uint_eq(image_get_u64(&reader), 0);
        break;
    case BYTES:
        ck_assert_uint_eq(image_get_bytes(&reader).size, 0);
        break;
    case COUNT_OF_8:
        ck_assert_uint_eq(image_get_count_of(&reader, 8), 0);
        break;
    }
    ck_assert(reader.invalid);
    ck_assert_uint_eq(image_get_u8(&reader), 0);
    ck_assert_uint_eq(image_get_bytes(&reader).size, 0);
    image_begin_part(&reader);
    ck_assert(reader.invalid);
}

TEST(a_count_is_believed_if_the_rest_can_hold_it)
{
    struct image_reader reader = {.block = SLICE("\x03"
                                                 "12345678"),
                                  .rest = 16};
    ck_assert_uint_eq(image_get_count_of(&reader, 8), 3);
    reader = (struct image_reader){.block = SLICE("\x03"), .rest = UINT64_MAX};
    ck_assert_uint_eq(image_get_count_of(&reader, 8), 3);
    ck_assert(!reader.invalid);
}

TEST(a_part_that_goes_beyond_its_block_is_refused)
{
    struct image_bytes image;
    struct image_source source;
    image_bytes_init(&image);
    for (int i = 0; i < 2; i++) {
        image_put_u8(&image.writer, 1);
        image_flush(&image.writer);
    }
    image_source_init(&source, &image);
    image_begin_part(&source.reader);
    ck_assert_uint_eq(image_get_u8(&source.reader), 1);
    ck_assert_uint_eq(image_get_u8(&source.reader), 0);
    ck_assert(source.reader.invalid);
    image_source_deinit(&source);
    image_bytes_deinit(&image);
}

TEST(an_image_that_ends_early_is_refused)
{
    struct image_bytes image;
    struct image_source source;
    image_bytes_init(&image);
    image_source_init(&source, &image);
    image_begin_part(&source.reader);
    ck_assert(source.reader.invalid);
    image_source_deinit(&source);
    image_bytes_deinit(&image);
}
