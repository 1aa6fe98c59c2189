// lifecycle.c -- lifecycle and hygiene: beginnings and ends.
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "labs/harness/lab.h"

enum {
    VANISHING_CLIENTS = 50,
    PASSING_CLIENTS = 500,
    FILES_SPARE = 4, // Timers and the like may be opened once, late.
    ROUNDS = 30,
    ROUND_KEYS = 2000,
    ROUND_VALUE = 1000,
    LEAK_MAX = 24 * 1024 * 1024,
};

static const char ping[] = "*1\r\n$4\r\nPING\r\n";

LAB_CASE(lifecycle, starts_again_at_once,
         "A server that ended can start again on its port at once.")
{
    lab_start(lab);
    for (int i = 0; i < 3; i++) {
        lab_trying(lab, "start number %d on the same port", i + 2);
        struct wire wire = wire_open(lab);
        wire_send(&wire, BYTES(ping));
        wire_expect(&wire, BYTES("+PONG\r\n"));
        // The server closes first, and its end of the connection lingers.
        lab_stop(lab);
        wire_close(&wire);
        lab_start_again(lab);
    }
}

LAB_CASE(lifecycle, clients_that_vanish,
         "A client that is gone when its reply comes harms nobody.")
{
    lab_start(lab);
    struct wire other = wire_open(lab);
    struct text requests = {0};
    for (int i = 0; i < 2000; i++)
        REQUEST(&requests, BYTES("COMMAND"));
    for (int i = 0; i < VANISHING_CLIENTS; i++) {
        lab_trying(lab, "client %d that asks and vanishes", i + 1);
        struct wire wire = wire_open(lab);
        wire_send_some(&wire, (struct bytes){requests.data, 2000});
        wire_reset(&wire);
        wire_send(&other, BYTES(ping));
        wire_expect(&other, BYTES("+PONG\r\n"));
    }
    lab_check_alive(lab);
}

LAB_CASE_OWN(lifecycle, ends_when_told,
             "SIGTERM ends the server with exit status 0, clients or not.")
{
    lab_start(lab);
    struct wire idle = wire_open(lab), busy = wire_open(lab);
    wire_send(&busy, BYTES(ping));
    wire_expect(&busy, BYTES("+PONG\r\n"));
    int status = lab_stop(lab);
    if (!WIFEXITED(status))
        lab_fail(lab, "SIGTERM ended it by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        lab_fail(lab, "its exit status is %d", WEXITSTATUS(status));
    wire_expect_end(&idle);
}

LAB_CASE_OWN(lifecycle, says_where_settings_are_wrong,
             "A broken file of settings is refused with the line of the "
             "mistake.")
{
    struct text printed = {0};
    int status =
        lab_run_refused(lab, "bind: 127.0.0.1\nport: 0\nprot: 1\n", &printed);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        lab_fail(lab, "it ended as if all had been well");
    if (!printed.size || !strstr(printed.data, ":3"))
        lab_fail(lab, "what it printed does not name line 3");
}

// ---- hygiene

LAB_CASE_OWN(hygiene, descriptors_come_back,
             "A connection that is over leaves no open descriptor.")
{
    lab_start(lab);
    lab_barrier(lab);
    size_t before = lab_open_files(lab);
    for (int i = 0; i < PASSING_CLIENTS; i++) {
        struct wire wire = wire_open(lab);
        wire_send(&wire, BYTES(ping));
        if (i % 3 == 0) {
            wire_reset(&wire);
            continue;
        }
        wire_expect(&wire, BYTES("+PONG\r\n"));
        if (i % 3 == 1) {
            wire_end(&wire);
            wire_expect_end(&wire);
        }
        wire_close(&wire);
    }
    // A connection is gone when the server has seen that it is.
    size_t after = 0;
    for (int i = 0; i < 200; i++) {
        lab_barrier(lab);
        after = lab_open_files(lab);
        if (after <= before + FILES_SPARE)
            return;
    }
    lab_fail(lab,
             "%zu descriptors were open at first, and %zu after %d "
             "clients",
             before, after, PASSING_CLIENTS);
}

// Sets a thousand keys, takes half away by DEL and half by FLUSHALL.
static void fill_and_empty(struct wire *wire, struct bytes value)
{
    struct text requests = {0}, replies = {0};
    for (int i = 0; i < ROUND_KEYS; i++) {
        struct text key = {0};
        text_printf(&key, "round-%d", i);
        REQUEST(&requests, BYTES("SET"), text_bytes(&key), value);
        text_printf(&replies, "+OK\r\n");
        text_deinit(&key);
    }
    for (int i = 0; i < ROUND_KEYS / 2; i++) {
        struct text key = {0};
        text_printf(&key, "round-%d", i);
        REQUEST(&requests, BYTES("DEL"), text_bytes(&key));
        text_printf(&replies, ":1\r\n");
        text_deinit(&key);
    }
    REQUEST(&requests, BYTES("FLUSHALL"));
    text_printf(&replies, "+OK\r\n");
    wire_send(wire, text_bytes(&requests));
    wire_expect(wire, text_bytes(&replies));
    text_deinit(&requests);
    text_deinit(&replies);
}

LAB_CASE_OWN(hygiene, memory_comes_back,
             "What is deleted is freed: rounds of the same cost no more.")
{
    lab_start(lab);
    struct wire wire = wire_open(lab);
    char value[ROUND_VALUE];
    memset(value, 'v', sizeof value);
    size_t before = 0;
    for (int i = 0; i < ROUNDS; i++) {
        lab_trying(lab, "round %d of %d", i + 1, ROUNDS);
        fill_and_empty(&wire, (struct bytes){value, sizeof value});
        if (i == ROUNDS / 4)
            before = lab_resident_bytes(lab);
    }
    size_t after = lab_resident_bytes(lab);
    if (after > before + LEAK_MAX)
        lab_fail(lab, "the last %d rounds made it grow by %zu MB",
                 ROUNDS - ROUNDS / 4 - 1, (after - before) >> 20);
}

LAB_CASE_OWN(hygiene, clients_cost_nothing_afterwards,
             "A connection that is over leaves no memory behind.")
{
    lab_start(lab);
    struct text half = {0};
    char value[16 * 1024];
    memset(value, 'v', sizeof value);
    // Half a request, so that the server keeps it.
    REQUEST(&half, BYTES("ECHO"), (struct bytes){value, sizeof value});
    half.size -= 100;
    size_t before = 0;
    for (int i = 0; i < 4000; i++) {
        struct wire wire = wire_open(lab);
        wire_send(&wire, text_bytes(&half));
        wire_close(&wire);
        if (i % 100 == 0)
            lab_barrier(lab);
        if (i == 1000)
            before = lab_resident_bytes(lab);
    }
    lab_barrier(lab);
    size_t after = lab_resident_bytes(lab);
    if (after > before + LEAK_MAX)
        lab_fail(lab, "3,000 clients made it grow by %zu MB",
                 (after - before) >> 20);
}
