// cli_pipe.c -- mass insertion: RESP from standard input to the server.
//
// Nobody counts the commands on the way out, so the end is found as redis-cli
// finds it: an ECHO of 20 random bytes goes last, and its reply is the last.
// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/client/cli.h"
#include "common/client/reply_parser.h"

enum {
    CHUNK_SIZE = 64 * 1024,
    MARK_SIZE = 20,
    SILENCE_MAX_MS = 30 * 1000, // Without a reply at the end.
};

struct pipe_run {
    int fd;
    struct buffer out;
    size_t sent;
    struct buffer in;
    struct reply_parser parser;
    char mark[MARK_SIZE];
    bool input_ended;
    bool finished;     // The mark came back.
    const char *error; // NULL while all is well.
    uint64_t replies, errors;
};

static void pipe_read_input(struct pipe_run *run)
{
    buffer_reserve(&run->out, CHUNK_SIZE);
    ssize_t size = read(STDIN_FILENO, run->out.data, CHUNK_SIZE);
    if (size > 0) {
        run->out.size = (size_t)size;
        return;
    }
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    // The empty line in front ends whatever was left unfinished.
    run->input_ended = true;
    buffer_append_text(&run->out, "\r\n*2\r\n$4\r\nECHO\r\n$20\r\n");
    buffer_append(&run->out, run->mark, MARK_SIZE);
    buffer_append_text(&run->out, "\r\n");
}

static void pipe_send(struct pipe_run *run)
{
    ssize_t size = send(run->fd, run->out.data + run->sent,
                        run->out.size - run->sent, MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN && errno != EINTR)
        run->error = strerror(errno);
    if (size <= 0)
        return;
    run->sent += (size_t)size;
    if (run->sent == run->out.size) {
        buffer_clear(&run->out);
        run->sent = 0;
    }
}

static void pipe_count(struct pipe_run *run, const struct vega_reply *reply)
{
    if (reply->type == VEGA_PUSH)
        return;
    if (run->input_ended && reply->type == VEGA_BULK &&
        reply->size == MARK_SIZE &&
        memcmp(reply->text, run->mark, MARK_SIZE) == 0) {
        run->finished = true;
        return;
    }
    run->replies++;
    if (reply->type == VEGA_ERROR) {
        run->errors++;
        fprintf(stderr, "%s\n", reply->text);
    }
}

static void pipe_receive(struct pipe_run *run)
{
    buffer_reserve(&run->in, CHUNK_SIZE);
    ssize_t size = recv(run->fd, run->in.data + run->in.size, CHUNK_SIZE, 0);
    if (size < 0 && errno != EAGAIN && errno != EINTR)
        run->error = strerror(errno);
    if (size == 0)
        run->error = "the server closed the connection";
    if (size <= 0)
        return;
    run->in.size += (size_t)size;
    struct slice rest = buffer_slice(&run->in);
    struct vega_reply *reply;
    enum reply_result result;
    while ((result = reply_parser_take(&run->parser, &rest, &reply)) ==
           REPLY_COMPLETE) {
        pipe_count(run, reply);
        vega_reply_free(reply);
    }
    if (result == REPLY_INVALID)
        run->error = run->parser.error;
    buffer_consume(&run->in, run->in.size - rest.size);
}

// One round: reads input only when the last portion is sent.
static void pipe_step(struct pipe_run *run)
{
    bool wants_input = !run->input_ended && run->out.size == 0;
    struct pollfd fds[] = {
        {.fd = run->fd, .events = run->out.size ? POLLIN | POLLOUT : POLLIN},
        {.fd = wants_input ? STDIN_FILENO : -1, .events = POLLIN},
    };
    int ready = poll(fds, 2, run->input_ended ? SILENCE_MAX_MS : -1);
    if (ready == 0)
        run->error = "no replies for 30 seconds";
    if (ready <= 0)
        return;
    if (fds[0].revents & ~POLLOUT)
        pipe_receive(run);
    if (fds[0].revents & POLLOUT && !run->error)
        pipe_send(run);
    if (fds[1].revents && !run->error)
        pipe_read_input(run);
}

enum cli_exit cli_pipe(struct cli *cli)
{
    if (vega_socket(cli->v) < 0)
        return cli_print_failure(cli);
    struct reply_limits limits = {SIZE_MAX / 2, SIZE_MAX, REPLY_DEPTH_MAX};
    struct pipe_run run = {.fd = vega_socket(cli->v)};
    reply_parser_init(&run.parser, limits);
    check(getrandom(run.mark, MARK_SIZE, 0) == MARK_SIZE);
    while (!run.finished && !run.error)
        pipe_step(&run);

    if (run.error)
        fprintf(stderr, "vega-client: %s\n", run.error);
    else
        puts("All data transferred, last reply received.");
    printf("errors: %" PRIu64 ", replies: %" PRIu64 "\n", run.errors,
           run.replies);
    reply_parser_deinit(&run.parser);
    buffer_deinit(&run.in);
    buffer_deinit(&run.out);
    if (run.error)
        return CLI_FAILURE;
    return run.errors ? CLI_ERROR : CLI_DONE;
}
