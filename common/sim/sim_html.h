// sim_html.h -- what the pages of common/sim have in common.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_HTML_H
#define VEGA_COMMON_SIM_HTML_H

#include <stdio.h>

// Text between tags, with what HTML would take for its own spelled out.
void sim_html_text(const char *text, FILE *out);

// A page up to its own content: `css` behind what all pages have, the title,
// and the story in the font of a terminal.
void sim_html_begin(const char *css, const char *title, const char *story,
                    FILE *out);
void sim_html_end(FILE *out);

#endif
