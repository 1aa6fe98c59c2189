// test_digest.c -- published digests, in one piece and in many.
// SPDX-License-Identifier: MIT
#include "common/base/digest.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

enum { TEXT_SIZE = 2 * DIGEST_SIZE + 1 };

// NIST's examples for SHA-256 (FIPS 180-4), and the empty message.
static const struct {
    const char *message;
    size_t times; // That it is repeated.
    const char *sum;
} vectors[] = {
    {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1,
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
     "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
     1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {"a", 1000000,
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static void take_text(struct digest *digest, char text[TEXT_SIZE])
{
    unsigned char sum[DIGEST_SIZE];
    digest_final(digest, sum);
    for (int i = 0; i < DIGEST_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", sum[i]);
    digest_deinit(digest);
}

TEST_FOR(digests_are_those_of_the_standard, sizeof vectors / sizeof *vectors)
{
    struct digest digest;
    digest_init(&digest);
    for (size_t i = 0; i < vectors[_i].times; i++)
        digest_update(&digest, vectors[_i].message,
                      strlen(vectors[_i].message));
    char text[TEXT_SIZE];
    take_text(&digest, text);
    ck_assert_str_eq(text, vectors[_i].sum);
}

TEST(pieces_have_the_digest_of_the_whole)
{
    const char *message = vectors[3].message;
    size_t size = strlen(message);
    for (size_t cut = 0; cut <= size; cut++) {
        struct digest digest;
        digest_init(&digest);
        digest_update(&digest, message, cut);
        digest_update(&digest, message + cut, size - cut);
        char text[TEXT_SIZE];
        take_text(&digest, text);
        ck_assert_str_eq(text, vectors[3].sum);
    }
}

TEST(a_digest_may_be_given_up)
{
    struct digest digest;
    digest_init(&digest);
    digest_update(&digest, "abc", 3);
    digest_deinit(&digest);
    ck_assert_ptr_null(digest.context);
}

// RFC 4231, test cases 1, 2 and 6, and the empty key.
TEST(what_only_the_key_can_make_is_that_of_the_standard)
{
    static char long_key[131];
    memset(long_key, 0xaa, sizeof long_key);
    static const struct {
        const char *key, *message, *sum;
    } cases[] = {
        {"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
         "\x0b\x0b\x0b",
         "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {NULL, "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {"", "",
         "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice key = cases[i].key ? slice_of(cases[i].key)
                                        : (struct slice){long_key, 131};
        unsigned char sum[DIGEST_SIZE];
        char text[TEXT_SIZE];
        digest_hmac(key, slice_of(cases[i].message), sum);
        for (int j = 0; j < DIGEST_SIZE; j++)
            snprintf(text + 2 * j, 3, "%02x", sum[j]);
        ck_assert_str_eq(text, cases[i].sum);
    }
}

TEST(digests_that_differ_in_one_bit_differ)
{
    unsigned char a[DIGEST_SIZE] = {0}, b[DIGEST_SIZE] = {0};
    ck_assert(digest_is_equal(a, b, sizeof a));
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        b[i] ^= 0x80;
        ck_assert(!digest_is_equal(a, b, sizeof a));
        b[i] ^= 0x80;
    }
}
