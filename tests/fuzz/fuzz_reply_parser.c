// fuzz_reply_parser.c -- replies of any bytes, whole and in portions.
//
// However the bytes are cut, the parser must see the same replies, and `need`
// must never ask for more bytes than there will be. A skipper must take each
// reply of the parser, and exactly as much of the input.
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "common/base/check.h"
#include "common/client/cli_format.h"
#include "common/client/reply_parser.h"

static const struct reply_limits limits = {1 << 16, 256, 8};

// Bytes of a copy of their own, so that ASan sees a read of one too many.
static char *copy_of(struct slice input)
{
    char *copy = malloc(input.size ? input.size : 1);
    check(copy);
    if (input.size)
        memcpy(copy, input.data, input.size);
    return copy;
}

static void note(struct buffer *seen, struct vega_reply *reply)
{
    cli_format_reply(seen, reply, CLI_FORMAT_LABELLED);
    cli_format_reply(seen, reply, CLI_FORMAT_RAW);
    cli_format_reply(seen, reply, CLI_FORMAT_JSON);
    vega_reply_free(reply);
}

static void check_skip(struct slice reply)
{
    char *copy = copy_of(reply);
    struct reply_skipper skipper = {0};
    struct slice rest = {copy, reply.size};
    check(reply_skip(&skipper, &rest) == REPLY_COMPLETE);
    check(rest.size == 0 && !skipper.started);
    free(copy);
}

static enum reply_result parse_whole(struct slice input, struct buffer *seen)
{
    struct reply_parser parser;
    struct vega_reply *reply;
    enum reply_result result;
    reply_parser_init(&parser, limits);
    struct slice rest = input;
    while ((result = reply_parser_take(&parser, &rest, &reply)) ==
           REPLY_COMPLETE) {
        check_skip((struct slice){input.data, input.size - rest.size});
        input = rest;
        note(seen, reply);
    }
    if (result == REPLY_PARTIAL)
        check(parser.need > rest.size);
    reply_parser_deinit(&parser);
    return result;
}

// The same from a server that sends byte after byte: no try before `need`.
static enum reply_result parse_bytewise(struct slice input, struct buffer *seen)
{
    struct reply_parser parser;
    struct vega_reply *reply;
    enum reply_result result = REPLY_PARTIAL;
    reply_parser_init(&parser, limits);
    size_t have = 0;
    while (have < input.size && result != REPLY_INVALID) {
        if (++have < parser.need)
            continue;
        char *copy = copy_of((struct slice){input.data, have});
        struct slice rest = {copy, have};
        result = reply_parser_take(&parser, &rest, &reply);
        if (result == REPLY_COMPLETE) {
            check(rest.size == 0);
            note(seen, reply);
        }
        size_t taken = have - rest.size;
        input = (struct slice){input.data + taken, input.size - taken};
        have = rest.size;
        free(copy);
    }
    reply_parser_deinit(&parser);
    return result == REPLY_COMPLETE ? REPLY_PARTIAL : result;
}

// In any portions and however wrong: a skipper must come to an end.
static void skip_bytewise(struct slice input)
{
    struct reply_skipper skipper = {0};
    for (size_t start = 0, end = 1; end <= input.size; end++) {
        struct slice rest = {input.data + start, end - start};
        if (reply_skip(&skipper, &rest) == REPLY_INVALID)
            return;
        start = end - rest.size;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = {(const char *)data, size};
    struct buffer whole = {0}, bytewise = {0};
    enum reply_result a = parse_whole(input, &whole);
    enum reply_result b = parse_bytewise(input, &bytewise);
    check(slice_equal(buffer_slice(&whole), buffer_slice(&bytewise)));
    // A bulk with a fault at its end may still wait for bytes it announced.
    check(a == b || (a == REPLY_INVALID && b == REPLY_PARTIAL));
    skip_bytewise(input);
    buffer_deinit(&whole);
    buffer_deinit(&bytewise);
    return 0;
}
