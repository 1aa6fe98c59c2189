// test_libvega.c -- the library against servers that follow a script.
// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/client/vega.h"
#include "tests/common/fake_server.h"
#include "tests/test.h"

// Of the stream, which stays unread.
static void wait_for_end(const struct vega *v)
{
    char byte;
    while (recv(vega_socket(v), &byte, 1, MSG_PEEK) != 0)
        usleep(1000);
}

static struct vega_reply *ping(struct vega *v)
{
    return vega_call(v, "PING", (char *)NULL);
}

TEST(a_command_gets_its_reply)
{
    struct fake fake;
    fake_start(&fake, (struct script){{{"+PONG\r\n"}}, 1, true});
    struct vega *v = vega_connect(&(struct vega_options){.port = fake.port});
    ck_assert_int_eq(vega_status(v), VEGA_OK);
    ck_assert_str_eq(vega_error(v), "");
    ck_assert_int_ge(vega_socket(v), 0);
    expect_text(v, ping(v), "PONG");
    vega_close(v);
    fake_expect_received(&fake, "*1\r\n$4\r\nPING\r\n");
    fake_stop(&fake);
}

TEST(arguments_may_hold_any_bytes)
{
    struct fake fake;
    fake_start(&fake, (struct script){{{"+OK\r\n"}}, 1, true});
    struct vega *v = vega_connect(&(struct vega_options){.port = fake.port});
    const char *argv[] = {"SET", "\r\n", ""};
    const size_t sizes[] = {3, 2, 0};
    expect_text(v, vega_command(v, 3, argv, sizes), "OK");
    vega_close(v);
    fake_expect_received(&fake, "*3\r\n$3\r\nSET\r\n$2\r\n\r\n\r\n$0\r\n\r\n");
    fake_stop(&fake);
}

TEST(no_server_is_told_with_its_address)
{
    struct fake fake;
    fake_start(&fake, (struct script){.lives = 0});
    int port = fake.port;
    fake_stop(&fake);
    struct vega *v = vega_connect(&(struct vega_options){.port = port});
    expect_failure(v, NULL, VEGA_UNREACHABLE);
    char expected[64];
    snprintf(expected, sizeof expected, "127.0.0.1:%d", port);
    ck_assert_ptr_nonnull(strstr(vega_error(v), expected));
    expect_failure(v, ping(v), VEGA_UNREACHABLE);
    ck_assert_uint_eq(vega_pending(v), 0);
    vega_close(v);
}

TEST(a_socket_that_is_not_there_is_told_with_its_path)
{
    struct vega *v =
        vega_connect(&(struct vega_options){.unix_socket = "/nowhere/vega"});
    expect_failure(v, NULL, VEGA_UNREACHABLE);
    ck_assert_ptr_nonnull(strstr(vega_error(v), "/nowhere/vega"));
    vega_close(v);
}

TEST(a_refused_password_is_denied)
{
    struct fake fake;
    fake_start(&fake, (struct script){{{"-WRONGPASS no\r\n"}}, 1, true});
    struct vega *v = vega_connect(
        &(struct vega_options){.port = fake.port, .password = "guess"});
    expect_failure(v, NULL, VEGA_DENIED);
    ck_assert_ptr_nonnull(strstr(vega_error(v), "WRONGPASS no"));
    ck_assert_int_eq(vega_socket(v), -1);
    vega_close(v);
    fake_expect_received(&fake, "*2\r\n$4\r\nAUTH\r\n$5\r\nguess\r\n");
    fake_stop(&fake);
}

TEST(a_password_set_later_is_for_the_next_connection)
{
    struct fake fake;
    fake_start(
        &fake,
        (struct script){
            {{"+one\r\n"}, {"+OK\r\n", "+two\r\n"}, {"+three\r\n"}}, 3, false});
    struct vega *v = vega_connect(&(struct vega_options){.port = fake.port});
    vega_set_password(v, "me", "secret");
    expect_text(v, ping(v), "one");
    wait_for_end(v);
    expect_text(v, ping(v), "two");
    vega_set_password(v, NULL, NULL);
    wait_for_end(v);
    expect_text(v, ping(v), "three");
    vega_close(v);
    fake_expect_received(&fake,
                         "*1\r\n$4\r\nPING\r\n"
                         "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$6\r\nsecret\r\n"
                         "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n");
    fake_stop(&fake);
}

TEST(a_password_for_resp3_goes_into_hello)
{
    struct fake fake;
    fake_start(&fake, (struct script){{{"%0\r\n"}}, 1, true});
    struct vega *v = vega_connect(&(struct vega_options){
        .port = fake.port, .protocol = 3, .user = "u", .password = "p"});
    ck_assert_int_eq(vega_status(v), VEGA_OK);
    vega_close(v);
    fake_expect_received(&fake, "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n"
                                "$1\r\nu\r\n$1\r\np\r\n");
    fake_stop(&fake);
}

TEST(a_silent_server_times_out_and_its_late_reply_answers_nobody)
{
    struct fake fake;
    fake_start(&fake, (struct script){{{""}, {"+second\r\n"}}, 2, true});
    struct vega *v = vega_connect(
        &(struct vega_options){.port = fake.port, .command_timeout_ms = 50});
    expect_failure(v, ping(v), VEGA_TIMEOUT);
    ck_assert_int_eq(vega_socket(v), -1);
    expect_text(v, ping(v), "second");
    vega_close(v);
    fake_stop(&fake);
}

TEST(a_lost_connection_fails_what_was_under_way_and_is_made_anew)
{
    struct fake fake;
    fake_start(&fake,
               (struct script){{{"+first\r\n"}, {"+new\r\n"}}, 2, false});
    struct vega *v = vega_connect(&(struct vega_options){.port = fake.port});
    const char *argv[] = {"PING"};
    for (int i = 0; i < 3; i++)
        ck_assert(vega_append(v, 1, argv, NULL));
    ck_assert_uint_eq(vega_pending(v), 3);
    expect_text(v, vega_get(v), "first");
    expect_failure(v, vega_get(v), VEGA_LOST);
    expect_failure(v, vega_get(v), VEGA_LOST);
    ck_assert_uint_eq(vega_pending(v), 0);
    expect_text(v, ping(v), "new");
    vega_close(v);
    fake_stop(&fake);
}

TEST(a_connection_that_was_closed_while_idle_costs_no_command)
{
    struct fake fake;
    fake_start(&fake, (struct script){{{"+one\r\n"}, {"+two\r\n"}}, 2, false});
    struct vega *v = vega_connect(&(struct vega_options){.port = fake.port});
    expect_text(v, ping(v), "one");
    wait_for_end(v);
    expect_text(v, ping(v), "two");
    vega_close(v);
    fake_stop(&fake);
}

// What was begun, and whether the next command may go over a new connection.
static const struct {
    const char *before[2][2];
    bool is_open;
} begun[] = {
    {{{"MULTI"}}, true},
    {{{"begin"}}, true},
    {{{"BEGIN", "7"}}, true},
    {{{"WATCH", "k"}}, true},
    {{{"multi"}, {"EXEC"}}, false},
    {{{"multi"}, {"exec", "x"}}, true},
    {{{"watch", "k"}, {"exec"}}, false},
    {{{"watch", "k"}, {"UNWATCH"}}, false},
    {{{"begin"}, {"commit"}}, false},
    {{{"begin"}, {"rollback"}}, false},
    {{{"begin"}, {"exec"}}, true},
    {{{"multi"}, {"reset"}}, false},
    {{{"multix"}}, false},
};

TEST_FOR(a_transaction_is_told_lost_with_its_connection,
         (int)(sizeof begun / sizeof *begun))
{
    struct fake fake;
    bool is_open = begun[_i].is_open, has_second = begun[_i].before[1][0];
    fake_start(&fake, (struct script){{{"+a\r\n", has_second ? "+b\r\n" : NULL},
                                       {"+new\r\n"}},
                                      2,
                                      false});
    struct vega *v = vega_connect(&(struct vega_options){.port = fake.port});
    for (int i = 0; i < (has_second ? 2 : 1); i++) {
        const char *const *argv = begun[_i].before[i];
        vega_reply_free(vega_command(v, argv[1] ? 2 : 1, argv, NULL));
        ck_assert_int_eq(vega_status(v), VEGA_OK);
    }
    wait_for_end(v);
    if (is_open) {
        expect_failure(v, ping(v), VEGA_LOST);
        ck_assert_ptr_nonnull(strstr(vega_error(v), "transaction is lost"));
        ck_assert_int_ge(vega_socket(v), 0);
    }
    expect_text(v, ping(v), "new");
    vega_close(v);
    fake_stop(&fake);
}

TEST(a_connection_stays_lost_when_that_is_wanted)
{
    struct fake fake;
    fake_start(&fake, (struct script){{{"junk\r\n"}, {"+two\r\n"}}, 2, true});
    struct vega *v = vega_connect(
        &(struct vega_options){.port = fake.port, .no_reconnect = true});
    expect_failure(v, ping(v), VEGA_PROTOCOL);
    expect_failure(v, ping(v), VEGA_LOST);
    vega_close(v);
    fake_stop(&fake);
}

TEST(limits_on_replies_hold)
{
    struct fake fake;
    fake_start(&fake, (struct script){{{"$11\r\nhello world\r\n"},
                                       {"*1\r\n*1\r\n*1\r\n:1\r\n"},
                                       {"*3\r\n:1\r\n:2\r\n:3\r\n"}},
                                      3,
                                      true});
    struct vega *v = vega_connect(&(struct vega_options){
        .port = fake.port,
        .reply_size_max = 16,
        .reply_elements_max = 3,
        .reply_depth_max = 2,
    });
    for (int i = 0; i < 3; i++)
        expect_failure(v, ping(v), VEGA_PROTOCOL);
    vega_close(v);
    fake_stop(&fake);
}

static void note_push(void *context, const struct vega_reply *push)
{
    ck_assert_int_eq(push->type, VEGA_PUSH);
    ++*(int *)context;
}

TEST(pushes_are_handed_over_or_dropped_and_never_answer_a_command)
{
    int pushes = 0;
    for (int heard = 0; heard < 2; heard++) {
        struct fake fake;
        fake_start(
            &fake,
            (struct script){{{">1\r\n+a\r\n>1\r\n+b\r\n+PONG\r\n"}}, 1, true});
        struct vega *v = vega_connect(&(struct vega_options){
            .port = fake.port,
            .on_push = heard ? note_push : NULL,
            .push_context = &pushes,
        });
        expect_text(v, ping(v), "PONG");
        ck_assert_int_eq(pushes, heard ? 2 : 0);
        vega_close(v);
        fake_stop(&fake);
    }
}

TEST(a_subscriber_receives_what_comes_and_survives_silence)
{
    struct fake fake;
    fake_start(&fake, (struct script){{{"+ok\r\n>1\r\n+news\r\n"}}, 1, true});
    struct vega *v = vega_connect(&(struct vega_options){.port = fake.port});
    const char *argv[] = {"SUBSCRIBE", "c"};
    ck_assert(vega_append(v, 2, argv, NULL));
    expect_text(v, vega_receive(v, 1000), "ok");
    ck_assert_uint_eq(vega_pending(v), 0);
    struct vega_reply *push = vega_receive(v, 1000);
    ck_assert_int_eq(push->type, VEGA_PUSH);
    vega_reply_free(push);
    expect_failure(v, vega_receive(v, 20), VEGA_TIMEOUT);
    ck_assert_int_ge(vega_socket(v), 0);
    vega_close(v);
    fake_stop(&fake);
}

TEST(calls_that_make_no_sense_are_refused)
{
    struct fake fake;
    fake_start(&fake, (struct script){{{"+OK\r\n"}}, 1, true});
    struct vega *v = vega_connect(
        &(struct vega_options){.port = fake.port, .unsent_max = 1000});
    const char *argv[] = {"PING"}, *large[] = {"PING", NULL};
    const size_t sizes[] = {4, 2000};
    char *bytes = calloc(1, 2000);
    ck_assert_ptr_nonnull(bytes);
    large[1] = bytes;
    expect_failure(v, vega_get(v), VEGA_MISUSE);
    expect_failure(v, vega_command(v, 0, argv, NULL), VEGA_MISUSE);
    ck_assert(!vega_append(v, 2, large, sizes));
    expect_failure(v, NULL, VEGA_MISUSE);
    ck_assert(vega_append(v, 1, argv, NULL));
    expect_failure(v, vega_command(v, 1, argv, NULL), VEGA_MISUSE);
    expect_text(v, vega_get(v), "OK");
    vega_close(v);
    fake_expect_received(&fake, "*1\r\n$4\r\nPING\r\n");
    fake_stop(&fake);
    free(bytes);
}

enum { FLOOD_COMMANDS = 500, FLOOD_SIZE = 32 * 1024 };

// Reads one command's worth of bytes, then writes a reply as large: a client
// that only wrote would wait for ever, and so would this.
static void *flood_run(void *context)
{
    int listener = *(int *)context, fd = accept(listener, NULL, NULL);
    char header[32], *bytes = calloc(1, FLOOD_SIZE + 2);
    memcpy(bytes + FLOOD_SIZE, "\r\n", 2);
    int size = snprintf(header, sizeof header, "$%d\r\n", FLOOD_SIZE);
    for (int i = 0; i < FLOOD_COMMANDS; i++) {
        size_t request = strlen("*1\r\n$32768\r\n") + FLOOD_SIZE + 2;
        static char sink[FLOOD_SIZE + 64];
        recv(fd, sink, request, MSG_WAITALL);
        send(fd, header, (size_t)size, MSG_NOSIGNAL);
        send(fd, bytes, FLOOD_SIZE + 2, MSG_NOSIGNAL);
    }
    free(bytes);
    close(fd);
    return NULL;
}

TEST(a_long_pipeline_of_large_commands_never_blocks_both_sides)
{
    struct fake fake;
    fake_start(&fake, (struct script){.lives = 0});
    pthread_join(fake.thread, NULL);
    ck_assert_int_eq(
        pthread_create(&fake.thread, NULL, flood_run, &fake.listener), 0);
    struct vega *v = vega_connect(&(struct vega_options){.port = fake.port});
    char *bytes = calloc(1, FLOOD_SIZE);
    const char *argv[] = {bytes};
    const size_t sizes[] = {FLOOD_SIZE};
    for (int i = 0; i < FLOOD_COMMANDS; i++)
        ck_assert(vega_append(v, 1, argv, sizes));
    for (int i = 0; i < FLOOD_COMMANDS; i++) {
        struct vega_reply *reply = vega_get(v);
        ck_assert_msg(reply != NULL, "%s", vega_error(v));
        ck_assert_uint_eq(reply->size, FLOOD_SIZE);
        vega_reply_free(reply);
    }
    vega_close(v);
    free(bytes);
    fake_stop(&fake);
}
