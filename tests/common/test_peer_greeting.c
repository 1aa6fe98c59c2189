// test_peer_greeting.c -- who is believed, and who is not.
// SPDX-License-Identifier: MIT
#include "common/net/peer_greeting.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/common/fake_env.h"
#include "tests/test.h"

#define SECRET SLICE("a secret of ours")

enum { DIALER, LISTENER };

// Both ends of a connection, and what each knows of it.
struct world {
    struct fake_env env;
    int fds[2];
    struct peer_greeting known[2];
    char bytes[256];
};

static void world_init(struct world *world)
{
    *world = (struct world){.known[DIALER] = {.dialer = 7, .listener = 8}};
    fake_env_init(&world->env, 1);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, world->fds), 0);
}

static void world_deinit(struct world *world)
{
    fake_env_deinit(&world->env);
    close(world->fds[0]);
    close(world->fds[1]);
}

// The frame that came to that end. Borrowed until the next.
static struct vbp_frame frame_at(struct world *world, int end)
{
    struct vbp_frame frame;
    ssize_t size = read(world->fds[end], world->bytes, sizeof world->bytes);
    ck_assert_int_gt(size, 0);
    struct slice input = {world->bytes, (size_t)size};
    ck_assert_int_eq(vbp_decode(&input, PEER_ANSWER_BODY_SIZE, &frame), VBP_OK);
    ck_assert_uint_eq(input.size, 0);
    return frame;
}

static void call(struct world *world)
{
    ck_assert(peer_greeting_call(&world->known[DIALER], &world->env.env,
                                 world->fds[DIALER]));
    struct vbp_frame frame = frame_at(world, LISTENER);
    ck_assert(peer_greeting_take_call(&world->known[LISTENER], &frame));
}

static enum peer_judgement answer(struct world *world, struct slice secret)
{
    ck_assert(peer_greeting_answer(&world->known[LISTENER], secret,
                                   &world->env.env, world->fds[LISTENER]));
    struct vbp_frame frame = frame_at(world, DIALER);
    return peer_greeting_take_answer(&world->known[DIALER], SECRET, &frame);
}

static enum peer_judgement prove(struct world *world, struct slice secret)
{
    ck_assert(
        peer_greeting_prove(&world->known[DIALER], secret, world->fds[DIALER]));
    struct vbp_frame frame = frame_at(world, LISTENER);
    return peer_greeting_take_proof(&world->known[LISTENER], SECRET, &frame);
}

TEST(two_nodes_of_a_cluster_believe_each_other)
{
    struct world world;
    world_init(&world);
    call(&world);
    ck_assert_uint_eq(world.known[LISTENER].dialer, 7);
    ck_assert_uint_eq(world.known[LISTENER].listener, 8);
    ck_assert_int_eq(answer(&world, SECRET), PEER_RIGHT);
    ck_assert_int_eq(prove(&world, SECRET), PEER_RIGHT);
    world_deinit(&world);
}

TEST(who_has_another_secret_or_none_is_not_believed)
{
    static const char *const secrets[] = {"", "a secret of our",
                                          "a secret of ours "};
    for (size_t i = 0; i < 3; i++) {
        struct world world;
        world_init(&world);
        call(&world);
        ck_assert_int_eq(answer(&world, slice_of(secrets[i])),
                         PEER_ANOTHER_SECRET);
        ck_assert_int_eq(prove(&world, slice_of(secrets[i])),
                         PEER_ANOTHER_SECRET);
        world_deinit(&world);
    }
}

TEST(another_node_is_not_the_one_that_was_meant)
{
    struct world world;
    world_init(&world);
    call(&world);
    world.known[LISTENER].listener = 9;
    ck_assert_int_eq(answer(&world, SECRET), PEER_WRONG);
    world.known[LISTENER] = world.known[DIALER];
    world.known[LISTENER].dialer = 9;
    ck_assert_int_eq(answer(&world, SECRET), PEER_WRONG);
    world_deinit(&world);
}

// A listener's proof, sent back to it, and one that was heard before.
TEST(a_proof_fits_one_side_of_one_connection)
{
    struct world world;
    world_init(&world);
    call(&world);
    ck_assert(peer_greeting_answer(&world.known[LISTENER], SECRET,
                                   &world.env.env, world.fds[LISTENER]));
    struct vbp_frame heard = frame_at(&world, DIALER);
    struct vbp_frame echo = {
        .type = VBP_PROOF,
        .body = {heard.body.data + PEER_CALL_BODY_SIZE, PEER_PROOF_SIZE}};
    ck_assert_int_eq(
        peer_greeting_take_proof(&world.known[LISTENER], SECRET, &echo),
        PEER_ANOTHER_SECRET);
    ck_assert_int_eq(
        peer_greeting_take_answer(&world.known[DIALER], SECRET, &heard),
        PEER_RIGHT);
    world.known[DIALER].dialer_nonce[31] ^= 1;
    ck_assert_int_eq(
        peer_greeting_take_answer(&world.known[DIALER], SECRET, &heard),
        PEER_ANOTHER_SECRET);
    world_deinit(&world);
}

TEST(nonces_do_not_come_twice)
{
    struct world world;
    world_init(&world);
    call(&world);
    struct peer_greeting before = world.known[LISTENER];
    call(&world);
    ck_assert_mem_ne(before.dialer_nonce, world.known[LISTENER].dialer_nonce,
                     PEER_NONCE_SIZE);
    world_deinit(&world);
}

TEST(other_frames_are_no_greeting)
{
    static const char body[PEER_ANSWER_BODY_SIZE + 1];
    static const struct {
        uint8_t type;
        size_t size;
    } frames[] = {{VBP_MESSAGE, PEER_CALL_BODY_SIZE},
                  {VBP_HELLO, PEER_CALL_BODY_SIZE - 1},
                  {VBP_HELLO, PEER_CALL_BODY_SIZE + 1},
                  {VBP_HELLO, PEER_ANSWER_BODY_SIZE + 1},
                  {VBP_PROOF, PEER_PROOF_SIZE - 1},
                  {VBP_PROOF, 0}};
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct vbp_frame frame = {.type = frames[i].type,
                                  .body = {body, frames[i].size}};
        struct peer_greeting greeting = {0};
        ck_assert(!peer_greeting_take_call(&greeting, &frame));
        ck_assert_int_eq(peer_greeting_take_answer(&greeting, SECRET, &frame),
                         PEER_WRONG);
        ck_assert_int_eq(peer_greeting_take_proof(&greeting, SECRET, &frame),
                         PEER_WRONG);
    }
}

TEST(a_connection_that_broke_is_noticed)
{
    struct world world;
    world_init(&world);
    close(world.fds[LISTENER]);
    world.fds[LISTENER] = dup(world.fds[DIALER]);
    ck_assert(!peer_greeting_call(&world.known[DIALER], &world.env.env,
                                  world.fds[DIALER]));
    world_deinit(&world);
}
