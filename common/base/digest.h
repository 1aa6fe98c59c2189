// digest.h -- SHA-256 (FIPS 180-4), by OpenSSL, which uses the processor's
// instructions for it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_DIGEST_H
#define VEGA_COMMON_DIGEST_H

#include <stddef.h>

enum { DIGEST_SIZE = 32 };

struct digest {
    struct evp_md_ctx_st *context; // Owned; OpenSSL's EVP_MD_CTX.
};

void digest_init(struct digest *digest);
void digest_deinit(struct digest *digest);

void digest_update(struct digest *digest, const void *bytes, size_t size);

// The digest of all that came. Nothing but digest_deinit may follow.
void digest_final(struct digest *digest, unsigned char sum[DIGEST_SIZE]);

#endif
