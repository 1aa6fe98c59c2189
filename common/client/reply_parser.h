// reply_parser.h -- reads replies: RESP2 and RESP3, as a client sees them.
//
// Three levels, each on the one before. A *token* is one line with its bulk, if
// it has one: all that is read at once. A *skipper* counts whole replies
// without looking at them, for who only wants to know that they came. A
// *parser* makes trees of them. All are pure and trust nothing that was sent:
// nothing is allocated for a length before its bytes are there.
//
// Specification: https://redis.io/docs/reference/protocol-spec. Streamed values
// ("$?"), which no server sends, are refused.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_REPLY_PARSER_H
#define VEGA_COMMON_REPLY_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/slice.h"
#include "common/client/vega.h"

enum {
    REPLY_DEPTH_MAX = 64,
    REPLY_LINE_MAX = 64 * 1024, // A status, an error, a number.
};

enum reply_result {
    REPLY_COMPLETE,
    REPLY_PARTIAL, // More bytes are needed.
    REPLY_INVALID, // These bytes are no reply, or exceed a limit.
};

struct reply_limits {
    size_t size_max;     // Bytes of one reply.
    size_t elements_max; // Values of one reply, nested ones too.
    uint32_t depth_max;  // At most REPLY_DEPTH_MAX.
};

struct reply_token {
    enum vega_type type;
    bool is_attribute; // A map that describes the reply behind it.
    bool boolean;
    int64_t integer;
    double number;
    struct slice text; // Borrowed from the input.
    uint64_t count;    // Values that follow an aggregate; 2 for each pair.
    size_t size;       // Bytes of the token.
};

// Reads the token at the front of `input`. On REPLY_PARTIAL *need is a lower
// bound for the bytes that it must have before another try can succeed.
enum reply_result reply_token_read(struct slice input, size_t size_max,
                                   struct reply_token *token, size_t *need);

// A zeroed skipper is ready for the next reply.
struct reply_skipper {
    bool started;
    bool is_error;
    bool is_null;
    uint64_t values; // Still to come.
    uint64_t bytes;  // Of a bulk, still to come.
};

// Moves `input` past what belongs to the current reply. On REPLY_COMPLETE that
// was all of it, is_error and is_null describe it, and `started` is false
// again. Bulks need not be there as a whole, so the input can be small: a line
// of REPLY_LINE_MAX is the most that it must hold.
enum reply_result reply_skip(struct reply_skipper *skipper,
                             struct slice *input);

struct reply_frame {
    struct vega_reply *aggregate;
    uint64_t count;  // Elements that it will have.
    size_t capacity; // Elements that it has room for.
};

struct reply_parser {
    struct reply_limits limits;
    struct vega_reply *root; // Owned; NULL between replies.
    struct reply_frame frames[REPLY_DEPTH_MAX];
    uint32_t depth;
    uint64_t attributes; // Values of an attribute that are still to skip.
    size_t size;         // Bytes of this reply so far.
    size_t elements;     // Values of this reply so far.
    size_t need;         // Of the last REPLY_PARTIAL.
    const char *error;   // Of REPLY_INVALID.
};

void reply_parser_init(struct reply_parser *parser, struct reply_limits limits);
void reply_parser_deinit(struct reply_parser *parser);
void reply_parser_reset(struct reply_parser *parser); // Drops half a reply.

// Moves `input` past the tokens that it took. On REPLY_COMPLETE *reply is the
// caller's, who frees it with vega_reply_free.
enum reply_result reply_parser_take(struct reply_parser *parser,
                                    struct slice *input,
                                    struct vega_reply **reply);

// The value of `name` in a map, or NULL; of RESP2 it is a flat array of the
// same elements. Borrowed.
const struct vega_reply *reply_field(const struct vega_reply *map,
                                     const char *name);

#endif
