// test_sockets.c -- tests of tests/sim/sockets.c: what a caller gets of a
// simulated network for its calls of the system.
// SPDX-License-Identifier: MIT
#include "tests/sim/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/base/list.h"
#include "tests/test.h"

enum { SECOND_US = 1000 * 1000, SERVER_ADDRESS = 0x0a000001 };

// A server that says every byte back, at 10.0.0.1, and one who calls it.
struct world {
    struct sim sim;
    struct sim_network *network;
    struct sim_host *server, *client;
    struct sim_stream_end end;
    bool refuses, is_silent, ended;
    struct sockets sockets;
    struct caller caller;
    // What the caller found.
    int error;
    char heard[32];
    ssize_t size;
    int64_t took_us;
};

static void server_receive(struct sim_stream_end *end, struct slice bytes)
{
    struct world *world = container_of(end, struct world, end);
    if (!world->is_silent)
        sim_stream_send(end, bytes);
}

static void server_closed(struct sim_stream_end *end)
{
    container_of(end, struct world, end)->ended = true;
}

static struct sim_host *world_find(void *context, uint32_t address,
                                   uint16_t port)
{
    (void)port;
    struct world *world = context;
    return address == SERVER_ADDRESS ? world->server : NULL;
}

static struct sim_stream_end *world_accept(void *context, struct sim_host *at,
                                           struct sim_host *from)
{
    struct world *world = context;
    ck_assert_ptr_eq(at, world->server);
    ck_assert_ptr_eq(from, world->client);
    return world->refuses ? NULL : &world->end;
}

static void world_init(struct world *world)
{
    *world = (struct world){0};
    sim_init(&world->sim, 1);
    world->network = sim_network_create(&world->sim);
    world->server = sim_network_add(world->network, 1, "n1");
    world->client = sim_network_add(world->network, 2, "c1");
    world->end.receive = server_receive;
    world->end.closed = server_closed;
    world->sockets = (struct sockets){.network = world->network,
                                      .find = world_find,
                                      .accept = world_accept,
                                      .context = world};
}

static void world_call(struct world *world, void (*run)(struct caller *))
{
    caller_start(&world->caller, &world->sockets, world->client, 0, run);
}

static void world_deinit(struct world *world)
{
    caller_end(&world->caller);
    sim_network_destroy(world->network);
    sim_deinit(&world->sim);
}

// ---- What callers do

static struct world *world_of(struct caller *caller)
{
    return container_of(caller, struct world, caller);
}

static int ready(int fd, short events, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = events};
    return poll(&poll_fd, 1, timeout_ms) ? poll_fd.revents : 0;
}

// Connects, or notes why not.
static int dial(struct world *world, int timeout_ms)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(7001),
                                  .sin_addr = {htonl(SERVER_ADDRESS)}};
    socklen_t size = sizeof world->error;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address),
                     -1);
    ck_assert_int_eq(errno, EINPROGRESS);
    if (ready(fd, POLLOUT, timeout_ms))
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &world->error, &size);
    else
        world->error = ETIMEDOUT;
    return fd;
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

static void greet(struct caller *caller)
{
    struct world *world = world_of(caller);
    int64_t start_us = now_us();
    int fd = dial(world, 5000);
    world->size = world->error ? 0 : send(fd, "hello", 5, MSG_NOSIGNAL);
    size_t heard = 0;
    while (world->size > 0 && heard < 5 && ready(fd, POLLIN, 2000)) {
        world->size = recv(fd, world->heard + heard, 5 - heard, 0);
        heard += world->size > 0 ? (size_t)world->size : 0;
    }
    world->took_us = now_us() - start_us;
    close(fd);
}

TEST(a_caller_speaks_with_a_server_on_virtual_time)
{
    struct world world;
    world_init(&world);
    world_call(&world, greet);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert(caller_is_done(&world.caller));
    ck_assert_int_eq(world.error, 0);
    ck_assert_str_eq(world.heard, "hello");
    ck_assert(world.ended);               // The server has heard of the end.
    ck_assert_int_gt(world.took_us, 400); // Four ways of 100 us and more.
    ck_assert_int_lt(world.took_us, 10000);
    world_deinit(&world);
}

TEST(who_does_not_listen_refuses)
{
    struct world world;
    world_init(&world);
    world.refuses = true;
    world_call(&world, greet);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert(caller_is_done(&world.caller));
    ck_assert_int_eq(world.error, ECONNREFUSED);
    world_deinit(&world);
}

TEST(a_cut_lets_nobody_connect_until_it_is_healed)
{
    for (int healed = 0; healed < 2; healed++) {
        struct world world;
        world_init(&world);
        sim_network_cut(world.network, 1, 2); // Of answers alone.
        world_call(&world, greet);
        sim_run_for(&world.sim, 2 * SECOND_US);
        ck_assert(!caller_is_done(&world.caller));
        if (healed)
            sim_network_heal(world.network, 1, 2);
        sim_run_for(&world.sim, 6 * SECOND_US);
        ck_assert_int_eq(world.error, healed ? 0 : ETIMEDOUT);
        ck_assert_str_eq(world.heard, healed ? "hello" : "");
        world_deinit(&world);
    }
}

TEST(a_silent_server_is_waited_for_as_long_as_the_caller_likes)
{
    struct world world;
    world_init(&world);
    world.is_silent = true;
    world_call(&world, greet);
    sim_run_for(&world.sim, 10 * SECOND_US);
    ck_assert(caller_is_done(&world.caller));
    ck_assert_str_eq(world.heard, "");
    ck_assert_int_ge(world.took_us, 2 * SECOND_US);
    ck_assert_int_lt(world.took_us, 2 * SECOND_US + 10000);
    world_deinit(&world);
}

static void listen_on(struct caller *caller)
{
    struct world *world = world_of(caller);
    char bytes[8];
    int fd = dial(world, 5000);
    ck_assert_int_eq(recv(fd, bytes, 1, MSG_PEEK | MSG_DONTWAIT), -1);
    ck_assert_int_eq(errno, EAGAIN);
    sim_stream_send(&world->end, SLICE("ab"));
    sim_stream_close(&world->end);
    ck_assert_int_eq(ready(fd, POLLIN, -1), POLLIN);
    ck_assert_int_ge(recv(fd, bytes, 8, MSG_PEEK), 1);
    while ((world->size = recv(fd, bytes, 1, 0)) != 0) {
        if (world->size < 0)
            ready(fd, POLLIN, -1);
        else
            strncat(world->heard, bytes, 1);
    }
    ck_assert_int_eq(send(fd, "x", 1, MSG_NOSIGNAL), -1);
    ck_assert_int_eq(errno, EPIPE);
    close(fd);
}

TEST(what_was_sent_before_the_end_is_read_before_the_end)
{
    struct world world;
    world_init(&world);
    world_call(&world, listen_on);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert(caller_is_done(&world.caller));
    ck_assert_str_eq(world.heard, "ab");
    world_deinit(&world);
}

static void sleep_long(struct caller *caller)
{
    struct timespec time = {3, 500 * 1000 * 1000};
    int64_t start_us = now_us();
    nanosleep(&time, NULL);
    world_of(caller)->took_us = now_us() - start_us;
}

TEST(a_caller_sleeps_virtually)
{
    struct world world;
    world_init(&world);
    world_call(&world, sleep_long);
    sim_run_for(&world.sim, 10 * SECOND_US);
    ck_assert_int_eq(world.took_us, 3500 * 1000);
    world_deinit(&world);
}

TEST(a_caller_that_is_ended_fails_in_all_it_does_and_returns)
{
    struct world world;
    world_init(&world);
    world.is_silent = true;
    world_call(&world, greet);
    sim_run_for(&world.sim, SECOND_US);
    ck_assert(!caller_is_done(&world.caller));
    caller_end(&world.caller);
    ck_assert_int_eq(world.size, -1);
    world_deinit(&world);
}

TEST(who_is_no_caller_has_the_system_s_sockets)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_lt(fd, 1 << 20);
    ck_assert_int_eq(close(fd), 0);
}
