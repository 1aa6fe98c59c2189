// resp.h -- reads requests: RESP arrays of bulk strings, and inline commands.
//
//     *2\r\n$3\r\nGET\r\n$1\r\nk\r\n        what libraries send
//     GET k\r\n                             what a person types into nc
//
// The parser copies nothing: arguments are slices of the input, except those of
// an inline command, which are unquoted into the parser's own text. It keeps no
// state between calls; a request that is not complete is parsed again from its
// start, but not before `need` bytes are there, a lower bound of what it must
// take. That makes the work linear in the bytes received, whatever their
// portions; the price is that an error in a request of more than 64 arguments
// may be noticed only when as many bytes came as the rest must take.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_RESP_H
#define VEGA_COMMON_RESP_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"

enum {
    RESP_ARGUMENTS_MAX = 1024 * 1024,
    RESP_INLINE_MAX = 64 * 1024,
};

enum resp_status {
    RESP_OK,
    RESP_PARTIAL, // Try again when `need` bytes are there.
    RESP_INVALID, // `error` says why; the connection can't go on.
};

struct resp_parser {
    // Limits. Those of a client that has not authenticated are small
    // (Redis: 10 arguments of 16 KB).
    size_t bulk_max;
    uint32_t arguments_max;

    // Arguments of all requests since resp_parser_reset, one after another.
    // Growing moves them, so a request is an index until the batch is parsed.
    struct slice *arguments;
    uint32_t count, capacity;

    struct buffer inline_text; // Unquoted arguments of one inline command.
    char error[64];            // "Protocol error: ...", without "-ERR ".
};

void resp_parser_init(struct resp_parser *parser);
void resp_parser_deinit(struct resp_parser *parser);
// Forgets the arguments of the last batch; gives back exceptional memory.
void resp_parser_reset(struct resp_parser *parser);

// Reads one request from the front of `input`. On RESP_OK appends *argc
// arguments to parser->arguments (0 for an empty line or an empty array, which
// are no request), sets *size to the bytes it took and *is_inline. The
// arguments are valid until `input` changes; those of an inline command until
// the next inline command is parsed. On RESP_PARTIAL sets *need.
struct resp_request {
    uint32_t argc;
    bool is_inline;
    size_t size;
    size_t need;
};
enum resp_status resp_parse_request(struct resp_parser *parser,
                                    struct slice input,
                                    struct resp_request *request);

#endif
