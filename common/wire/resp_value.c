// resp_value.c -- takes replies apart that this program wrote.
// SPDX-License-Identifier: MIT
#include "common/wire/resp_value.h"

#include "common/base/check.h"

struct slice resp_take_header(struct slice *rest)
{
    const char *end = memchr(rest->data, '\r', rest->size);
    check(end && end > rest->data);
    size_t size = (size_t)(end - rest->data);
    struct slice header = {rest->data + 1, size - 1};
    check(rest->size >= size + 2);
    rest->data += size + 2;
    rest->size -= size + 2;
    return header;
}

// The number of a header; a null has none.
static size_t number_of(struct slice header)
{
    int64_t number;
    check(slice_to_int64(header, &number));
    return number < 0 ? 0 : (size_t)number;
}

static void skip_bytes(struct slice *rest, struct slice header)
{
    if (slice_equal(header, SLICE("-1")))
        return;
    size_t size = number_of(header) + 2;
    check(rest->size >= size);
    rest->data += size;
    rest->size -= size;
}

struct slice resp_take_value(struct slice *rest)
{
    const char *start = rest->data;
    for (size_t pending = 1; pending > 0; pending--) {
        check(rest->size > 0);
        char kind = rest->data[0];
        struct slice header = resp_take_header(rest);
        switch (kind) {
        case '$': // Bytes, and texts and errors of the same form.
        case '=':
        case '!':
            skip_bytes(rest, header);
            break;
        case '*': // Arrays, sets, pushes.
        case '~':
        case '>':
            pending += number_of(header);
            break;
        case '%': // Maps; attributes, which come before their value.
            pending += 2 * number_of(header);
            break;
        case '|':
            pending += 2 * number_of(header) + 1;
            break;
        default: // One line.
            break;
        }
    }
    return (struct slice){start, (size_t)(rest->data - start)};
}
