// story.c -- how a case ends: with a nonce and a letter down the pipe, and if
// it failed with the lines that say why.
// SPDX-License-Identifier: MIT
#include "labs/harness/story.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LINE_BYTES = 66,   // Of sent, expected and got on their lines.
    BEFORE_MARK = 24,  // Of those before the first wrong byte.
    PRINTED_LINES = 4, // Of what the server printed last.
    PRINTED_BYTES = 480,
};

_Noreturn void story_end_case(struct lab *lab, char verdict, struct bytes story)
{
    if (lab->pid > 0)
        kill(lab->pid, SIGKILL);
    struct text message = {0};
    text_add(&message,
             (struct bytes){(const char *)lab->nonce, LAB_NONCE_SIZE});
    text_add(&message, (struct bytes){&verdict, 1});
    text_add(&message,
             (struct bytes){(const char *)&lab->tally, sizeof lab->tally});
    text_add(&message, story);
    for (size_t done = 0; done < message.size;) {
        ssize_t size =
            write(lab->verdict_fd, message.data + done, message.size - done);
        if (size <= 0)
            break;
        done += (size_t)size;
    }
    _exit(0);
}

_Noreturn void lab_pass(struct lab *lab)
{
    story_end_case(lab, 'P', BYTES(""));
}

_Noreturn void lab_broken(const char *what)
{
    perror(what);
    _exit(70);
}

void lab_trying(struct lab *lab, const char *format, ...)
{
    text_deinit(&lab->context);
    va_list args;
    va_start(args, format);
    text_vprintf(&lab->context, format, args);
    va_end(args);
}

// The part of `bytes` from `from` on that fits a line, with dots where it was
// cut. Returns the column of `mark` in it.
static size_t add_window(struct text *story, const char *label,
                         struct bytes bytes, size_t from, size_t mark)
{
    struct text line = {0};
    size_t column = 0;
    if (from > 0)
        text_printf(&line, "...");
    for (size_t i = from; i < bytes.size && line.size < LINE_BYTES - 4; i++) {
        if (i == mark)
            column = line.size;
        text_add_escaped(&line, (struct bytes){bytes.data + i, 1});
        if (line.size >= LINE_BYTES - 4 && i + 1 < bytes.size)
            text_printf(&line, "...");
    }
    if (mark >= bytes.size)
        column = line.size;
    text_printf(story, "  %-9s %s\n", label,
                bytes.size ? line.data : "(nothing)");
    text_deinit(&line);
    return column;
}

static void add_end_of_server(struct lab *lab, struct text *story)
{
    int status;
    // One that is just dying gets the time to do so.
    for (int i = 0; i < 20 && lab->pid > 0; i++) {
        if (waitpid(lab->pid, &status, WNOHANG) == lab->pid) {
            lab->pid = 0;
            if (WIFSIGNALED(status))
                text_printf(story, "  SERVER    was ended by signal %d (%s)\n",
                            WTERMSIG(status), strsignal(WTERMSIG(status)));
            else
                text_printf(story, "  SERVER    ended with exit status %d\n",
                            WEXITSTATUS(status));
            return;
        }
        usleep(10 * 1000);
    }
}

void story_add_printed(struct text *story, int printed_fd)
{
    char printed[PRINTED_BYTES + 1];
    off_t end = printed_fd > 0 ? lseek(printed_fd, 0, SEEK_END) : 0;
    off_t from = end > PRINTED_BYTES ? end - PRINTED_BYTES : 0;
    ssize_t size = 0;
    if (end > 0)
        size = pread(printed_fd, printed, PRINTED_BYTES, from);
    if (size <= 0)
        return;
    printed[size] = '\0';
    char *at = printed + size;
    for (int lines = 0; at > printed && lines <= PRINTED_LINES;)
        lines += *--at == '\n' && at[1];
    for (char *line = strtok(at, "\n"); line; line = strtok(NULL, "\n")) {
        text_printf(story, "  printed   ");
        size_t length = strlen(line);
        text_add_escaped(
            story,
            (struct bytes){line, length > LINE_BYTES ? LINE_BYTES : length});
        text_printf(story, "\n");
    }
}

static struct text begin_story(const struct lab *lab)
{
    struct text story = {0};
    text_printf(&story, "  RULE      %s\n", lab->current->rule);
    if (lab->context.size)
        text_printf(&story, "  TRYING    %s\n", lab->context.data);
    if (lab->sent.size)
        add_window(&story, "SENT",
                   (struct bytes){lab->sent.data, lab->sent.size}, 0, 0);
    return story;
}

static _Noreturn void end_story(struct lab *lab, struct text *story)
{
    add_end_of_server(lab, story);
    story_add_printed(story, lab->output_fd);
    story_end_case(lab, 'F', text_bytes(story));
}

_Noreturn void lab_fail(struct lab *lab, const char *format, ...)
{
    struct text story = begin_story(lab);
    text_printf(&story, "  HAPPENED  ");
    va_list args;
    va_start(args, format);
    text_vprintf(&story, format, args);
    va_end(args);
    text_printf(&story, "\n");
    end_story(lab, &story);
}

_Noreturn void lab_fail_bytes(struct lab *lab, struct bytes expected,
                              struct bytes got)
{
    struct text story = begin_story(lab);
    size_t wrong = bytes_first_difference(expected, got);
    size_t from = wrong > BEFORE_MARK ? wrong - BEFORE_MARK : 0;
    add_window(&story, "EXPECTED", expected, from, wrong);
    size_t column = add_window(&story, "GOT", got, from, wrong);
    text_printf(&story, "  %-9s %*s^ byte %zu is the first wrong one\n", "",
                (int)column, "", wrong);
    if (lab->ended && got.size < expected.size)
        text_printf(&story, "  %-9s then %s\n", "", lab->ended);
    end_story(lab, &story);
}
