// hash.h -- the keyed hash of the tables: XXH3-64 with a random secret.
//
// The secret is drawn at start, so that nobody outside can choose keys that
// collide. It never changes a result, only where entries lie.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_HASH_H
#define VEGA_COMMON_HASH_H

#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "common/base/slice.h"

enum { HASH_SECRET_SIZE = 192 }; // XXH3 needs at least 136 bytes.

struct hash_secret {
    unsigned char bytes[HASH_SECRET_SIZE];
};

// The same secret for the same seed: for runs that are to be repeated.
void hash_secret_derive(struct hash_secret *secret, struct slice seed);

static inline uint64_t hash_bytes(const struct hash_secret *secret,
                                  struct slice bytes)
{
    return XXH3_64bits_withSecret(bytes.data, bytes.size, secret->bytes,
                                  HASH_SECRET_SIZE);
}

#endif
