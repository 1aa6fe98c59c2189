// test_outstanding.c -- tests of common/client/outstanding.c: libvega over a
// route of two servers.
// SPDX-License-Identifier: MIT
#include "common/client/outstanding.h"

#include <stdlib.h>
#include <string.h>

#include "tests/common/fake_server.h"
#include "tests/test.h"

// By the first letter of the key, 'b' to the second server, other ones to the
// first. "-TO b" sends a command again, "-ASK b" behind an ASKING.
struct pair {
    struct route route;
    struct fake fakes[2];
    struct endpoint *endpoints[2];
    bool first_is_lost; // From the first failure on all goes to the second.
    struct vega *v;
};

static struct endpoint *pair_choose(struct route *route,
                                    const struct route_command *command)
{
    struct pair *pair = (struct pair *)route;
    bool is_second = command->argc > 1 && *command->argv[1] == 'b';
    return pair->endpoints[is_second || pair->first_is_lost];
}

static bool pair_retry(struct route *route, const struct route_command *command,
                       const struct vega_reply *reply, unsigned times,
                       struct route_again *again)
{
    struct pair *pair = (struct pair *)route;
    ck_assert_uint_ge(command->argc, 1);
    ck_assert_uint_ge(times, 1);
    again->asking = strncmp(reply->text, "ASK ", 4) == 0;
    if (!again->asking && strncmp(reply->text, "TO ", 3) != 0)
        return false;
    again->endpoint = pair->endpoints[reply->text[reply->size - 1] == 'b'];
    return true;
}

static bool pair_unreachable(struct route *route,
                             const struct route_command *command,
                             struct endpoint *endpoint)
{
    struct pair *pair = (struct pair *)route;
    ck_assert_uint_ge(command->argc, 1);
    bool is_news = endpoint == pair->endpoints[0] && !pair->first_is_lost;
    pair->first_is_lost = true;
    return is_news;
}

// DEL in one part a key; the replies are added.
struct pair_split {
    struct route_split split;
    struct route_command parts[4];
    const char *argv[4][2];
};

static struct vega_reply *pair_join(struct route_split *split,
                                    struct vega_reply **replies)
{
    struct vega_reply *sum = replies[0];
    for (size_t i = 1; i < split->count; i++) {
        sum->integer += replies[i]->integer;
        vega_reply_free(replies[i]);
    }
    return sum;
}

static void pair_split_destroy(struct route_split *split)
{
    free(split);
}

static struct route_split *pair_take_apart(struct route *route,
                                           const struct route_command *command)
{
    (void)route;
    if (strcmp(command->argv[0], "DEL") != 0)
        return NULL;
    struct pair_split *split = calloc(1, sizeof *split);
    ck_assert_ptr_nonnull(split);
    split->split = (struct route_split){split->parts, command->argc - 1,
                                        pair_join, pair_split_destroy};
    for (size_t i = 0; i < split->split.count; i++) {
        split->argv[i][0] = "DEL";
        split->argv[i][1] = command->argv[i + 1];
        split->parts[i].argc = 2;
        split->parts[i].argv = split->argv[i];
    }
    return &split->split;
}

static void pair_destroy(struct route *route)
{
    struct pair *pair = (struct pair *)route;
    endpoint_destroy(pair->endpoints[0]);
    endpoint_destroy(pair->endpoints[1]);
}

static struct pair *pair_create(struct script first, struct script second)
{
    struct pair *pair = calloc(1, sizeof *pair);
    ck_assert_ptr_nonnull(pair);
    pair->route =
        (struct route){pair_choose,     pair_destroy, NULL,
                       pair_take_apart, pair_retry,   pair_unreachable};
    fake_start(&pair->fakes[0], first);
    fake_start(&pair->fakes[1], second);
    for (int i = 0; i < 2; i++)
        pair->endpoints[i] = endpoint_create(
            &(struct vega_options){.port = pair->fakes[i].port});
    pair->v = vega_connect_by(&pair->route);
    return pair;
}

static void pair_close(struct pair *pair)
{
    vega_close(pair->v);
    fake_stop(&pair->fakes[0]);
    fake_stop(&pair->fakes[1]);
    free(pair);
}

static void append(struct pair *pair, const char *name, const char *key)
{
    ck_assert_msg(vega_append(pair->v, 2, (const char *[]){name, key}, NULL),
                  "%s", vega_error(pair->v));
}

TEST(replies_come_in_the_order_of_commands_whatever_the_route)
{
    struct pair *pair =
        pair_create((struct script){{{"+a1\r\n+a2\r\n"}}, 1, true},
                    (struct script){{{"+b1\r\n"}}, 1, true});
    static const char *const keys[] = {"a", "b", "a"};
    static const char *const replies[] = {"a1", "b1", "a2"};
    for (int i = 0; i < 3; i++)
        append(pair, "GET", keys[i]);
    ck_assert_uint_eq(vega_pending(pair->v), 3);
    for (int i = 0; i < 3; i++)
        expect_text(pair->v, vega_get(pair->v), replies[i]);
    pair_close(pair);
}

TEST(what_was_refused_goes_to_where_the_route_says)
{
    struct pair *pair = pair_create((struct script){{{"-TO b\r\n"}}, 1, true},
                                    (struct script){{{"+done\r\n"}}, 1, true});
    expect_text(pair->v, vega_call(pair->v, "SET", "a", "", NULL), "done");
    vega_close(pair->v);
    static const char *const sent = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\n";
    for (int i = 0; i < 2; i++) {
        fake_expect_received(&pair->fakes[i], sent);
        fake_stop(&pair->fakes[i]);
    }
    free(pair);
}

TEST(the_reply_to_asking_is_nobodys)
{
    struct pair *pair =
        pair_create((struct script){{{"-ASK b\r\n", "+2\r\n"}}, 1, true},
                    (struct script){{{"+OK\r\n+1\r\n", "+3\r\n"}}, 1, true});
    expect_text(pair->v, vega_call(pair->v, "GET", "a", NULL), "1");
    expect_text(pair->v, vega_call(pair->v, "GET", "a", NULL), "2");
    expect_text(pair->v, vega_call(pair->v, "GET", "b", NULL), "3");
    pair_close(pair);
}

TEST(a_reply_that_comes_before_its_turn_waits_for_it)
{
    struct pair *pair =
        pair_create((struct script){{{"-TO b\r\n"}}, 1, true},
                    (struct script){{{"+b\r\n+a\r\n"}}, 1, true});
    append(pair, "GET", "a");
    append(pair, "GET", "b");
    expect_text(pair->v, vega_get(pair->v), "a"); // It came after b's.
    expect_text(pair->v, vega_get(pair->v), "b");
    pair_close(pair);
}

TEST(what_is_refused_again_and_again_is_told_in_the_end)
{
    struct script refuses = {
        {{"-TO a\r\n", "-TO a\r\n", "-TO a\r\n", "-TO a\r\n", "-TO a\r\n",
          "-TO a\r\n", "-TO a\r\n", "-TO a\r\n", "-TO a\r\n", "-TO a\r\n",
          "-no more\r\n"}},
        1,
        true};
    struct pair *pair = pair_create(refuses, (struct script){.lives = 0});
    expect_text(pair->v, vega_call(pair->v, "GET", "a", NULL), "TO a");
    pair_close(pair);
}

TEST(what_belongs_to_a_transaction_stays_on_its_connection)
{
    struct pair *pair =
        pair_create((struct script){{{"+OK\r\n", "-TO b\r\n"}}, 1, true},
                    (struct script){.lives = 0});
    expect_text(pair->v, vega_call(pair->v, "MULTI", NULL), "OK");
    expect_text(pair->v, vega_call(pair->v, "GET", "a", NULL), "TO b");
    pair_close(pair);
}

TEST(a_command_in_parts_has_one_reply)
{
    struct pair *pair =
        pair_create((struct script){{{":1\r\n:1\r\n", "+next\r\n"}}, 1, true},
                    (struct script){{{":40\r\n"}}, 1, true});
    struct vega_reply *reply =
        vega_call(pair->v, "DEL", "a1", "b1", "a2", NULL);
    ck_assert_ptr_nonnull(reply);
    ck_assert_int_eq(reply->integer, 42);
    vega_reply_free(reply);
    expect_text(pair->v, vega_call(pair->v, "GET", "a", NULL), "next");
    pair_close(pair);
}

TEST(parts_that_were_refused_are_done_elsewhere)
{
    struct pair *pair =
        pair_create((struct script){{{":1\r\n-TO b\r\n"}}, 1, true},
                    (struct script){{{":10\r\n:100\r\n"}}, 1, true});
    struct vega_reply *reply =
        vega_call(pair->v, "DEL", "a1", "a2", "b1", NULL);
    ck_assert_ptr_nonnull(reply);
    ck_assert_int_eq(reply->integer, 111);
    vega_reply_free(reply);
    pair_close(pair);
}

TEST(no_part_is_sent_while_the_server_of_another_is_not_to_be_had)
{
    struct pair *pair = pair_create((struct script){{{NULL}}, 1, true},
                                    (struct script){.lives = 0});
    fake_stop(&pair->fakes[1]);
    expect_failure(pair->v, vega_call(pair->v, "DEL", "a", "b", NULL),
                   VEGA_UNREACHABLE);
    ck_assert_uint_eq(vega_pending(pair->v), 0);
    vega_close(pair->v);
    fake_expect_received(&pair->fakes[0], "");
    fake_stop(&pair->fakes[0]);
    free(pair);
}

TEST(a_route_may_know_another_server_for_one_that_is_not_to_be_had)
{
    struct pair *pair = pair_create((struct script){{{NULL}}, 1, false},
                                    (struct script){{{"+b\r\n"}}, 1, true});
    fake_stop(&pair->fakes[0]);
    expect_text(pair->v, vega_call(pair->v, "GET", "a", NULL), "b");
    vega_close(pair->v);
    fake_stop(&pair->fakes[1]);
    free(pair);
}

TEST(a_connection_that_is_lost_takes_no_reply_of_another_along)
{
    struct pair *pair = pair_create((struct script){{{"+a\r\n"}}, 1, false},
                                    (struct script){{{"+b\r\n"}}, 1, true});
    static const char *const keys[] = {"a", "b", "a"};
    for (int i = 0; i < 3; i++)
        append(pair, "GET", keys[i]);
    expect_text(pair->v, vega_get(pair->v), "a");
    expect_text(pair->v, vega_get(pair->v), "b");
    // Closed before it was answered.
    expect_failure(pair->v, vega_get(pair->v), VEGA_LOST);
    pair_close(pair);
}
