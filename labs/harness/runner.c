// runner.c -- one case: fork, wait for its verdict, leave nothing behind.
//
// The graded program is a child of the case. It inherits neither the pipe nor
// the nonce, so nothing that it prints, and no status that it exits with, is
// taken for a verdict. All of them are one process group, which is killed when
// the case is over, and the graded program dies with its case in any event.
// SPDX-License-Identifier: MIT
#include "labs/harness/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "labs/harness/server.h"

enum { STORY_MAX = 64 * 1024 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static _Noreturn void run_case(const struct graded *graded,
                               const struct lab_case *of, int fd,
                               const unsigned char *nonce)
{
    struct lab lab = {
        .current = of,
        .server = graded->server,
        .store = graded->store,
        .subject = graded->subject,
        .first_seed = graded->first_seed,
        .last_seed = graded->last_seed,
        .until_fail = graded->until_fail,
        .out = graded->out,
        .number = graded->number,
        .is_foreign = graded->is_foreign,
        .verbose = graded->verbose,
        .verdict_fd = fd,
    };
    memcpy(lab.nonce, nonce, LAB_NONCE_SIZE);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    of->run(&lab);
    lab_pass(&lab);
}

// All that the case writes until it closes the pipe. False at the guard's time.
static bool read_verdict(int fd, int64_t end_ms, struct text *message)
{
    char chunk[4096];
    for (;;) {
        int64_t left_ms = end_ms - now_ms();
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        if (left_ms <= 0 || poll(&poll_fd, 1, (int)left_ms) == 0)
            return false;
        ssize_t size = read(fd, chunk, sizeof chunk);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0 || message->size > STORY_MAX)
            return true;
        text_add(message, (struct bytes){chunk, (size_t)size});
    }
}

// True for a message that begins with the nonce and a verdict.
static bool is_genuine(const struct text *message, const unsigned char *nonce)
{
    struct bytes expected = {(const char *)nonce, LAB_NONCE_SIZE};
    struct bytes got = {message->data, LAB_NONCE_SIZE};
    return message->size > LAB_NONCE_SIZE + sizeof(struct lab_tally) &&
           bytes_first_difference(expected, got) == SIZE_MAX;
}

static void judge(struct outcome *outcome, const struct text *message,
                  bool in_time, const unsigned char *nonce, int case_seconds)
{
    if (!in_time) {
        outcome->verdict = VERDICT_FAILED;
        text_printf(&outcome->story,
                    "  RULE      %s\n  HAPPENED  not over after %d s: an "
                    "endless loop? (the guard; this is not a limit on speed)\n",
                    outcome->of->rule, case_seconds);
    } else if (!is_genuine(message, nonce)) {
        outcome->verdict = VERDICT_BROKEN;
        text_printf(&outcome->story,
                    "  HAPPENED  the grader's own process ended without a "
                    "verdict: this is not your fault\n");
    } else {
        outcome->verdict = message->data[LAB_NONCE_SIZE] == 'P'
                               ? VERDICT_PASSED
                               : VERDICT_FAILED;
        memcpy(&outcome->tally, message->data + LAB_NONCE_SIZE + 1,
               sizeof outcome->tally);
        size_t begin = LAB_NONCE_SIZE + 1 + sizeof outcome->tally;
        text_add(&outcome->story,
                 (struct bytes){message->data + begin, message->size - begin});
    }
}

// One that runs many seeds has a guard for each of them besides.
static int64_t guard_ms(const struct graded *graded, const struct lab_case *of)
{
    uint64_t seeds = graded->last_seed - graded->first_seed + 1;
    return (int64_t)graded->case_seconds * 1000 +
           (of->is_seeded ? (int64_t)seeds * 1000 : 0);
}

// The pipe is made before the fork, so that only the two of them have it.
void runner_run(const struct graded *graded, const struct lab_case *of,
                struct outcome *outcome)
{
    *outcome = (struct outcome){.of = of};
    int64_t start_ms = now_ms();
    unsigned char nonce[LAB_NONCE_SIZE];
    int fds[2];
    if (getrandom(nonce, sizeof nonce, 0) != sizeof nonce ||
        pipe2(fds, O_CLOEXEC) != 0)
        lab_broken("runner");
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        lab_broken("fork");
    if (pid == 0) {
        close(fds[0]);
        run_case(graded, of, fds[1], nonce);
    }
    close(fds[1]);
    setpgid(pid, pid);

    struct text message = {0};
    bool in_time =
        read_verdict(fds[0], start_ms + guard_ms(graded, of), &message);
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
    server_remove_data(pid);
    close(fds[0]);
    judge(outcome, &message, in_time, nonce, graded->case_seconds);
    text_deinit(&message);
    outcome->time_ms = now_ms() - start_ms;
}
