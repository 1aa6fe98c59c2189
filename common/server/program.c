// program.c -- the real world around a node: its start, its service, its end.
// SPDX-License-Identifier: MIT
#include "common/server/program_private.h"

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
#include "common/net/io_batch.h"
#include "common/server/frontend.h"

enum {
    // How long clients have to take their last replies when the node stops.
    PROGRAM_STOP_US = 5 * 1000 * 1000,
    // And the node itself, with a slow disk, to finish.
    PROGRAM_FINISH_US = 60 * 1000 * 1000,
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

static void program_close_log(struct program *program)
{
    if (program->log.fd != STDERR_FILENO)
        close(program->log.fd);
}

// Containers often forbid it; then every call is one of its own.
static void program_use_uring(struct program *program)
{
    if (program->settings.io_uring &&
        !io_batch_use_uring(loop_batch(program->loop)))
        log_info(&program->log, "io_uring not to be had",
                 LOG_TEXT_OF("instead", "one system call a receive or send"));
}

bool program_start(struct program *program, int argc, char **argv)
{
    program->argc = argc;
    program->argv = argv;
    if (!program_configure(program) || !program_open_log(program))
        goto destroy_config;
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
    program_use_uring(program);
    if ((program->prepare && !program->prepare(program)) ||
        !program_open_world(program))
        goto destroy_loop;
    return true;

destroy_loop:
    loop_destroy(program->loop);
    program_close_log(program);
destroy_config:
    config_destroy(program->config);
    return false;
}

struct serving {
    struct program *program;
    struct frontend *frontend;
    struct loop_source signals;
    struct env_timer deadline;
    bool stopping, overdue;
};

static void serving_apply(void *context)
{
    struct program *program = context;
    program->log.level = (enum log_level)program->settings.log_level;
    program->log.format = (enum log_format)program->settings.log_format;
}

static void serving_stop(struct serving *serving)
{
    if (serving->stopping) { // Asked again: do not wait for this any longer.
        serving->overdue = true;
        return;
    }
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
            program_reload(serving->program);
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
static void serving_info_cpu(struct info *info, int who, const char *suffix)
{
    struct rusage usage;
    char field[32];
    getrusage(who, &usage);
    snprintf(field, sizeof field, "used_cpu_sys%s", suffix);
    info_field(info, field, "%ld.%06ld", usage.ru_stime.tv_sec,
               usage.ru_stime.tv_usec);
    snprintf(field, sizeof field, "used_cpu_user%s", suffix);
    info_field(info, field, "%ld.%06ld", usage.ru_utime.tv_sec,
               usage.ru_utime.tv_usec);
}

static void serving_world_info(struct server *server, struct info *info)
{
    (void)server;
    struct utsname system = {0};
    uname(&system);
    info_section(info, "Server", false);
    info_field(info, "os", "%s %s %s", system.sysname, system.release,
               system.machine);
    info_field(info, "process_id", "%ld", (long)getpid());
    info_section(info, "CPU", false);
    serving_info_cpu(info, RUSAGE_SELF, "");
    serving_info_cpu(info, RUSAGE_CHILDREN, "_children");
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
    for (;;) {
        if (server->stopping && !serving->stopping) // By itself, or SHUTDOWN.
            serving_stop(serving);
        if (serving->overdue ||
            (serving->stopping && frontend_is_idle(serving->frontend)))
            return;
        loop_run_once(serving->program->loop, -1);
    }
}

// Without clients: nothing new comes while the node ends what it has begun.
static void serving_finish(struct serving *serving)
{
    struct program *program = serving->program;
    if (!program->finish)
        return;
    serving->overdue = false;
    env_timer_start(program->env, &serving->deadline, PROGRAM_FINISH_US);
    while (!program->finish(program->node)) {
        if (serving->overdue) {
            log_warn(&program->log, "stopping unfinished");
            return;
        }
        loop_run_once(program->loop, -1);
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
    int64_t cut_off = (int64_t)server->session_count;
    frontend_destroy(serving.frontend);
    serving_finish(&serving);
    log_info(&program->log, "stopped", LOG_INT_OF("clients_cut_off", cut_off));
    loop_remove(program->loop, &serving.signals);
    close(serving.signals.fd);
    env_timer_stop(program->env, &serving.deadline);
}

int program_end(struct program *program)
{
    env_posix_destroy(program->env);
    loop_destroy(program->loop);
    config_destroy(program->config);
    program_close_log(program);
    return program->exit_code;
}
