// subject_main.c -- the student's node in the simulated world: runs schedules
// that come down a socket (standard input), and sends back what happened.
//
// A schedule is a line a step (subject_run.c), between "nonce WORD" and "run".
// What comes back is a line a thing, too:
//
//     E text        an event: a line of the simulator's trace
//     Q client step the request of that step was sent
//     R client text bytes that a client got, with \xNN for the unusual
//     S             the node serves; X text: it refuses to, for that reason
//     K, W          the reading of all that the store holds begins, is over
//     D how         a life is over: power, kill, stop, or unclean
//     Z             the node had all the time it needs to answer
//     U bytes       that its files take
//     F nonce hash  the end
//
// No verdict is made here, where the graded code could make it, and without
// the nonce at its end a run counts for nothing.
// SPDX-License-Identifier: MIT
#include "labs/harness/subject_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/memory.h"

enum { NONCE_SIZE = 80 };

// The socket, out of the way of what the graded code prints.
static FILE *subject_take_socket(void)
{
    int fd = dup(STDOUT_FILENO);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "we");
    if (!out || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        exit(70);
    setvbuf(out, NULL, _IOFBF, 1 << 16);
    return out;
}

int main(void)
{
    FILE *out = subject_take_socket();
    char nonce[NONCE_SIZE] = "";
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    struct subject_script script = {0};
    while ((size = getline(&line, &capacity, stdin)) > 0) {
        line[size - 1] = '\0';
        if (!strncmp(line, "nonce ", 6)) {
            snprintf(nonce, sizeof nonce, "%s", line + 6);
        } else if (strcmp(line, "run") != 0) {
            subject_script_add(&script, line);
        } else {
            uint64_t hash = subject_run(&script, out);
            fprintf(out, "F %s %016" PRIx64 "\n", nonce, hash);
            fflush(out);
            subject_script_clear(&script);
        }
    }
    free(line);
    subject_script_clear(&script);
    return 0;
}
