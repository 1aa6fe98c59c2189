// playground.c -- a cluster on this machine to try out: the lives of its nodes.
// SPDX-License-Identifier: MIT
#include "common/client/playground.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/client/playground_load.h"
#include "common/client/playground_process.h"

enum {
    FIRST_CLUSTER_STAGE = 3,
    STARTS_MAX = 5, // With other ports each time.
    START_MS = 60 * 1000,
    STOP_MS = 5 * 1000,
    LOOK_MS = 20,     // Between two looks at what has no event.
    DEATH_LINES = 10, // Of its log, when a node dies.
};

bool playground_is_cluster(const struct playground *self)
{
    return self->place.stage >= FIRST_CLUSTER_STAGE;
}

bool playground_refuse(struct playground *self, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buffer_vprintf(&self->news, format, args);
    va_end(args);
    buffer_append_byte(&self->news, '\n');
    return false;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// ---- What happens

static void tell_death(struct playground *self, struct playground_node *node,
                       pid_t pid, int status)
{
    if (WIFSIGNALED(status))
        buffer_printf(&self->news, "%s (pid %d) died: %s", node->id, (int)pid,
                      strsignal(WTERMSIG(status)));
    else
        buffer_printf(&self->news, "%s (pid %d) ended with exit code %d",
                      node->id, (int)pid, WEXITSTATUS(status));
    buffer_printf(&self->news, "; the last lines of %s:\n", node->log);
    playground_append_tail(node->log, node->log_start, DEATH_LINES,
                           &self->news);
}

static void note_end(struct playground *self, pid_t pid, int status)
{
    for (size_t i = 0; i < self->count; i++) {
        struct playground_node *node = &self->nodes[i];
        if (node->pid == pid) {
            node->pid = 0;
            node->paused = false;
            if (!node->dismissed)
                tell_death(self, node, pid, status);
        } else if (node->load == pid) {
            node->load = 0;
            playground_load_tell(self, node);
        }
    }
}

static void take_signals(struct playground *self)
{
    struct signalfd_siginfo info;
    while (read(self->signals, &info, sizeof info) == sizeof info)
        self->ending |= info.ssi_signo != SIGCHLD;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        note_end(self, pid, status);
}

bool playground_watch(struct playground *self, int input, int timeout_ms)
{
    struct pollfd wanted[] = {{.fd = self->signals, .events = POLLIN},
                              {.fd = input, .events = POLLIN}};
    if (poll(wanted, 2, timeout_ms) <= 0)
        return false;
    if (wanted[0].revents)
        take_signals(self);
    return wanted[1].revents;
}

static bool open_signals(struct playground *self)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGHUP);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    signal(SIGPIPE, SIG_IGN); // Nobody reads: the nodes are ended all the same.
    self->signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    return self->signals >= 0;
}

// ---- Starts and ends

static bool start_node(struct playground *self, struct playground_node *node)
{
    const struct playground_place *place = &self->place;
    char *port = playground_text("%u", node->port);
    const char *const alone[] = {place->server, "--port", port, NULL};
    const char *const member[] = {place->server, "-c",     "cluster.yaml",
                                  "--node",      node->id, NULL};
    node->log_start = playground_file_size(node->log);
    node->dismissed = false;
    node->pid =
        playground_process_start(place->directory, node->log,
                                 playground_is_cluster(self) ? member : alone);
    int error = errno;
    free(port);
    if (node->pid > 0)
        return true;
    node->pid = 0;
    return playground_refuse(self, "%s cannot be started: %s", node->id,
                             strerror(error));
}

// One that stands still goes on, in order to end.
static void dismiss(struct playground_node *node, int signal_number)
{
    node->dismissed = true;
    if (!node->pid)
        return;
    kill(node->pid, signal_number);
    kill(node->pid, SIGCONT);
}

// Whether it ended in time. (A server that is told twice does not finish what
// it does.)
static bool wait_for_end(struct playground *self, struct playground_node *node)
{
    int64_t end_ms = now_ms() + STOP_MS;
    while (node->pid && now_ms() < end_ms)
        playground_watch(self, -1, LOOK_MS);
    return !node->pid;
}

static bool kill_node(struct playground *self, struct playground_node *node)
{
    dismiss(node, SIGKILL);
    return wait_for_end(self, node);
}

static bool end_node(struct playground *self, struct playground_node *node)
{
    dismiss(node, SIGTERM);
    return wait_for_end(self, node) || kill_node(self, node);
}

static void end_load(struct playground *self, struct playground_node *node)
{
    if (node->load)
        kill(node->load, SIGKILL);
    while (node->load)
        playground_watch(self, -1, LOOK_MS);
}

// All of them are told first, then waited for.
static void end_nodes(struct playground *self)
{
    for (size_t i = 0; i < self->count; i++)
        dismiss(&self->nodes[i], SIGTERM);
    for (size_t i = 0; i < self->count; i++) {
        struct playground_node *node = &self->nodes[i];
        end_load(self, node);
        if (!wait_for_end(self, node))
            kill_node(self, node);
        vega_close(node->v);
        node->v = NULL;
    }
}

static bool is_any_dead(const struct playground *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (!self->nodes[i].pid)
            return true;
    }
    return false;
}

static bool are_all_ready(struct playground *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (!playground_is_ready(self, &self->nodes[i]))
            return false;
    }
    return true;
}

// Draws ports and starts all nodes.
static bool start_nodes(struct playground *self)
{
    struct playground_address addresses[PLAYGROUND_NODES_MAX];
    for (size_t i = 0; i < self->count; i++) {
        struct playground_node *node = &self->nodes[i];
        node->port = playground_free_port(&self->next_port);
        node->peer_port = playground_free_port(&self->next_port);
        if (!node->port || !node->peer_port)
            return playground_refuse(self, "no ports are free");
        addresses[i] =
            (struct playground_address){node->id, node->port, node->peer_port};
    }
    if (playground_is_cluster(self) &&
        !playground_place_write(&self->place, addresses, self->count))
        return false;
    for (size_t i = 0; i < self->count; i++) {
        if (!start_node(self, &self->nodes[i]))
            return false;
    }
    return true;
}

// False: one died, it took too long, or the user wants to go.
static bool wait_for_all(struct playground *self)
{
    int64_t end_ms = now_ms() + START_MS;
    while (!self->ending && !is_any_dead(self)) {
        if (are_all_ready(self))
            return true;
        if (now_ms() > end_ms)
            return playground_refuse(
                self, "the nodes do not see each other after %d s",
                START_MS / 1000);
        playground_watch(self, -1, LOOK_MS);
    }
    return false;
}

// Whether a port that was free a moment ago is somebody's by now.
static bool is_port_taken(struct playground *self)
{
    static const char taken[] = "Address already in use";
    const struct buffer *news = &self->news;
    return is_any_dead(self) &&
           memmem(news->data, news->size, taken, sizeof taken - 1);
}

bool playground_start(struct playground *self, size_t count)
{
    check(count <= PLAYGROUND_NODES_MAX);
    if (!open_signals(self))
        return playground_refuse(self, "no signals are to be had: %s",
                                 strerror(errno));
    self->count = count;
    for (size_t i = 0; i < count; i++) {
        struct playground_node *node = &self->nodes[i];
        snprintf(node->id, sizeof node->id, "n%u", (unsigned)(i + 1));
        node->log =
            playground_text("%s/%s.log", self->place.directory, node->id);
    }
    for (int starts = 1;; starts++) {
        if (start_nodes(self) && wait_for_all(self))
            return true;
        if (self->ending || starts == STARTS_MAX || !is_port_taken(self))
            return false;
        end_nodes(self);
        buffer_clear(&self->news);
    }
}

void playground_end(struct playground *self)
{
    end_nodes(self);
    for (size_t i = 0; i < self->count; i++) {
        free(self->nodes[i].log);
        free(self->nodes[i].load_file);
    }
    close(self->signals);
    buffer_deinit(&self->news);
}

// ---- Orders

bool playground_kill(struct playground *self, struct playground_node *node)
{
    if (!node->pid)
        return playground_refuse(self, "%s is dead already", node->id);
    return kill_node(self, node) ||
           playground_refuse(self, "%s does not end", node->id);
}

// False: it died, it took too long, or the user wants to go.
static bool wait_for_one(struct playground *self, struct playground_node *node)
{
    int64_t end_ms = now_ms() + START_MS;
    bool knows_cuts = false;
    while (node->pid && !self->ending) {
        if (!knows_cuts && playground_is_up(node)) {
            knows_cuts = playground_apply_cuts(self, node);
            if (!knows_cuts)
                return false;
        }
        if (knows_cuts && playground_is_ready(self, node))
            return true;
        if (now_ms() > end_ms)
            return playground_refuse(self, "%s is not ready after %d s",
                                     node->id, START_MS / 1000);
        playground_watch(self, -1, LOOK_MS);
    }
    return false;
}

bool playground_restart(struct playground *self, struct playground_node *node)
{
    if (!end_node(self, node))
        return playground_refuse(self, "%s does not end", node->id);
    return start_node(self, node) && wait_for_one(self, node);
}

bool playground_pause(struct playground *self, struct playground_node *node)
{
    if (!node->pid || node->paused)
        return playground_refuse(self, "%s does not run", node->id);
    node->paused = true;
    return kill(node->pid, SIGSTOP) == 0;
}

bool playground_resume(struct playground *self, struct playground_node *node)
{
    if (!node->paused)
        return playground_refuse(self, "%s is not paused", node->id);
    node->paused = false;
    kill(node->pid, SIGCONT);
    return playground_apply_cuts(self, node);
}
