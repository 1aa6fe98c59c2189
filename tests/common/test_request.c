// test_request.c -- keeping and completing.
// SPDX-License-Identifier: MIT
#include "common/server/request.h"

#include <string.h>

#include "tests/test.h"

struct note {
    struct completion completion;
    struct buffer *log;
    char letter;
};

static void note_done(struct completion *completion, struct request *request)
{
    struct note *note = container_of(completion, struct note, completion);
    buffer_append_byte(note->log, note->letter);
    if (request->completion)
        request_complete(request);
}

static struct note note_of(char letter, struct buffer *log)
{
    return (struct note){{.done = note_done}, log, letter};
}

TEST(completions_run_from_the_top_down)
{
    struct buffer log = {0};
    struct note bottom = note_of('c', &log), middle = note_of('b', &log),
                top = note_of('a', &log);
    struct request request = {0};
    request_push(&request, &bottom.completion);
    request_push(&request, &middle.completion);
    request_push(&request, &top.completion);
    request_complete(&request);
    ck_assert(slice_equal(buffer_slice(&log), SLICE("abc")));
    buffer_deinit(&log);
}

struct counting_origin {
    struct origin origin;
    struct kept_request *kept;
};

static void counting_keep(struct origin *origin, struct kept_request *kept)
{
    struct counting_origin *self =
        container_of(origin, struct counting_origin, origin);
    ck_assert_ptr_null(self->kept);
    self->kept = kept;
}

TEST(a_kept_request_has_arguments_of_its_own)
{
    char first[] = "SET", second[] = "key";
    struct slice argv[] = {{first, 3}, {second, 3}, {NULL, 0}};
    struct buffer out = {0};
    struct counting_origin origin = {.origin = {.keep = counting_keep}};
    struct request request = {
        .argv = argv,
        .argc = 3,
        .reply = {.out = &out, .protocol = 3},
        .origin = &origin.origin,
    };
    struct kept_request *kept = request_keep(&request);
    memset(first, 'x', 3);
    memset(second, 'x', 3);
    argv[0] = SLICE("gone");

    ck_assert_ptr_eq(origin.kept, kept);
    ck_assert(request.flags & REQUEST_MOVED);
    ck_assert_uint_eq(kept->request.argc, 3);
    ck_assert(slice_equal(kept->request.argv[0], SLICE("SET")));
    ck_assert(slice_equal(kept->request.argv[1], SLICE("key")));
    ck_assert_uint_eq(kept->request.argv[2].size, 0);
    ck_assert_int_eq(kept->request.reply.protocol, 3);
    request_free(kept);
    buffer_deinit(&out);
}

TEST(keeping_takes_over_what_was_replied_already)
{
    struct buffer out = {0};
    buffer_append_text(&out, "+earlier\r\n");
    struct request request = {.reply = {.out = &out, .protocol = 2},
                              .reply_start = out.size};
    reply_ok(&request.reply);
    struct kept_request *kept = request_keep(&request);
    reply_integer(&kept->request.reply, 1);
    ck_assert(slice_equal(buffer_slice(&out), SLICE("+earlier\r\n")));
    ck_assert(slice_equal(buffer_slice(&kept->bytes), SLICE("+OK\r\n:1\r\n")));
    request_free(kept);
    buffer_deinit(&out);
}

TEST(keeping_twice_is_keeping_once)
{
    struct buffer out = {0};
    struct request request = {.reply = {.out = &out, .protocol = 2}};
    struct kept_request *kept = request_keep(&request);
    ck_assert_ptr_eq(request_keep(&kept->request), kept);
    request_free(kept);
    buffer_deinit(&out);
}
