// scan.c -- what SCAN and its relatives share.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/scan.h"

#include "stage1-singlenode/arguments.h"

// As strtoul reads it: nothing is 0, and a sign may come first.
bool scan_read_cursor(struct request *request, uint32_t index, uint64_t *cursor)
{
    struct slice text = request->argv[index];
    bool negative = text.size > 1 && text.data[0] == '-';
    bool positive = text.size > 1 && text.data[0] == '+';
    uint64_t value = 0;
    for (size_t i = negative || positive; i < text.size; i++) {
        unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';
        if (digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            reply_error(&request->reply, "ERR invalid cursor");
            return false;
        }
    }
    *cursor = negative ? -value : value;
    return true;
}

bool scan_read_options(struct request *request, uint32_t first, bool typed,
                       struct scan_options *options)
{
    *options = (struct scan_options){.count = SCAN_COUNT};
    for (uint32_t i = first; i < request->argc; i += 2) {
        bool fits = i + 1 < request->argc;
        if (fits && argument_is(request, i, "COUNT")) {
            if (!argument_int64(request, i + 1, &options->count))
                return false;
            fits = options->count >= 1;
        } else if (fits && argument_is(request, i, "MATCH")) {
            options->pattern = &request->argv[i + 1];
        } else if (fits && typed && argument_is(request, i, "TYPE")) {
            options->type = &request->argv[i + 1];
        } else {
            fits = false;
        }
        if (!fits) {
            reply_syntax_error(&request->reply);
            return false;
        }
    }
    return true;
}

bool scan_matches(const struct scan_options *options, struct slice name)
{
    return !options->pattern || slice_matches(name, *options->pattern, false);
}

struct scan_range scan_dense(const struct scan_options *options,
                             uint64_t cursor, size_t size)
{
    size_t end = cursor == 0 || cursor > size ? size : (size_t)cursor;
    size_t count = (uint64_t)options->count;
    size_t first = end > count ? end - count : 0;
    return (struct scan_range){.first = first, .end = end, .cursor = first};
}
