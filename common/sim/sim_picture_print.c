// sim_picture_print.c -- the rows that matter, in the columns of a terminal.
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/sim/sim_choose.h"
#include "common/sim/sim_picture.h"

enum { CLIENT_COLUMNS = 23, CALL_COLUMNS = 25, LINE_COLUMNS = 79 };

static const char rule[] =
    "---------------------------------------------------------------";

static bool is_taken_away(const struct sim_picture_row *row)
{
    return row->fate == SIM_PICTURE_LOST || row->fate == SIM_PICTURE_TORN;
}

// The smaller, the sooner it is left out.
static long weight(const struct sim_picture_row *row, size_t distance)
{
    long base = row->mark                           ? 1000
                : row->kind == SIM_PICTURE_END      ? 500
                : row->failed || is_taken_away(row) ? 120
                : row->kind == SIM_PICTURE_CLIENT   ? 60
                : row->kind == SIM_PICTURE_NOTE     ? 60
                : row->kind == SIM_PICTURE_WRITE    ? 50
                : row->kind == SIM_PICTURE_CALL     ? 45
                                                    : 40;
    return base - 3 * (long)distance;
}

static bool *choose(const struct sim_picture *picture, size_t rows_max)
{
    size_t count = picture->count;
    bool *marked = xcalloc(count + 1, sizeof *marked);
    long *weights = xcalloc(count + 1, sizeof *weights);
    for (size_t i = 0; i < count; i++)
        marked[i] = picture->rows[i].mark;
    for (size_t i = 0; i < count; i++)
        weights[i] =
            weight(&picture->rows[i], sim_choose_distance(marked, count, i));
    bool *chosen = sim_choose(weights, count, rows_max);
    free(weights);
    free(marked);
    return chosen;
}

static bool is_call(const struct sim_picture_row *row)
{
    return row->kind == SIM_PICTURE_CALL || row->kind == SIM_PICTURE_WRITE ||
           row->kind == SIM_PICTURE_NAME;
}

// What stands at the right of a row.
static void print_remark(const struct sim_picture_row *row, FILE *out)
{
    char text[32];
    const char *fate = sim_picture_fate_text(row, text);
    if (row->mark && !is_taken_away(row))
        fprintf(out, " <- %s", row->mark);
    else if (*fate)
        fprintf(out, " %s", fate);
}

static void print_columns(const struct sim_picture_row *row, FILE *out)
{
    fprintf(out, "%5zu %8.8s  ", row->event, row->when);
    if (row->kind == SIM_PICTURE_END)
        fprintf(out, "-- %s %s", row->text, rule);
    else if (is_call(row))
        fprintf(out, "%*s%-*.*s", CLIENT_COLUMNS, "", CALL_COLUMNS,
                CALL_COLUMNS, row->text);
    else
        fprintf(out, "%-*.*s", CLIENT_COLUMNS,
                row->mark ? CLIENT_COLUMNS + CALL_COLUMNS : LINE_COLUMNS,
                row->text);
    print_remark(row, out);
}

// Cut to the width of a terminal, and without blanks at its end.
static void print_row(const struct sim_picture_row *row, FILE *out)
{
    char *line;
    size_t size;
    FILE *columns = open_memstream(&line, &size);
    if (!columns) {
        memory_exhausted(LINE_COLUMNS);
        return;
    }
    print_columns(row, columns);
    fclose(columns);
    if (size > LINE_COLUMNS)
        size = LINE_COLUMNS;
    while (size > 0 && line[size - 1] == ' ')
        size--;
    fprintf(out, "%.*s\n", (int)size, line);
    free(line);
}

void sim_picture_print(const struct sim_picture *picture, size_t rows_max,
                       FILE *out)
{
    bool *chosen = choose(picture, rows_max);
    fprintf(out, "event       ms  %-*s%s\n", CLIENT_COLUMNS, "clients", "disk");
    for (size_t i = 0; i < picture->count; i++) {
        if (chosen[i])
            print_row(&picture->rows[i], out);
    }
    free(chosen);
}
