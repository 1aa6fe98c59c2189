// sim_sequence_print.c -- the rows that matter, in the columns of a terminal.
//
//       ms  n1          n2          n3
//   10.123  o--ask T1-->|           |
//   10.400  |           x dies
//   11.002  o--ask T1---------->x   |        lost: nobody listens
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/sim/sim_choose.h"
#include "common/sim/sim_sequence.h"

enum {
    LINE_COLUMNS = 79,
    WHEN_COLUMNS = 10, // And two blanks behind.
    LANES_AT = WHEN_COLUMNS + 2,
    LANE_COLUMNS_MIN = 11,
    LANE_COLUMNS_MAX = 20,
    REMARK_COLUMNS = 8, // Are left behind the last lane.
};

// A line under construction, blanks at first.
struct canvas {
    char cells[LINE_COLUMNS + 1];
    size_t lanes, width; // Lanes that fit, and columns from one to the next.
};

static size_t column_of(const struct canvas *canvas, size_t lane)
{
    return LANES_AT + lane * canvas->width;
}

static void put(struct canvas *canvas, size_t at, size_t end, const char *text)
{
    for (; *text && at < end && at < LINE_COLUMNS; text++)
        canvas->cells[at++] = *text;
}

static struct canvas canvas_for(const struct sim_sequence *sequence)
{
    struct canvas canvas = {.lanes = sequence->lane_count};
    size_t room = LINE_COLUMNS - LANES_AT - REMARK_COLUMNS;
    if (canvas.lanes > room / LANE_COLUMNS_MIN + 1)
        canvas.lanes = room / LANE_COLUMNS_MIN + 1;
    canvas.width =
        canvas.lanes > 1 ? room / (canvas.lanes - 1) : LANE_COLUMNS_MAX;
    if (canvas.width > LANE_COLUMNS_MAX)
        canvas.width = LANE_COLUMNS_MAX;
    return canvas;
}

// With the lives that are under way.
static void canvas_clear(struct canvas *canvas, const bool *dead)
{
    memset(canvas->cells, ' ', LINE_COLUMNS);
    for (size_t i = 0; i < canvas->lanes; i++)
        canvas->cells[column_of(canvas, i)] = dead[i] ? ' ' : '|';
}

static void print_canvas(struct canvas *canvas, FILE *out)
{
    size_t size = LINE_COLUMNS;
    while (size > 0 && canvas->cells[size - 1] == ' ')
        size--;
    fprintf(out, "%.*s\n", (int)size, canvas->cells);
}

// ---- Rows

static bool is_message(const struct sim_sequence_row *row)
{
    return row->kind == SIM_SEQUENCE_SENT || row->kind == SIM_SEQUENCE_ARRIVED;
}

// Its lanes fit. A mark is worth telling also where they do not.
static bool is_drawn(const struct canvas *canvas,
                     const struct sim_sequence_row *row)
{
    return row->kind != SIM_SEQUENCE_NOTE && row->lane < canvas->lanes &&
           (!is_message(row) || row->other < canvas->lanes);
}

// The smaller, the sooner it is left out.
static long weight(const struct canvas *canvas,
                   const struct sim_sequence_row *row, size_t distance)
{
    bool is_shown = row->kind == SIM_SEQUENCE_NOTE || is_drawn(canvas, row);
    // What arrives is shown where it does.
    bool arrives = row->kind == SIM_SEQUENCE_SENT && row->arrivals > 0;
    if (!row->mark && (!is_shown || arrives))
        return SIM_CHOOSE_NEVER;
    long base = row->mark                          ? 1000
                : row->kind == SIM_SEQUENCE_DIES   ? 120
                : row->kind == SIM_SEQUENCE_STARTS ? 40
                : row->kind == SIM_SEQUENCE_NOTE   ? 110
                : !is_message(row)                 ? 100
                                                   : 50;
    return base - 3 * (long)distance;
}

static bool *choose(const struct sim_sequence *sequence,
                    const struct canvas *canvas, size_t rows_max)
{
    size_t count = sequence->count;
    bool *marked = xcalloc(count + 1, sizeof *marked);
    long *weights = xcalloc(count + 1, sizeof *weights);
    for (size_t i = 0; i < count; i++)
        marked[i] = sequence->rows[i].mark;
    for (size_t i = 0; i < count; i++)
        weights[i] = weight(canvas, &sequence->rows[i],
                            sim_choose_distance(marked, count, i));
    bool *chosen = sim_choose(weights, count, rows_max);
    free(weights);
    free(marked);
    return chosen;
}

// An arrow over the lanes, with what it says as far as there is room.
static void draw_message(struct canvas *canvas,
                         const struct sim_sequence_row *row)
{
    bool arrived = row->kind == SIM_SEQUENCE_ARRIVED;
    size_t from = column_of(canvas, arrived ? row->other : row->lane);
    size_t to = column_of(canvas, arrived ? row->lane : row->other);
    bool goes_right = from < to;
    size_t low = goes_right ? from : to, high = goes_right ? to : from;
    memset(canvas->cells + low + 1, '-', high - low - 1);
    canvas->cells[from] = 'o';
    canvas->cells[goes_right ? high - 1 : low + 1] = goes_right ? '>' : '<';
    if (!arrived && row->arrivals == 0)
        canvas->cells[to] = 'x';
    put(canvas, low + 3, high - 2, row->text);
}

// What stands at the right of a row, behind whatever is there.
static void draw_remark(struct canvas *canvas,
                        const struct sim_sequence_row *row)
{
    char text[LINE_COLUMNS];
    if (row->mark)
        snprintf(text, sizeof text, "<- %s", row->mark);
    else if (row->kind == SIM_SEQUENCE_SENT && is_drawn(canvas, row))
        snprintf(text, sizeof text, "%s%s", row->lost ? "lost: " : "not yet",
                 row->lost ? row->lost : "");
    else
        return;
    size_t at = LINE_COLUMNS;
    while (at > 0 && canvas->cells[at - 1] == ' ')
        at--;
    // A mark is worth more than the end of what it is said of.
    size_t latest = LINE_COLUMNS - strlen(text);
    put(canvas, at + 1 < latest ? at + 1 : latest, LINE_COLUMNS, text);
}

static void draw_place(struct canvas *canvas,
                       const struct sim_sequence_row *row)
{
    static const char signs[] = {
        [SIM_SEQUENCE_ASKED] = '>',  [SIM_SEQUENCE_GOT] = '<',
        [SIM_SEQUENCE_STARTS] = '+', [SIM_SEQUENCE_DIES] = 'x',
        [SIM_SEQUENCE_POINT] = '*',
    };
    size_t at = column_of(canvas, row->lane);
    size_t size = strlen(row->text);
    canvas->cells[at] = signs[row->kind];
    if (at + 2 < LINE_COLUMNS)
        memset(canvas->cells + at + 1, ' ',
               at + 3 + size < LINE_COLUMNS ? size + 2 : LINE_COLUMNS - at - 1);
    put(canvas, at + 2, LINE_COLUMNS, row->text);
}

// Something of no place, or of a lane that does not fit: across all of them.
static void draw_note(struct canvas *canvas, const struct sim_sequence_row *row,
                      const char *lane)
{
    char text[LINE_COLUMNS];
    int size = snprintf(text, sizeof text, " %s%s%s ", lane, *lane ? ": " : "",
                        row->text);
    memset(canvas->cells + LANES_AT, '-', LINE_COLUMNS - LANES_AT);
    put(canvas, LANES_AT + 3, LINE_COLUMNS, text);
    if (row->mark) // Which goes behind.
        memset(canvas->cells + LANES_AT + 3 + size, ' ',
               LANES_AT + 3 + size < LINE_COLUMNS
                   ? (size_t)(LINE_COLUMNS - LANES_AT - 3 - size)
                   : 0);
}

static void print_row(struct canvas *canvas,
                      const struct sim_sequence *sequence,
                      const struct sim_sequence_row *row, const bool *dead,
                      FILE *out)
{
    canvas_clear(canvas, dead);
    size_t size = strlen(row->when);
    put(canvas, size < WHEN_COLUMNS ? WHEN_COLUMNS - size : 0, WHEN_COLUMNS,
        row->when);
    if (!is_drawn(canvas, row))
        draw_note(canvas, row,
                  row->kind == SIM_SEQUENCE_NOTE ? ""
                                                 : sequence->lanes[row->lane]);
    else if (is_message(row))
        draw_message(canvas, row);
    else
        draw_place(canvas, row);
    draw_remark(canvas, row);
    print_canvas(canvas, out);
}

static void print_heading(struct canvas *canvas,
                          const struct sim_sequence *sequence, FILE *out)
{
    memset(canvas->cells, ' ', LINE_COLUMNS);
    put(canvas, WHEN_COLUMNS - 2, LINE_COLUMNS, "ms");
    for (size_t i = 0; i < canvas->lanes; i++)
        put(canvas, column_of(canvas, i), LINE_COLUMNS, sequence->lanes[i]);
    print_canvas(canvas, out);
}

void sim_sequence_print(const struct sim_sequence *sequence, size_t rows_max,
                        FILE *out)
{
    struct canvas canvas = canvas_for(sequence);
    bool dead[SIM_SEQUENCE_LANES_MAX] = {0};
    bool *chosen = choose(sequence, &canvas, rows_max);
    print_heading(&canvas, sequence, out);
    for (size_t i = 0; i < sequence->count; i++) {
        const struct sim_sequence_row *row = &sequence->rows[i];
        if (row->kind == SIM_SEQUENCE_STARTS)
            dead[row->lane] = false;
        if (chosen[i])
            print_row(&canvas, sequence, row, dead, out);
        if (row->kind == SIM_SEQUENCE_DIES)
            dead[row->lane] = true;
    }
    free(chosen);
}
