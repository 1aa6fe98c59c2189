// test_dispatch.c -- what becomes of a request before its command sees it; more
// of that is in test_session.c.
// SPDX-License-Identifier: MIT
#include "tests/common/session_harness.h"
#include "tests/test.h"

static struct harness harness;
static struct client client;

static void setup(void)
{
    harness_init(&harness);
    client_open(&client, &harness);
}

static void teardown(void)
{
    client_close(&client);
    harness_deinit(&harness);
}

static const char *const http[] = {
    "POST / HTTP/1.1\r\nsay hello\r\n",
    "Host: localhost:6379\r\nsay hello\r\n",
    "say before\r\nGET / HTTP/1.1\r\nHOST: x\r\nsay hello\r\n",
    "*2\r\n$4\r\npost\r\n$1\r\n/\r\n*2\r\n$3\r\nsay\r\n$1\r\nx\r\n",
};

TEST_FOR(a_browser_is_cut_off_before_its_body_is_read,
         sizeof http / sizeof *http)
{
    setup();
    client_send(&client, http[_i]);
    ck_assert(client_is_closed(&client));
    const char *received = client_take(&client);
    ck_assert_msg(!strstr(received, "hello"), "%s", received);
    teardown();
}

TEST(a_cluster_is_what_a_server_alone_has_not)
{
    setup();
    client_send(&client, "cluster info\r\nREADONLY\r\nclusters x\r\n");
    client_expect(&client,
                  "-ERR This instance has cluster support disabled\r\n"
                  "-ERR This instance has cluster support disabled\r\n"
                  "-ERR unknown command 'clusters', with args beginning with: "
                  "'x' \r\n");
    teardown();
}

TEST(words_that_only_begin_like_http_are_unknown_commands)
{
    setup();
    client_send(&client, "POSTS /\r\nhost x\r\nsay hello\r\n");
    client_expect(&client,
                  "-ERR unknown command 'POSTS', with args beginning with: '/' "
                  "\r\n-ERR unknown command 'host', with args beginning with: "
                  "'x' \r\n$5\r\nhello\r\n");
    teardown();
}
