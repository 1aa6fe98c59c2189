// hash.c -- a secret from a seed.
// SPDX-License-Identifier: MIT
#include "common/base/hash.h"

#include "common/base/codec.h"
#include "common/base/random.h"

void hash_secret_derive(struct hash_secret *secret, struct slice seed)
{
    struct random random;
    random_init(&random, XXH3_64bits(seed.data, seed.size));
    for (size_t i = 0; i < HASH_SECRET_SIZE; i += 8)
        put_u64(secret->bytes + i, random_next(&random));
}
