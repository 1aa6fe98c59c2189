// test_posix_peers.c -- two nodes' worlds in one process, over the loopback:
// messages both ways, peers that come, go and return.
// SPDX-License-Identifier: MIT
#include "common/env/posix_peers.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/list.h"
#include "common/base/logger.h"
#include "tests/test.h"

enum { NODES = 2, MESSAGE_MAX = 1000, QUEUE_MAX = 5000 };

// Nodes 1 and 2 at nodes[0] and nodes[1].
struct node {
    struct loop *loop;
    struct env *env;
    struct env_peers receiver;
    int count;
    uint32_t from;
    char text[64];
};

struct world {
    struct env_posix_peer peers[NODES];
    char addresses[NODES][32];
    struct node nodes[NODES];
    const char *secrets[NODES]; // NULL: none.
    struct logger *logger;      // Of the first.
};

static void node_receive(struct env_peers *receiver, uint32_t from,
                         struct slice body)
{
    struct node *node = container_of(receiver, struct node, receiver);
    ck_assert_uint_lt(body.size, sizeof node->text);
    node->count++;
    node->from = from;
    memset(node->text, 0, sizeof node->text);
    if (body.size)
        memcpy(node->text, body.data, body.size);
}

// Two free ports, held together so that they differ.
static void choose_addresses(struct world *world)
{
    int fds[NODES];
    for (int i = 0; i < NODES; i++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof v4;
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        ck_assert_int_eq(bind(fds[i], (struct sockaddr *)&v4, size), 0);
        ck_assert_int_eq(getsockname(fds[i], (struct sockaddr *)&v4, &size), 0);
        snprintf(world->addresses[i], sizeof world->addresses[i],
                 "127.0.0.1:%d", ntohs(v4.sin_port));
        world->peers[i] = (struct env_posix_peer){
            .id = (uint32_t)i + 1, .address = world->addresses[i]};
    }
    for (int i = 0; i < NODES; i++)
        close(fds[i]);
}

static void node_start(struct world *world, int i)
{
    struct node *node = &world->nodes[i];
    struct env_posix_options options = {
        .peer_id = world->peers[i].id,
        .peer_listen = world->peers[i].address,
        .peers = world->peers, // Itself included.
        .peer_count = NODES,
        .peer_message_max = MESSAGE_MAX,
        .peer_queue_max = QUEUE_MAX,
        .logger = i == 0 ? world->logger : NULL,
    };
    if (world->secrets[i])
        options.peer_secret = slice_of(world->secrets[i]);
    *node =
        (struct node){.loop = loop_create(), .receiver.receive = node_receive};
    node->env = env_posix_create(node->loop, &options);
    ck_assert_ptr_nonnull(node->env);
    env_peer_listen(node->env, &node->receiver);
}

static void node_stop(struct world *world, int i)
{
    env_posix_destroy(world->nodes[i].env);
    loop_destroy(world->nodes[i].loop);
    world->nodes[i] = (struct node){0};
}

static void run(struct world *world)
{
    for (int i = 0; i < NODES; i++) {
        if (world->nodes[i].loop)
            loop_run_once(world->nodes[i].loop, 1);
    }
}

static enum status say(struct world *world, int i, const char *text)
{
    uint32_t to = world->peers[1 - i].id;
    return env_peer_send(world->nodes[i].env, to, slice_of(text));
}

// Says `text` until the other hears it: at most once each, perhaps never.
static void say_until_heard(struct world *world, int i, const char *text)
{
    struct node *other = &world->nodes[1 - i];
    for (int tries = 0; strcmp(other->text, text) != 0; tries++) {
        ck_assert_int_lt(tries, 300);
        ck_assert_int_eq(say(world, i, text), STATUS_OK);
        for (int rounds = 0; rounds < 10; rounds++)
            run(world);
    }
    ck_assert_uint_eq(other->from, world->peers[i].id);
}

TEST(messages_go_both_ways)
{
    struct world world = {0};
    choose_addresses(&world);
    node_start(&world, 0);
    node_start(&world, 1);
    say_until_heard(&world, 0, "from one");
    say_until_heard(&world, 1, "from two");

    // Over open links: each once, in order.
    int before = world.nodes[1].count;
    for (int i = 0; i < 100; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        ck_assert_int_eq(say(&world, 0, text), STATUS_OK);
    }
    for (int tries = 0; world.nodes[1].count < before + 100; tries++) {
        ck_assert_int_lt(tries, 1000);
        run(&world);
    }
    ck_assert_str_eq(world.nodes[1].text, "99");
    node_stop(&world, 0);
    node_stop(&world, 1);
}

TEST(a_peer_that_comes_later_is_found)
{
    struct world world = {0};
    choose_addresses(&world);
    node_start(&world, 0);
    for (int i = 0; i < 50; i++) {
        ck_assert_int_eq(say(&world, 0, "to nobody"), STATUS_OK);
        run(&world);
    }
    node_start(&world, 1);
    say_until_heard(&world, 0, "hello");
    node_stop(&world, 0);
    node_stop(&world, 1);
}

TEST(a_peer_that_restarts_is_found_again_and_finds_the_others)
{
    struct world world = {0};
    choose_addresses(&world);
    node_start(&world, 0);
    node_start(&world, 1);
    say_until_heard(&world, 0, "first life");
    for (int i = 0; i < 3; i++) {
        node_stop(&world, 1);
        for (int rounds = 0; rounds < 5; rounds++)
            run(&world);
        node_start(&world, 1);
        say_until_heard(&world, 0, "next life");
        say_until_heard(&world, 1, i % 2 ? "odd" : "even");
    }
    node_stop(&world, 0);
    node_stop(&world, 1);
}

// Its loop has nothing else to wake for.
TEST(a_message_sent_outside_a_round_leaves_without_waiting_for_an_event)
{
    struct world world = {0};
    choose_addresses(&world);
    node_start(&world, 0);
    node_start(&world, 1);
    say_until_heard(&world, 0, "open");
    int before = world.nodes[1].count;
    ck_assert_int_eq(say(&world, 0, "at once"), STATUS_OK);
    loop_run_once(world.nodes[0].loop, -1);
    for (int tries = 0; world.nodes[1].count == before; tries++) {
        ck_assert_int_lt(tries, 1000);
        loop_run_once(world.nodes[1].loop, 10);
    }
    ck_assert_str_eq(world.nodes[1].text, "at once");
    node_stop(&world, 0);
    node_stop(&world, 1);
}

TEST(a_queue_has_a_bound_and_a_message_too)
{
    struct world world = {0};
    choose_addresses(&world);
    node_start(&world, 0);
    static const char bytes[MESSAGE_MAX + 1];
    struct slice body = {bytes, MESSAGE_MAX};
    // Within one round nothing leaves: 4 x 1020 bytes fit into 5000.
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(env_peer_send(world.nodes[0].env, 2, body), STATUS_OK);
    ck_assert_int_eq(env_peer_send(world.nodes[0].env, 2, body), STATUS_FULL);
    body.size++;
    ck_assert_int_eq(env_peer_send(world.nodes[0].env, 2, body),
                     STATUS_INVALID);
    node_stop(&world, 0);
}

TEST(neither_strangers_nor_the_node_itself_can_be_sent_to)
{
    struct world world = {0};
    choose_addresses(&world);
    node_start(&world, 0);
    ck_assert_int_eq(env_peer_send(world.nodes[0].env, 1, SLICE("x")),
                     STATUS_NOT_FOUND);
    ck_assert_int_eq(env_peer_send(world.nodes[0].env, 9, SLICE("x")),
                     STATUS_NOT_FOUND);
    node_stop(&world, 0);
}

static void expect_refused(const struct env_posix_options *options, int error)
{
    struct loop *loop = loop_create();
    errno = 0;
    ck_assert_ptr_null(env_posix_create(loop, options));
    ck_assert_int_eq(errno, error);
    loop_run_once(loop, 0);
    loop_destroy(loop);
}

TEST(addresses_that_cannot_be_used_refuse_the_world)
{
    struct world world = {0};
    choose_addresses(&world);
    node_start(&world, 0);
    struct env_posix_peer peers[] = {{.id = 2, .address = "127.0.0.1:1"},
                                     {.id = 3, .address = "127.0.0.1"}};
    expect_refused(&(struct env_posix_options){.peer_id = 1,
                                               .peers = peers,
                                               .peer_count = 2},
                   EINVAL);
    peers[1].address = "192.0.2.1:7000";
    expect_refused(&(struct env_posix_options){.peer_id = 1,
                                               .peers = peers,
                                               .peer_count = 2},
                   EACCES);
    expect_refused(
        &(struct env_posix_options){.peer_listen = world.addresses[0]},
        EADDRINUSE);
    expect_refused(&(struct env_posix_options){.peer_listen = "0.0.0.0:7000"},
                   EACCES);
    node_stop(&world, 0);
}

// ---- The secret

static int64_t no_time(void *context)
{
    (void)context;
    return 0;
}

// What a logger wrote; and that `text` comes once, or not at all.
static void expect_logged(int fd, const char *text, bool logged)
{
    char lines[8192];
    ssize_t size = pread(fd, lines, sizeof lines - 1, 0);
    ck_assert_int_ge(size, 0);
    lines[size] = '\0';
    const char *found = strstr(lines, text);
    ck_assert_msg(!found == !logged, "%s", lines);
    if (found)
        ck_assert_msg(!strstr(found + 1, text), "%s", lines);
}

static struct logger log_to_memory(void)
{
    return (struct logger){.level = LOG_INFO,
                           .fd = memfd_create("log", MFD_CLOEXEC),
                           .wall_us = no_time};
}

TEST(nodes_that_share_a_secret_speak)
{
    struct world world = {.secrets = {"one of us knows", "one of us knows"}};
    struct logger logger = log_to_memory();
    world.logger = &logger;
    choose_addresses(&world);
    node_start(&world, 0);
    node_start(&world, 1);
    say_until_heard(&world, 0, "from one");
    say_until_heard(&world, 1, "from two");
    expect_logged(logger.fd, "peer linked peer=2 address=127.0.0.1:", true);
    expect_logged(logger.fd, "another cluster secret", false);
    node_stop(&world, 0);
    node_stop(&world, 1);
    close(logger.fd);
}

TEST(a_node_with_another_secret_or_none_is_not_heard_and_that_is_logged)
{
    static const char *const others[] = {"none of us knows", NULL};
    for (size_t i = 0; i < 2; i++) {
        struct world world = {.secrets = {"one of us knows", others[i]}};
        struct logger logger = log_to_memory();
        world.logger = &logger;
        choose_addresses(&world);
        node_start(&world, 1);
        node_start(&world, 0);
        for (int tries = 0; tries < 150; tries++) {
            (void)say(&world, 0, "do you hear me");
            (void)say(&world, 1, "do you hear me");
            run(&world);
        }
        ck_assert_int_eq(world.nodes[0].count + world.nodes[1].count, 0);
        expect_logged(logger.fd,
                      "no link to peer peer=2 address=127.0.0.1:", true);
        expect_logged(logger.fd, "reason=\"it has another cluster secret\"",
                      true);
        node_stop(&world, 0);
        node_stop(&world, 1);
        close(logger.fd);
    }
}

TEST(with_a_secret_other_networks_may_be_used)
{
    struct env_posix_peer peers[] = {{.id = 2, .address = "192.0.2.1:7000"}};
    struct loop *loop = loop_create();
    struct env *env = env_posix_create(
        loop, &(struct env_posix_options){.peer_id = 1,
                                          .peers = peers,
                                          .peer_count = 1,
                                          .peer_secret = SLICE("a secret")});
    ck_assert_ptr_nonnull(env);
    env_posix_destroy(env);
    loop_destroy(loop);
}

// ---- Cuts

TEST(what_is_cut_off_hears_and_says_nothing_until_it_is_healed)
{
    struct world world = {0};
    choose_addresses(&world);
    node_start(&world, 0);
    node_start(&world, 1);
    say_until_heard(&world, 0, "before");
    say_until_heard(&world, 1, "before");
    int before[] = {world.nodes[0].count, world.nodes[1].count};
    ck_assert_int_eq(env_peer_cut(world.nodes[0].env, 2, true), STATUS_OK);
    for (int tries = 0; tries < 50; tries++) {
        ck_assert_int_eq(say(&world, 0, "into the cut"), STATUS_OK);
        ck_assert_int_eq(say(&world, 1, "into the cut"), STATUS_OK);
        run(&world);
    }
    ck_assert_int_eq(world.nodes[0].count, before[0]);
    ck_assert_int_eq(world.nodes[1].count, before[1]);
    ck_assert_int_eq(env_peer_cut(world.nodes[0].env, 2, false), STATUS_OK);
    say_until_heard(&world, 0, "after");
    say_until_heard(&world, 1, "after");
    ck_assert_int_eq(env_peer_cut(world.nodes[0].env, 1, true),
                     STATUS_NOT_FOUND);
    ck_assert_int_eq(env_peer_cut(world.nodes[0].env, 9, true),
                     STATUS_NOT_FOUND);
    node_stop(&world, 0);
    node_stop(&world, 1);
}
