// replay.c -- one seed again.
// SPDX-License-Identifier: MIT
#include "labs/harness/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labs/harness/failure.h"

static void print_event(void *context, size_t event, const char *text)
{
    (void)context;
    printf("%6zu %s\n", event, text);
}

static void write_html(const struct failure *failure, const struct text *story,
                       const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file) {
        perror(path);
        return;
    }
    failure_write_html(failure, story, file);
    fclose(file);
}

// The debugger has the terminal; the schedule comes from a file.
static void run_debugger(const struct failure *failure, const char *subject,
                         size_t event)
{
    char path[] = "/tmp/vega-replay-XXXXXX";
    struct text input = {0}, command = {0};
    text_printf(&input, "trap %zu\n", event);
    schedule_write(&failure->schedule, &input);
    text_printf(&input, "nonce none\nrun\n");
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, input.data, input.size) != (ssize_t)input.size)
        lab_broken(path);
    close(fd);
    text_printf(&command, "run <%s >/dev/null", path);
    printf("The debugger stops at event %zu; `up` leads to where it is.\n",
           event);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("gdb", "gdb", "-q", "-ex", command.data, "--args", subject,
               (char *)NULL);
        perror("gdb");
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    unlink(path);
    text_deinit(&input);
    text_deinit(&command);
}

bool replay_seed(const struct replay *replay, const struct seeds_test *test)
{
    struct failure failure;
    failure_init(&failure, test, replay->subject, replay->seed, NULL);
    bool kept = failure.finding.rule == RULE_NONE;
    if (!kept && !replay->whole)
        failure_shrink(&failure);
    if (replay->verbose || replay->until)
        trace_each_event(&failure.trace,
                         replay->until ? replay->until : SIZE_MAX, print_event,
                         NULL);
    struct text story = {0};
    if (kept)
        text_printf(&story, "%s: seed %llu keeps the rules\n", test->of.test,
                    (unsigned long long)replay->seed);
    else
        failure_tell(&failure, &story);
    fputs(story.data, stdout);
    if (replay->html)
        write_html(&failure, &story, replay->html);
    if (replay->gdb)
        run_debugger(&failure, replay->subject,
                     replay->until ? replay->until
                                   : failure_wrong_event(&failure));
    text_deinit(&story);
    failure_deinit(&failure);
    return kept;
}
