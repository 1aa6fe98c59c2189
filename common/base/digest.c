// digest.c -- SHA-256.
// SPDX-License-Identifier: MIT
#include "common/base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

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

void digest_hmac(struct slice key, struct slice bytes,
                 unsigned char sum[DIGEST_SIZE])
{
    unsigned size = 0;
    // A key without data would mean "the one of the last call".
    check(HMAC(EVP_sha256(), key.size ? key.data : "", (int)key.size,
               (const unsigned char *)bytes.data, bytes.size, sum, &size));
    check(size == DIGEST_SIZE);
}

bool digest_is_equal(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}
