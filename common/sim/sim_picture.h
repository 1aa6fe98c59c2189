// sim_picture.h -- the trace of a simulated node as a picture for people: what
// clients and node said to each other, what the disk was told, and what became
// of it: which write was synced, which was lost or torn, where the crash fell.
//
// It is made from the lines of the trace (sim.h) alone, so that it can be drawn
// where the node does not run.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_PICTURE_H
#define VEGA_COMMON_SIM_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum sim_picture_kind {
    SIM_PICTURE_CLIENT, // Something was said.
    SIM_PICTURE_CALL,   // Of the disk.
    SIM_PICTURE_WRITE,  // One that has a fate.
    SIM_PICTURE_NAME,   // Likewise: create, rename, remove.
    SIM_PICTURE_END,    // Power cut, kill -9: a line across.
    SIM_PICTURE_NOTE,
};

enum sim_picture_fate {
    SIM_PICTURE_CACHED, // No sync covered it, and nothing took it away.
    SIM_PICTURE_SYNCED,
    SIM_PICTURE_KEPT, // Not synced, and there by luck.
    SIM_PICTURE_TORN,
    SIM_PICTURE_LOST,
};

struct sim_picture_row {
    size_t event; // From 1, as the lines came.
    enum sim_picture_kind kind;
    enum sim_picture_fate fate;
    size_t synced_at; // The event, for SIM_PICTURE_SYNCED.
    bool failed;      // The call, or a crash fell into it.
    char *when;       // "300.001"
    char *text;       // "c1 > set a 1", "write 1.log 4096+90"
    char *mark;       // What is to be said of it, or NULL.
    char *key;        // The call as fates name it; NULL: it has none.
};

// Zeroed: empty.
struct sim_picture {
    struct sim_picture_row *rows;
    size_t count, capacity;
    size_t events; // Lines so far, those that make no row as well.
};

void sim_picture_deinit(struct sim_picture *picture);

// The next line of the trace.
void sim_picture_add(struct sim_picture *picture, const char *line);

// Says something of the row at that event, or the last one before it: "first
// wrong step".
void sim_picture_mark(struct sim_picture *picture, size_t event,
                      const char *text);

// In lines of 79 columns, at most `rows_max` of them and a heading: those that
// matter most, which are the marks, the crashes, what was lost, and what is
// near to a mark.
void sim_picture_print(const struct sim_picture *picture, size_t rows_max,
                       FILE *out);

// All rows, as a page that needs nothing else. `title` and `story` are text.
void sim_picture_write_html(const struct sim_picture *picture,
                            const char *title, const char *story, FILE *out);

// True for "write a.log 0+4 #9f" and "a.log".
bool sim_picture_is_of_file(const char *key, const char *name);

// "LOST", "synced at 12".
const char *sim_picture_fate_text(const struct sim_picture_row *row,
                                  char text[32]);

#endif
