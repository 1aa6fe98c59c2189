// sim_sequence.h -- the trace of many simulated nodes as a picture for people:
// a line of life for each node and client, the messages between them, faults,
// and what clients asked and got. In a terminal it is a message sequence, on a
// page a space-time diagram.
//
// It is made from the lines of the trace (sim.h) alone: those of the network
// (sim_network.c), "starts" and "dies", and what a harness notes of somebody:
//
//     c1    > set x 1       a client asks
//     c1    < ok            and is answered
//     n2    leads in T3     anything else happens there
//
// Timers and calls of disks make no row. A word like "T3" or "v12", a term or a
// version, in what a message says gives it its colour.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_SEQUENCE_H
#define VEGA_COMMON_SIM_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { SIM_SEQUENCE_LANES_MAX = 64, SIM_SEQUENCE_NAME_SIZE = 16 };

enum sim_sequence_kind {
    SIM_SEQUENCE_SENT,
    SIM_SEQUENCE_ARRIVED,
    SIM_SEQUENCE_ASKED, // By a client,
    SIM_SEQUENCE_GOT,   // and answered.
    SIM_SEQUENCE_STARTS,
    SIM_SEQUENCE_DIES,
    SIM_SEQUENCE_POINT, // Something else, at one place.
    SIM_SEQUENCE_NOTE,  // Something of no place: a cut, healing.
};

struct sim_sequence_row {
    size_t event; // From 1, as the lines came.
    enum sim_sequence_kind kind;
    size_t lane;  // Where; of no meaning for a note.
    size_t other; // Of a message: the lane at its other end.
    // The message that arrived: index of its SENT row.
    size_t sent;
    uint64_t ordinal;  // Of a message.
    uint64_t arrivals; // Of what was sent.
    uint64_t number;   // Term or version; 0: none.
    char *when;        // "12.345"
    char *text;
    char *lost; // Of what was sent: why, or NULL.
    char *mark; // What is to be said of it, or NULL.
};

// Zeroed: empty.
struct sim_sequence {
    char lanes[SIM_SEQUENCE_LANES_MAX][SIM_SEQUENCE_NAME_SIZE];
    size_t lane_count;
    struct sim_sequence_row *rows;
    size_t count, capacity;
    size_t events; // Lines so far, those that make no row as well.
};

void sim_sequence_deinit(struct sim_sequence *sequence);

// Puts a lane behind those that are there: for an order of one's own. Others
// come as they appear.
void sim_sequence_add_lane(struct sim_sequence *sequence, const char *name);

// The next line of the trace.
void sim_sequence_add(struct sim_sequence *sequence, const char *line);

// Says something of the row at that event, or the last one before it: "first
// wrong step".
void sim_sequence_mark(struct sim_sequence *sequence, size_t event,
                       const char *text);

// In lines of 79 columns, at most `rows_max` of them and a heading. A message
// is one line, where it arrives; or where it was sent, if it never does. When
// there are too many, those stay that matter most: marks, faults, what clients
// asked and got, and what is near to a mark. Lanes that do not fit are left out
// from the last one on, and what happens there.
void sim_sequence_print(const struct sim_sequence *sequence, size_t rows_max,
                        FILE *out);

// All rows, as a page that needs nothing else. `title` and `story` are text.
void sim_sequence_write_html(const struct sim_sequence *sequence,
                             const char *title, const char *story, FILE *out);

#endif
