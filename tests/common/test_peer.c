// test_peer.c -- addresses that are taken and refused.
// SPDX-License-Identifier: MIT
#include "common/net/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "tests/test.h"

TEST(an_ipv4_address_is_taken_as_it_stands)
{
    struct peer_address address;
    ck_assert(peer_address_parse("127.1.2.3:16379", &address));
    const struct sockaddr_in *v4 = (const void *)&address.socket;
    ck_assert_int_eq(v4->sin_family, AF_INET);
    ck_assert_uint_eq(ntohl(v4->sin_addr.s_addr), 0x7f010203);
    ck_assert_uint_eq(ntohs(v4->sin_port), 16379);
    ck_assert_uint_eq(address.size, sizeof *v4);
}

TEST(an_ipv6_address_stands_in_brackets)
{
    struct peer_address address;
    ck_assert(peer_address_parse("[::1]:1", &address));
    const struct sockaddr_in6 *v6 = (const void *)&address.socket;
    ck_assert_int_eq(v6->sin6_family, AF_INET6);
    ck_assert(IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr));
    ck_assert_uint_eq(ntohs(v6->sin6_port), 1);
    ck_assert_uint_eq(address.size, sizeof *v6);
}

static const char *const refused[] = {
    "",
    ":",
    ":7000",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "127.0.0.1:-1",
    "127.0.0.1:07000",
    "127.0.0.1:7000 ",
    "127.0.0.1 :7000",
    "127.1:7000",
    "localhost:7000",
    "::1:7000",
    "[::1]7000",
    "[::1:7000",
    "[]:7000",
    "[:7000",
    "[127.0.0.1]:7000",
    "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:7000",
};

TEST_FOR(other_texts_are_refused, sizeof refused / sizeof *refused)
{
    struct peer_address address = {.size = 77};
    errno = 0;
    ck_assert_msg(!peer_address_parse(refused[_i], &address), "%s",
                  refused[_i]);
    ck_assert_msg(errno == EINVAL, "%s", refused[_i]);
    ck_assert_uint_eq(address.size, 77);
}

static const struct {
    const char *text;
    bool is_loopback;
} networks[] = {
    {"127.0.0.1:7000", true},
    {"127.255.0.1:7000", true},
    {"[::1]:7000", true},
    {"0.0.0.0:7000", false},
    {"126.255.255.255:7000", false},
    {"128.0.0.1:7000", false},
    {"192.0.2.1:7000", false},
    {"[::]:7000", false},
    {"[2001:db8::1]:7000", false},
};

TEST_FOR(an_address_is_on_the_loopback_or_not,
         sizeof networks / sizeof *networks)
{
    struct peer_address address;
    ck_assert(peer_address_parse(networks[_i].text, &address));
    ck_assert_int_eq(peer_address_is_loopback(&address),
                     networks[_i].is_loopback);
}
