// digest.c -- SHA-256.
// SPDX-License-Identifier: MIT
#include "common/base/digest.h"

#include <openssl/evp.h>

#include "common/base/check.h"

// OpenSSL fails here only for want of memory or of SHA-256 itself.

void digest_init(struct digest *digest)
{
    digest->context = EVP_MD_CTX_new();
    check(digest->context);
    check(EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) == 1);
}

void digest_deinit(struct digest *digest)
{
    EVP_MD_CTX_free(digest->context);
    digest->context = NULL;
}

void digest_update(struct digest *digest, const void *bytes, size_t size)
{
    check(EVP_DigestUpdate(digest->context, bytes, size) == 1);
}

void digest_final(struct digest *digest, unsigned char sum[DIGEST_SIZE])
{
    unsigned size = 0;
    check(EVP_DigestFinal_ex(digest->context, sum, &size) == 1);
    check(size == DIGEST_SIZE);
}
