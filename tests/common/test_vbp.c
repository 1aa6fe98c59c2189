// test_vbp.c -- frames: golden bytes, every truncation, every flipped bit,
// sizes that lie.
// SPDX-License-Identifier: MIT
#include "common/wire/vbp.h"

#include <stdlib.h>

#include "common/base/codec.h"
#include "common/base/crc32c.h"
#include "common/base/random.h"
#include "tests/test.h"

enum { BODY_MAX = 1000 };

static const struct vbp_frame hi = {
    .type = VBP_MESSAGE, .request = 0x1122334455667788u, .body = {"hi", 2}};

// The bytes that vbp.c's header comment promises.
static void expect_golden(const struct buffer *out)
{
    static const unsigned char golden[] = {
        2,    0,    0,    0,    // size
        1,    2,    0,    0,    // version, type, reserved
        0x88, 0x77, 0x66, 0x55, // request
        0x44, 0x33, 0x22, 0x11, //
        0x6d, 0x93, 0x50, 0x01, // crc
        'h',  'i',
    };
    ck_assert_uint_eq(out->size, sizeof golden);
    ck_assert_mem_eq(out->data, golden, sizeof golden);
}

static struct buffer encoded(const struct vbp_frame *frame)
{
    struct buffer out = {0};
    ck_assert(vbp_encode(&out, frame));
    return out;
}

static void expect_status(struct slice input, enum vbp_status expected)
{
    // A copy of exactly this size, so that reading past it is found out.
    char *copy = malloc(input.size ? input.size : 1);
    if (input.size)
        memcpy(copy, input.data, input.size);
    struct slice rest = {copy, input.size};
    struct vbp_frame frame = {.type = 77};
    ck_assert_int_eq(vbp_decode(&rest, BODY_MAX, &frame), expected);
    if (expected != VBP_OK) {
        ck_assert_ptr_eq(rest.data, copy);
        ck_assert_uint_eq(rest.size, input.size);
        ck_assert_uint_eq(frame.type, 77);
    }
    free(copy);
}

TEST(a_frame_has_the_documented_bytes)
{
    struct buffer out = encoded(&hi);
    expect_golden(&out);
    buffer_deinit(&out);
}

TEST(frames_come_back_as_they_were_one_after_another)
{
    struct buffer out = {0};
    struct vbp_frame empty = {.type = VBP_HELLO, .request = 0};
    ck_assert(vbp_encode(&out, &hi));
    ck_assert(vbp_encode(&out, &empty));
    ck_assert(vbp_encode(&out, &hi));

    struct slice rest = buffer_slice(&out);
    struct vbp_frame frame;
    ck_assert_int_eq(vbp_decode(&rest, BODY_MAX, &frame), VBP_OK);
    ck_assert_uint_eq(frame.type, VBP_MESSAGE);
    ck_assert_uint_eq(frame.request, hi.request);
    ck_assert(slice_equal(frame.body, hi.body));
    ck_assert_ptr_eq(frame.body.data, out.data + VBP_HEADER_SIZE);
    ck_assert_int_eq(vbp_decode(&rest, BODY_MAX, &frame), VBP_OK);
    ck_assert_uint_eq(frame.type, VBP_HELLO);
    ck_assert_uint_eq(frame.request, 0);
    ck_assert_uint_eq(frame.body.size, 0);
    ck_assert_int_eq(vbp_decode(&rest, BODY_MAX, &frame), VBP_OK);
    ck_assert(slice_equal(frame.body, hi.body));
    ck_assert_uint_eq(rest.size, 0);
    ck_assert_int_eq(vbp_decode(&rest, BODY_MAX, &frame), VBP_PARTIAL);
    buffer_deinit(&out);
}

TEST(any_beginning_of_a_frame_is_partial)
{
    struct buffer out = encoded(&hi);
    for (size_t size = 0; size < out.size; size++)
        expect_status((struct slice){out.data, size}, VBP_PARTIAL);
    expect_status(buffer_slice(&out), VBP_OK);
    buffer_deinit(&out);
}

// With room behind the frame, lest a size that grew is merely partial.
TEST(no_flipped_bit_goes_unnoticed)
{
    struct buffer out = encoded(&hi);
    size_t bits = out.size * 8;
    while (out.size < VBP_HEADER_SIZE + BODY_MAX)
        buffer_append_byte(&out, 'x');
    expect_status(buffer_slice(&out), VBP_OK);
    for (size_t bit = 0; bit < bits; bit++) {
        out.data[bit / 8] ^= (char)(1 << bit % 8);
        expect_status(buffer_slice(&out), VBP_INVALID);
        out.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    buffer_deinit(&out);
}

// A frame whose checksum is right, so that only the rule in question refuses.
static struct buffer forged(size_t at, unsigned char byte)
{
    struct buffer out = encoded(&hi);
    out.data[at] = (char)byte;
    put_u32(out.data + 16,
            crc32c(crc32c(0, out.data, 16), out.data + 20, out.size - 20));
    return out;
}

TEST(other_versions_and_reserved_bits_are_invalid_under_a_right_sum)
{
    static const struct {
        size_t at;
        unsigned char byte;
        enum vbp_status expected;
    } cases[] = {
        {4, 1, VBP_OK},         {4, 0, VBP_INVALID}, {4, 2, VBP_INVALID},
        {4, 0x81, VBP_INVALID}, {6, 1, VBP_INVALID}, {7, 0x80, VBP_INVALID},
        {5, 0, VBP_OK},         {5, 255, VBP_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = forged(cases[i].at, cases[i].byte);
        expect_status(buffer_slice(&out), cases[i].expected);
        buffer_deinit(&out);
    }
}

TEST(a_size_above_the_limit_is_refused_by_the_header_alone)
{
    static const struct {
        uint32_t size;
        enum vbp_status expected;
    } cases[] = {
        {BODY_MAX, VBP_PARTIAL},   {BODY_MAX + 1, VBP_INVALID},
        {INT32_MAX, VBP_INVALID},  {0x80000000u, VBP_INVALID},
        {UINT32_MAX, VBP_INVALID}, {UINT32_MAX - 19, VBP_INVALID},
    };
    struct buffer out = encoded(&hi);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_u32(out.data, cases[i].size);
        expect_status((struct slice){out.data, VBP_HEADER_SIZE},
                      cases[i].expected);
    }
    buffer_deinit(&out);
}

TEST(a_limit_of_4_gib_does_not_wrap)
{
    struct buffer out = encoded(&hi);
    put_u32(out.data, UINT32_MAX);
    struct slice rest = buffer_slice(&out);
    struct vbp_frame frame;
    ck_assert_int_eq(vbp_decode(&rest, UINT32_MAX, &frame), VBP_PARTIAL);
    buffer_deinit(&out);
}

TEST(a_body_of_exactly_the_limit_is_accepted)
{
    char body[BODY_MAX] = {0};
    struct vbp_frame frame = {.type = 9, .body = {body, BODY_MAX}};
    struct buffer out = encoded(&frame);
    expect_status(buffer_slice(&out), VBP_OK);
    buffer_deinit(&out);
}

TEST(a_full_buffer_takes_a_frame_whole_or_not_at_all)
{
    struct buffer out = {.max = 22 + 21};
    ck_assert(vbp_encode(&out, &hi));
    ck_assert(!vbp_encode(&out, &hi));
    ck_assert_uint_eq(out.size, 22);
    expect_golden(&out);
    buffer_deinit(&out);
}

TEST(random_bytes_are_never_a_frame_and_never_a_crash)
{
    struct random random;
    random_init(&random, 7);
    for (int round = 0; round < 20000; round++) {
        char bytes[64];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)random_next(&random);
        // Half of them with a header that is plausible.
        if (round % 2) {
            put_u32(bytes, (uint32_t)random_below(&random, 60));
            bytes[4] = VBP_VERSION;
            put_u16(bytes + 6, 0);
        }
        struct slice rest = {bytes, random_below(&random, sizeof bytes + 1)};
        struct vbp_frame frame;
        ck_assert_int_ne(vbp_decode(&rest, BODY_MAX, &frame), VBP_OK);
    }
}
