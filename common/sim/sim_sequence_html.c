// sim_sequence_html.c -- all rows as a space-time diagram, on a page of its
// own.
//
// Lives go down, one step a row, and messages across, from the row where they
// were sent to the one where they arrived. What a client waits for is a bar.
// What does not fit into the drawing is said when the mouse rests on it.
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <string.h>

#include "common/sim/sim_html.h"
#include "common/sim/sim_sequence.h"

enum {
    LANES_AT = 110,
    LANE_WIDTH = 150,
    ROWS_AT = 40,
    ROW_HEIGHT = 16,
    HUE_STEP = 67, // Neighbours differ much.
    HUES = 360,
};

static const char css[] =
    "text{font:11px ui-monospace,monospace}\n"
    ".name{font-weight:bold;font-size:13px}\n.when{fill:#777}\n"
    ".life{stroke:#bbb}\n.dead{stroke:#ddd;stroke-dasharray:2 4}\n"
    ".message{fill:none;stroke-width:1.3}\n"
    ".lost{stroke-dasharray:4 3;opacity:.7}\n"
    ".bar{fill:#dbe9ff;stroke:#6c8ebf}\n"
    ".note{fill:#ffe3cc}\n.mark{fill:#fff3b0}\n"
    "path:hover,rect:hover{stroke-width:3}\n";

static size_t x_of(size_t lane)
{
    return LANES_AT + lane * LANE_WIDTH;
}

static size_t y_of(size_t row)
{
    return ROWS_AT + row * ROW_HEIGHT;
}

static void put_label(size_t x, size_t y, const char *class, const char *text,
                      FILE *out)
{
    fprintf(out, "<text class=\"%s\" x=\"%zu\" y=\"%zu\">", class, x, y + 4);
    sim_html_text(text, out);
    fputs("</text>\n", out);
}

// Said when the mouse rests on the element that is open.
static void put_title(const struct sim_sequence_row *row, const char *more,
                      FILE *out)
{
    fprintf(out, "<title>%zu: %s ms  ", row->event, row->when);
    sim_html_text(row->text, out);
    if (*more)
        fputs("  ", out);
    sim_html_text(more, out);
    fputs("</title>", out);
}

// ---- Lives

static void put_life(size_t lane, size_t from, size_t to, bool dead, FILE *out)
{
    fprintf(out,
            "<line class=\"%s\" x1=\"%zu\" x2=\"%zu\" y1=\"%zu\" "
            "y2=\"%zu\"/>\n",
            dead ? "dead" : "life", x_of(lane), x_of(lane), y_of(from),
            y_of(to));
}

static void put_lives(const struct sim_sequence *sequence, FILE *out)
{
    for (size_t lane = 0; lane < sequence->lane_count; lane++) {
        size_t from = 0;
        bool dead = false;
        put_label(x_of(lane), ROW_HEIGHT, "name", sequence->lanes[lane], out);
        for (size_t i = 0; i < sequence->count; i++) {
            const struct sim_sequence_row *row = &sequence->rows[i];
            bool dies = row->kind == SIM_SEQUENCE_DIES;
            if (row->lane != lane ||
                (!dies && row->kind != SIM_SEQUENCE_STARTS))
                continue;
            put_life(lane, from, i, dead, out);
            from = i;
            dead = dies;
        }
        put_life(lane, from, sequence->count, dead, out);
    }
}

// ---- Rows

// From where the client asked to where it was answered, or to the end.
static void put_bar(const struct sim_sequence *sequence, size_t asked,
                    FILE *out)
{
    const struct sim_sequence_row *row = &sequence->rows[asked];
    size_t end = asked + 1;
    while (end < sequence->count &&
           (sequence->rows[end].lane != row->lane ||
            (sequence->rows[end].kind != SIM_SEQUENCE_GOT &&
             sequence->rows[end].kind != SIM_SEQUENCE_ASKED)))
        end++;
    bool got =
        end < sequence->count && sequence->rows[end].kind == SIM_SEQUENCE_GOT;
    fprintf(out,
            "<rect class=\"bar\" x=\"%zu\" y=\"%zu\" width=\"8\" "
            "height=\"%zu\">",
            x_of(row->lane) - 4, y_of(asked),
            (got ? end - asked : 1) * ROW_HEIGHT);
    put_title(row, got ? sequence->rows[end].text : "no answer", out);
    fputs("</rect>\n", out);
}

static void put_message(const struct sim_sequence *sequence, size_t from,
                        size_t to, FILE *out)
{
    const struct sim_sequence_row *row = &sequence->rows[from];
    bool lost = from == to; // It ends in the middle, and no later.
    size_t end = x_of(row->other);
    if (lost)
        end = (x_of(row->lane) + end) / 2;
    fprintf(out,
            "<path class=\"message%s\" stroke=\"hsl(%" PRIu64 " %s 40%%)\" "
            "marker-end=\"url(#%s)\" d=\"M%zu %zu L%zu %zu\">",
            lost ? " lost" : "", row->number * HUE_STEP % HUES,
            row->number ? "80%" : "0%", lost ? "cross" : "arrow",
            x_of(row->lane), y_of(from), end,
            y_of(to) + (lost ? ROW_HEIGHT / 2 : 0));
    put_title(row, !lost ? "" : row->lost ? row->lost : "not yet there", out);
    fputs("</path>\n", out);
}

static void put_band(const char *class, size_t row, size_t width, FILE *out)
{
    fprintf(out,
            "<rect class=\"%s\" x=\"0\" y=\"%zu\" width=\"%zu\" "
            "height=\"%d\"/>\n",
            class, y_of(row) - ROW_HEIGHT / 2, width, ROW_HEIGHT);
}

static void put_row(const struct sim_sequence *sequence, size_t index,
                    FILE *out)
{
    const struct sim_sequence_row *row = &sequence->rows[index];
    size_t y = y_of(index);
    switch (row->kind) {
    case SIM_SEQUENCE_SENT:
        if (row->arrivals == 0)
            put_message(sequence, index, index, out);
        break;
    case SIM_SEQUENCE_ARRIVED:
        put_message(sequence, row->sent, index, out);
        break;
    case SIM_SEQUENCE_NOTE:
        put_label(LANES_AT, y, "", row->text, out);
        break;
    case SIM_SEQUENCE_ASKED:
        put_bar(sequence, index, out);
        put_label(x_of(row->lane) + 8, y, "", row->text, out);
        break;
    default:
        put_label(x_of(row->lane) + 8, y, "", row->text, out);
    }
}

static void put_bands(const struct sim_sequence *sequence, size_t width,
                      FILE *out)
{
    for (size_t i = 0; i < sequence->count; i++) {
        const struct sim_sequence_row *row = &sequence->rows[i];
        if (row->mark || row->kind == SIM_SEQUENCE_NOTE)
            put_band(row->mark ? "mark" : "note", i, width, out);
    }
}

static void put_diagram(const struct sim_sequence *sequence, FILE *out)
{
    size_t width = x_of(sequence->lane_count) + LANE_WIDTH;
    fprintf(out,
            "<svg width=\"%zu\" height=\"%zu\">\n<defs>"
            "<marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
            "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
            "<path d=\"M0 0L8 4L0 8z\"/></marker>"
            "<marker id=\"cross\" viewBox=\"0 0 8 8\" refX=\"4\" refY=\"4\" "
            "markerWidth=\"8\" markerHeight=\"8\">"
            "<path d=\"M0 0L8 8M8 0L0 8\" stroke=\"#b00020\"/></marker>"
            "</defs>\n",
            width, y_of(sequence->count) + ROW_HEIGHT);
    put_bands(sequence, width, out);
    put_lives(sequence, out);
    for (size_t i = 0; i < sequence->count; i++) {
        const struct sim_sequence_row *row = &sequence->rows[i];
        put_label(0, y_of(i), "when", row->when, out);
        put_row(sequence, i, out);
        if (row->mark)
            put_label(x_of(sequence->lane_count), y_of(i), "", row->mark, out);
    }
    fputs("</svg>\n", out);
}

void sim_sequence_write_html(const struct sim_sequence *sequence,
                             const char *title, const char *story, FILE *out)
{
    sim_html_begin(css, title, story, out);
    put_diagram(sequence, out);
    sim_html_end(out);
}
