// failure_story.c -- what a failure looks like: the rule, what happened, a
// picture of it, and the first step that was wrong.
// SPDX-License-Identifier: MIT
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "common/sim/sim_picture.h"
#include "labs/harness/failure.h"
#include "labs/harness/story.h"

enum { PICTURE_ROWS = 10, LINE_TEXT = 68 };

// Where it first went wrong.
struct first_wrong {
    size_t event;
    struct text what; // As a sentence; empty: where it was seen.
};

static void add_event(void *picture, size_t event, const char *text)
{
    (void)event;
    sim_picture_add(picture, text);
}

// Of the events up to `last`.
static struct sim_picture picture_of(const struct trace *trace, size_t last)
{
    struct sim_picture picture = {0};
    trace_each_event(trace, last, add_event, &picture);
    return picture;
}

// The event of the last request of that step before `event`.
static size_t request_event(const struct trace *trace, size_t step,
                            size_t event)
{
    size_t found = 0;
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_line *line = &trace->lines[i];
        struct bytes text = line->text;
        if (line->kind != 'Q' || line->event > event)
            continue;
        trace_number(&text);
        if (trace_number(&text) == step)
            found = line->event;
    }
    return found;
}

static size_t served_event(const struct trace *trace, size_t event)
{
    size_t found = event;
    for (size_t i = 0; i < trace->count; i++) {
        if (trace->lines[i].kind == 'S' && trace->lines[i].event <= event)
            found = trace->lines[i].event;
    }
    return found;
}

static bool was_taken_away(const struct sim_picture_row *row)
{
    return row->fate == SIM_PICTURE_LOST || row->fate == SIM_PICTURE_TORN;
}

// The last write in between that did not survive.
static const struct sim_picture_row *
find_lost_write(const struct sim_picture *picture, size_t after, size_t before)
{
    const struct sim_picture_row *found = NULL;
    for (size_t i = 0; i < picture->count; i++) {
        const struct sim_picture_row *row = &picture->rows[i];
        if (row->kind == SIM_PICTURE_WRITE && was_taken_away(row) &&
            row->event > after && row->event < before)
            found = row;
    }
    return found;
}

// A name that was lost, of a file that was written in between.
static const struct sim_picture_row *
find_lost_name(const struct sim_picture *picture, size_t after, size_t before)
{
    for (size_t i = 0; i < picture->count; i++) {
        const struct sim_picture_row *name = &picture->rows[i];
        if (name->kind != SIM_PICTURE_NAME || !was_taken_away(name))
            continue;
        const char *file = strrchr(name->key, ' ') + 1;
        for (size_t j = 0; j < picture->count; j++) {
            const struct sim_picture_row *row = &picture->rows[j];
            if (row->kind == SIM_PICTURE_WRITE && row->event > after &&
                row->event < before && sim_picture_is_of_file(row->key, file))
                return name;
        }
    }
    return NULL;
}

// Was it told too early, or was it lost although it was safe?
static void explain_loss(const struct failure *failure,
                         const struct sim_picture *picture,
                         struct first_wrong *first)
{
    const struct finding *finding = &failure->finding;
    size_t told = finding->told_event;
    size_t asked = request_event(&failure->trace, finding->step, told);
    const struct sim_picture_row *gone = find_lost_write(picture, asked, told);
    const struct sim_picture_row *name = find_lost_name(picture, asked, told);
    first->event = told;
    if (gone) {
        text_printf(&first->what,
                    "a client is told of it, but the %s (event %zu) is not "
                    "synced yet",
                    gone->text, gone->event);
    } else if (name) {
        text_printf(&first->what,
                    "a client is told of it, but the %s (event %zu) is not "
                    "synced: the directory has a sync of its own",
                    name->text, name->event);
    } else {
        first->event = served_event(&failure->trace, finding->event);
        text_printf(&first->what,
                    "the recovery does not bring it back, though it was safe "
                    "when a client was told of it (event %zu)",
                    told);
    }
}

static void explain(const struct failure *failure,
                    const struct sim_picture *picture,
                    struct first_wrong *first)
{
    const struct finding *finding = &failure->finding;
    first->event = finding->event;
    if (finding->rule == RULE_LOST && finding->told_event) {
        explain_loss(failure, picture, first);
    } else if (finding->rule == RULE_NEVER || finding->rule == RULE_LOST) {
        first->event = served_event(&failure->trace, finding->event);
        text_printf(&first->what, "the node serves what recovery made");
    }
}

size_t failure_wrong_event(const struct failure *failure)
{
    struct sim_picture picture =
        picture_of(&failure->trace, failure->trace.events);
    struct first_wrong first = {.event = failure->trace.events};
    if (failure->finding.rule != RULE_NONE)
        explain(failure, &picture, &first);
    text_deinit(&first.what);
    sim_picture_deinit(&picture);
    return first.event;
}

static void add_wrapped(struct text *story, const char *label, const char *text)
{
    text_printf(story, "  %-9s", label);
    for (size_t column = 0; *text;) {
        size_t size = strcspn(text, " ");
        if (column && column + 1 + size > LINE_TEXT) {
            text_printf(story, "\n  %-9s", "");
            column = 0;
        }
        text_printf(story, " %.*s", (int)size, text);
        column += 1 + size;
        text += size;
        text += strspn(text, " ");
    }
    text_printf(story, "\n");
}

static void add_end(struct text *story, int status)
{
    if (WIFSIGNALED(status))
        text_printf(story, "  SERVER    was ended by signal %d (%s)\n",
                    WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        text_printf(story, "  SERVER    ended with exit status %d\n",
                    WEXITSTATUS(status));
}

static void node_print(const struct failure *failure, size_t wrong_event,
                       FILE *out)
{
    struct sim_picture picture =
        picture_of(&failure->trace, failure->finding.event);
    sim_picture_mark(&picture, wrong_event, "first wrong step");
    sim_picture_print(&picture, PICTURE_ROWS, out);
    sim_picture_deinit(&picture);
}

static void add_picture(struct text *story, const struct failure *failure,
                        size_t wrong_event)
{
    char *printed;
    size_t size;
    FILE *out = open_memstream(&printed, &size);
    if (!out)
        abort();
    failure->test->world->print(failure, wrong_event, out);
    fclose(out);
    text_add(story, (struct bytes){printed, size});
    free(printed);
}

static void add_shrunk(struct text *story, const struct failure *failure)
{
    if (failure->schedule.count < failure->steps_before)
        text_printf(story, "  SHRUNK    %zu steps to %zu, %zu events to %zu\n",
                    failure->steps_before, failure->schedule.count,
                    failure->events_before, failure->trace.events);
}

void failure_tell(const struct failure *failure, struct text *story)
{
    const struct finding *finding = &failure->finding;
    struct sim_picture picture = picture_of(&failure->trace, finding->event);
    struct first_wrong first = {0};
    add_wrapped(story, "RULE", failure->test->of.rule);
    if (finding->rule == RULE_NONE) {
        add_wrapped(story, "HAPPENED",
                    "the seed fails behind others only: something outlives a "
                    "node (a static variable?)");
        sim_picture_deinit(&picture);
        return;
    }
    add_wrapped(story, "HAPPENED", finding->happened.data);
    if (finding->expected.size)
        text_printf(story, "  EXPECTED  %s\n", finding->expected.data);
    if (finding->got.size)
        text_printf(story, "  GOT       %s\n", finding->got.data);
    explain(failure, &picture, &first);
    if (first.what.size) {
        struct text text = {0};
        text_printf(&text, "event %zu: %s", first.event, first.what.data);
        add_wrapped(story, "WRONG AT", text.data);
        text_deinit(&text);
    }
    if (finding->rule == RULE_ENDED) {
        add_end(story, failure->subject.status);
        story_add_printed(story, failure->subject.printed_fd);
    }
    add_shrunk(story, failure);
    add_picture(story, failure, first.event);
    text_deinit(&first.what);
    sim_picture_deinit(&picture);
}

static void node_write_html(const struct failure *failure, size_t wrong_event,
                            const char *title, const char *story, FILE *out)
{
    struct sim_picture picture =
        picture_of(&failure->trace, failure->trace.events);
    if (wrong_event)
        sim_picture_mark(&picture, wrong_event, "first wrong step");
    sim_picture_write_html(&picture, title, story, out);
    sim_picture_deinit(&picture);
}

void failure_write_html(const struct failure *failure, const struct text *story,
                        FILE *out)
{
    struct text title = {0};
    text_printf(&title, "%s, seed %llu", failure->test->of.test,
                (unsigned long long)failure->seed);
    failure->test->world->write_html(
        failure,
        failure->finding.rule != RULE_NONE ? failure_wrong_event(failure) : 0,
        title.data, story->size ? story->data : "", out);
    text_deinit(&title);
}

// Whatever happened, a node that lives serves.
static void node_finish(struct schedule *schedule)
{
    schedule_add(schedule, "heal");
    schedule_add(schedule, "start");
    schedule_add(schedule, "c1 incr n1");
    schedule_add(schedule, "settle");
}

// A start would meet faults of the life before, or nothing would be read.
static const char *const node_fixed[] = {"seed", "node", "keys", "heal", NULL};
static const char *const node_numbered[] = {"wait", "crash", "fail", NULL};

const struct seeds_world seeds_node = {
    .finish = node_finish,
    .judge = judge,
    .fixed = node_fixed,
    .numbered = node_numbered,
    .print = node_print,
    .write_html = node_write_html,
    .write_history = failure_write_history,
};
