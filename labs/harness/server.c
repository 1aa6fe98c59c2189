// server.c -- starting, watching and ending the graded program.
// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labs/harness/jail.h"
#include "labs/harness/lab.h"
#include "labs/harness/server.h"

enum {
    // Below the ports that the kernel hands out by itself.
    PORT_FIRST = 20000,
    PORT_COUNT = 10000,
    WAIT_MS = 5,
};

static struct sockaddr_in address_of(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static bool port_is_free(uint16_t port)
{
    struct sockaddr_in address = address_of(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        lab_broken("socket");
    bool bound = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return bound;
}

uint16_t server_find_port(void)
{
    for (int tries = 0; tries < 1000; tries++) {
        uint16_t draw;
        if (getrandom(&draw, sizeof draw, 0) != sizeof draw)
            lab_broken("getrandom");
        uint16_t port = (uint16_t)(PORT_FIRST + draw % PORT_COUNT);
        if (port_is_free(port))
            return port;
    }
    errno = EADDRINUSE;
    lab_broken("looking for a free port");
}

pid_t server_spawn_program(const char *const *arguments, int input_fd,
                           int output_fd, int error_fd, bool alone)
{
    pid_t pid = fork();
    if (pid < 0)
        lab_broken("fork");
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(input_fd, 0) < 0 || dup2(output_fd, 1) < 0 ||
        dup2(error_fd, 2) < 0)
        _exit(126);
    // The calls of io_batch_call are to be the graded ones.
    setenv("VEGA_IO_URING", "false", 1);
    jail_enter(alone);
    execv(arguments[0], (char *const *)(uintptr_t)arguments);
    fprintf(stderr, "cannot start %s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

void server_spawn(struct lab *lab, const char *const *arguments, int input_fd)
{
    if (lab->output_fd > 0)
        close(lab->output_fd);
    lab->output_fd = memfd_create("printed", MFD_CLOEXEC);
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (lab->output_fd < 0 || null_fd < 0)
        lab_broken("server");
    lab->pid =
        server_spawn_program(arguments, input_fd < 0 ? null_fd : input_fd,
                             input_fd < 0 ? lab->output_fd : input_fd,
                             lab->output_fd, !lab->is_foreign);
    close(null_fd);
}

int server_connect(uint16_t port, int receive_size)
{
    struct sockaddr_in address = address_of(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        lab_broken("socket");
    if (receive_size)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_size,
                   sizeof receive_size);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void spawn_server(struct lab *lab)
{
    char port[8];
    snprintf(port, sizeof port, "%u", lab->port);
    bool remembers = lab->data[0] != '\0';
    server_spawn(lab,
                 (const char *[]){lab->server, "--port", port,
                                  remembers ? "--data-dir" : NULL, lab->data,
                                  NULL},
                 -1);
}

bool lab_has_ended(const struct lab *lab)
{
    siginfo_t info = {0};
    waitid(P_PID, (id_t)lab->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid == lab->pid;
}

void lab_check_alive(struct lab *lab)
{
    if (lab_has_ended(lab))
        lab_fail(lab, "your server ended");
}

// Whoever is connected may still wait for ever: for a server that waits itself.
static void expect_first_answer(struct lab *lab, int fd)
{
    static const char ping[] = "*1\r\n$4\r\nPING\r\n";
    char answer[64];
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    send(fd, ping, sizeof ping - 1, MSG_NOSIGNAL);
    if (poll(&poll_fd, 1, LAB_SILENCE_MS) == 0)
        lab_fail(lab,
                 "your server listens, and does not answer its first PING in "
                 "%d s:\n            does it wait in accept(2), for the client "
                 "after this one, or\n            in recv(2)? Or does it never "
                 "read?",
                 LAB_SILENCE_MS / 1000);
    recv(fd, answer, sizeof answer, 0);
    close(fd);
}

bool lab_try_start_again(struct lab *lab)
{
    spawn_server(lab);
    for (int waited_ms = 0; waited_ms < LAB_SILENCE_MS; waited_ms += WAIT_MS) {
        int fd = server_connect(lab->port, 0);
        if (fd >= 0) {
            expect_first_answer(lab, fd);
            return true;
        }
        if (lab_has_ended(lab))
            return false;
        poll(NULL, 0, WAIT_MS);
    }
    lab_fail(lab, "nobody listens on 127.0.0.1:%u after %d s", lab->port,
             LAB_SILENCE_MS / 1000);
}

void lab_start_again(struct lab *lab)
{
    if (!lab_try_start_again(lab))
        lab_fail(lab, "your server ended");
}

void lab_start(struct lab *lab)
{
    lab->port = server_find_port();
    lab_start_again(lab);
}

// The runner knows no more of a case than its number.
static void format_data_name(char *name, size_t size, pid_t pid)
{
    snprintf(name, size, "/tmp/vega-lab-%d", (int)pid);
}

void server_make_data(struct lab *lab)
{
    format_data_name(lab->data, sizeof lab->data, getpid());
    if (mkdir(lab->data, 0700) != 0)
        lab_broken(lab->data);
}

void lab_start_with_data(struct lab *lab)
{
    server_make_data(lab);
    lab_start(lab);
}

static int remove_entry(const char *path, const struct stat *stat, int type,
                        struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

void server_remove_data(pid_t pid)
{
    char path[PATH_MAX];
    format_data_name(path, sizeof path, pid);
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

// Waits for the end of the server; -1 when it does not come.
static int wait_for_end(struct lab *lab)
{
    int status;
    for (int waited_ms = 0; waited_ms < LAB_SILENCE_MS; waited_ms += WAIT_MS) {
        if (waitpid(lab->pid, &status, WNOHANG) == lab->pid) {
            lab->pid = 0;
            return status;
        }
        poll(NULL, 0, WAIT_MS);
    }
    return -1;
}

int lab_stop(struct lab *lab)
{
    lab_check_alive(lab);
    kill(lab->pid, SIGTERM);
    int status = wait_for_end(lab);
    if (status < 0)
        lab_fail(lab, "SIGTERM did not end your server within %d s",
                 LAB_SILENCE_MS / 1000);
    return status;
}

void lab_kill(struct lab *lab)
{
    lab_check_alive(lab);
    kill(lab->pid, SIGKILL);
    wait_for_end(lab);
}

int lab_run_refused(struct lab *lab, const char *config, struct text *printed)
{
    char path[] = "/tmp/vega-lab-XXXXXX";
    int fd = mkstemp(path);
    size_t size = strlen(config);
    if (fd < 0 || write(fd, config, size) != (ssize_t)size)
        lab_broken(path);
    close(fd);
    server_spawn(lab, (const char *[]){lab->server, "--config", path, NULL},
                 -1);
    int status = wait_for_end(lab);
    unlink(path);
    if (status < 0)
        lab_fail(lab, "your server runs on with a broken file of settings");
    char chunk[4096];
    ssize_t got = pread(lab->output_fd, chunk, sizeof chunk, 0);
    text_add(printed, (struct bytes){chunk, got > 0 ? (size_t)got : 0});
    return status;
}

size_t lab_open_files(struct lab *lab)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", lab->pid);
    DIR *directory = opendir(path);
    if (!directory)
        lab_broken(path);
    size_t count = 0;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

size_t lab_resident_bytes(struct lab *lab)
{
    char path[64];
    unsigned long all, resident;
    snprintf(path, sizeof path, "/proc/%d/statm", lab->pid);
    FILE *file = fopen(path, "re");
    if (!file || fscanf(file, "%lu %lu", &all, &resident) != 2)
        lab_broken(path);
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}
