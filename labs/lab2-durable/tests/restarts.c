// restarts.c -- replay and ack_is_durable by socket: real processes, killed.
//
// What the plain requests of the simulated schedules do not ask for: time,
// chance, and bytes of any kind. And all that can be asked of a foreign server,
// which is to keep its data in the directory that follows --data-dir.
// SPDX-License-Identifier: MIT
#include <poll.h>
#include <stdio.h>

#include "labs/harness/lab.h"

enum { MEMBERS = 100, WRITES = 300, WAIT_MS = 5 };

static const char loading[] = "-LOADING";

// What the server answers to these requests, and to the QUIT behind them.
static struct text ask_once(struct lab *lab, const struct text *requests)
{
    struct text reply = {0}, quit = {0};
    struct wire wire = wire_open(lab);
    REQUEST(&quit, BYTES("QUIT"));
    wire_send(&wire, text_bytes(requests));
    wire_send(&wire, text_bytes(&quit));
    wire_read_to_end(&wire, &reply);
    wire_close(&wire);
    text_deinit(&quit);
    return reply;
}

// The same, when it has loaded what it remembers.
static struct text ask(struct lab *lab, const struct text *requests)
{
    size_t size = sizeof loading - 1;
    for (int waited_ms = 0;; waited_ms += WAIT_MS) {
        struct text reply = ask_once(lab, requests);
        struct bytes front = {reply.data, reply.size < size ? 0 : size};
        if (!front.size ||
            bytes_first_difference(front, BYTES(loading)) != SIZE_MAX)
            return reply;
        if (waited_ms >= LAB_SILENCE_MS)
            lab_fail(lab, "it still loads after %d s", LAB_SILENCE_MS / 1000);
        text_deinit(&reply);
        poll(NULL, 0, WAIT_MS);
    }
}

// Kills the server and starts it again; the answers must be what they were.
static void expect_the_same_again(struct lab *lab, const struct text *requests)
{
    struct text before = ask(lab, requests);
    lab_kill(lab);
    lab_start_again(lab);
    struct text after = ask(lab, requests);
    if (bytes_first_difference(text_bytes(&before), text_bytes(&after)) !=
        SIZE_MAX)
        lab_fail_bytes(lab, text_bytes(&before), text_bytes(&after));
}

LAB_CASE_OWN(replay, when_it_expires,
             "A record is executed again with the time of the first time.")
{
    struct text write = {0}, read = {0};
    REQUEST(&write, BYTES("SET"), BYTES("k"), BYTES("v"), BYTES("PX"),
            BYTES("1000000"));
    REQUEST(&read, BYTES("PEXPIRETIME"), BYTES("k"));
    lab_start_with_data(lab);
    lab_trying(lab, "SET k v PX 1000000, PEXPIRETIME k, kill -9, the same");
    ask(lab, &write);
    expect_the_same_again(lab, &read);
}

LAB_CASE_OWN(replay, what_was_drawn,
             "A record is executed again with the seed of the first time.")
{
    struct text write = {0}, read = {0};
    REQUEST(&read, BYTES("SMEMBERS"), BYTES("s"));
    for (int i = 0; i < MEMBERS; i++) {
        char member[16];
        snprintf(member, sizeof member, "%d", i);
        REQUEST(&write, BYTES("SADD"), BYTES("s"), bytes_of(member));
    }
    REQUEST(&write, BYTES("SPOP"), BYTES("s"), BYTES("50"));
    lab_start_with_data(lab);
    lab_trying(lab, "SPOP s 50 of %d, SMEMBERS s, kill -9, the same", MEMBERS);
    ask(lab, &write);
    expect_the_same_again(lab, &read);
}

LAB_CASE(replay, any_bytes, "Keys and values of any bytes come back.")
{
    char value[256];
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (char)i;
    struct text write = {0}, read = {0};
    struct bytes key = {value, 4};
    REQUEST(&write, BYTES("SET"), key, (struct bytes){value, sizeof value});
    REQUEST(&write, BYTES("SET"), BYTES("empty"), BYTES(""));
    REQUEST(&read, BYTES("GET"), key);
    REQUEST(&read, BYTES("GET"), BYTES("empty"));
    lab_start_with_data(lab);
    lab_trying(lab, "a value of all 256 bytes, and an empty one; kill -9");
    ask(lab, &write);
    expect_the_same_again(lab, &read);
}

LAB_CASE(ack_is_durable, killed_behind_a_reply,
         "What a client was told survives the end of the process.")
{
    struct text write = {0}, read = {0};
    for (int i = 0; i < WRITES; i++)
        REQUEST(&write, BYTES("INCR"), BYTES("n"));
    REQUEST(&read, BYTES("GET"), BYTES("n"));
    lab_start_with_data(lab);
    for (int i = 0; i < 3; i++) {
        lab_trying(lab, "INCR n %d times, kill -9 number %d", WRITES, i + 1);
        ask(lab, &write);
        expect_the_same_again(lab, &read);
    }
}
