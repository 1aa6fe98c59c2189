// test_peer_link.c -- one link against a peer that the test plays by hand, on
// real sockets and in virtual time.
// SPDX-License-Identifier: MIT
#include "common/net/peer_link.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/codec.h"
#include "common/net/peer_greeting.h"
#include "tests/common/fake_env.h"
#include "tests/test.h"

enum { ME = 1, PEER = 2, MESSAGE_MAX = 1000, QUEUE_MAX = 2040 };

// A link and the socket that it dials.
struct world {
    struct fake_env env;
    struct loop *loop;
    struct peer_link *link;
    int listener;
    struct peer_address address;
    struct peer_greeting greeting; // Of the last connection.
};

#define SECRET SLICE("a secret of ours")

static void world_create(struct world *world, size_t queue_max)
{
    *world = (struct world){.loop = loop_create()};
    fake_env_init(&world->env, 1);
    world->listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in *v4 = (void *)&world->address.socket;
    v4->sin_family = AF_INET;
    v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    world->address.size = sizeof *v4;
    struct sockaddr *address = (void *)v4;
    ck_assert_int_eq(bind(world->listener, address, sizeof *v4), 0);
    ck_assert_int_eq(listen(world->listener, 8), 0);
    socklen_t size = sizeof world->address.socket;
    ck_assert_int_eq(getsockname(world->listener, address, &size), 0);

    world->link =
        peer_link_create(&(struct peer_link_options){.loop = world->loop,
                                                     .env = &world->env.env,
                                                     .from = ME,
                                                     .to = PEER,
                                                     .address = world->address,
                                                     .secret = SECRET,
                                                     .message_max = MESSAGE_MAX,
                                                     .queue_max = queue_max});
}

static void world_destroy(struct world *world)
{
    peer_link_destroy(world->link);
    ck_assert_ptr_null(env_timers_first(&world->env.timers));
    fake_env_deinit(&world->env);
    loop_destroy(world->loop);
    close(world->listener);
}

// A few rounds, for what must not happen.
static void run(struct world *world)
{
    for (int i = 0; i < 6; i++)
        loop_run_once(world->loop, 2);
}

// Runs the loop until `fd` is readable, with patience: machines are slow.
static bool becomes_readable(struct world *world, int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    for (int tries = 0; tries < 2000; tries++) {
        if (poll(&wanted, 1, 0) == 1)
            return true;
        loop_run_once(world->loop, 1);
    }
    return false;
}

static void expect_silence(struct world *world, int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    run(world);
    ck_assert_int_eq(poll(&wanted, 1, 5), 0);
}

static void expect_bytes(struct world *world, int fd, char *bytes, size_t size)
{
    while (size) {
        ck_assert(becomes_readable(world, fd));
        ssize_t got = recv(fd, bytes, size, 0);
        ck_assert_int_gt(got, 0);
        bytes += got;
        size -= (size_t)got;
    }
}

// Reads one frame of the type with a body of up to MESSAGE_MAX bytes; returns
// its size.
static size_t expect_frame(struct world *world, int fd, enum vbp_type type,
                           char body[MESSAGE_MAX])
{
    char bytes[VBP_HEADER_SIZE + MESSAGE_MAX];
    expect_bytes(world, fd, bytes, VBP_HEADER_SIZE);
    size_t size = get_u32(bytes);
    ck_assert_uint_le(size, MESSAGE_MAX);
    expect_bytes(world, fd, bytes + VBP_HEADER_SIZE, size);
    struct slice input = {bytes, VBP_HEADER_SIZE + size};
    struct vbp_frame frame;
    ck_assert_int_eq(vbp_decode(&input, MESSAGE_MAX, &frame), VBP_OK);
    ck_assert_int_eq(frame.type, type);
    memcpy(body, frame.body.data, size);
    return size;
}

static void expect_message(struct world *world, int fd, const char *text)
{
    char body[MESSAGE_MAX];
    ck_assert_uint_eq(expect_frame(world, fd, VBP_MESSAGE, body), strlen(text));
    ck_assert_mem_eq(body, text, strlen(text));
}

static int accept_greeted(struct world *world)
{
    ck_assert(becomes_readable(world, world->listener));
    int fd = accept(world->listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    char body[MESSAGE_MAX];
    struct vbp_frame call = {.type = VBP_HELLO, .body.data = body};
    call.body.size = expect_frame(world, fd, VBP_HELLO, body);
    ck_assert(peer_greeting_take_call(&world->greeting, &call));
    ck_assert_uint_eq(world->greeting.dialer, ME);
    ck_assert_uint_eq(world->greeting.listener, PEER);
    return fd;
}

static void answer(struct world *world, int fd)
{
    ck_assert(
        peer_greeting_answer(&world->greeting, SECRET, &world->env.env, fd));
}

static void expect_proof(struct world *world, int fd)
{
    char body[MESSAGE_MAX];
    struct vbp_frame proof = {.type = VBP_PROOF, .body.data = body};
    proof.body.size = expect_frame(world, fd, VBP_PROOF, body);
    ck_assert_int_eq(peer_greeting_take_proof(&world->greeting, SECRET, &proof),
                     PEER_RIGHT);
}

static int accept_open(struct world *world)
{
    int fd = accept_greeted(world);
    answer(world, fd);
    expect_proof(world, fd);
    // An open link has no deadline any more.
    for (int i = 0; i < 2000 && env_timers_first(&world->env.timers); i++)
        loop_run_once(world->loop, 1);
    ck_assert_ptr_null(env_timers_first(&world->env.timers));
    return fd;
}

static void expect_closed(struct world *world, int fd)
{
    char byte;
    ck_assert(becomes_readable(world, fd));
    ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

// Runs until the link waits for its next attempt; returns for how long.
static int64_t wait_us(struct world *world)
{
    for (int i = 0; i < 2000; i++) {
        struct env_timer *first = env_timers_first(&world->env.timers);
        int64_t due_us = first ? first->due_us - world->env.now_us : 0;
        if (first && due_us <= PEER_LINK_BACKOFF_US_MAX)
            return due_us;
        loop_run_once(world->loop, 1);
    }
    ck_abort_msg("the link does not wait");
}

static void dial_again(struct world *world)
{
    fake_env_advance(&world->env, wait_us(world));
}

static enum status send_text(struct world *world, const char *text)
{
    return peer_link_send(world->link, slice_of(text));
}

TEST(messages_leave_in_order_once_the_greeting_is_answered)
{
    struct world world;
    world_create(&world, QUEUE_MAX);
    ck_assert_int_eq(send_text(&world, "one"), STATUS_OK);
    int fd = accept_greeted(&world);
    peer_link_flush(world.link);
    expect_silence(&world, fd);

    answer(&world, fd);
    expect_proof(&world, fd);
    expect_message(&world, fd, "one");
    ck_assert_int_eq(send_text(&world, "two"), STATUS_OK);
    ck_assert_int_eq(send_text(&world, ""), STATUS_OK);
    expect_silence(&world, fd); // Not before it is flushed.
    peer_link_flush(world.link);
    expect_message(&world, fd, "two");
    expect_message(&world, fd, "");
    close(fd);
    world_destroy(&world);
}

TEST(an_answer_may_come_byte_by_byte)
{
    struct world world;
    world_create(&world, QUEUE_MAX);
    int fd = accept_greeted(&world);
    int pair[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    answer(&world, pair[0]);
    ck_assert_int_eq(send_text(&world, "one"), STATUS_OK);
    for (int i = 0; i < PEER_ANSWER_SIZE; i++) {
        char byte;
        expect_bytes(&world, pair[1], &byte, 1);
        ck_assert_int_eq(write(fd, &byte, 1), 1);
        loop_run_once(world.loop, 20);
    }
    expect_proof(&world, fd);
    expect_message(&world, fd, "one");
    close(pair[0]);
    close(pair[1]);
    close(fd);
    world_destroy(&world);
}

static void answer_as_another(struct world *world, int fd)
{
    world->greeting.listener = 3;
    answer(world, fd);
}

static void answer_to_another(struct world *world, int fd)
{
    world->greeting.dialer = 3;
    answer(world, fd);
}

// As a connection to itself would.
static void answer_by_echo(struct world *world, int fd)
{
    peer_greeting_call(&world->greeting, &world->env.env, fd);
}

static void answer_with_another_secret(struct world *world, int fd)
{
    peer_greeting_answer(&world->greeting, SLICE("a secret of theirs"),
                         &world->env.env, fd);
}

// A right answer, but to a call of another connection.
static void answer_again(struct world *world, int fd)
{
    world->greeting.dialer_nonce[0] ^= 1;
    answer(world, fd);
}

static void answer_with_a_message(struct world *world, int fd)
{
    (void)world;
    struct buffer out = {0};
    struct vbp_frame frame = {.type = VBP_MESSAGE, .body = {"12345678", 8}};
    vbp_encode(&out, &frame);
    ck_assert_int_eq(write(fd, out.data, out.size), (ssize_t)out.size);
    buffer_deinit(&out);
}

static void answer_with_rubbish(struct world *world, int fd)
{
    (void)world;
    ck_assert_int_eq(write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28), 28);
}

static void answer_by_closing(struct world *world, int fd)
{
    (void)world;
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
}

static void (*const wrong_answers[])(struct world *world, int fd) = {
    answer_as_another,          answer_to_another, answer_by_echo,
    answer_with_another_secret, answer_again,      answer_with_a_message,
    answer_with_rubbish,        answer_by_closing,
};

TEST_FOR(a_wrong_answer_ends_the_link_and_it_dials_again,
         sizeof wrong_answers / sizeof *wrong_answers)
{
    struct world world;
    world_create(&world, QUEUE_MAX);
    ck_assert_int_eq(send_text(&world, "one"), STATUS_OK);
    int fd = accept_greeted(&world);
    wrong_answers[_i](&world, fd);
    expect_closed(&world, fd);

    dial_again(&world);
    ck_assert_int_eq(send_text(&world, "two"), STATUS_OK);
    fd = accept_open(&world);
    expect_message(&world, fd, "two"); // "one" went with its attempt.
    close(fd);
    world_destroy(&world);
}

TEST(a_peer_that_does_not_answer_in_time_is_given_up)
{
    struct world world;
    world_create(&world, QUEUE_MAX);
    int fd = accept_greeted(&world);
    fake_env_advance(&world.env, PEER_GREETING_US - 1);
    expect_silence(&world, fd);
    fake_env_advance(&world.env, 1);
    expect_closed(&world, fd);
    dial_again(&world);
    close(accept_open(&world));
    world_destroy(&world);
}

TEST(an_open_link_waits_without_limit)
{
    struct world world;
    world_create(&world, QUEUE_MAX);
    int fd = accept_open(&world);
    fake_env_advance(&world.env, 100 * (int64_t)PEER_GREETING_US);
    ck_assert_int_eq(send_text(&world, "late"), STATUS_OK);
    peer_link_flush(world.link);
    expect_message(&world, fd, "late");
    close(fd);
    world_destroy(&world);
}

TEST(what_waits_when_the_link_breaks_is_dropped)
{
    struct world world;
    world_create(&world, QUEUE_MAX);
    int fd = accept_open(&world);
    ck_assert_int_eq(send_text(&world, "lost"), STATUS_OK);
    close(fd);
    dial_again(&world);
    fd = accept_greeted(&world);
    ck_assert_int_eq(send_text(&world, "kept"), STATUS_OK);
    answer(&world, fd);
    expect_proof(&world, fd);
    expect_message(&world, fd, "kept");
    close(fd);
    world_destroy(&world);
}

TEST(a_peer_that_speaks_after_its_greeting_is_hung_up_on)
{
    struct world world;
    world_create(&world, QUEUE_MAX);
    int fd = accept_open(&world);
    ck_assert_int_eq(write(fd, "x", 1), 1);
    expect_closed(&world, fd);
    world_destroy(&world);
}

TEST(the_queue_is_full_at_its_bound_and_has_room_again_when_sent)
{
    struct world world;
    world_create(&world, QUEUE_MAX);
    int fd = accept_greeted(&world);
    static char bytes[MESSAGE_MAX + 1];
    struct slice large = {bytes, MESSAGE_MAX};
    // Two frames of 1020 bytes are QUEUE_MAX exactly.
    ck_assert_int_eq(peer_link_send(world.link, large), STATUS_OK);
    ck_assert_int_eq(peer_link_send(world.link, large), STATUS_OK);
    ck_assert_int_eq(peer_link_send(world.link, (struct slice){0}),
                     STATUS_FULL);
    large.size++;
    ck_assert_int_eq(peer_link_send(world.link, large), STATUS_INVALID);

    answer(&world, fd);
    expect_proof(&world, fd);
    char body[MESSAGE_MAX];
    ck_assert_uint_eq(expect_frame(&world, fd, VBP_MESSAGE, body), MESSAGE_MAX);
    ck_assert_uint_eq(expect_frame(&world, fd, VBP_MESSAGE, body), MESSAGE_MAX);
    ck_assert_int_eq(send_text(&world, "again"), STATUS_OK);
    peer_link_flush(world.link);
    expect_message(&world, fd, "again");
    close(fd);
    world_destroy(&world);
}

// The sockets between them fill, then the queue; all that was taken arrives.
TEST(a_peer_that_does_not_read_fills_the_queue_and_loses_nothing)
{
    enum { BOUND = 64 * 1024 };
    struct world world;
    world_create(&world, BOUND);
    int fd = accept_open(&world);
    char text[MESSAGE_MAX];
    memset(text, '.', sizeof text);
    uint32_t taken = 0, full = 0;
    while (full < 3) {
        ck_assert_uint_lt(taken, 100000);
        memcpy(text, &taken, sizeof taken);
        struct slice body = {text, sizeof text};
        enum status status = peer_link_send(world.link, body);
        peer_link_flush(world.link);
        if (status == STATUS_OK)
            taken++;
        else
            full++;
    }
    ck_assert_uint_gt(taken, BOUND / (MESSAGE_MAX + VBP_HEADER_SIZE));
    for (uint32_t i = 0; i < taken; i++) {
        char body[MESSAGE_MAX];
        // The loop goes on sending when there is room again.
        ck_assert_uint_eq(expect_frame(&world, fd, VBP_MESSAGE, body),
                          MESSAGE_MAX);
        ck_assert_mem_eq(body, &i, sizeof i);
    }
    ck_assert_int_eq(send_text(&world, "last"), STATUS_OK);
    peer_link_flush(world.link);
    expect_message(&world, fd, "last");
    close(fd);
    world_destroy(&world);
}

TEST(attempts_come_at_growing_and_random_intervals_up_to_a_bound)
{
    struct world world;
    world_create(&world, QUEUE_MAX);
    close(accept_greeted(&world));
    close(world.listener); // Nobody is there from now on.

    int64_t bound_us = PEER_LINK_BACKOFF_US_MIN;
    bool varied = false;
    for (int attempt = 0; attempt < 12; attempt++) {
        int64_t waited_us = wait_us(&world);
        ck_assert_int_ge(waited_us, bound_us / 2);
        ck_assert_int_le(waited_us, bound_us);
        varied |= waited_us != bound_us / 2 && waited_us != bound_us;
        bound_us = bound_us * 2 < PEER_LINK_BACKOFF_US_MAX
                       ? bound_us * 2
                       : PEER_LINK_BACKOFF_US_MAX;
        fake_env_advance(&world.env, waited_us);
    }
    ck_assert(varied);
    world.listener = socket(AF_INET, SOCK_STREAM, 0); // For world_destroy.
    world_destroy(&world);
}

TEST(a_link_that_was_open_is_dialed_again_soon)
{
    struct world world;
    world_create(&world, QUEUE_MAX);
    for (int i = 0; i < 5; i++) {
        close(accept_greeted(&world));
        dial_again(&world);
    }
    close(accept_open(&world));
    ck_assert_int_le(wait_us(&world), PEER_LINK_BACKOFF_US_MIN);
    world_destroy(&world);
}
