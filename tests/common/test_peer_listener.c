// test_peer_listener.c -- a listener against peers and strangers that the test
// plays by hand, on real sockets and in virtual time.
// SPDX-License-Identifier: MIT
#include "common/net/peer_listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/net/peer_greeting.h"
#include "tests/common/fake_env.h"
#include "tests/test.h"

enum { ME = 1, MESSAGE_MAX = 200000, STRANGERS_MAX = 16 };

struct world {
    struct fake_env env;
    struct loop *loop;
    struct peer_listener *listener;
    struct peer_address address;
    struct env_peers receiver;
    struct peer_greeting greeting; // Of the last connection.
    struct logger logger;          // To memory.
    int count;                     // Of messages, and the last of them:
    uint32_t from;
    struct buffer body;
};

#define SECRET SLICE("a secret of ours")

static void world_receive(struct env_peers *receiver, uint32_t from,
                          struct slice body)
{
    struct world *world = container_of(receiver, struct world, receiver);
    world->count++;
    world->from = from;
    buffer_clear(&world->body);
    buffer_append_slice(&world->body, body);
}

static int64_t no_time(void *context)
{
    (void)context;
    return 0;
}

// Some free port; another process may take it before us, so ask again.
static void world_listen(struct world *world)
{
    static const uint32_t peers[] = {2, 3};
    struct sockaddr_in *v4 = (void *)&world->address.socket;
    struct sockaddr *address = (void *)v4;
    for (int tries = 0; !world->listener && tries < 20; tries++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        *v4 = (struct sockaddr_in){.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        world->address.size = sizeof *v4;
        ck_assert_int_eq(bind(fd, address, sizeof *v4), 0);
        socklen_t size = sizeof world->address.socket;
        ck_assert_int_eq(getsockname(fd, address, &size), 0);
        close(fd);
        world->listener = peer_listener_create(
            &(struct peer_listener_options){.loop = world->loop,
                                            .env = &world->env.env,
                                            .id = ME,
                                            .address = world->address,
                                            .secret = SECRET,
                                            .logger = &world->logger,
                                            .peers = peers,
                                            .peer_count = 2,
                                            .message_max = MESSAGE_MAX});
    }
    ck_assert_ptr_nonnull(world->listener);
}

static void world_create(struct world *world)
{
    *world = (struct world){.loop = loop_create(),
                            .receiver.receive = world_receive};
    fake_env_init(&world->env, 1);
    world->logger = (struct logger){.level = LOG_INFO,
                                    .fd = memfd_create("log", MFD_CLOEXEC),
                                    .wall_us = no_time};
    world_listen(world);
    peer_listener_set_receiver(world->listener, &world->receiver);
}

static void world_destroy(struct world *world)
{
    peer_listener_destroy(world->listener);
    ck_assert_ptr_null(env_timers_first(&world->env.timers));
    fake_env_deinit(&world->env);
    loop_destroy(world->loop);
    buffer_deinit(&world->body);
    close(world->logger.fd);
}

static void run(struct world *world)
{
    for (int i = 0; i < 4; i++)
        loop_run_once(world->loop, 2);
}

static int dial(struct world *world)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct sockaddr *address = (const void *)&world->address.socket;
    ck_assert_int_eq(connect(fd, address, world->address.size), 0);
    run(world);
    return fd;
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

static void expect_closed(struct world *world, int fd)
{
    char byte;
    ck_assert(becomes_readable(world, fd));
    ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

static bool call_as(struct world *world, int fd, uint32_t from, uint32_t to)
{
    world->greeting = (struct peer_greeting){.dialer = from, .listener = to};
    return peer_greeting_call(&world->greeting, &world->env.env, fd);
}

static void expect_answer(struct world *world, int fd)
{
    char bytes[PEER_ANSWER_SIZE];
    ck_assert(becomes_readable(world, fd));
    ck_assert_int_eq(recv(fd, bytes, sizeof bytes, MSG_WAITALL),
                     PEER_ANSWER_SIZE);
    struct slice input = {bytes, sizeof bytes};
    struct vbp_frame frame;
    ck_assert_int_eq(vbp_decode(&input, PEER_ANSWER_BODY_SIZE, &frame), VBP_OK);
    ck_assert_int_eq(
        peer_greeting_take_answer(&world->greeting, SECRET, &frame),
        PEER_RIGHT);
}

static int dial_greeted(struct world *world, uint32_t from)
{
    int fd = dial(world);
    ck_assert(call_as(world, fd, from, ME));
    expect_answer(world, fd);
    ck_assert(peer_greeting_prove(&world->greeting, SECRET, fd));
    run(world);
    return fd;
}

static struct buffer message_of(struct slice body)
{
    struct buffer out = {0};
    struct vbp_frame frame = {.type = VBP_MESSAGE, .body = body};
    ck_assert(vbp_encode(&out, &frame));
    return out;
}

// Writes all of it, running the loop as often as the socket is full.
static void say(struct world *world, int fd, struct slice bytes)
{
    while (bytes.size) {
        ssize_t sent =
            send(fd, bytes.data, bytes.size, MSG_DONTWAIT | MSG_NOSIGNAL);
        ck_assert(sent >= 0 || errno == EAGAIN);
        if (sent > 0) {
            bytes.data += sent;
            bytes.size -= (size_t)sent;
        }
        run(world);
    }
}

static void say_message(struct world *world, int fd, const char *text)
{
    struct buffer message = message_of(slice_of(text));
    say(world, fd, buffer_slice(&message));
    buffer_deinit(&message);
}

static void expect_received(struct world *world, int count, uint32_t from,
                            const char *text)
{
    for (int tries = 0; world->count < count && tries < 2000; tries++)
        loop_run_once(world->loop, 1);
    ck_assert_int_eq(world->count, count);
    ck_assert_uint_eq(world->from, from);
    ck_assert(slice_equal(buffer_slice(&world->body), slice_of(text)));
}

TEST(a_greeted_peers_messages_are_handed_on_with_its_id)
{
    struct world world;
    world_create(&world);
    int two = dial_greeted(&world, 2), three = dial_greeted(&world, 3);
    say_message(&world, two, "from two");
    expect_received(&world, 1, 2, "from two");
    say_message(&world, three, "");
    expect_received(&world, 2, 3, "");
    say_message(&world, two, "again");
    expect_received(&world, 3, 2, "again");
    close(two);
    close(three);
    run(&world);
    world_destroy(&world);
}

TEST(messages_may_come_byte_by_byte_or_many_at_once)
{
    struct world world;
    world_create(&world);
    int fd = dial_greeted(&world, 2);
    struct buffer message = message_of(SLICE("hello"));
    for (size_t i = 0; i < message.size; i++) {
        ck_assert_int_eq(world.count, 0);
        ck_assert_int_eq(write(fd, message.data + i, 1), 1);
        loop_run_once(world.loop, 20);
    }
    expect_received(&world, 1, 2, "hello");

    struct buffer many = {0};
    for (int i = 0; i < 1000; i++)
        buffer_append_slice(&many, buffer_slice(&message));
    say(&world, fd, buffer_slice(&many));
    expect_received(&world, 1001, 2, "hello");
    buffer_deinit(&message);
    buffer_deinit(&many);
    close(fd);
    world_destroy(&world);
}

TEST(without_a_receiver_messages_are_dropped)
{
    struct world world;
    world_create(&world);
    peer_listener_set_receiver(world.listener, NULL);
    int fd = dial_greeted(&world, 2);
    say_message(&world, fd, "nobody hears");
    // A greeting here ends the link, once the message before it was read.
    ck_assert(call_as(&world, fd, 2, ME));
    expect_closed(&world, fd);
    peer_listener_set_receiver(world.listener, &world.receiver);
    fd = dial_greeted(&world, 2);
    say_message(&world, fd, "heard");
    expect_received(&world, 1, 2, "heard");
    close(fd);
    world_destroy(&world);
}

static void greet_as_unknown(struct world *world, int fd)
{
    call_as(world, fd, 9, ME);
}

static void greet_as_the_node_itself(struct world *world, int fd)
{
    call_as(world, fd, ME, ME);
}

static void greet_another(struct world *world, int fd)
{
    call_as(world, fd, 2, 3);
}

static void say_a_message_first(struct world *world, int fd)
{
    (void)world;
    struct buffer message = message_of(SLICE("12345678"));
    ck_assert_int_eq(write(fd, message.data, message.size),
                     (ssize_t)message.size);
    buffer_deinit(&message);
}

// The header of a message that would be fine from a peer.
static void announce_much(struct world *world, int fd)
{
    (void)world;
    static const char header[VBP_HEADER_SIZE] = {
        PEER_CALL_BODY_SIZE + 1, 0, 0, 0, VBP_VERSION, VBP_HELLO};
    ck_assert_int_eq(write(fd, header, sizeof header), VBP_HEADER_SIZE);
}

static void say_rubbish(struct world *world, int fd)
{
    (void)world;
    ck_assert_int_eq(write(fd, "GET / HTTP/1.1\r\nHost: a\r\n", 25), 25);
}

static void (*const wrong_greetings[])(struct world *world, int fd) = {
    greet_as_unknown, greet_as_the_node_itself,
    greet_another,    say_a_message_first,
    announce_much,    say_rubbish,
};

TEST_FOR(who_greets_wrongly_is_hung_up_on,
         sizeof wrong_greetings / sizeof *wrong_greetings)
{
    struct world world;
    world_create(&world);
    int fd = dial(&world);
    wrong_greetings[_i](&world, fd);
    expect_closed(&world, fd);
    ck_assert_int_eq(world.count, 0);
    world_destroy(&world);
}

// Each in the place of a proof, behind a greeting that was right.
static void prove_with_another_secret(struct world *world, int fd)
{
    peer_greeting_prove(&world->greeting, SLICE("a secret of theirs"), fd);
}

static void prove_for_another_connection(struct world *world, int fd)
{
    world->greeting.listener_nonce[0] ^= 1;
    peer_greeting_prove(&world->greeting, SECRET, fd);
}

static void greet_again(struct world *world, int fd)
{
    call_as(world, fd, 2, ME);
}

static void (*const wrong_proofs[])(struct world *world, int fd) = {
    prove_with_another_secret,
    prove_for_another_connection,
    greet_again,
    say_a_message_first,
    announce_much,
    say_rubbish,
};

TEST_FOR(who_does_not_prove_itself_is_hung_up_on_and_displaces_nobody,
         sizeof wrong_proofs / sizeof *wrong_proofs)
{
    struct world world;
    world_create(&world);
    int peer = dial_greeted(&world, 2), fd = dial(&world);
    ck_assert(call_as(&world, fd, 2, ME));
    expect_answer(&world, fd);
    wrong_proofs[_i](&world, fd);
    expect_closed(&world, fd);
    say_message(&world, peer, "still here");
    expect_received(&world, 1, 2, "still here");
    close(peer);
    world_destroy(&world);
}

static size_t lines_logged(const struct world *world, const char *text)
{
    char lines[4096];
    size_t count = 0;
    ssize_t size = pread(world->logger.fd, lines, sizeof lines - 1, 0);
    lines[size > 0 ? size : 0] = '\0';
    for (const char *at = lines; (at = strstr(at, text)); at++)
        count++;
    return count;
}

TEST(who_is_refused_is_logged_once_a_second_at_most)
{
    static const char line[] =
        "peer refused peer=2 reason=\"it has another cluster secret\"\n";
    struct world world;
    world_create(&world);
    for (size_t i = 0; i < 6; i++) {
        int fd = dial(&world);
        ck_assert(call_as(&world, fd, 2, ME));
        expect_answer(&world, fd);
        prove_with_another_secret(&world, fd);
        expect_closed(&world, fd);
        ck_assert_uint_eq(lines_logged(&world, line), 1 + i / 3);
        if (i == 2)
            fake_env_advance(&world.env, 1000 * 1000);
    }
    world_destroy(&world);
}

TEST(a_stranger_who_is_silent_is_hung_up_on_and_a_peer_is_not)
{
    struct world world;
    world_create(&world);
    int peer = dial_greeted(&world, 2), stranger = dial(&world);
    fake_env_advance(&world.env, PEER_GREETING_US - 1);
    expect_silence(&world, stranger);
    fake_env_advance(&world.env, 1);
    expect_closed(&world, stranger);
    fake_env_advance(&world.env, 100 * (int64_t)PEER_GREETING_US);
    say_message(&world, peer, "still here");
    expect_received(&world, 1, 2, "still here");
    close(peer);
    world_destroy(&world);
}

TEST(strangers_are_few_and_do_not_keep_peers_out_for_long)
{
    struct world world;
    world_create(&world);
    int strangers[STRANGERS_MAX];
    for (int i = 0; i < STRANGERS_MAX; i++)
        strangers[i] = dial(&world);
    expect_closed(&world, dial(&world));
    expect_silence(&world, strangers[0]);

    fake_env_advance(&world.env, PEER_GREETING_US);
    for (int i = 0; i < STRANGERS_MAX; i++)
        expect_closed(&world, strangers[i]);
    close(dial_greeted(&world, 2));
    world_destroy(&world);
}

TEST(who_has_greeted_is_no_stranger_any_more)
{
    struct world world;
    world_create(&world);
    for (int i = 0; i < 2 * STRANGERS_MAX; i++)
        close(dial_greeted(&world, 2));
    int fd = dial_greeted(&world, 3);
    say_message(&world, fd, "there is room");
    expect_received(&world, 1, 3, "there is room");
    close(fd);
    world_destroy(&world);
}

TEST(a_newer_link_takes_the_place_of_an_older_one)
{
    struct world world;
    world_create(&world);
    int other = dial_greeted(&world, 3);
    int older = dial_greeted(&world, 2), newer = dial_greeted(&world, 2);
    expect_closed(&world, older);
    say_message(&world, newer, "newer");
    expect_received(&world, 1, 2, "newer");
    say_message(&world, other, "other");
    expect_received(&world, 2, 3, "other");
    close(newer);
    close(other);
    world_destroy(&world);
}

TEST(a_message_of_the_largest_size_comes_and_a_larger_one_ends_the_link)
{
    struct world world;
    world_create(&world);
    int fd = dial_greeted(&world, 2);
    char *bytes = calloc(1, MESSAGE_MAX + 1);
    bytes[MESSAGE_MAX - 1] = 'z';
    struct buffer message = message_of((struct slice){bytes, MESSAGE_MAX});
    say(&world, fd, buffer_slice(&message));
    for (int tries = 0; world.count < 1 && tries < 2000; tries++)
        loop_run_once(world.loop, 1);
    ck_assert_uint_eq(world.body.size, MESSAGE_MAX);
    ck_assert_mem_eq(world.body.data, bytes, MESSAGE_MAX);
    buffer_deinit(&message);

    message = message_of((struct slice){bytes, MESSAGE_MAX + 1});
    say(&world, fd, (struct slice){message.data, VBP_HEADER_SIZE});
    expect_closed(&world, fd);
    ck_assert_int_eq(world.count, 1);
    buffer_deinit(&message);
    free(bytes);
    world_destroy(&world);
}

TEST(a_damaged_message_ends_the_link_and_nothing_behind_it_is_read)
{
    struct world world;
    world_create(&world);
    int fd = dial_greeted(&world, 2);
    struct buffer good = message_of(SLICE("good"));
    struct buffer all = message_of(SLICE("good"));
    buffer_append_slice(&all, buffer_slice(&good));
    all.data[all.size - 1] ^= 1;
    buffer_append_slice(&all, buffer_slice(&good));
    say(&world, fd, buffer_slice(&all));
    expect_closed(&world, fd);
    ck_assert_int_eq(world.count, 1);
    buffer_deinit(&good);
    buffer_deinit(&all);
    world_destroy(&world);
}

TEST(a_second_greeting_ends_the_link)
{
    struct world world;
    world_create(&world);
    int fd = dial_greeted(&world, 2);
    ck_assert(call_as(&world, fd, 2, ME));
    expect_closed(&world, fd);
    world_destroy(&world);
}

TEST(an_address_in_use_is_an_error)
{
    struct world world;
    world_create(&world);
    errno = 0;
    ck_assert_ptr_null(peer_listener_create(
        &(struct peer_listener_options){.loop = world.loop,
                                        .env = &world.env.env,
                                        .id = ME,
                                        .address = world.address}));
    ck_assert_int_eq(errno, EADDRINUSE);
    world_destroy(&world);
}

TEST(without_descriptors_the_listener_rests_and_takes_up_again)
{
    // Memcheck watches the limit itself, and closes what accept(2) returned.
    if (getenv("VALGRIND"))
        return;
    struct world world;
    world_create(&world);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct rlimit before;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    const struct sockaddr *address = (const void *)&world.address.socket;
    ck_assert_int_eq(connect(fd, address, world.address.size), 0);
    for (int i = 0; i < 2000 && !env_timers_first(&world.env.timers); i++)
        loop_run_once(world.loop, 1);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);

    // Resting: not even tried.
    ck_assert(call_as(&world, fd, 2, ME));
    expect_silence(&world, fd);
    fake_env_advance(&world.env, 1000 * 1000);
    expect_answer(&world, fd);
    close(fd);
    world_destroy(&world);
}

static void world_answer(struct env_peers *receiver, struct slice question,
                         struct buffer *answer)
{
    (void)receiver;
    buffer_append_text(answer, "to ");
    buffer_append_slice(answer, question);
}

// One who does not know whom it will meet, and is no peer.
static int dial_as_guest(struct world *world, struct slice secret)
{
    world->receiver.answer = world_answer;
    int fd = dial(world);
    ck_assert(call_as(world, fd, 9, PEER_ANYBODY));
    expect_answer(world, fd);
    ck_assert_uint_eq(world->greeting.listener, ME);
    ck_assert(peer_greeting_prove(&world->greeting, secret, fd));
    run(world);
    return fd;
}

static void say_frame(struct world *world, int fd, enum vbp_type type,
                      struct slice body)
{
    struct buffer out = {0};
    ck_assert(vbp_encode(&out, &(struct vbp_frame){.type = (uint8_t)type,
                                                   .request = 5,
                                                   .body = body}));
    say(world, fd, buffer_slice(&out));
    buffer_deinit(&out);
}

TEST(a_guest_is_answered)
{
    struct world world;
    char bytes[100];
    struct vbp_frame frame;
    world_create(&world);
    int fd = dial_as_guest(&world, SECRET);
    say_frame(&world, fd, VBP_QUESTION, SLICE("you"));
    ck_assert(becomes_readable(&world, fd));
    ssize_t size = recv(fd, bytes, sizeof bytes, 0);
    struct slice input = {bytes, (size_t)size};
    ck_assert_int_eq(vbp_decode(&input, sizeof bytes, &frame), VBP_OK);
    ck_assert_uint_eq(frame.type, VBP_ANSWER);
    ck_assert_uint_eq(frame.request, 5);
    ck_assert(slice_equal(frame.body, SLICE("to you")));
    close(fd);
    run(&world);
    world_destroy(&world);
}

TEST(a_guest_is_no_peer)
{
    struct world world;
    world_create(&world);
    int fd = dial_as_guest(&world, SECRET);
    say_frame(&world, fd, VBP_MESSAGE, SLICE("from me"));
    expect_closed(&world, fd);
    fd = dial_greeted(&world, 2); // And a peer is no guest.
    say_frame(&world, fd, VBP_QUESTION, SLICE("you"));
    expect_closed(&world, fd);
    ck_assert_int_eq(world.count, 0);
    world_destroy(&world);
}

TEST(a_guest_without_the_secret_is_sent_away)
{
    struct world world;
    world_create(&world);
    expect_closed(&world, dial_as_guest(&world, SLICE("a secret of others")));
    world_destroy(&world);
}

TEST(a_guest_asks_little_and_leaves_in_time)
{
    static const char much[PEER_QUESTION_MAX + 1];
    struct world world;
    world_create(&world);
    int fd = dial_as_guest(&world, SECRET);
    say_frame(&world, fd, VBP_QUESTION, (struct slice){much, sizeof much});
    expect_closed(&world, fd);
    fd = dial_as_guest(&world, SECRET);
    fake_env_advance(&world.env, PEER_GREETING_US - 1);
    expect_silence(&world, fd);
    fake_env_advance(&world.env, 1);
    expect_closed(&world, fd);
    world_destroy(&world);
}
