// failure_files.c -- what is kept of a failure, for who wants to see more.
// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labs/harness/failure.h"

enum { SCHEDULE, TRACE, DIAGRAM, HISTORY, NODE_LOG, FILES };
static const char *const names[FILES] = {"schedule", "trace", "diagram.html",
                                         "history.html", "node.log"};

// NULL when it cannot be made: a tree may be read-only.
static FILE *open_in(const struct text *folder, const char *name)
{
    struct text path = {0};
    text_printf(&path, "%s/%s", folder->data, name);
    FILE *file = fopen(path.data, "we");
    text_deinit(&path);
    return file;
}

static void keep_schedule(const struct failure *failure, FILE *file)
{
    for (size_t i = 0; i < failure->schedule.count; i++)
        fprintf(file, "%s\n", failure->schedule.steps[i]);
}

static void keep_event(void *file, size_t event, const char *text)
{
    fprintf(file, "%6zu %s\n", event, text);
}

// What the node logs, in a run of its own: thousands of seeds have no time for
// that. Virtual time begins in 1970.
static void keep_log(struct failure *failure, FILE *file)
{
    static char chunk[4096];
    struct schedule schedule = {0};
    struct trace trace = {0};
    for (size_t i = 0; i < failure->schedule.count; i++) {
        schedule_add(&schedule, "%s", failure->schedule.steps[i]);
        if (i == 0)
            schedule_add(&schedule, "log");
    }
    subject_restart(&failure->subject);
    subject_begin(&failure->subject, &schedule);
    subject_end(&failure->subject, &trace);
    off_t at = 0;
    ssize_t size;
    while ((size = pread(failure->subject.printed_fd, chunk, sizeof chunk,
                         at)) > 0) {
        fwrite(chunk, 1, (size_t)size, file);
        at += size;
    }
    trace_deinit(&trace);
    schedule_deinit(&schedule);
}

void failure_keep(struct failure *failure, const char *out, const char *lab,
                  struct text *story)
{
    struct text folder = {0};
    text_printf(&folder, "%s/%s.%s-%" PRIu64, out, lab, failure->test->of.test,
                failure->seed);
    mkdir(out, 0777);
    mkdir(folder.data, 0777);
    FILE *files[FILES];
    bool has_history = failure->test->world->write_history != NULL;
    for (size_t i = 0; i < FILES; i++)
        files[i] =
            i != HISTORY || has_history ? open_in(&folder, names[i]) : NULL;
    if (files[SCHEDULE])
        keep_schedule(failure, files[SCHEDULE]);
    if (files[TRACE])
        trace_each_event(&failure->trace, SIZE_MAX, keep_event, files[TRACE]);
    if (files[DIAGRAM])
        failure_write_html(failure, story, files[DIAGRAM]);
    if (files[HISTORY])
        failure->test->world->write_history(failure, story, files[HISTORY]);
    if (files[NODE_LOG] && failure->trace.end != TRACE_ENDLESS)
        keep_log(failure, files[NODE_LOG]);
    for (size_t i = 0; i < FILES; i++) {
        if (files[i])
            fclose(files[i]);
    }
    const char *last = strrchr(out, '/');
    if (files[DIAGRAM])
        text_printf(story, "  MORE      %s (trace, diagram.html, %snode.log)\n",
                    folder.data + (last ? last + 1 - out : 0),
                    has_history ? "history.html, " : "");
    text_deinit(&folder);
}

static void forget_folder(const char *out, const char *folder)
{
    struct text path = {0};
    for (size_t i = 0; i < FILES; i++) {
        path.size = 0;
        text_printf(&path, "%s/%s/%s", out, folder, names[i]);
        unlink(path.data);
    }
    path.size = 0;
    text_printf(&path, "%s/%s", out, folder);
    rmdir(path.data);
    text_deinit(&path);
}

void failure_forget(const char *out, const char *lab, const char *test)
{
    DIR *directory = opendir(out);
    struct text front = {0};
    const struct dirent *entry;
    text_printf(&front, "%s.%s-", lab, test);
    while (directory && (entry = readdir(directory))) {
        if (strncmp(entry->d_name, front.data, front.size) == 0)
            forget_folder(out, entry->d_name);
    }
    if (directory)
        closedir(directory);
    text_deinit(&front);
    rmdir(out); // If that was the last one.
}
