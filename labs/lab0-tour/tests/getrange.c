// getrange.c -- the one test of the tour: parts of a string.
// SPDX-License-Identifier: MIT
#include "labs/harness/lab.h"

// GETRANGE k first last of "abcdefghij".
static void expect_part(struct wire *wire, const char *first, const char *last,
                        const char *part)
{
    struct text request = {0}, reply = {0};
    lab_trying(wire->lab, "GETRANGE k %s %s of abcdefghij", first, last);
    REQUEST(&request, BYTES("GETRANGE"), BYTES("k"), bytes_of(first),
            bytes_of(last));
    text_add_bulk(&reply, bytes_of(part));
    wire_send(wire, text_bytes(&request));
    wire_expect(wire, text_bytes(&reply));
    text_deinit(&request);
    text_deinit(&reply);
}

static struct wire begin(struct lab *lab)
{
    lab_start(lab);
    struct wire wire = wire_open(lab);
    struct text request = {0};
    REQUEST(&request, BYTES("SET"), BYTES("k"), BYTES("abcdefghij"));
    wire_send(&wire, text_bytes(&request));
    wire_expect(&wire, BYTES("+OK\r\n"));
    text_deinit(&request);
    return wire;
}

LAB_CASE(getrange, from_the_front,
         "GETRANGE returns the bytes from first to last, both included.")
{
    struct wire wire = begin(lab);
    expect_part(&wire, "2", "4", "cde");
    expect_part(&wire, "0", "9", "abcdefghij");
    expect_part(&wire, "0", "0", "a");
}

LAB_CASE(getrange, from_the_end, "Negative positions count from the end.")
{
    struct wire wire = begin(lab);
    expect_part(&wire, "-3", "-1", "hij");
    expect_part(&wire, "0", "-1", "abcdefghij");
    expect_part(&wire, "-100", "1", "ab");
}

LAB_CASE(getrange, nothing_there, "A range outside of the string is empty.")
{
    struct wire wire = begin(lab);
    expect_part(&wire, "10", "20", "");
    expect_part(&wire, "4", "2", "");
}
