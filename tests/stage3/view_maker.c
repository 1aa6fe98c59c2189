// view_maker.c -- see view_maker.h.
// SPDX-License-Identifier: MIT
#include "tests/stage3/view_maker.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/client/reply_parser.h"
#include "tests/test.h"

static void append_text(struct buffer *out, const char *text)
{
    buffer_printf(out, "$%zu\r\n%s\r\n", strlen(text), text);
}

static size_t count_ranges(const struct said *said)
{
    size_t count = 0;
    while (count + 2 < SAID_RANGES_MAX && said->ranges[count + 2])
        count += 3;
    return count;
}

static void append_said(struct buffer *out, const struct said *said,
                        int protocol)
{
    char address[32] = "";
    size_t count = count_ranges(said);
    if (said->weight)
        snprintf(address, sizeof address, "127.0.0.1:%d",
                 7000 + atoi(said->id + 1));
    buffer_append_text(out, protocol == 3 ? "%5\r\n" : "*10\r\n");
    append_text(out, "id");
    append_text(out, said->id);
    append_text(out, "address");
    append_text(out, address);
    append_text(out, "weight");
    buffer_printf(out, ":%u\r\n", said->weight);
    append_text(out, "state");
    append_text(out, said->state);
    append_text(out, "slots");
    buffer_printf(out, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, ":%d\r\n", said->ranges[i]);
}

struct vega_reply *said_reply(const struct said *said, int protocol)
{
    size_t count = 0;
    struct buffer text = {0};
    while (said[count].id)
        count++;
    buffer_printf(&text, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++)
        append_said(&text, &said[i], protocol);

    struct reply_parser parser;
    struct vega_reply *reply;
    struct slice input = buffer_slice(&text);
    reply_parser_init(&parser, (struct reply_limits){1 << 20, 1000, 64});
    ck_assert_int_eq(reply_parser_take(&parser, &input, &reply),
                     REPLY_COMPLETE);
    reply_parser_deinit(&parser);
    buffer_deinit(&text);
    return reply;
}

struct cluster_view_node *view_hear(struct cluster_view *view,
                                    const struct said *said)
{
    uint16_t teller;
    ck_assert(cluster_view_hear_map(view, said_reply(said, 2), &teller));
    struct cluster_view_node *node = &view->nodes[teller];
    node->answered = node->clock_known = true;
    snprintf(node->health, sizeof node->health, "ok");
    snprintf(node->fsync, sizeof node->fsync, "always");
    node->memory_bytes_max = 1 << 30;
    return node;
}
