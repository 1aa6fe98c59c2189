// subject.c -- schedules to the subject, traces back.
//
// The end of a run is believed only with the nonce that came with its schedule.
// SPDX-License-Identifier: MIT
#include "labs/harness/subject.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labs/harness/lab.h"
#include "labs/harness/server.h"

enum {
    CHUNK = 64 * 1024,
    TRACE_MAX = 64 * 1024 * 1024,
    GRACE_MS = 2000,
    STEP_MS = 5,
};

static void spawn(struct subject *subject)
{
    int ends[2];
    if (subject->printed_fd > 0)
        close(subject->printed_fd);
    subject->printed_fd = memfd_create("printed", MFD_CLOEXEC);
    if (subject->printed_fd < 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        lab_broken("subject");
    subject->pid =
        server_spawn_program((const char *[]){subject->path, NULL}, ends[1],
                             ends[1], subject->printed_fd, true);
    close(ends[1]);
    subject->fd = ends[0];
}

void subject_restart(struct subject *subject)
{
    if (!subject->pid)
        return;
    close(subject->fd);
    kill(subject->pid, SIGKILL);
    waitpid(subject->pid, NULL, 0);
    subject->pid = 0;
}

void subject_deinit(struct subject *subject)
{
    subject_restart(subject);
    if (subject->printed_fd > 0)
        close(subject->printed_fd);
    subject->printed_fd = 0;
}

static void make_nonce(struct subject *subject)
{
    unsigned char bytes[SUBJECT_NONCE_SIZE / 2];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        lab_broken("getrandom");
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(subject->nonce + 2 * i, 3, "%02x", bytes[i]);
}

// One that is gone does not hear it; subject_end finds that out.
static void send_all(int fd, struct bytes bytes)
{
    while (bytes.size) {
        ssize_t size = send(fd, bytes.data, bytes.size, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return;
        bytes.data += size;
        bytes.size -= (size_t)size;
    }
}

void subject_begin(struct subject *subject, const struct schedule *schedule)
{
    struct text message = {0};
    if (!subject->pid)
        spawn(subject);
    make_nonce(subject);
    schedule_write(schedule, &message);
    text_printf(&message, "nonce %s\nrun\n", subject->nonce);
    send_all(subject->fd, text_bytes(&message));
    text_deinit(&message);
}

// True when the last line is the end of this run; it is taken away.
static bool take_end(const struct subject *subject, struct text *text)
{
    if (!text->size || text->data[text->size - 1] != '\n')
        return false;
    size_t begin = text->size - 1;
    while (begin && text->data[begin - 1] != '\n')
        begin--;
    struct text expected = {0};
    text_printf(&expected, "F %s ", subject->nonce);
    struct bytes front = {text->data + begin, text->size - begin};
    if (front.size > expected.size)
        front.size = expected.size;
    bool found =
        bytes_first_difference(front, text_bytes(&expected)) == SIZE_MAX;
    text_deinit(&expected);
    if (found)
        text->data[text->size = begin] = '\0';
    return found;
}

// One that is dying by itself gets the time for it: its status tells how.
static void bury(struct subject *subject, int grace_ms)
{
    bool gone = false;
    for (int ms = 0; ms < grace_ms && !gone; ms += STEP_MS) {
        gone = waitpid(subject->pid, &subject->status, WNOHANG) == subject->pid;
        if (!gone)
            poll(NULL, 0, STEP_MS);
    }
    if (!gone) {
        kill(subject->pid, SIGKILL);
        waitpid(subject->pid, &subject->status, 0);
    }
    subject->pid = 0;
}

void subject_end(struct subject *subject, struct trace *trace)
{
    static char chunk[CHUNK];
    trace_clear(trace);
    for (;;) {
        struct pollfd poll_fd = {.fd = subject->fd, .events = POLLIN};
        int ready = poll(&poll_fd, 1, SUBJECT_ENDLESS_MS);
        if (ready < 0 && errno == EINTR)
            continue;
        ssize_t size = ready > 0 ? read(subject->fd, chunk, sizeof chunk) : 0;
        if (ready > 0 && size > 0 && trace->text.size < TRACE_MAX) {
            text_add(&trace->text, (struct bytes){chunk, (size_t)size});
            if (!take_end(subject, &trace->text))
                continue;
            trace_parse(trace);
            return;
        }
        trace->end = ready > 0 && size <= 0 ? TRACE_ENDED : TRACE_ENDLESS;
        break;
    }
    trace_parse(trace);
    close(subject->fd);
    bury(subject, trace->end == TRACE_ENDED ? GRACE_MS : 0);
}
