// sim_picture_html.c -- all rows as a page of its own.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_html.h"
#include "common/sim/sim_picture.h"

static const char css[] =
    "body{margin:2em auto;max-width:70em}\n"
    "table{border-collapse:collapse;width:100%;"
    "font:13px ui-monospace,monospace}\n"
    "td,th{padding:.15em .6em;text-align:left;vertical-align:top}\n"
    "td:first-child,td:nth-child(2){color:#777;text-align:right}\n"
    "tr.end td{background:#333;color:#fff}\n"
    "tr.mark td{background:#fff3b0}\n"
    ".lost,.failed{color:#b00020;font-weight:bold}\n"
    ".torn{color:#c25700;font-weight:bold}\n"
    ".synced{color:#1b6e2e}\n.kept,.cached{color:#777}\n";

static void put_cell(const char *class, const char *text, FILE *out)
{
    fprintf(out, "<td class=\"%s\">", class);
    sim_html_text(text, out);
    fputs("</td>", out);
}

static void put_row(const struct sim_picture_row *row, FILE *out)
{
    static const char *const classes[] = {
        [SIM_PICTURE_CACHED] = "cached", [SIM_PICTURE_SYNCED] = "synced",
        [SIM_PICTURE_KEPT] = "kept",     [SIM_PICTURE_TORN] = "torn",
        [SIM_PICTURE_LOST] = "lost",
    };
    char fate[32];
    bool is_end = row->kind == SIM_PICTURE_END;
    bool is_said =
        row->kind == SIM_PICTURE_CLIENT || row->kind == SIM_PICTURE_NOTE;
    fprintf(out, "<tr id=\"e%zu\"%s><td>%zu</td><td>%s</td>", row->event,
            is_end      ? " class=\"end\""
            : row->mark ? " class=\"mark\""
                        : "",
            row->event, row->when);
    put_cell("", is_said || is_end ? row->text : "", out);
    put_cell("", is_said || is_end ? "" : row->text, out);
    put_cell(classes[row->fate], sim_picture_fate_text(row, fate), out);
    put_cell(row->failed ? "failed" : "", row->mark ? row->mark : "", out);
    fputs("</tr>\n", out);
}

void sim_picture_write_html(const struct sim_picture *picture,
                            const char *title, const char *story, FILE *out)
{
    sim_html_begin(css, title, story, out);
    fputs("<table>\n<tr><th>event</th><th>ms</th><th>clients</th>"
          "<th>disk</th><th>fate</th><th></th></tr>\n",
          out);
    for (size_t i = 0; i < picture->count; i++)
        put_row(&picture->rows[i], out);
    fputs("</table>\n", out);
    sim_html_end(out);
}
