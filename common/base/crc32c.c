// crc32c.c -- the checksum of log records, snapshots and frames.
//
// The polynomial is 0x1EDC6F41, bits reflected; the sum starts and ends
// inverted. x86-64 (SSE4.2) and ARMv8 have an instruction for just this one.
// SPDX-License-Identifier: MIT
#include "common/base/crc32c.h"

#include <string.h>

// A CRC is linear: the sum of a byte is the XOR of the sums of its bits. So
// eight constants, those of 1, 2, 4, ... 128, spell the table, and the
// compiler does the work.
#define BIT(byte, bit, sum) (((byte) >> (bit)&1) * UINT32_C(sum))
#define SUM(byte)                                                              \
    (BIT(byte, 0, 0xf26b8303) ^ BIT(byte, 1, 0xe13b70f7) ^                     \
     BIT(byte, 2, 0xc79a971f) ^ BIT(byte, 3, 0x8ad958cf) ^                     \
     BIT(byte, 4, 0x105ec76f) ^ BIT(byte, 5, 0x20bd8ede) ^                     \
     BIT(byte, 6, 0x417b1dbc) ^ BIT(byte, 7, 0x82f63b78))
#define SUMS_4(b) SUM(b), SUM((b) + 1), SUM((b) + 2), SUM((b) + 3)
#define SUMS_16(b) SUMS_4(b), SUMS_4((b) + 4), SUMS_4((b) + 8), SUMS_4((b) + 12)
#define SUMS_64(b)                                                             \
    SUMS_16(b), SUMS_16((b) + 16), SUMS_16((b) + 32), SUMS_16((b) + 48)

static const uint32_t byte_sums[256] = {SUMS_64(0), SUMS_64(64), SUMS_64(128),
                                        SUMS_64(192)};

uint32_t crc32c_by_table(uint32_t crc, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    crc = ~crc;
    for (; size; size--)
        crc = crc >> 8 ^ byte_sums[(crc ^ *at++) & 0xff];
    return ~crc;
}

#if defined __x86_64__

#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t
crc32c_by_instruction(uint32_t crc, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t sum = ~crc;
    for (; size >= 8; size -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        sum = _mm_crc32_u64(sum, word);
    }
    for (; size; size--)
        sum = _mm_crc32_u8((uint32_t)sum, *at++);
    return ~(uint32_t)sum;
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t size)
{
    // One load and a branch that is always predicted.
    if (__builtin_cpu_supports("sse4.2"))
        return crc32c_by_instruction(crc, bytes, size);
    return crc32c_by_table(crc, bytes, size);
}

#elif defined __aarch64__ && defined __ARM_FEATURE_CRC32

#include <arm_acle.h>

uint32_t crc32c(uint32_t crc, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    crc = ~crc;
    for (; size >= 8; size -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        crc = __crc32cd(crc, word);
    }
    for (; size; size--)
        crc = __crc32cb(crc, *at++);
    return ~crc;
}

#else

uint32_t crc32c(uint32_t crc, const void *bytes, size_t size)
{
    return crc32c_by_table(crc, bytes, size);
}

#endif
