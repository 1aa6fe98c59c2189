// failure_history.c -- a failed run as its clients saw it: who asked what, what
// was answered and when, life by life. Where the disk had a part in it, the
// numbers of the events lead to the picture.
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "common/sim/sim_html.h"
#include "labs/harness/failure.h"
#include "labs/harness/judge_private.h"

// A row: a request and its reply, or else something that all clients notice.
struct row {
    size_t client;          // 0: the latter.
    size_t step;            // Of the schedule.
    size_t asked, answered; // Events; 0: never answered.
    struct text words;      // Of the reply, or of what happened.
};

struct history {
    struct row *rows;
    size_t count;
    struct text got[JUDGE_CLIENTS + 1]; // No whole reply yet.
};

static const char css[] =
    "table{border-collapse:collapse;font:13px ui-monospace,monospace}\n"
    "td,th{padding:.15em .8em;text-align:left;vertical-align:top}\n"
    "td:first-child,td:nth-child(3){text-align:right}\n"
    "tr.all td{background:#333;color:#fff}\n"
    "tr.mark td{background:#fff3b0}\n.none{color:#b00020}\n";

static struct row *add_row(struct history *history, size_t client, size_t step,
                           size_t event)
{
    struct row *row = &history->rows[history->count++];
    *row = (struct row){.client = client, .step = step, .asked = event};
    return row;
}

// The first request of the client in this life that has no answer yet.
static struct row *find_waiting(struct history *history, size_t client)
{
    struct row *found = NULL;
    for (size_t i = history->count; i-- > 0;) {
        struct row *row = &history->rows[i];
        if (row->client == 0)
            break;
        if (row->client == client && !row->answered)
            found = row;
    }
    return found;
}

static void add_replies(struct history *history, struct bytes text,
                        size_t event)
{
    size_t client = trace_number(&text);
    if (client >= JUDGE_CLIENTS) // The grader reads the whole store.
        return;
    struct text *got = &history->got[client];
    struct row *row;
    size_t size;
    trace_unescape(text, got);
    while ((row = find_waiting(history, client)) &&
           (size = judge_reply_size(text_bytes(got)))) {
        row->answered = event;
        judge_show(&row->words, (struct bytes){got->data, size});
        text_drop(got, size);
    }
}

static void add_end(struct history *history, struct bytes how, size_t event)
{
    text_printf(&add_row(history, 0, 0, event)->words, "life over: %.*s",
                (int)how.size, how.data);
    for (size_t i = 0; i <= JUDGE_CLIENTS; i++)
        history->got[i].size = 0;
}

static void add_line(struct history *history, const struct trace_line *line)
{
    struct bytes text = line->text;
    if (line->kind == 'Q') {
        size_t client = trace_number(&text), step = trace_number(&text);
        if (client)
            add_row(history, client, step, line->event);
    } else if (line->kind == 'R') {
        add_replies(history, text, line->event);
    } else if (line->kind == 'S') {
        text_printf(&add_row(history, 0, 0, line->event)->words,
                    "the node serves");
    } else if (line->kind == 'X') {
        text_printf(&add_row(history, 0, 0, line->event)->words,
                    "the node does not start: %.*s", (int)text.size, text.data);
    } else if (line->kind == 'D') {
        add_end(history, text, line->event);
    }
}

static void put_event(size_t event, FILE *out)
{
    if (event)
        fprintf(out, "<td><a href=\"diagram.html#e%zu\">%zu</a></td>", event,
                event);
    else
        fputs("<td class=\"none\">never</td>", out);
}

static void put_row(const struct row *row, const struct failure *failure,
                    FILE *out)
{
    bool is_wrong = row->client && row->step == failure->finding.step;
    fprintf(out, "<tr%s>",
            !row->client ? " class=\"all\""
            : is_wrong   ? " class=\"mark\""
                         : "");
    put_event(row->asked, out);
    if (!row->client) {
        fputs("<td colspan=\"3\">", out);
    } else {
        fputs("<td>", out);
        if (row->step && row->step <= failure->schedule.count)
            sim_html_text(failure->schedule.steps[row->step - 1], out);
        fputs("</td>", out);
        put_event(row->answered, out);
        fputs("<td>", out);
    }
    if (row->words.size)
        sim_html_text(row->words.data, out);
    fputs("</td></tr>\n", out);
}

void failure_write_history(const struct failure *failure,
                           const struct text *story, FILE *out)
{
    struct history history = {0};
    struct text title = {0};
    history.rows = calloc(failure->trace.count + 1, sizeof *history.rows);
    if (!history.rows)
        abort();
    for (size_t i = 0; i < failure->trace.count; i++)
        add_line(&history, &failure->trace.lines[i]);
    text_printf(&title, "%s, seed %llu: what clients saw",
                failure->test->of.test, (unsigned long long)failure->seed);
    sim_html_begin(css, title.data, story->size ? story->data : "", out);
    fputs("<table>\n<tr><th>event</th><th>asked</th><th>event</th>"
          "<th>answered</th></tr>\n",
          out);
    for (size_t i = 0; i < history.count; i++) {
        put_row(&history.rows[i], failure, out);
        text_deinit(&history.rows[i].words);
    }
    fputs("</table>\n", out);
    sim_html_end(out);
    for (size_t i = 0; i <= JUDGE_CLIENTS; i++)
        text_deinit(&history.got[i]);
    free(history.rows);
    text_deinit(&title);
}
