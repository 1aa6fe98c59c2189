// test_peer.c -- addresses that are taken and refused, and the greeting.
// SPDX-License-Identifier: MIT
#include "common/net/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

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

static const struct {
    const char *text;
    int error;
} refused[] = {
    {"", EINVAL},
    {":", EINVAL},
    {":7000", EINVAL},
    {"127.0.0.1", EINVAL},
    {"127.0.0.1:", EINVAL},
    {"127.0.0.1:0", EINVAL},
    {"127.0.0.1:65536", EINVAL},
    {"127.0.0.1:-1", EINVAL},
    {"127.0.0.1:07000", EINVAL},
    {"127.0.0.1:7000 ", EINVAL},
    {"127.0.0.1 :7000", EINVAL},
    {"127.1:7000", EINVAL},
    {"localhost:7000", EINVAL},
    {"::1:7000", EINVAL},
    {"[::1]7000", EINVAL},
    {"[::1:7000", EINVAL},
    {"[]:7000", EINVAL},
    {"[:7000", EINVAL},
    {"[127.0.0.1]:7000", EINVAL},
    {"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:7000", EINVAL},
    {"0.0.0.0:7000", EACCES},
    {"126.255.255.255:7000", EACCES},
    {"128.0.0.1:7000", EACCES},
    {"192.0.2.1:7000", EACCES},
    {"[::]:7000", EACCES},
    {"[2001:db8::1]:7000", EACCES},
};

TEST_FOR(other_texts_and_other_networks_are_refused,
         sizeof refused / sizeof *refused)
{
    struct peer_address address = {.size = 77};
    errno = 0;
    ck_assert_msg(!peer_address_parse(refused[_i].text, &address), "%s",
                  refused[_i].text);
    ck_assert_msg(errno == refused[_i].error, "%s", refused[_i].text);
    ck_assert_uint_eq(address.size, 77);
}

TEST(a_greeting_arrives_as_it_was_said)
{
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ck_assert(peer_hello_send(fds[0], 7, 0xfffffffeu));

    char bytes[64];
    ssize_t size = read(fds[1], bytes, sizeof bytes);
    ck_assert_int_eq(size, PEER_HELLO_SIZE);
    ck_assert_mem_eq(bytes + VBP_HEADER_SIZE, "\7\0\0\0\xfe\xff\xff\xff", 8);
    struct slice input = {bytes, (size_t)size};
    struct vbp_frame frame;
    uint32_t from, to;
    ck_assert_int_eq(vbp_decode(&input, PEER_HELLO_BODY_SIZE, &frame), VBP_OK);
    ck_assert(peer_hello_decode(&frame, &from, &to));
    ck_assert_uint_eq(from, 7);
    ck_assert_uint_eq(to, 0xfffffffeu);

    close(fds[1]);
    ck_assert(!peer_hello_send(fds[0], 7, 8));
    close(fds[0]);
}

TEST(other_frames_are_no_greeting)
{
    static const struct vbp_frame frames[] = {
        {.type = VBP_MESSAGE, .body = {"12345678", 8}},
        {.type = VBP_HELLO, .body = {"1234567", 7}},
        {.type = VBP_HELLO, .body = {"123456789", 9}},
        {.type = VBP_HELLO},
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        uint32_t from = 1, to = 2;
        ck_assert(!peer_hello_decode(&frames[i], &from, &to));
        ck_assert_uint_eq(from, 1);
        ck_assert_uint_eq(to, 2);
    }
}
