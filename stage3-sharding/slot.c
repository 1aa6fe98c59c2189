// slot.c -- which of the 16384 slots a key belongs to.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/slot.h"

// A CRC is linear: the sum of a byte is the XOR of the sums of its bits. So
// eight constants spell a table, and the compiler does the work.
#define BIT(byte, bit, sum) (((byte) >> (bit)&1) * (sum))
#define SUM(byte)                                                              \
    (BIT(byte, 0, 0x1021) ^ BIT(byte, 1, 0x2042) ^ BIT(byte, 2, 0x4084) ^      \
     BIT(byte, 3, 0x8108) ^ BIT(byte, 4, 0x1231) ^ BIT(byte, 5, 0x2462) ^      \
     BIT(byte, 6, 0x48c4) ^ BIT(byte, 7, 0x9188))
#define SUMS_4(b) SUM(b), SUM((b) + 1), SUM((b) + 2), SUM((b) + 3)
#define SUMS_16(b) SUMS_4(b), SUMS_4((b) + 4), SUMS_4((b) + 8), SUMS_4((b) + 12)
#define SUMS_64(b)                                                             \
    SUMS_16(b), SUMS_16((b) + 16), SUMS_16((b) + 32), SUMS_16((b) + 48)

static const uint16_t byte_sums[256] = {SUMS_64(0), SUMS_64(64), SUMS_64(128),
                                        SUMS_64(192)};

uint16_t slot_crc16(struct slice bytes)
{
    unsigned crc = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        crc = (crc << 8 & 0xffff) ^ byte_sums[crc >> 8 ^ byte];
    }
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
