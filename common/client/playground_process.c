// playground_process.c -- processes, ports and logs.
// SPDX-License-Identifier: MIT
#include "common/client/playground_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/memory.h"

enum {
    EXIT_UNSTARTED = 127, // As of a shell.
    // Below those that Linux gives to connections: else a node that dials a
    // dead one could be given the very port that this one comes back to.
    PORT_FIRST = 20000,
    PORT_COUNT = 12000,
    TAIL_READ_MAX = 1024 * 1024,
};

char *playground_text(const char *format, ...)
{
    struct buffer text = {0};
    va_list args;
    va_start(args, format);
    buffer_vprintf(&text, format, args);
    va_end(args);
    buffer_append_byte(&text, '\0');
    return text.data;
}

// ---- Processes

// What the playground changed for itself is not for others.
static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
}

static _Noreturn void run_child(pid_t parent, const char *directory,
                                const char *log, const char *const *argv)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) // It died before that call.
        _exit(EXIT_UNSTARTED);
    setpgid(0, 0);
    reset_signals();
    int input = open("/dev/null", O_RDONLY);
    int output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    if (chdir(directory) == 0)
        execv(argv[0], (char *const *)argv);
    perror(argv[0]);
    _exit(EXIT_UNSTARTED);
}

pid_t playground_process_start(const char *directory, const char *log,
                               const char *const *argv)
{
    fflush(stdout); // Or the child would have it, too.
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        run_child(parent, directory, log, argv);
    return pid;
}

// ---- Logs

static void append_tail(struct slice text, size_t lines, struct buffer *out)
{
    size_t at = text.size;
    if (!text.size)
        return;
    while (at > 0 &&
           (text.data[at - 1] != '\n' || at == text.size || lines-- > 1))
        at--;
    buffer_append(out, text.data + at, text.size - at);
    if (text.data[text.size - 1] != '\n')
        buffer_append_byte(out, '\n');
}

void playground_append_tail(const char *path, off_t from, size_t lines,
                            struct buffer *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    off_t end = lseek(fd, 0, SEEK_END);
    if (end - from > TAIL_READ_MAX)
        from = end - TAIL_READ_MAX;
    if (end > from) {
        char *text = xmalloc((size_t)(end - from));
        ssize_t size = pread(fd, text, (size_t)(end - from), from);
        append_tail((struct slice){text, size > 0 ? (size_t)size : 0}, lines,
                    out);
        free(text);
    }
    close(fd);
}

off_t playground_file_size(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 ? found.st_size : 0;
}

// ---- Ports

static bool is_free(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool bound = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return bound;
}

uint16_t playground_free_port(uint16_t *next)
{
    if (!*next && getrandom(next, sizeof *next, 0) != sizeof *next)
        *next = 1;
    for (int tries = 0; tries < PORT_COUNT; tries++) {
        uint16_t port = (uint16_t)(PORT_FIRST + *next % PORT_COUNT);
        *next = (uint16_t)(port - PORT_FIRST + 1);
        if (is_free(port))
            return port;
    }
    return 0;
}
