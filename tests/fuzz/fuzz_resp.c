// fuzz_resp.c -- requests of any bytes, whole and in portions.
//
// The first byte chooses the limits; the rest is what a client sent. However
// it is cut, the parser must see the same requests, and `need` must never ask
// for more bytes than the request has.
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/base/check.h"
#include "common/wire/resp.h"

enum {
    EVERY_CUT_SIZE_MAX = 512, // Larger requests are cut in fewer places.
    CUTS_OF_LARGE = 64,
};

static void parser_init(struct resp_parser *parser, bool authenticated)
{
    resp_parser_init(parser);
    if (!authenticated) {
        parser->bulk_max = 16 * 1024;
        parser->arguments_max = 10;
    }
}

// Parses a copy of its own, so that ASan sees a read of one byte too many.
// Appends what was understood to `seen`.
static enum resp_status parse_copy(struct resp_parser *parser,
                                   struct slice input,
                                   struct resp_request *request,
                                   struct buffer *seen)
{
    char *copy = malloc(input.size ? input.size : 1);
    check(copy);
    if (input.size > 0)
        memcpy(copy, input.data, input.size);

    resp_parser_reset(parser);
    enum resp_status status =
        resp_parse_request(parser, (struct slice){copy, input.size}, request);
    if (status == RESP_OK) {
        check(request->size > 0 && request->size <= input.size);
        check(parser->count == request->argc);
        check(request->argc <= parser->arguments_max || request->is_inline);
        buffer_printf(seen, "%u:", request->argc);
        for (uint32_t i = 0; i < request->argc; i++) {
            buffer_printf(seen, "%zu ", parser->arguments[i].size);
            buffer_append_slice(seen, parser->arguments[i]);
        }
    } else {
        check(parser->count == 0);
    }
    if (status == RESP_PARTIAL)
        check(request->need > input.size);
    free(copy);
    return status;
}

// A front part of a complete request is partial, and needs no more than all.
static void check_cuts(struct resp_parser *parser, struct slice whole)
{
    size_t step =
        whole.size <= EVERY_CUT_SIZE_MAX ? 1 : whole.size / CUTS_OF_LARGE;
    struct buffer ignored = {0};
    for (size_t size = 0; size < whole.size; size += step) {
        struct resp_request request;
        enum resp_status status = parse_copy(
            parser, (struct slice){whole.data, size}, &request, &ignored);
        check(status == RESP_PARTIAL);
        check(request.need <= whole.size);
    }
    buffer_deinit(&ignored);
}

// All requests of `input`, one parse each.
static enum resp_status parse_whole(struct resp_parser *parser,
                                    struct slice input, struct buffer *seen)
{
    for (;;) {
        struct resp_request request;
        enum resp_status status = parse_copy(parser, input, &request, seen);
        if (status != RESP_OK)
            return status;
        check_cuts(parser, (struct slice){input.data, request.size});
        input.data += request.size;
        input.size -= request.size;
    }
}

// The same from a client that sends byte after byte: no try before `need`.
static enum resp_status parse_bytewise(struct resp_parser *parser,
                                       struct slice input, struct buffer *seen)
{
    size_t have = 0, need = 1;
    while (have < input.size) {
        if (++have < need)
            continue;
        struct resp_request request;
        enum resp_status status = parse_copy(
            parser, (struct slice){input.data, have}, &request, seen);
        if (status == RESP_INVALID)
            return status;
        need = request.need;
        if (status == RESP_OK) {
            check(request.size == have);
            input.data += have;
            input.size -= have;
            have = 0;
            need = 1;
        }
    }
    return RESP_PARTIAL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct resp_parser parser;
    parser_init(&parser, data[0] & 1);
    struct slice input = {(const char *)data + 1, size - 1};

    struct buffer whole = {0}, bytewise = {0};
    enum resp_status a = parse_whole(&parser, input, &whole);
    enum resp_status b = parse_bytewise(&parser, input, &bytewise);
    check(slice_equal(buffer_slice(&whole), buffer_slice(&bytewise)));
    // A large request with a fault may still wait for the bytes it announced.
    check(a == b || (a == RESP_INVALID && b == RESP_PARTIAL));

    buffer_deinit(&whole);
    buffer_deinit(&bytewise);
    resp_parser_deinit(&parser);
    return 0;
}
