// test_listener.c -- waiting for clients, and what addresses are called.
// SPDX-License-Identifier: MIT
#include "common/net/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/test.h"

struct door {
    struct listener listener;
    int accepted[4];
    int count;
};

static void door_accepted(struct listener *listener, int fd)
{
    struct door *door = listener->owner;
    ck_assert_int_lt(door->count, 4);
    door->accepted[door->count++] = fd;
}

static void door_init(struct door *door)
{
    *door = (struct door){0};
    door->listener.accepted = door_accepted;
    door->listener.owner = door;
}

static uint16_t port_of(const struct listener *listener)
{
    return (uint16_t)atoi(strrchr(listener->address, ':') + 1);
}

static int connect_to(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons(port),
                               .sin_addr = {htonl(INADDR_LOOPBACK)}};
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
    return fd;
}

TEST(clients_are_accepted_and_both_ends_have_names)
{
    struct loop *loop = loop_create();
    struct door door;
    door_init(&door);
    char error[256];
    ck_assert_int_eq(
        listener_open_tcp(&door.listener, loop, "127.0.0.1", 0, 5, error),
        STATUS_OK);
    uint16_t port = port_of(&door.listener);
    ck_assert_uint_gt(port, 0);
    int one = connect_to(port), two = connect_to(port);
    loop_run_once(loop, 1000);
    ck_assert_int_eq(door.count, 2);
    ck_assert(socket_peer_is_local(door.accepted[0]));

    char expected[64], text[64];
    snprintf(expected, sizeof expected, "127.0.0.1:%u", port);
    socket_format_address(door.accepted[0], false, text, sizeof text);
    ck_assert_str_eq(text, expected);
    socket_format_address(one, true, text, sizeof text);
    ck_assert_str_eq(text, expected);

    close(one);
    close(two);
    close(door.accepted[0]);
    close(door.accepted[1]);
    listener_close(&door.listener);
    loop_destroy(loop);
}

TEST(a_port_in_use_is_refused_with_its_address)
{
    struct loop *loop = loop_create();
    struct door first, second;
    door_init(&first);
    door_init(&second);
    char error[256];
    ck_assert_int_eq(
        listener_open_tcp(&first.listener, loop, "127.0.0.1", 0, 5, error),
        STATUS_OK);
    ck_assert_int_eq(listener_open_tcp(&second.listener, loop, "127.0.0.1",
                                       port_of(&first.listener), 5, error),
                     STATUS_BUSY);
    ck_assert_ptr_nonnull(strstr(error, first.listener.address));
    ck_assert_ptr_nonnull(strstr(error, "in use"));
    listener_close(&first.listener);
    loop_destroy(loop);
}

TEST(a_host_that_does_not_exist_is_refused)
{
    struct loop *loop = loop_create();
    struct door door;
    door_init(&door);
    char error[256];
    ck_assert_int_eq(
        listener_open_tcp(&door.listener, loop, "300.0.0.1", 0, 5, error),
        STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(error, "300.0.0.1"));
    loop_destroy(loop);
}

static void make_path(char path[64], char directory[32])
{
    strcpy(directory, "/tmp/vega-listener-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, 64, "%s/socket", directory);
}

TEST(a_unix_socket_has_its_mode_and_goes_with_the_listener)
{
    struct loop *loop = loop_create();
    struct door door;
    door_init(&door);
    char path[64], directory[32], error[256];
    make_path(path, directory);
    ck_assert_int_eq(
        listener_open_unix(&door.listener, loop, path, 0600, 5, error),
        STATUS_OK);
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0600);
    listener_close(&door.listener);
    ck_assert_int_ne(stat(path, &info), 0);
    rmdir(directory);
    loop_destroy(loop);
}

TEST(a_socket_file_left_behind_is_replaced_but_a_living_one_is_not)
{
    struct loop *loop = loop_create();
    struct door first, second;
    door_init(&first);
    door_init(&second);
    char path[64], directory[32], error[256];
    make_path(path, directory);
    // As a process leaves it that was killed.
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path, path);
    ck_assert_int_eq(bind(dead, (struct sockaddr *)&name, sizeof name), 0);
    close(dead);

    ck_assert_int_eq(
        listener_open_unix(&first.listener, loop, path, 0700, 5, error),
        STATUS_OK);
    ck_assert_int_eq(
        listener_open_unix(&second.listener, loop, path, 0700, 5, error),
        STATUS_BUSY);
    listener_close(&first.listener);
    rmdir(directory);
    loop_destroy(loop);
}

TEST(loopback_hosts_are_told_from_others)
{
    ck_assert(!host_is_exposed("127.0.0.1"));
    ck_assert(!host_is_exposed("127.8.9.1"));
    ck_assert(!host_is_exposed("::1"));
    ck_assert(!host_is_exposed("::ffff:127.0.0.1"));
    ck_assert(host_is_exposed("0.0.0.0"));
    ck_assert(host_is_exposed("::"));
    ck_assert(host_is_exposed("192.0.2.1"));
    ck_assert(!host_is_exposed("300.0.0.1")); // It is no address.
}
