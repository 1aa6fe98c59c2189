// digest.h -- SHA-256 (FIPS 180-4), by OpenSSL, which uses the processor's
// instructions for it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_DIGEST_H
#define VEGA_COMMON_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/slice.h"

enum { DIGEST_SIZE = 32 };

struct digest {
    struct evp_md_ctx_st *context; // Owned; OpenSSL's EVP_MD_CTX.
};

void digest_init(struct digest *digest);
void digest_deinit(struct digest *digest);

void digest_update(struct digest *digest, const void *bytes, size_t size);

// The digest of all that came. Nothing but digest_deinit may follow.
void digest_final(struct digest *digest, unsigned char sum[DIGEST_SIZE]);

// HMAC-SHA-256 (RFC 2104): the digest of `bytes` that only who knows `key` can
// make. A key may have any size.
void digest_hmac(struct slice key, struct slice bytes,
                 unsigned char sum[DIGEST_SIZE]);

// Takes the same time wherever they differ: for what must not be guessed.
bool digest_is_equal(const void *a, const void *b, size_t size);

#endif
