// frames.c -- frame_split and bad_frames: bytes to requests.
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "labs/harness/lab.h"

enum { LARGE_SIZE = 1024 * 1024, LARGE_PIECE = 100 * 1000 };

static struct bytes part(struct bytes bytes, size_t from, size_t to)
{
    return (struct bytes){bytes.data + from, to - from};
}

static const char three_requests[] = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n"
                                     "\r\n*1\r\n"
                                     "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
                                     "*1\r\n$4\r\nPING\r\n";
static const char three_replies[] = "+OK\r\n$4\r\n\r\n*1\r\n+PONG\r\n";

LAB_CASE(frame_split, every_cut,
         "A request is complete when its bytes are, wherever TCP cuts them.")
{
    lab_start(lab);
    struct bytes all = BYTES(three_requests);
    for (size_t cut = 1; cut < all.size; cut++) {
        lab_trying(lab, "three requests, cut after byte %zu", cut);
        struct wire wire = wire_open(lab);
        wire_send(&wire, part(all, 0, cut));
        lab_barrier(lab);
        wire_send(&wire, part(all, cut, all.size));
        wire_expect(&wire, BYTES(three_replies));
        wire_close(&wire);
    }
}

LAB_CASE(frame_split, byte_by_byte,
         "A request is complete when its bytes are, however slowly they come.")
{
    lab_start(lab);
    struct bytes all = BYTES(three_requests);
    struct wire wire = wire_open(lab);
    for (size_t i = 0; i < all.size; i++) {
        wire_send(&wire, part(all, i, i + 1));
        lab_barrier(lab);
    }
    lab_trying(lab, "three requests, one byte at a time");
    wire_expect(&wire, BYTES(three_replies));
}

LAB_CASE(frame_split, large_value,
         "A value may take many reads, and holds any bytes.")
{
    lab_start(lab);
    struct wire wire = wire_open(lab);
    char *value = malloc(LARGE_SIZE);
    for (size_t i = 0; value && i < LARGE_SIZE; i++)
        value[i] = (char)(i * 31 % 251);
    struct bytes large = {value, LARGE_SIZE};
    struct text set = {0}, get = {0}, reply = {0};
    REQUEST(&set, BYTES("SET"), BYTES("large"), large);
    for (size_t at = 0; at < set.size; at += LARGE_PIECE) {
        size_t end = at + LARGE_PIECE < set.size ? at + LARGE_PIECE : set.size;
        lab_trying(lab, "a value of 1 MB, from byte %zu of the request on", at);
        wire_send(&wire, part(text_bytes(&set), at, end));
        lab_barrier(lab);
    }
    wire_expect(&wire, BYTES("+OK\r\n"));
    REQUEST(&get, BYTES("GET"), BYTES("large"));
    wire_send(&wire, text_bytes(&get));
    text_add_bulk(&reply, large);
    wire_expect(&wire, text_bytes(&reply));
}

LAB_CASE(frame_split, half_stays_half,
         "Half a request is answered by nothing, and harms nobody.")
{
    lab_start(lab);
    struct wire half = wire_open(lab), other = wire_open(lab);
    wire_send(&half, BYTES("*2\r\n$4\r\nECHO\r\n$5\r\nhe"));
    wire_send(&other, BYTES("*1\r\n$4\r\nPING\r\n"));
    wire_expect(&other, BYTES("+PONG\r\n"));
    wire_send(&half, BYTES("llo\r\n"));
    wire_expect(&half, BYTES("$5\r\nhello\r\n"));
    // One that never comes to its end.
    wire_send(&half, BYTES("*2\r\n$4\r\nECHO\r\n$5\r\nhe"));
    wire_end(&half);
    wire_expect_end(&half);
    lab_barrier(lab);
}

// ---- bad_frames

#define PING "*1\r\n$4\r\nPING\r\n"

// The request before the broken one is answered, the broken one refused, the
// one behind it never run, the connection closed, and the others served.
static void expect_refusal(struct lab *lab, struct bytes broken)
{
    struct wire wire = wire_open(lab);
    struct text sent = {0}, got = {0};
    text_add(&sent, BYTES(PING));
    text_add(&sent, broken);
    wire_send(&wire, text_bytes(&sent));
    wire_expect(&wire, BYTES("+PONG\r\n-ERR Protocol error"));
    wire_read_to_end(&wire, &got);
    if (got.size < 2 || got.data[got.size - 1] != '\n' ||
        memchr(got.data, '\n', got.size) != got.data + got.size - 1)
        lab_fail_bytes(lab, BYTES("one line, and the end"), text_bytes(&got));
    wire_close(&wire);
    lab_barrier(lab);
}

static void expect_refusals(struct lab *lab, const struct bytes *table,
                            size_t count)
{
    lab_start(lab);
    for (size_t i = 0; i < count; i++) {
        struct text escaped = {0};
        text_add_escaped(&escaped, table[i]);
        lab_trying(lab, "%s", escaped.data);
        expect_refusal(lab, table[i]);
        text_deinit(&escaped);
    }
}

LAB_CASE(bad_frames, broken_lengths,
         "A length that is no number ends the connection with -ERR Protocol "
         "error.")
{
    static const struct bytes table[] = {
        {"*x\r\n", 4},
        {"*1x\r\n" PING, 5 + sizeof PING - 1},
        {"*2\r\n$\r\n", 7},
        {"*1\r\n$4x\r\nPING\r\n", 15},
        {"*1\r\n$+4\r\nPING\r\n", 15},
        {"*1\r\n$ 4\r\nPING\r\n", 15},
        {"*1\r\n:4\r\n", 8},
        {"*1\r\nPING\r\n", 10},
    };
    expect_refusals(lab, table, sizeof table / sizeof table[0]);
}

LAB_CASE(bad_frames, impossible_lengths,
         "A length is checked before it is used: negative, huge, beyond any "
         "integer.")
{
#define ECHO_OF(length) "*2\r\n$4\r\nECHO\r\n$" length "\r\nabcd\r\n"
    static const struct bytes table[] = {
        {"*1\r\n$-1\r\n" PING, 9 + sizeof PING - 1},
        {"*1\r\n$-5\r\n" PING, 9 + sizeof PING - 1},
        {"*1\r\n$-2147483648\r\n" PING, 18 + sizeof PING - 1},
        {"*1\r\n$536870913\r\n", 16},
        {"*1\r\n$4294967300\r\nPING\r\n", 23},
        // 2^64 + 4, which 64 bits take for 4.
        {"*1\r\n$18446744073709551620\r\nPING\r\n", 33},
        {"*18446744073709551617\r\n$4\r\nPING\r\n", 33},
        {"*1\r\n$9223372036854775807\r\n", 26},
        {"*4294967297\r\n$4\r\nPING\r\n", 23},
    };
    expect_refusals(lab, table, sizeof table / sizeof table[0]);
}

// Redis takes some of these; VegaDB is strict.
LAB_CASE_OWN(bad_frames, wrong_ends,
             "A length and a bulk string end with CRLF, exactly where they "
             "must.")
{
    static const struct bytes table[] = {
        {"*1\r\n$4\rxPING\r\n", 14},   {"*1048577\r\n", 10},
        {"*01\r\n$4\r\nPING\r\n", 15}, {"*1\r\n$4\r\nPINGxx*1\r\n", 18},
        {"*1\r\n$3\r\nPING\r\n", 14},  {"*1\r\n$4\r\nPING\n\r", 14},
        {"*1\r\n$4\r\nPING\r\r", 14},
    };
    expect_refusals(lab, table, sizeof table / sizeof table[0]);
}

LAB_CASE(bad_frames, harmless_ones,
         "Empty lines and empty arrays are no requests and no errors.")
{
    lab_start(lab);
    struct wire wire = wire_open(lab);
    wire_send(&wire, BYTES("\r\n*0\r\n*-1\r\n\r\n" PING));
    wire_expect(&wire, BYTES("+PONG\r\n"));
}

// Redis reserves what was announced.
LAB_CASE_OWN(bad_frames, promises_of_much,
             "A length is a promise: nothing is set aside for it before it "
             "comes.")
{
    enum { CLIENTS = 64, MEMORY_MAX = 64 * 1024 * 1024 };
    lab_start(lab);
    lab_barrier(lab);
    size_t before = lab_resident_bytes(lab);
    for (int i = 0; i < CLIENTS; i++) {
        struct wire wire = wire_open(lab);
        wire_send(&wire, BYTES("*1048576\r\n$536870912\r\nx"));
    }
    lab_barrier(lab);
    size_t after = lab_resident_bytes(lab);
    if (after > before + MEMORY_MAX)
        lab_fail(lab, "%d such clients cost %zu MB of memory", CLIENTS,
                 (after - before) >> 20);
}
