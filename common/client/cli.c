// cli.c -- vega-client: one command, many, or a prompt.
// SPDX-License-Identifier: MIT
#include "common/client/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/client/bench.h"
#include "common/client/cli_prompt.h"

// These answer a text for people even in RESP2, where it looks like any bulk.
static bool answers_text(const struct words *words)
{
    static const struct {
        const char *name, *subcommand;
    } table[] = {
        {"info", NULL},       {"lolwut", NULL},      {"cluster", "nodes"},
        {"cluster", "info"},  {"client", "list"},    {"client", "info"},
        {"memory", "doctor"}, {"latency", "doctor"}, {"stats", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (words_match(words, 0, table[i].name) &&
            (!table[i].subcommand ||
             words_match(words, 1, table[i].subcommand)))
            return true;
    return false;
}

enum cli_exit cli_print_reply(struct cli *cli, const struct words *words,
                              const struct vega_reply *reply)
{
    enum cli_format format = cli->options.format;
    if (format == CLI_FORMAT_LABELLED && reply->type == VEGA_BULK &&
        answers_text(words))
        format = CLI_FORMAT_RAW;
    buffer_clear(&cli->text);
    cli_format_reply(&cli->text, reply, format);
    fwrite(cli->text.data, 1, cli->text.size, stdout);
    return reply->type == VEGA_ERROR ? CLI_ERROR : CLI_DONE;
}

// Where a server of one's own would answer.
static bool is_this_machine(const char *host)
{
    return !host || strcmp(host, "localhost") == 0 ||
           strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0;
}

enum cli_exit cli_print_failure(const struct cli *cli)
{
    const struct vega_options *server = &cli->options.server;
    fflush(stdout);
    fprintf(stderr, "vega-client: %s\n", vega_error(cli->v));
    if (vega_status(cli->v) != VEGA_UNREACHABLE || cli->options.cluster_file)
        return CLI_FAILURE;
    if (server->unix_socket)
        fprintf(stderr,
                "Is a server running? Start one with: vega-server "
                "--unix-socket %s\n",
                server->unix_socket);
    else if (is_this_machine(server->host))
        fprintf(stderr,
                "Is a server running? Start one with: vega-server "
                "--port %d\n",
                server->port ? server->port : 6379);
    return CLI_FAILURE;
}

bool cli_listens(const struct words *words)
{
    return words_match(words, 0, "monitor") ||
           words_match(words, 0, "subscribe") ||
           words_match(words, 0, "psubscribe") ||
           words_match(words, 0, "ssubscribe");
}

static enum cli_exit cli_listen(struct cli *cli, const struct words *words)
{
    if (!vega_append(cli->v, words->count, words->argv, words->sizes))
        return cli_print_failure(cli);
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        puts("Listening; Ctrl-C ends it and vega-client.");
    for (;;) {
        struct vega_reply *reply = vega_receive(cli->v, -1);
        if (!reply)
            return cli_print_failure(cli);
        enum cli_exit printed = cli_print_reply(cli, words, reply);
        vega_reply_free(reply);
        fflush(stdout);
        if (printed != CLI_DONE)
            return printed;
    }
}

// `reply` NULL: the connection is gone, and its transaction with it. What ends
// a transaction ends it whatever it answers, unless it was malformed.
static void note_transaction(struct cli *cli, const struct words *words,
                             const struct vega_reply *reply)
{
    static const struct {
        const char *name;
        enum cli_transaction from, to;
    } moves[] = {
        {"multi", CLI_PLAIN, CLI_MULTI},   {"exec", CLI_MULTI, CLI_PLAIN},
        {"discard", CLI_MULTI, CLI_PLAIN}, {"begin", CLI_PLAIN, CLI_BEGIN},
        {"commit", CLI_BEGIN, CLI_PLAIN},  {"rollback", CLI_BEGIN, CLI_PLAIN},
    };
    static const char malformed[] = "ERR wrong number of arguments";
    enum cli_transaction from = cli->transaction;
    bool refused = reply && reply->type == VEGA_ERROR;
    if (!reply || (words_match(words, 0, "reset") && !refused))
        cli->transaction = CLI_PLAIN;
    if (!reply || (refused && from == CLI_PLAIN) ||
        (refused && !strncmp(reply->text, malformed, sizeof malformed - 1)))
        return;
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        if (moves[i].from == from && words_match(words, 0, moves[i].name))
            cli->transaction = moves[i].to;
    }
}

static void set_password(struct cli *cli, const char *user,
                         const char *password)
{
    free(cli->user);
    free(cli->password);
    cli->user = user ? xstrdup(user) : NULL;
    cli->password = password ? xstrdup(password) : NULL;
    cli->options.server.user = cli->user;
    cli->options.server.password = cli->password;
    vega_set_password(cli->v, cli->user, cli->password);
}

// AUTH [user] password, and HELLO with it: what the server took is right for
// the next connection too. One that is refused then is forgotten, or nobody
// could ever type a better one.
static void note_password(struct cli *cli, const struct words *words,
                          const struct vega_reply *reply)
{
    size_t at = 0; // Where AUTH is.
    if (!reply && vega_status(cli->v) == VEGA_DENIED && cli->password)
        set_password(cli, NULL, NULL);
    if (!reply || reply->type == VEGA_ERROR || cli->transaction == CLI_MULTI)
        return; // In MULTI nothing has been looked at yet.
    if (words_match(words, 0, "hello")) {
        while (at < words->count && !words_match(words, at, "auth"))
            at++;
    } else if (!words_match(words, 0, "auth") || words->count > 3) {
        return;
    }
    if (at + 2 < words->count)
        set_password(cli, words->argv[at + 1], words->argv[at + 2]);
    else if (at + 1 < words->count)
        set_password(cli, NULL, words->argv[at + 1]);
}

static enum cli_exit cli_run_tool(struct cli *cli, const struct cli_tool *tool,
                                  const struct words *words, size_t first)
{
    struct words arguments = {0};
    for (size_t i = first; i < words->count; i++)
        words_append(&arguments,
                     (struct slice){words->argv[i], words->sizes[i]});
    enum cli_exit result = tool->run(&cli->options, &arguments);
    words_deinit(&arguments);
    fflush(stdout);
    return result;
}

enum cli_exit cli_run(struct cli *cli, const struct words *words)
{
    size_t first;
    const struct cli_tool *tool =
        cli_tool_find(cli->stage->tools, words, &first);
    if (tool)
        return cli_run_tool(cli, tool, words, first);
    if (cli_listens(words))
        return cli_listen(cli, words);
    struct vega_reply *reply =
        vega_command(cli->v, words->count, words->argv, words->sizes);
    note_transaction(cli, words, reply);
    note_password(cli, words, reply);
    if (!reply)
        return cli_print_failure(cli);
    enum cli_exit printed = cli_print_reply(cli, words, reply);
    vega_reply_free(reply);
    fflush(stdout);
    return printed;
}

static void cli_print_push(void *context, const struct vega_reply *push)
{
    struct cli *cli = context;
    buffer_clear(&cli->text);
    cli_format_reply(&cli->text, push, cli->options.format);
    fwrite(cli->text.data, 1, cli->text.size, stdout);
}

static void read_all_input(struct buffer *into)
{
    char chunk[16 * 1024];
    size_t size;
    while ((size = fread(chunk, 1, sizeof chunk, stdin)) > 0)
        buffer_append(into, chunk, size);
}

// Runs the command of the command line, as often as wanted.
static enum cli_exit cli_once(struct cli *cli, int argc, char **argv)
{
    const struct cli_options *options = &cli->options;
    struct words words = {0};
    words_copy(&words, (size_t)argc, (const char *const *)argv);
    if (options->takes_last_input) {
        struct buffer input = {0};
        read_all_input(&input);
        words_append(&words, buffer_slice(&input));
        buffer_deinit(&input);
    }
    enum cli_exit result = CLI_DONE;
    for (int64_t i = 0; i < options->repeat && result == CLI_DONE; i++) {
        struct timespec pause = {options->interval_ms / 1000,
                                 options->interval_ms % 1000 * 1000000};
        if (i && options->interval_ms)
            nanosleep(&pause, NULL);
        result = cli_run(cli, &words);
    }
    words_deinit(&words);
    return result;
}

static enum cli_exit cli_dispatch(struct cli *cli, int argc, char **argv)
{
    if (cli->options.is_pipe)
        return cli_pipe(cli);
    if (argc > 0)
        return cli_once(cli, argc, argv);
    return isatty(STDIN_FILENO) ? cli_prompt(cli) : cli_lines(cli);
}

// NULL after saying why there is none.
static struct route *cli_make_route(const struct cli *cli)
{
    const char *file = cli->options.cluster_file;
    if (!file)
        return cli->stage->make_route(&cli->options.server);
    if (cli->stage->make_route_of_file)
        return cli->stage->make_route_of_file(&cli->options.server, file);
    fputs("vega-client: -c: this one knows a single server, by -h and -p\n",
          stderr);
    return NULL;
}

static enum cli_exit cli_bench(const struct cli *cli, int argc, char **argv)
{
    if (!cli->options.cluster_file)
        return bench_main(&cli->options.server, argc, argv);
    fputs("vega-client: bench loads one server, by -h and -p\n", stderr);
    return CLI_FAILURE;
}

int client_main(int argc, char **argv, const struct cli_stage *stage)
{
    struct cli cli = {.stage = stage};
    switch (cli_options_parse(&cli.options, argc, argv)) {
    case CLI_PARSED:
        break;
    case CLI_PARSED_HELP:
        cli_print_usage(stdout);
        cli_print_tools(stdout, stage);
        return CLI_DONE;
    case CLI_PARSED_VERSION:
        puts("vega-client " VEGA_VERSION);
        return CLI_DONE;
    case CLI_PARSED_WRONG:
        fputs("See vega-client --help.\n", stderr);
        return CLI_FAILURE;
    }
    argc -= cli.options.first;
    argv += cli.options.first;
    if (argc > 0 && strcmp(argv[0], "bench") == 0)
        return cli_bench(&cli, argc, argv);

    cli.options.server.on_push = cli_print_push;
    cli.options.server.push_context = &cli;
    struct route *route = cli_make_route(&cli);
    if (!route)
        return CLI_FAILURE;
    cli.v = vega_connect_by(route);
    enum cli_exit result = cli_dispatch(&cli, argc, argv);
    vega_close(cli.v);
    buffer_deinit(&cli.text);
    free(cli.user);
    free(cli.password);
    return result;
}
