// both_protocols.c -- see both_protocols.h.
// SPDX-License-Identifier: MIT
#include "tests/stage1/both_protocols.h"

#include "tests/stage1/command_harness.h"
#include "tests/test.h"

// Takes what lies before the next line end off the front.
static struct slice take_line(struct slice *reply)
{
    const char *end = memchr(reply->data, '\n', reply->size);
    ck_assert_ptr_nonnull(end);
    size_t size = (size_t)(end - reply->data) + 1;
    ck_assert_uint_ge(size, 3);
    struct slice line = {reply->data, size - 2};
    *reply = (struct slice){reply->data + size, reply->size - size};
    return line;
}

static void render(struct slice *reply, struct buffer *text)
{
    struct slice line = take_line(reply);
    int64_t count = -1;
    slice_to_int64((struct slice){line.data + 1, line.size - 1}, &count);
    if (line.data[0] == '$' && count >= 0) {
        ck_assert_uint_ge(reply->size, (size_t)count + 2);
        struct slice bulk = {reply->data, (size_t)count};
        buffer_append_slice(text, count ? bulk : SLICE("\"\""));
        reply->data += count + 2;
        reply->size -= (size_t)count + 2;
    } else if (line.data[0] == '*' && count >= 0) {
        buffer_append_byte(text, '(');
        for (int64_t i = 0; i < count; i++) {
            if (i > 0)
                buffer_append_byte(text, ' ');
            render(reply, text);
        }
        buffer_append_byte(text, ')');
    } else {
        buffer_append_slice(text, line);
    }
}

static void expect(struct harness *harness, const char *line,
                   const char *wanted)
{
    struct slice reply = harness_run(harness, line);
    struct buffer text = {0};
    render(&reply, &text);
    ck_assert_msg(slice_equal(buffer_slice(&text), slice_of(wanted)) &&
                      reply.size == 0,
                  "RESP%d: %s\nwanted: %s\ncame:   %.*s", harness->protocol,
                  line, wanted, SLICE_PRINT(buffer_slice(&text)));
    buffer_deinit(&text);
}

void expect_both(const struct both *rows)
{
    for (int protocol = 2; protocol <= 3; protocol++) {
        struct harness harness;
        harness_init(&harness, protocol);
        for (const struct both *row = rows; row->line; row++)
            expect(&harness, row->line,
                   protocol == 3 ? row->resp3 : row->resp2);
        harness_deinit(&harness);
    }
}
