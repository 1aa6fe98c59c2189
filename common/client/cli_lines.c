// cli_lines.c -- commands from a file or a pipe.
//
// All complete lines of one read go out as one pipeline, then all replies are
// printed: fast for a file, and prompt for whoever types slowly into a pipe.
// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/client/cli.h"

enum {
    READ_SIZE = 64 * 1024,
    PIPELINE_MAX = 1000, // Commands under way.
};

struct lines {
    struct cli *cli;
    struct words pending[PIPELINE_MAX]; // Commands that await their reply.
    size_t count;
    enum cli_exit result;
    bool done; // "quit" was read, or the connection failed.
};

static void lines_note(struct lines *lines, enum cli_exit result)
{
    if (result > lines->result)
        lines->result = result;
    lines->done |= result == CLI_FAILURE;
}

// Prints the replies to everything that was sent.
static void lines_drain(struct lines *lines)
{
    struct cli *cli = lines->cli;
    for (size_t i = 0; i < lines->count && !lines->done; i++) {
        struct vega_reply *reply = vega_get(cli->v);
        lines_note(lines, reply
                              ? cli_print_reply(cli, &lines->pending[i], reply)
                              : cli_print_failure(cli));
        vega_reply_free(reply);
    }
    lines->count = 0;
    fflush(stdout);
}

static void lines_send(struct lines *lines, struct slice line)
{
    struct words *words = &lines->pending[lines->count];
    if (!words_split(words, line)) {
        lines_drain(lines);
        fprintf(stderr, "vega-client: unbalanced quotes: %.*s\n",
                SLICE_PRINT(line));
        lines_note(lines, CLI_ERROR);
        return;
    }
    if (words->count == 0)
        return;
    if (words->count == 1 &&
        (words_match(words, 0, "quit") || words_match(words, 0, "exit"))) {
        lines_drain(lines);
        lines->done = true;
        return;
    }
    if (cli_listens(words)) {
        lines_drain(lines);
        lines_note(lines, cli_run(lines->cli, words));
        return;
    }
    if (!vega_append(lines->cli->v, words->count, words->argv, words->sizes)) {
        lines_note(lines, cli_print_failure(lines->cli));
        return;
    }
    if (++lines->count == PIPELINE_MAX)
        lines_drain(lines);
}

// Sends the complete lines of `input`; the rest stays in it.
static void lines_take(struct lines *lines, struct buffer *input)
{
    struct slice rest = buffer_slice(input);
    const char *end;
    while (!lines->done && rest.size &&
           (end = memchr(rest.data, '\n', rest.size))) {
        size_t size = (size_t)(end - rest.data);
        lines_send(lines, (struct slice){rest.data, size});
        rest = (struct slice){end + 1, rest.size - size - 1};
    }
    lines_drain(lines);
    buffer_consume(input, input->size - rest.size);
}

enum cli_exit cli_lines(struct cli *cli)
{
    struct lines *lines = xcalloc(1, sizeof *lines);
    struct buffer input = {0};
    lines->cli = cli;
    while (!lines->done) {
        buffer_reserve(&input, READ_SIZE);
        ssize_t size = read(STDIN_FILENO, input.data + input.size, READ_SIZE);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            break;
        input.size += (size_t)size;
        lines_take(lines, &input);
    }
    if (!lines->done && input.size) { // A last line without its end.
        buffer_append_byte(&input, '\n');
        lines_take(lines, &input);
    }
    enum cli_exit result = lines->result;
    for (size_t i = 0; i < PIPELINE_MAX; i++)
        words_deinit(&lines->pending[i]);
    buffer_deinit(&input);
    free(lines);
    return result;
}
