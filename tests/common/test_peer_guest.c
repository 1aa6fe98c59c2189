// test_peer_guest.c -- a guest asks a real listener, which runs in a thread.
// SPDX-License-Identifier: MIT
#include "common/net/peer_guest.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/net/peer_listener.h"
#include "tests/common/fake_env.h"
#include "tests/test.h"

enum { HOST = 7, GUEST = 9 };

// A host, whose clock stands still, and the guest's own world.
struct world {
    struct fake_env host_env, guest_env;
    struct loop *loop;
    struct peer_listener *listener;
    struct env_peers receiver;
    char address[32];
    pthread_t thread;
    atomic_bool stopping;
    struct peer_guest guest;
};

#define SECRET SLICE("a secret of ours")

static void no_receive(struct env_peers *peers, uint32_t from,
                       struct slice body)
{
    (void)peers, (void)from, (void)body;
    ck_abort_msg("a guest sends no messages");
}

static void echo(struct env_peers *peers, struct slice question,
                 struct buffer *answer)
{
    (void)peers;
    buffer_append_text(answer, "you said ");
    buffer_append_slice(answer, question);
}

static void *run(void *context)
{
    struct world *world = context;
    while (!atomic_load(&world->stopping))
        loop_run_once(world->loop, 1);
    return NULL;
}

static void world_listen(struct world *world)
{
    struct peer_listener_options options = {
        .loop = world->loop,
        .env = &world->host_env.env,
        .id = HOST,
        .secret = SECRET,
        .message_max = 100,
    };
    for (int tries = 0; !world->listener && tries < 20; tries++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof v4;
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        ck_assert_int_eq(bind(fd, (struct sockaddr *)&v4, size), 0);
        ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&v4, &size), 0);
        close(fd);
        snprintf(world->address, sizeof world->address, "127.0.0.1:%d",
                 ntohs(v4.sin_port));
        ck_assert(peer_address_parse(world->address, &options.address));
        world->listener = peer_listener_create(&options);
    }
    ck_assert_ptr_nonnull(world->listener);
}

static void world_create(struct world *world, bool answers)
{
    *world = (struct world){.loop = loop_create(),
                            .receiver = {no_receive, answers ? echo : NULL}};
    fake_env_init(&world->host_env, 1);
    fake_env_init(&world->guest_env, 2);
    world_listen(world);
    peer_listener_set_receiver(world->listener, &world->receiver);
    ck_assert_int_eq(pthread_create(&world->thread, NULL, run, world), 0);
}

static void world_destroy(struct world *world)
{
    peer_guest_close(&world->guest);
    atomic_store(&world->stopping, true);
    pthread_join(world->thread, NULL);
    peer_listener_destroy(world->listener);
    fake_env_deinit(&world->host_env);
    fake_env_deinit(&world->guest_env);
    loop_destroy(world->loop);
}

static bool open_with(struct world *world, const char *at, struct slice secret)
{
    struct peer_address address;
    ck_assert(peer_address_parse(at, &address));
    return peer_guest_open(&world->guest, &world->guest_env.env, &address,
                           secret, GUEST);
}

TEST(a_guest_is_told_who_lives_there_and_what_it_asks)
{
    struct world world;
    struct slice answer;
    world_create(&world, true);
    ck_assert(open_with(&world, world.address, SECRET));
    ck_assert_uint_eq(world.guest.greeting.listener, HOST);
    ck_assert(peer_guest_ask(&world.guest, SLICE("one"), &answer));
    ck_assert(slice_equal(answer, SLICE("you said one")));
    ck_assert(peer_guest_ask(&world.guest, SLICE(""), &answer));
    ck_assert(slice_equal(answer, SLICE("you said ")));
    world_destroy(&world);
}

TEST(a_guest_of_another_cluster_learns_nothing)
{
    struct world world;
    world_create(&world, true);
    ck_assert(!open_with(&world, world.address, SLICE("a secret of others")));
    ck_assert_str_eq(world.guest.trouble, "it has another cluster secret");
    world_destroy(&world);
}

TEST(where_nobody_listens_nobody_is_reached)
{
    struct world world;
    world_create(&world, true);
    ck_assert(!open_with(&world, "127.0.0.1:1", SECRET));
    ck_assert_str_eq(world.guest.trouble, "not reached");
    world_destroy(&world);
}

TEST(a_node_that_answers_no_guests_hangs_up)
{
    struct world world;
    struct slice answer;
    world_create(&world, false);
    ck_assert(open_with(&world, world.address, SECRET));
    ck_assert(!peer_guest_ask(&world.guest, SLICE("one"), &answer));
    ck_assert_str_eq(world.guest.trouble, "it hung up");
    world_destroy(&world);
}
