// test_commands_list_blocking.c -- BLPOP, BLMOVE and the like: what they answer
// at once, as redis-server 7.0 does, and how they wait.
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "common/base/memory.h"
#include "tests/stage1/command_harness.h"
#include "tests/stage1/node_harness.h"
#include "tests/test.h"

#define BULK(one) "$1\r\n" one "\r\n"
#define NIL_ARRAY "*-1\r\n"
#define POPPED(key, value) "*2\r\n" BULK(key) BULK(value)

TEST(they_answer_at_once_when_something_is_there)
{
    harness_expect((const struct golden[]){
        {"rpush l a b c d e f g", INTEGER(7)},
        {"blpop l 0", POPPED("l", "a")},
        {"brpop nokey l 0.5", POPPED("l", "g")},
        {"blmove l d left right 1", BULK("b")},
        {"brpoplpush l d 1", BULK("f")},
        {"lrange d 0 -1", "*2\r\n" BULK("f") BULK("b")},
        {"blmpop 1 2 nokey l left", "*2\r\n" BULK("l") "*1\r\n" BULK("c")},
        {"blmpop 1 1 l right count 9",
         "*2\r\n" BULK("l") "*2\r\n" BULK("e") BULK("d")},
        {"exists l", INTEGER(0)},
        {0},
    });
}

#define NOT_A_FLOAT "-ERR timeout is not a float or out of range\r\n"
#define NEGATIVE "-ERR timeout is negative\r\n"

TEST(they_check_their_arguments_in_order)
{
    static const char keys[] = "-ERR numkeys should be greater than 0\r\n";
    harness_expect((const struct golden[]){
        {"rpush l a", INTEGER(1)},
        {"set s 1", OK},
        {"blpop s x", NOT_A_FLOAT},
        {"blpop s nan", NOT_A_FLOAT},
        {"blpop s -1", NEGATIVE},
        {"blpop s 1e400", NEGATIVE},
        {"blpop s inf", NEGATIVE},
        {"blpop s 9223372036854775807", NEGATIVE},
        {"brpop nokey s 1", WRONG_TYPE},
        {"blpop l", WRONG_ARITY("blpop")},
        {"blmove nokey d foo left x", SYNTAX_ERROR},
        {"blmove nokey d left left x", NOT_A_FLOAT},
        {"blmove s d left left 1", WRONG_TYPE},
        {"blmove l s left left 1", WRONG_TYPE},
        {"brpoplpush nokey d -1", NEGATIVE},
        {"blmpop x 0 l left", keys},
        {"blmpop x 1 l foo", SYNTAX_ERROR},
        {"blmpop x 2 l left", SYNTAX_ERROR},
        {"blmpop x 1 l left", NOT_A_FLOAT},
        {"blmpop 1 1 s left", WRONG_TYPE},
        {"llen l", INTEGER(1)},
        {0},
    });
    if (getenv("VALGRIND")) // It has no digits for the longest timeout.
        return;
    harness_expect((const struct golden[]){
        {"set s 1", OK},
        {"blpop s 9223372036854775", WRONG_TYPE},
        {0},
    });
}

// A layer that executes at once and answers later, as one does that waits for a
// disk or for other nodes.

struct holder {
    struct layer layer;
    bool holds;
    struct list_link held; // Oldest first.
};

struct held {
    struct completion completion;
    struct list_link link;
    struct holder *holder;
    struct request *request;
};

static void held_executed(struct completion *completion,
                          struct request *request)
{
    struct held *held = container_of(completion, struct held, completion);
    ck_assert(held->request == request);
    list_push_back(&held->holder->held, &held->link);
}

static void holder_submit(struct layer *layer, struct request *request)
{
    struct holder *holder = container_of(layer, struct holder, layer);
    if (holder->holds) {
        struct held *held = xmalloc(sizeof *held);
        request = &request_keep(request)->request;
        *held = (struct held){
            .completion.done = held_executed,
            .holder = holder,
            .request = request,
        };
        request_push(request, &held->completion);
    }
    layer->below->submit(layer->below, request);
}

enum { CLIENTS = 5 };

static struct node_harness node;
static struct holder holder;
static struct node_client clients[CLIENTS];

// Answers what is held now, but nothing that this leads to.
static void answer(void)
{
    size_t count = 0;
    list_for_each (link, &holder.held)
        count++;
    while (count-- > 0) {
        struct held *held =
            container_of(list_first(&holder.held), struct held, link);
        struct request *request = held->request;
        list_remove(&held->link);
        free(held);
        request_complete(request);
    }
    node_advance_ms(&node, 0);
}

static void begin(void)
{
    node_init(&node);
    holder = (struct holder){
        .layer =
            {
                .name = "holder",
                .below = node.server->stack,
                .submit = holder_submit,
            },
    };
    list_init(&holder.held);
    node.server->stack = &holder.layer;
    for (int i = 0; i < CLIENTS; i++)
        node_client_open(&clients[i], &node);
}

// Nobody may be left in the index, and nobody be counted.
static void end(void)
{
    for (int i = 0; i < CLIENTS; i++)
        node_client_close(&clients[i]);
    while (!list_is_empty(&holder.held))
        answer();
    ck_assert_uint_eq(node.server->blocked.keys.count, 0);
    ck_assert_uint_eq(node.server->parked_count, 0);
    node_deinit(&node);
}

static void send(int client, const char *text)
{
    session_receive(clients[client].session, slice_of(text));
}

static void expect(int client, const char *text)
{
    ck_assert_str_eq(node_client_take(&clients[client]), text);
}

static void write(const char *text, const char *reply)
{
    send(CLIENTS - 1, text);
    expect(CLIENTS - 1, reply);
}

TEST(a_push_wakes_the_one_who_waits)
{
    begin();
    send(0, "blpop k 0\r\n");
    expect(0, "");
    ck_assert_uint_eq(node.server->parked_count, 1);
    write("rpush k v w\r\n", INTEGER(2));
    expect(0, POPPED("k", "v"));
    ck_assert_uint_eq(node.server->parked_count, 0);
    ck_assert_uint_eq(node.server->blocked.keys.count, 0);
    write("lrange k 0 -1\r\n", "*1\r\n" BULK("w"));
    end();
}

TEST(those_who_wait_are_served_in_order_of_arrival)
{
    begin();
    send(2, "blpop k 0\r\n");
    send(0, "brpop k 0\r\n");
    send(1, "blpop other k 0\r\n");
    write("rpush k 1 2\r\n", INTEGER(2));
    expect(2, POPPED("k", "1"));
    expect(0, POPPED("k", "2"));
    expect(1, "");
    write("rpush k 3 4\r\n", INTEGER(2));
    expect(1, POPPED("k", "3"));
    write("llen k\r\n", INTEGER(1));
    end();
}

TEST(who_found_nothing_after_all_keeps_the_place)
{
    begin();
    send(0, "blpop k 0\r\n");
    send(1, "blpop k 0\r\n");
    for (int i = 0; i < 3; i++) {
        server_key_ready(node.server, SLICE("k"));
        write("set k 1\r\ndel k\r\n", "+OK\r\n:1\r\n");
    }
    write("rpush k v\r\n", INTEGER(1));
    expect(0, POPPED("k", "v"));
    expect(1, "");
    end();
}

TEST(the_first_of_several_keys_that_is_there_serves)
{
    begin();
    send(0, "blpop a b c 0\r\n");
    write("rpush b 1\r\n", INTEGER(1));
    expect(0, POPPED("b", "1"));
    // It waits for the others no more.
    write("rpush a 2\r\nllen a\r\n", ":1\r\n:1\r\n");
    expect(0, "");
    end();
}

TEST(a_key_named_twice_is_one_place)
{
    begin();
    send(0, "blpop k k k 0\r\n");
    send(1, "blpop k 0\r\n");
    write("rpush k 1 2\r\n", INTEGER(2));
    expect(0, POPPED("k", "1"));
    expect(1, POPPED("k", "2"));
    end();
}

TEST(they_come_before_the_next_request)
{
    begin();
    send(0, "blpop k 0\r\n");
    send(1, "blmove k d left left 0\r\n");
    write("rpush k 1\r\nllen k\r\nrpush k 2\r\nllen k\r\nlrange d 0 -1\r\n",
          ":1\r\n:0\r\n:1\r\n:0\r\n*1\r\n" BULK("2"));
    expect(0, POPPED("k", "1"));
    expect(1, BULK("2"));
    end();
}

TEST(rename_and_copy_wake_too)
{
    begin();
    send(0, "blpop k 0\r\n");
    write("rpush q 1\r\nrename q k\r\n", ":1\r\n+OK\r\n");
    expect(0, POPPED("k", "1"));
    send(0, "blpop k 0\r\n");
    write("rpush q 2\r\ncopy q k\r\nllen q\r\n", ":1\r\n:1\r\n:1\r\n");
    expect(0, POPPED("k", "2"));
    end();
}

TEST(one_who_waits_feeds_another)
{
    begin();
    send(0, "blmove a b left right 0\r\n");
    send(1, "brpoplpush b c 0\r\n");
    send(2, "blpop c 0\r\n");
    write("rpush a v\r\ndbsize\r\n", ":1\r\n:0\r\n");
    expect(0, BULK("v"));
    expect(1, BULK("v"));
    expect(2, POPPED("c", "v"));
    end();
}

TEST(who_moves_does_not_wait_for_the_destination)
{
    begin();
    send(0, "blmove nokey d left left 0\r\n");
    send(1, "blpop d 0\r\n");
    write("rpush d 1\r\n", INTEGER(1));
    expect(1, POPPED("d", "1"));
    expect(0, "");
    end();
}

TEST(a_ring_turns_once)
{
    begin();
    send(0, "blmove k k left right 0\r\n");
    send(1, "blpop k 0\r\n");
    write("rpush k 1 2\r\n", INTEGER(2));
    expect(0, BULK("1"));
    expect(1, POPPED("k", "2"));
    write("lrange k 0 -1\r\n", "*1\r\n" BULK("1"));
    end();
}

TEST(a_bad_destination_is_told_to_the_one_and_the_next_is_served)
{
    begin();
    send(0, "blmove k s left left 0\r\n");
    send(1, "blpop k 0\r\n");
    write("set s 1\r\nrpush k v\r\n", "+OK\r\n:1\r\n");
    expect(0, WRONG_TYPE);
    expect(1, POPPED("k", "v"));
    end();
}

TEST(a_key_of_another_type_does_not_disturb_the_wait)
{
    begin();
    send(0, "blpop s k 0\r\n");
    write("set s 1\r\nrpush k v\r\n", "+OK\r\n:1\r\n");
    expect(0, POPPED("k", "v"));
    end();
}

TEST(mpop_waits_for_the_keys_that_it_counts)
{
    begin();
    send(0, "blmpop 0 2 a b right count 2\r\n");
    write("rpush b 1 2 3\r\n", INTEGER(3));
    expect(0, "*2\r\n" BULK("b") "*2\r\n" BULK("3") BULK("2"));
    end();
}

TEST(the_time_runs_out)
{
    begin();
    send(0, "blpop k 0.2\r\n");
    send(1, "blmove k d left left 0.1\r\n");
    send(2, "hello 3\r\n");
    node_client_take(&clients[2]);
    send(2, "blmpop 0.15 1 k left\r\n");
    node_advance_ms(&node, 99);
    expect(1, "");
    node_advance_ms(&node, 1);
    expect(1, NIL_ARRAY);
    node_advance_ms(&node, 50);
    expect(2, "_\r\n");
    expect(0, "");
    node_advance_ms(&node, 50);
    expect(0, NIL_ARRAY);
    write("rpush k v\r\nllen k\r\n", ":1\r\n:1\r\n");
    end();
}

TEST(a_vain_wake_does_not_move_the_end_of_the_time)
{
    begin();
    send(0, "blpop k 0.1\r\n");
    node_advance_ms(&node, 60);
    write("rpush q v\r\ncopy q k\r\n", ":1\r\n:1\r\n");
    expect(0, POPPED("k", "v"));
    send(0, "blpop k 0.1\r\n");
    node_advance_ms(&node, 60);
    server_key_ready(node.server, SLICE("k"));
    node_advance_ms(&node, 39);
    expect(0, "");
    node_advance_ms(&node, 1);
    expect(0, NIL_ARRAY);
    end();
}

TEST(requests_behind_one_that_waits_run_after_it)
{
    begin();
    send(0, "blpop k 0\r\nllen k\r\nblpop k 0\r\necho end\r\n");
    expect(0, "");
    write("rpush k 1 2 3\r\n", INTEGER(3));
    expect(0, POPPED("k", "1") ":2\r\n" POPPED("k", "2") "$3\r\nend\r\n");
    end();
}

TEST(who_is_gone_takes_nothing)
{
    begin();
    send(0, "blpop k a b 0\r\n");
    send(1, "blpop k 0\r\n");
    send(2, "blpop k 0\r\n");
    node_client_close(&clients[0]);
    session_end_input(clients[1].session); // Its transport is still to notice.
    write("rpush k v\r\n", INTEGER(1));
    expect(2, POPPED("k", "v"));
    node_client_open(&clients[0], &node);
    end();
}

TEST(unblock_ends_the_wait_in_either_way)
{
    begin();
    send(0, "blpop k 0\r\n");
    write("client unblock 1\r\n", INTEGER(1));
    expect(0, NIL_ARRAY);
    send(0, "blmove k d left left 0\r\n");
    write("client unblock 1 error\r\n", INTEGER(1));
    expect(0, "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
    write("client unblock 1\r\n", INTEGER(0));
    write("rpush k v\r\n", INTEGER(1));
    expect(0, "");
    end();
}

TEST(a_transaction_waits_for_nothing)
{
    begin();
    write("multi\r\nblpop k 0\r\nblmove k d left left 0\r\n"
          "blmpop 0 1 k left\r\nbrpoplpush k d 0\r\nexec\r\n",
          "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n"
          "*4\r\n" NIL_ARRAY NIL NIL_ARRAY NIL);
    end();
}

TEST(a_transaction_wakes_when_it_is_whole)
{
    begin();
    send(0, "blpop k 0\r\n");
    send(1, "blpop gone 0\r\n");
    write("multi\r\nlpush k a\r\nlpush k b\r\nlpush gone x\r\n"
          "del gone\r\nexec\r\n",
          "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n"
          "*4\r\n:1\r\n:2\r\n:1\r\n:1\r\n");
    expect(0, POPPED("k", "b"));
    expect(1, "");
    end();
}

TEST(a_woken_pop_is_a_record_of_its_own)
{
    begin();
    struct node_harness *other = xmalloc(sizeof *other);
    send(0, "blpop k 0\r\n");
    send(1, "blmove k d left left 0\r\n");
    write("rpush k 1 2 3\r\n", INTEGER(3));
    node_init(other);
    node_replay(&node, other);
    struct node_client client;
    node_client_open(&client, other);
    node_expect(&client, "lrange k 0 -1", "*1\r\n" BULK("3"));
    node_expect(&client, "lrange d 0 -1", "*1\r\n" BULK("2"));
    node_client_close(&client);
    node_deinit(other);
    free(other);
    end();
}

TEST(getkeys_sees_the_keys_that_are_counted)
{
    begin();
    write("command getkeys blmpop 0 2 a b left\r\n",
          "*2\r\n" BULK("a") BULK("b"));
    write("command getkeys blpop a b 0\r\n", "*2\r\n" BULK("a") BULK("b"));
    write("command getkeys lmpop 3 a left\r\n",
          "-ERR Invalid arguments specified for command\r\n");
    end();
}

// A layer that answers later: what appears meanwhile is not missed.

TEST(what_appears_before_the_answer_is_not_missed)
{
    begin();
    holder.holds = true;
    send(0, "blpop k 0\r\n");
    write("rpush k v\r\n", "");
    answer(); // "Nothing yet" and :1.
    expect(0, "");
    expect(CLIENTS - 1, ":1\r\n");
    answer();
    expect(0, POPPED("k", "v"));
    end();
}

TEST(the_next_turn_comes_when_the_answer_does)
{
    begin();
    send(0, "blpop k 0\r\n");
    send(1, "blpop k 0\r\n");
    send(2, "blpop k 0\r\n");
    holder.holds = true;
    write("rpush k 1 2\r\n", "");
    for (int i = 0; i < 4; i++)
        answer();
    expect(0, POPPED("k", "1"));
    expect(1, POPPED("k", "2"));
    expect(2, "");
    end();
}

TEST(the_time_may_run_out_and_the_client_leave_before_the_answer)
{
    begin();
    send(0, "blpop k 0.1\r\n");
    send(1, "blpop k 0\r\n");
    send(2, "blpop k 0\r\n");
    holder.holds = true;
    server_key_ready(node.server, SLICE("k"));
    server_wake(node.server);
    node_advance_ms(&node, 200);
    expect(0, "");
    write("client unblock 1\r\n", INTEGER(0)); // Not now.
    answer();
    expect(0, NIL_ARRAY);
    server_key_ready(node.server, SLICE("k"));
    server_wake(node.server);
    node_client_close(&clients[1]); // While the layer has its request.
    answer();
    node_advance_ms(&node, 0);
    node_client_open(&clients[1], &node);
    write("rpush k v\r\n", "");
    for (int i = 0; i < 4; i++)
        answer();
    expect(CLIENTS - 1, ":1\r\n");
    expect(2, POPPED("k", "v"));
    end();
}
