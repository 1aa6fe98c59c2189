// slot.c -- which of the 16384 slots a key belongs to.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/slot.h"

// A CRC is linear: the sum of a byte is the XOR of the sums of its bits. So
// eight constants spell a table, and the compiler does the work. Table k is for
// a byte with k more behind it: with eight tables eight bytes are looked up at
// once (Kounavis and Berry 2005), for every request waits for this.
#define BIT(byte, bit, sum) (((byte) >> (bit)&1) * (sum))
#define SUM(b, s0, s1, s2, s3, s4, s5, s6, s7)                                 \
    (BIT(b, 0, s0) ^ BIT(b, 1, s1) ^ BIT(b, 2, s2) ^ BIT(b, 3, s3) ^           \
     BIT(b, 4, s4) ^ BIT(b, 5, s5) ^ BIT(b, 6, s6) ^ BIT(b, 7, s7))
#define SUM_0(b)                                                               \
    SUM(b, 0x1021, 0x2042, 0x4084, 0x8108, 0x1231, 0x2462, 0x48c4, 0x9188)
#define SUM_1(b)                                                               \
    SUM(b, 0x3331, 0x6662, 0xccc4, 0x89a9, 0x0373, 0x06e6, 0x0dcc, 0x1b98)
#define SUM_2(b)                                                               \
    SUM(b, 0x3730, 0x6e60, 0xdcc0, 0xa9a1, 0x4363, 0x86c6, 0x1dad, 0x3b5a)
#define SUM_3(b)                                                               \
    SUM(b, 0x76b4, 0xed68, 0xcaf1, 0x85c3, 0x1ba7, 0x374e, 0x6e9c, 0xdd38)
#define SUM_4(b)                                                               \
    SUM(b, 0xaa51, 0x4483, 0x8906, 0x022d, 0x045a, 0x08b4, 0x1168, 0x22d0)
#define SUM_5(b)                                                               \
    SUM(b, 0x45a0, 0x8b40, 0x06a1, 0x0d42, 0x1a84, 0x3508, 0x6a10, 0xd420)
#define SUM_6(b)                                                               \
    SUM(b, 0xb861, 0x60e3, 0xc1c6, 0x93ad, 0x377b, 0x6ef6, 0xddec, 0xabf9)
#define SUM_7(b)                                                               \
    SUM(b, 0x47d3, 0x8fa6, 0x0f6d, 0x1eda, 0x3db4, 0x7b68, 0xf6d0, 0xfd81)
#define SUMS_4(S, b) S(b), S((b) + 1), S((b) + 2), S((b) + 3)
#define SUMS_16(S, b)                                                          \
    SUMS_4(S, b), SUMS_4(S, (b) + 4), SUMS_4(S, (b) + 8), SUMS_4(S, (b) + 12)
#define SUMS_64(S, b)                                                          \
    SUMS_16(S, b), SUMS_16(S, (b) + 16), SUMS_16(S, (b) + 32),                 \
        SUMS_16(S, (b) + 48)
#define TABLE(S)                                                               \
    {                                                                          \
        SUMS_64(S, 0), SUMS_64(S, 64), SUMS_64(S, 128), SUMS_64(S, 192)        \
    }

static const uint16_t sums[8][256] = {
    TABLE(SUM_0), TABLE(SUM_1), TABLE(SUM_2), TABLE(SUM_3),
    TABLE(SUM_4), TABLE(SUM_5), TABLE(SUM_6), TABLE(SUM_7),
};

uint16_t slot_crc16(struct slice bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.data;
    size_t left = bytes.size;
    unsigned crc = 0;
    for (; left >= 8; left -= 8, at += 8)
        crc = sums[7][at[0] ^ crc >> 8] ^ sums[6][at[1] ^ (crc & 0xff)] ^
              sums[5][at[2]] ^ sums[4][at[3]] ^ sums[3][at[4]] ^
              sums[2][at[5]] ^ sums[1][at[6]] ^ sums[0][at[7]];
    for (; left > 0; left--, at++)
        crc = (crc << 8 & 0xffff) ^ sums[0][crc >> 8 ^ *at];
    return (uint16_t)crc;
}

struct slice slot_tag(struct slice key)
{
    const char *open = key.size ? memchr(key.data, '{', key.size) : NULL;
    if (!open)
        return key;
    const char *tag = open + 1;
    size_t rest = key.size - (size_t)(tag - key.data);
    const char *close = rest ? memchr(tag, '}', rest) : NULL;
    if (!close || close == tag)
        return key;
    return (struct slice){tag, (size_t)(close - tag)};
}

uint16_t slot_of_key(struct slice key)
{
    return slot_crc16(slot_tag(key)) & (SLOT_COUNT - 1);
}
