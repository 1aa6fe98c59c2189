// cli.h -- vega-client: its main(), and what its parts share.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CLI_H
#define VEGA_COMMON_CLI_H

#include "common/base/buffer.h"
#include "common/client/cli_options.h"
#include "common/client/cli_stage.h"
#include "common/client/cli_words.h"
#include "common/client/vega.h"

// The whole program. Returns its exit code, an enum cli_exit.
int client_main(int argc, char **argv, const struct cli_stage *stage);

// What the connection is in the middle of, as far as its replies tell.
enum cli_transaction { CLI_PLAIN, CLI_MULTI, CLI_BEGIN };

struct cli {
    struct cli_options options;
    const struct cli_stage *stage;
    struct vega *v;
    struct buffer text; // For formatting.
    enum cli_transaction transaction;
    char *user, *password; // Typed, and right then: used to connect again.
};

// Runs one command, or a tool of the stage, and prints the reply. When it
// listens, goes on printing until the connection ends.
enum cli_exit cli_run(struct cli *cli, const struct words *words);

// Whether a command is SUBSCRIBE, MONITOR or the like.
bool cli_listens(const struct words *words);

// Prints a reply in the chosen format; `words` is its command.
enum cli_exit cli_print_reply(struct cli *cli, const struct words *words,
                              const struct vega_reply *reply);

// Says on standard error why there was no reply, and what may help.
enum cli_exit cli_print_failure(const struct cli *cli);

// Commands from standard input, one a line, pipelined; replies in their order.
enum cli_exit cli_lines(struct cli *cli);

// RESP from standard input, as it is; replies are counted. An ECHO of random
// bytes at the end tells when all are there.
enum cli_exit cli_pipe(struct cli *cli);

#endif
