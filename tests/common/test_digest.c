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
