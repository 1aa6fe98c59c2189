// reply.h -- writes replies as RESP2 or RESP3 bytes.
//
// A command says what it means (a map, a double, nothing) and the writer
// chooses the bytes of the protocol that the client asked for with HELLO: what
// RESP2 lacks is written as Redis does it (a map as a flat array, a double as
// a bulk string, a boolean as an integer, a push as an array).
//
// Specification: https://redis.io/docs/reference/protocol-spec
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_REPLY_H
#define VEGA_COMMON_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"

struct reply {
    struct buffer *out; // Borrowed.
    int protocol;       // 2 or 3.
    uint32_t errors;    // Error replies written so far.
};

void reply_ok(struct reply *reply);                       // +OK
void reply_status(struct reply *reply, const char *text); // +text
// "-" and the formatted text, which begins with its code ("ERR ...",
// "WRONGTYPE ..."). As in Redis, line ends inside become spaces, and those at
// its end are dropped.
void reply_error(struct reply *reply, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void reply_integer(struct reply *reply, int64_t value);
void reply_bulk(struct reply *reply, struct slice bytes);
void reply_bulk_text(struct reply *reply, const char *text);
void reply_bulk_integer(struct reply *reply, int64_t value); // $2 42
void reply_null(struct reply *reply);                        // $-1 or _
void reply_null_array(struct reply *reply);                  // *-1 or _
// Headers: `count` elements follow (a map: `count` pairs).
void reply_array(struct reply *reply, size_t count);
void reply_map(struct reply *reply, size_t count);
void reply_set(struct reply *reply, size_t count);
void reply_push(struct reply *reply, size_t count);
void reply_boolean(struct reply *reply, bool value); // :1 or #t
// With 17 significant digits, as Redis 7.0; "inf", "-inf", "nan".
void reply_double(struct reply *reply, double value);
// A text for people: a bulk string, or in RESP3 a verbatim one ("txt:...").
void reply_verbatim(struct reply *reply, struct slice text);
void reply_bytes(struct reply *reply, struct slice resp); // Already RESP.

// Texts that several commands share.
void reply_syntax_error(struct reply *reply); // -ERR syntax error
void reply_not_an_integer(struct reply *reply);
void reply_wrong_type(struct reply *reply);

#endif
