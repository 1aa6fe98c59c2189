// program.c -- the real world around a node.
// SPDX-License-Identifier: MIT
#include "common/server/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/env/env_posix.h"
#include "common/net/listener.h"
#include "common/server/frontend.h"

enum {
    PROGRAM_EXIT_USAGE = 2,
    // How long clients have to take their last replies when the node stops.
    PROGRAM_STOP_US = 5 * 1000 * 1000,
    // Descriptors beyond those of clients: listeners, logs, data files, peers.
    PROGRAM_SPARE_DESCRIPTORS = 128,
};

static int64_t program_wall_us(void *context)
{
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool program_refuse(struct program *program, const char *text)
{
    fprintf(stderr, "vega-server: %s\n", text);
    program->exit_code = PROGRAM_EXIT_USAGE;
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
static bool program_check_protection(struct program *program)
{
    const struct server_settings *settings = &program->settings;
    if (!settings->protected_mode || *settings->requirepass || !settings->port)
        return true;
    char *hosts = xstrdup(settings->bind), *rest = hosts, text[512] = "";
    const char *host;
    while ((host = strtok_r(rest, " ", &rest))) {
        if (host_is_loopback(host))
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
            if (program_check_protection(program))
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

static bool program_configure(struct program *program)
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
    else
        go_on = program_take_words(program, argc, argv) &&
                program_check_protection(program);
    free(argv);
    return go_on;
}

// Raises the limit of open files to what clients_max needs, as far as allowed.
static void program_raise_limits(struct program *program)
{
    struct rlimit limit;
    rlim_t wanted =
        (rlim_t)program->settings.clients_max + PROGRAM_SPARE_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    if (limit.rlim_max < wanted)
        log_warn(&program->log, "fewer clients possible than configured",
                 LOG_INT_OF("open_files_max", (int64_t)limit.rlim_max),
                 LOG_INT_OF("needed", (int64_t)wanted));
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static bool program_open_log(struct program *program)
{
    const struct server_settings *settings = &program->settings;
    int fd = STDERR_FILENO;
    if (*settings->log_file) {
        fd = open(settings->log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                  0644);
        if (fd < 0) {
            char text[512];
            snprintf(text, sizeof text, "cannot open log_file %s: %s",
                     settings->log_file, strerror(errno));
            return program_refuse(program, text);
        }
    }
    program->log = (struct logger){
        .level = (enum log_level)settings->log_level,
        .format = (enum log_format)settings->log_format,
        .fd = fd,
        .wall_us = program_wall_us,
    };
    return true;
}

bool program_start(struct program *program, int argc, char **argv)
{
    program->argc = argc;
    program->argv = argv;
    if (!program_configure(program) || !program_open_log(program)) {
        config_destroy(program->config);
        return false;
    }
    // Before any thread: all of them leave these signals to the loop.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);

    program_raise_limits(program);
    program->loop = loop_create();
    program->env =
        env_posix_create(program->loop, &(struct env_posix_options){0});
    check(program->env);
    return true;
}

struct serving {
    struct program *program;
    struct frontend *frontend;
    struct loop_source signals;
    struct env_timer deadline;
    bool stopping, overdue;
};

static void serving_log_change(void *context, const char *key, bool applied)
{
    struct program *program = context;
    if (applied)
        log_info(&program->log, "setting changed", LOG_TEXT_OF("key", key));
    else
        log_warn(&program->log, "setting needs a restart",
                 LOG_TEXT_OF("key", key));
}

static void serving_apply(void *context)
{
    struct program *program = context;
    program->log.level = (enum log_level)program->settings.log_level;
    program->log.format = (enum log_format)program->settings.log_format;
}

// Reads all sources again, as at the start, into `settings` (and, for the rows
// of the stage, one block of `targets` each).
static enum status serving_read_again(struct program *program,
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
static void serving_reload(struct program *program)
{
    struct server_settings settings = {0};
    void *targets[PROGRAM_ROWS_MAX] = {0};
    struct config *fresh = config_create();
    struct config_error error;
    if (serving_read_again(program, fresh, &settings, targets, &error) ==
        STATUS_OK) {
        log_info(&program->log, "settings reread",
                 LOG_TEXT_OF("file", program->config_path));
        config_adopt(program->config, fresh, serving_log_change, program);
    } else {
        log_error(&program->log, "settings kept",
                  LOG_TEXT_OF("error", error.text));
    }
    config_destroy(fresh);
    for (int i = 0; i < PROGRAM_ROWS_MAX; i++)
        free(targets[i]);
}

static void serving_stop(struct serving *serving)
{
    if (serving->stopping) // Asked twice: do not wait for anybody.
        serving->overdue = true;
    serving->stopping = true;
    env_timer_start(serving->program->env, &serving->deadline, PROGRAM_STOP_US);
    frontend_stop(serving->frontend);
}

static void serving_overdue(struct env_timer *timer)
{
    container_of(timer, struct serving, deadline)->overdue = true;
}

static void serving_signal(struct loop_source *source, unsigned events)
{
    (void)events;
    struct serving *serving = container_of(source, struct serving, signals);
    struct signalfd_siginfo info;
    while (read(source->fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGHUP) {
            serving_reload(serving->program);
            continue;
        }
        log_info(&serving->program->log, "stopping",
                 LOG_TEXT_OF("signal",
                             info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT"));
        serving_stop(serving);
    }
}

static void serving_watch_signals(struct serving *serving)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    serving->signals.fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    check(serving->signals.fd >= 0);
    serving->signals.ready = serving_signal;
    loop_add(serving->program->loop, &serving->signals, LOOP_READ);
}

// Only the process itself can know.
static void serving_world_info(struct server *server, struct info *info)
{
    (void)server;
    struct utsname system = {0};
    uname(&system);
    info_section(info, "Server", false);
    info_field(info, "os", "%s %s %s", system.sysname, system.release,
               system.machine);
    info_field(info, "process_id", "%ld", (long)getpid());
    struct rusage self;
    getrusage(RUSAGE_SELF, &self);
    info_section(info, "CPU", false);
    info_field(info, "used_cpu_sys", "%ld.%06ld", self.ru_stime.tv_sec,
               self.ru_stime.tv_usec);
    info_field(info, "used_cpu_user", "%ld.%06ld", self.ru_utime.tv_sec,
               self.ru_utime.tv_usec);
    info_section(info, "Memory", false);
    info_field(info, "mem_allocator", "%s", memory_allocator_name());
}

static void serving_world_memory(struct server *server,
                                 struct world_memory *memory)
{
    (void)server;
    memory->allocated = memory_allocated();
    memory->resident = memory_resident();
}

static void serving_loop(struct serving *serving, struct server *server)
{
    struct program *program = serving->program;
    while (!serving->overdue &&
           !(serving->stopping && frontend_is_idle(serving->frontend))) {
        loop_run_once(program->loop, -1);
        if (server->stopping && !serving->stopping) // SHUTDOWN
            serving_stop(serving);
    }
}

void program_serve(struct program *program, struct server *server)
{
    struct serving serving = {
        .program = program,
        .deadline = {.fire = serving_overdue},
    };
    char error[256];
    serving.frontend = frontend_create(server, program->loop, error);
    if (!serving.frontend) {
        char text[512];
        snprintf(text, sizeof text,
                 "%s; choose another address with --port, --bind or "
                 "--unix-socket",
                 error);
        program_refuse(program, text);
        return;
    }
    server->world_info = serving_world_info;
    server->world_memory = serving_world_memory;
    config_on_change(program->config, serving_apply, program);
    serving_watch_signals(&serving);
    log_info(&program->log, "ready", LOG_TEXT_OF("program", program->name),
             LOG_TEXT_OF("version", VEGA_VERSION), LOG_INT_OF("pid", getpid()));
    serving_loop(&serving, server);
    log_info(&program->log, "stopped",
             LOG_INT_OF("clients_cut_off", (int64_t)server->session_count));
    loop_remove(program->loop, &serving.signals);
    close(serving.signals.fd);
    env_timer_stop(program->env, &serving.deadline);
    frontend_destroy(serving.frontend);
}

int program_end(struct program *program)
{
    env_posix_destroy(program->env);
    loop_destroy(program->loop);
    config_destroy(program->config);
    if (program->log.fd != STDERR_FILENO)
        close(program->log.fd);
    return program->exit_code;
}
