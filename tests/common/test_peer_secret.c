// test_peer_secret.c -- tests of common/net/peer_secret.c.
// SPDX-License-Identifier: MIT
#include "common/net/peer_secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

// What is read of a file with that content and mode; owned by the caller.
static struct buffer load_file(struct slice content, mode_t mode,
                               const char **why)
{
    char path[] = "/tmp/vega-secret-XXXXXX";
    struct buffer secret = {0};
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, content.data, content.size),
                     (ssize_t)content.size);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
    bool loaded = peer_secret_load(path, NULL, &secret, why);
    unlink(path);
    ck_assert_int_eq(loaded, !*why);
    ck_assert(loaded || secret.size == 0);
    return secret;
}

static void expect_file(struct slice content, mode_t mode, const char *part)
{
    const char *why;
    struct buffer secret = load_file(content, mode, &why);
    if (part)
        ck_assert_msg(why && strstr(why, part), "%s", why);
    else
        ck_assert_msg(!why, "%s", why);
    buffer_deinit(&secret);
}

TEST(a_file_is_read_without_the_end_of_its_line)
{
    const char *why;
    struct buffer secret =
        load_file(SLICE("0123456789abcdef \r\n\n"), 0600, &why);
    ck_assert(slice_equal(buffer_slice(&secret), SLICE("0123456789abcdef")));
    buffer_deinit(&secret);
}

TEST(bounds_and_rights_are_looked_at)
{
    static char large[1025 + 1];
    memset(large, 'x', sizeof large);
    expect_file((struct slice){large, 1024}, 0640, NULL);
    expect_file((struct slice){large, 1025}, 0600, "more than 1024");
    expect_file((struct slice){large, 1026}, 0600, "more than 1024");
    expect_file(SLICE("0123456789abcde\n"), 0600, "less than 16");
    expect_file(SLICE(""), 0600, "less than 16");
    expect_file(SLICE("0123456789abcdef"), 0604, "everybody");
    expect_file(SLICE("0123456789abcdef"), 0602, "everybody");
}

TEST(a_file_that_is_not_there_is_an_error)
{
    struct buffer secret = {0};
    const char *why;
    ck_assert(!peer_secret_load("/nonexistent/secret", NULL, &secret, &why));
    ck_assert_ptr_nonnull(strstr(why, "cannot be read"));
    ck_assert(!peer_secret_load("/", NULL, &secret, &why));
    buffer_deinit(&secret);
}

TEST(the_environment_gives_it_too_but_not_both)
{
    struct buffer secret = {0};
    const char *why;
    ck_assert(peer_secret_load(NULL, "0123456789abcdef", &secret, &why));
    ck_assert_uint_eq(secret.size, 16);
    ck_assert(!peer_secret_load(NULL, "short", &secret, &why));
    ck_assert_uint_eq(secret.size, 0);
    ck_assert(
        !peer_secret_load("/dev/null", "0123456789abcdef", &secret, &why));
    ck_assert_ptr_nonnull(strstr(why, "twice"));
    buffer_deinit(&secret);
}

TEST(without_either_there_is_none)
{
    struct buffer secret = {0};
    const char *why;
    ck_assert(peer_secret_load(NULL, NULL, &secret, &why));
    ck_assert_uint_eq(secret.size, 0);
    ck_assert_ptr_null(why);
}
