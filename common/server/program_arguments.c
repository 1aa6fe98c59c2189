// program_arguments.c -- what a program was told: command line, environment and
// file, at the start and again on SIGHUP.
// SPDX-License-Identifier: MIT
#include "common/server/program_private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/net/listener.h"

bool program_refuse(struct program *program, const char *text)
{
    fprintf(stderr, "vega-server: %s\n", text);
    program->exit_code = PROGRAM_EXIT_REFUSED;
    return false;
}

// A config with all rows, filling `settings`; the rows' targets get defaults.
static struct config *program_make_config(struct program *program,
                                          struct server_settings *settings)
{
    struct config *config = config_create();
    config_add(config, server_config_rows, settings);
    for (int i = 0; i < PROGRAM_ROWS_MAX && program->rows[i].rows; i++)
        config_add(config, program->rows[i].rows, program->rows[i].target);
    return config;
}

// The path that follows -c or --config, taken out of the arguments.
static bool program_take_config_path(int *argc, char **argv, const char **path)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "-c") && strcmp(argv[i], "--config")) {
            argv[kept++] = argv[i];
        } else if (++i < *argc) {
            *path = argv[i];
        } else {
            return false;
        }
    }
    argv[ *argc = kept] = NULL;
    return true;
}

// Everything but --help and its like: file, then environment, then flags.
static enum status program_load(struct config *config, const char *path,
                                int *argc, char **argv,
                                struct config_error *error)
{
    enum status status = STATUS_OK;
    if (*path)
        status = config_load_yaml(config, path, error);
    if (status == STATUS_OK)
        status = config_load_environment(config, environ, error);
    if (status == STATUS_OK)
        status = config_load_flags(config, argc, argv, error);
    return status;
}

static void program_print_help(const struct program *program)
{
    struct buffer help = {0};
    config_format_help(program->config, &help);
    printf(
        "%s %s\n\n"
        "usage: vega-server [-c FILE] [--set KEY=VALUE] [OPTION...]\n\n"
        "  -c, --config FILE   read settings from this YAML file\n"
        "  --check-config      say whether the settings are good, and end\n"
        "  --sample-config     print a YAML file with all defaults, and end\n"
        "  --version           print the version, and end\n"
        "  --help              print this, and end\n\n"
        "Settings (also in the file, and as VEGA_* in the environment):\n"
        "%.*s",
        program->name, VEGA_VERSION, SLICE_PRINT(buffer_slice(&help)));
    buffer_deinit(&help);
}

static void program_print_sample(const struct program *program)
{
    struct buffer sample = {0};
    config_format_sample(program->config, &sample);
    fwrite(sample.data, 1, sample.size, stdout);
    buffer_deinit(&sample);
}

// Refuses what would let strangers in; see frontend.c for the same at run time.
// And what would let in nobody.
static bool program_check_addresses(struct program *program)
{
    const struct server_settings *settings = &program->settings;
    if (!(settings->port && *settings->bind) && !*settings->unix_socket)
        return program_refuse(program, "there is nothing to listen on: set "
                                       "port and bind, or unix_socket");
    if (!settings->protected_mode || *settings->requirepass || !settings->port)
        return true;
    char *hosts = xstrdup(settings->bind), *rest = hosts, text[512] = "";
    const char *host;
    while ((host = strtok_r(rest, " ", &rest))) {
        if (!host_is_exposed(host))
            continue;
        snprintf(text, sizeof text,
                 "refusing to listen on %s without a password: others could "
                 "reach this server. Set requirepass in the file or "
                 "VEGA_REQUIREPASS, or bind to 127.0.0.1, or turn "
                 "protected_mode off.",
                 host);
        break;
    }
    free(hosts);
    return !*text || program_refuse(program, text);
}

// What remains of the command line: words that end the program, or mistakes.
static bool program_take_words(struct program *program, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--version")) {
            printf("%s %s\n", program->name, VEGA_VERSION);
        } else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            program_print_help(program);
        } else if (!strcmp(argv[i], "--sample-config")) {
            program_print_sample(program);
        } else if (!strcmp(argv[i], "--check-config")) {
            if (program_check_addresses(program))
                printf("%s: the settings are good\n", *program->config_path
                                                          ? program->config_path
                                                          : "defaults");
        } else {
            char text[256];
            snprintf(text, sizeof text, "unknown argument '%.100s'; see --help",
                     argv[i]);
            return program_refuse(program, text);
        }
        return false;
    }
    return true;
}

// Help, version and sample are for those, too, whose settings do not fit.
static bool program_asks_for_words(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "--check-config") != 0;
}

bool program_configure(struct program *program)
{
    int argc = program->argc;
    char **argv = xcalloc((size_t)argc + 1, sizeof *argv);
    memcpy(argv, program->argv, (size_t)argc * sizeof *argv);
    program->config = program_make_config(program, &program->settings);
    program->config_path = "";
    struct config_error error;
    bool go_on;
    if (!program_take_config_path(&argc, argv, &program->config_path))
        go_on = program_refuse(program, "-c needs a file name");
    else if (program_load(program->config, program->config_path, &argc, argv,
                          &error) != STATUS_OK)
        go_on = program_refuse(program, error.text);
    else if (program->configured && !program_asks_for_words(argc, argv) &&
             !program->configured(program, &error))
        go_on = program_refuse(program, error.text);
    else
        go_on = program_take_words(program, argc, argv) &&
                program_check_addresses(program);
    free(argv);
    return go_on;
}

static void program_log_change(void *context, const char *key, bool applied)
{
    struct program *program = context;
    if (applied)
        log_info(&program->log, "setting changed", LOG_TEXT_OF("key", key));
    else
        log_warn(&program->log, "setting needs a restart",
                 LOG_TEXT_OF("key", key));
}

// Reads all sources again, as at the start, into `settings` (and, for the rows
// of the stage, one block of `targets` each).
static enum status program_read_again(struct program *program,
                                      struct config *fresh,
                                      struct server_settings *settings,
                                      void *targets[PROGRAM_ROWS_MAX],
                                      struct config_error *error)
{
    config_add(fresh, server_config_rows, settings);
    for (int i = 0; i < PROGRAM_ROWS_MAX && program->rows[i].rows; i++) {
        targets[i] = xcalloc(1, program->rows[i].target_size);
        config_add(fresh, program->rows[i].rows, targets[i]);
    }
    int argc = program->argc;
    char **argv = xcalloc((size_t)argc + 1, sizeof *argv);
    memcpy(argv, program->argv, (size_t)argc * sizeof *argv);
    const char *path = "";
    program_take_config_path(&argc, argv, &path);
    enum status status = program_load(fresh, path, &argc, argv, error);
    free(argv);
    return status;
}

// Adopts what may change at run time; on any error everything stays as it was.
void program_reload(struct program *program)
{
    struct server_settings settings = {0};
    void *targets[PROGRAM_ROWS_MAX] = {0};
    struct config *fresh = config_create();
    struct config_error error;
    if (program_read_again(program, fresh, &settings, targets, &error) ==
        STATUS_OK) {
        log_info(&program->log, "settings reread",
                 LOG_TEXT_OF("file", program->config_path));
        config_adopt(program->config, fresh, program_log_change, program);
    } else {
        log_error(&program->log, "settings kept",
                  LOG_TEXT_OF("error", error.text));
    }
    config_destroy(fresh);
    for (int i = 0; i < PROGRAM_ROWS_MAX; i++)
        free(targets[i]);
}
