// sim_html.c -- pages that stand alone: no script, nothing fetched.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_html.h"

void sim_html_text(const char *text, FILE *out)
{
    for (; *text; text++) {
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else
            fputc(*text, out);
    }
}

void sim_html_begin(const char *css, const char *title, const char *story,
                    FILE *out)
{
    fputs("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
          "<style>\nbody{font:14px/1.5 system-ui,sans-serif;margin:2em}\n"
          "pre{background:#f4f4f4;padding:1em;overflow:auto}\n",
          out);
    fprintf(out, "%s</style>\n<title>", css);
    sim_html_text(title, out);
    fputs("</title>\n<h1>", out);
    sim_html_text(title, out);
    fputs("</h1>\n<pre>", out);
    sim_html_text(story, out);
    fputs("</pre>\n", out);
}

void sim_html_end(FILE *out)
{
    fputs("</html>\n", out);
}
