// program.h -- the real world around a node: settings, log, loop, clients,
// signals. What every stage's main.c has in common.
//
//     struct program program = {...};
//     if (!program_start(&program, argc, argv))
//         return program.exit_code;
//     struct node *node = node_create(...);
//     program_serve(&program, node->server);
//     node_destroy(node);
//     return program_end(&program);
//
// A node with a disk says where it lies (data_dir), and may need time at the
// end (finish):
//
//     program.finish = node_finish, program.node = node;
//     program_serve(&program, node->server);
//     if (node_is_unusable(node))
//         program.exit_code = PROGRAM_EXIT_REFUSED;
//
// It may go on loading while it serves. One that finds its data unusable logs
// that and sets server->stopping: program_serve then returns as after SIGTERM,
// and main sets the exit code.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PROGRAM_H
#define VEGA_COMMON_PROGRAM_H

#include <stdbool.h>

#include "common/base/logger.h"
#include "common/config/config.h"
#include "common/env/env_posix.h"
#include "common/net/loop.h"
#include "common/server/server.h"

enum {
    PROGRAM_ROWS_MAX = 8,
    PROGRAM_EXIT_REFUSED = 2, // Told, or found, something it cannot work with.
};

struct program_rows {
    const struct config_row *rows; // Ended by one without a key.
    void *target;
    size_t target_size; // Bytes of what the rows fill.
};

struct program {
    // Set by main.
    const char *name;                           // "vega-server (stage 1)"
    struct program_rows rows[PROGRAM_ROWS_MAX]; // The stage's own settings.

    // Where in the rows' targets the settings data_dir and snapshot_path stand;
    // the directories are made and locked by program_start. NULL: no disk.
    char *const *data_dir;
    char *const *snapshot_path; // "", or NULL: with the other data.

    // Called when all sources were read: what the settings say together. It may
    // give some of them other defaults, fill the peers of `world`, or return
    // false after writing why the program cannot work with them. NULL: nothing.
    bool (*configured)(struct program *program, struct config_error *error);
    struct env_posix_options world;

    // Called when log and loop are there, before the world is opened: for what
    // `world` needs to know and only others can tell. False, with exit_code,
    // when the program is to end now. NULL: nothing.
    bool (*prepare)(struct program *program);

    // Set by main, too; before program_serve. Called when all clients are gone,
    // then after every round of the loop until it is true: everything that was
    // begun has ended. (At the latest after a minute, or when the signal to
    // stop comes again.) NULL: there is nothing to finish.
    bool (*finish)(void *node);
    void *node; // Its argument.

    // Set by program_start.
    struct server_settings settings;
    struct config *config;
    const char *config_path; // "" without a file.
    struct logger log;
    struct loop *loop;
    struct env *env;
    int exit_code;

    // The program's own.
    char **argv;
    int argc;
};

// Reads the command line, the environment and the configuration file, and opens
// log, loop and world. False when the program is to end now, with exit_code: 0
// after --help, --version and --check-config, PROGRAM_EXIT_REFUSED after a
// clear error.
bool program_start(struct program *program, int argc, char **argv);

// Listens and serves until SIGTERM or SIGINT; then finishes what was accepted.
// SIGHUP rereads what can change at run time. Sets exit_code.
void program_serve(struct program *program, struct server *server);

// Closes everything; returns the exit code.
int program_end(struct program *program);

#endif
