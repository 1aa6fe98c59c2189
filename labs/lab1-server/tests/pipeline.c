// pipeline.c -- pipeline and slow_client: requests faster than replies.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labs/harness/lab.h"

enum {
    VALUE_SIZE = 100 * 1000,
    MANY = 5000,
    LARGE_REPLIES = 300,   // 30 MB: more than any socket takes at once.
    UNREAD_REPLIES = 4000, // 400 MB, of which a server may hold some.
    UNREAD_MEMORY_MAX = 128 * 1024 * 1024,
};

static void store_large(struct wire *wire, struct text *reply)
{
    char *value = malloc(VALUE_SIZE);
    for (size_t i = 0; value && i < VALUE_SIZE; i++)
        value[i] = (char)('a' + i * 7 % 26);
    struct bytes large = {value, VALUE_SIZE};
    struct text set = {0};
    REQUEST(&set, BYTES("SET"), BYTES("large"), large);
    wire_send(wire, text_bytes(&set));
    wire_expect(wire, BYTES("+OK\r\n"));
    text_add_bulk(reply, large);
    text_deinit(&set);
    free(value);
}

static void add_gets(struct text *requests, int count)
{
    for (int i = 0; i < count; i++)
        REQUEST(requests, BYTES("GET"), BYTES("large"));
}

static void expect_times(struct wire *wire, const struct text *reply, int count)
{
    for (int i = 0; i < count; i++) {
        lab_trying(wire->lab, "reply %d of %d", i + 1, count);
        wire_expect(wire, text_bytes(reply));
    }
}

// One after another, each in a read of its own: when the socket is full the
// server learns of it by a send that takes nothing.
static void ask_one_by_one(struct wire *wire, int count)
{
    struct text request = {0};
    add_gets(&request, 1);
    for (int i = 0; i < count; i++) {
        lab_trying(wire->lab, "request %d of a client that reads nothing",
                   i + 1);
        wire_send(wire, text_bytes(&request));
        lab_barrier(wire->lab);
    }
    text_deinit(&request);
}

LAB_CASE(pipeline, in_order,
         "Every request of a pipeline is answered once, in its order.")
{
    lab_start(lab);
    struct wire wire = wire_open(lab);
    struct text requests = {0}, replies = {0};
    char text[16] = "";
    for (int i = 0; i < MANY; i++) {
        struct bytes number = {text, (size_t)sprintf(text, "%d", i)};
        if (i % 3 == 0) {
            REQUEST(&requests, BYTES("SET"), BYTES("k"), number);
            text_printf(&replies, "+OK\r\n");
        } else if (i % 3 == 1) {
            REQUEST(&requests, BYTES("INCR"), BYTES("k"));
            text_printf(&replies, ":%d\r\n", i);
        } else {
            REQUEST(&requests, BYTES("ECHO"), number);
            text_add_bulk(&replies, number);
        }
    }
    wire_send(&wire, text_bytes(&requests));
    wire_expect(&wire, text_bytes(&replies));
}

LAB_CASE(pipeline, many_clients, "Each client of many gets its own replies.")
{
    enum { CLIENTS = 40, REQUESTS = 200 };
    lab_start(lab);
    struct wire wires[CLIENTS];
    struct text requests[CLIENTS] = {0}, replies[CLIENTS] = {0};
    char text[32];
    for (int i = 0; i < CLIENTS; i++) {
        wires[i] = wire_open(lab);
        for (int k = 0; k < REQUESTS; k++) {
            size_t size = (size_t)sprintf(text, "%d of %d", k, i);
            REQUEST(&requests[i], BYTES("ECHO"), (struct bytes){text, size});
            text_add_bulk(&replies[i], (struct bytes){text, size});
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        wire_send(&wires[i], text_bytes(&requests[i]));
    for (int i = CLIENTS - 1; i >= 0; i--) {
        lab_trying(lab, "client %d of %d", i, CLIENTS);
        wire_expect(&wires[i], text_bytes(&replies[i]));
    }
}

LAB_CASE(pipeline, large_replies,
         "A reply is sent to its last byte, in as many sends as it takes.")
{
    lab_start(lab);
    struct wire wire = wire_open_narrow(lab);
    struct text reply = {0}, requests = {0};
    store_large(&wire, &reply);
    add_gets(&requests, LARGE_REPLIES);
    wire_send(&wire, text_bytes(&requests));
    lab_settle(lab);
    expect_times(&wire, &reply, LARGE_REPLIES);
}

// Redis closes at once.
LAB_CASE_OWN(pipeline, end_of_input,
             "Who has sent everything and ends still gets every reply.")
{
    lab_start(lab);
    struct wire wire = wire_open_narrow(lab);
    struct text reply = {0}, requests = {0};
    store_large(&wire, &reply);
    add_gets(&requests, LARGE_REPLIES);
    wire_send(&wire, text_bytes(&requests));
    wire_end(&wire);
    lab_settle(lab);
    expect_times(&wire, &reply, LARGE_REPLIES);
    wire_expect_end(&wire);
}

LAB_CASE(pipeline, full_socket,
         "A socket that is full is not broken: the replies wait for room.")
{
    lab_start(lab);
    struct wire wire = wire_open_narrow(lab);
    struct text reply = {0};
    store_large(&wire, &reply);
    ask_one_by_one(&wire, LARGE_REPLIES / 3);
    expect_times(&wire, &reply, LARGE_REPLIES / 3);
}

// ---- slow_client

LAB_CASE(slow_client, others_are_served,
         "A client that reads nothing makes nobody else wait.")
{
    lab_start(lab);
    struct wire slow = wire_open_narrow(lab), other = wire_open(lab);
    struct text reply = {0};
    store_large(&slow, &reply);
    ask_one_by_one(&slow, LARGE_REPLIES / 3);
    for (int i = 0; i < 100; i++) {
        lab_trying(lab, "PING %d beside a client that reads nothing", i + 1);
        wire_send(&other, BYTES("*1\r\n$4\r\nPING\r\n"));
        wire_expect(&other, BYTES("+PONG\r\n"));
    }
    expect_times(&slow, &reply, LARGE_REPLIES / 3);
}

LAB_CASE_OWN(slow_client, memory_is_bounded,
             "A client that reads nothing is not read either: replies for it "
             "do not pile up.")
{
    lab_start(lab);
    struct wire slow = wire_open_narrow(lab);
    struct text reply = {0}, requests = {0};
    store_large(&slow, &reply);
    size_t before = lab_resident_bytes(lab);
    add_gets(&requests, UNREAD_REPLIES);
    wire_send_some(&slow, text_bytes(&requests));
    lab_settle(lab);
    size_t after = lab_resident_bytes(lab);
    if (after > before + UNREAD_MEMORY_MAX)
        lab_fail(lab, "%d requests whose replies nobody read cost %zu MB",
                 UNREAD_REPLIES, (after - before) >> 20);
    lab_check_alive(lab);
}

LAB_CASE(slow_client, goes_on_when_it_reads,
         "A client that was slow and reads at last gets everything.")
{
    lab_start(lab);
    struct wire slow = wire_open_narrow(lab);
    struct text reply = {0}, requests = {0};
    store_large(&slow, &reply);
    add_gets(&requests, LARGE_REPLIES);
    REQUEST(&requests, BYTES("ECHO"), BYTES("the end"));
    wire_send(&slow, text_bytes(&requests));
    lab_settle(lab);
    expect_times(&slow, &reply, LARGE_REPLIES);
    wire_expect(&slow, BYTES("$7\r\nthe end\r\n"));
}
