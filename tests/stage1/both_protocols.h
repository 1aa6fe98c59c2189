// both_protocols.h -- conversations whose replies differ between RESP2 and
// RESP3, in a notation that shows how they are nested:
//
//     :1 ,1.5 +OK -ERR ... $-1 *-1 _     what is no bulk string, as it is
//     a                                  a bulk string; "" an empty one
//     (a 1 (b ,2))                       an array
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_BOTH_PROTOCOLS_H
#define VEGA_TESTS_BOTH_PROTOCOLS_H

struct both {
    const char *line;
    const char *resp2;
    const char *resp3;
};

#define SAME(reply) reply, reply // In both protocols.

// Holds the conversation, up to a row without a line, with a fresh store in
// each of the protocols.
void expect_both(const struct both *rows);

#endif
