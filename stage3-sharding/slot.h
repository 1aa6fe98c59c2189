// slot.h -- which of the 16384 slots a key belongs to.
//
// The rule is Redis Cluster's, so that every cluster client knows it: CRC-16
// (XMODEM) of the key, modulo 16384. Of a key that holds a {tag} only the tag
// counts, so that keys with equal tags share a slot, and one command or
// transaction can have them all.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_SLOT_H
#define VEGA_STAGE3_SLOT_H

#include <stdint.h>

#include "common/base/slice.h"

enum {
    SLOT_BITS = 14,
    SLOT_COUNT = 1 << SLOT_BITS,
};

// From 0 to SLOT_COUNT - 1.
uint16_t slot_of_key(struct slice key);

// What of the key counts: what stands between its first '{' and the first '}'
// behind that, unless this is nothing; else the whole key. Borrowed from it.
struct slice slot_tag(struct slice key);

// CRC-16/XMODEM: polynomial 0x1021, begun with 0, no bits reflected.
uint16_t slot_crc16(struct slice bytes);

#endif
