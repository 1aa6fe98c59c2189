// sim_sequence.c -- from lines of the trace to rows on lanes.
//
// A line is "      12.345 ms  n1    m17 > n2  ask T3 (8 bytes, #9f3c2a10)".
// SPDX-License-Identifier: MIT
#include "common/sim/sim_sequence.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"

// A line, taken apart.
struct sequence_line {
    char when[16], who[SIM_SEQUENCE_NAME_SIZE];
    const char *text;
};

static bool sequence_split(struct sequence_line *line, const char *text)
{
    int end = 0;
    if (sscanf(text, " %15s ms %15s %n", line->when, line->who, &end) < 2 ||
        !end)
        return false;
    line->text = text + end;
    return true;
}

void sim_sequence_deinit(struct sim_sequence *sequence)
{
    for (size_t i = 0; i < sequence->count; i++) {
        free(sequence->rows[i].when);
        free(sequence->rows[i].text);
        free(sequence->rows[i].lost);
        free(sequence->rows[i].mark);
    }
    free(sequence->rows);
    *sequence = (struct sim_sequence){0};
}

static size_t sequence_lane(struct sim_sequence *sequence, const char *name)
{
    for (size_t i = 0; i < sequence->lane_count; i++) {
        if (strcmp(sequence->lanes[i], name) == 0)
            return i;
    }
    check(sequence->lane_count < SIM_SEQUENCE_LANES_MAX);
    snprintf(sequence->lanes[sequence->lane_count], SIM_SEQUENCE_NAME_SIZE,
             "%s", name);
    return sequence->lane_count++;
}

void sim_sequence_add_lane(struct sim_sequence *sequence, const char *name)
{
    (void)sequence_lane(sequence, name);
}

// The number of the first word like "T3" or "v12"; 0: there is none.
static uint64_t sequence_number(const char *text)
{
    for (const char *at = text; *at; at++) {
        bool begins = at == text || at[-1] == ' ';
        if (begins && strchr("Tv", *at) && isdigit((unsigned char)at[1]))
            return strtoull(at + 1, NULL, 10);
    }
    return 0;
}

static struct sim_sequence_row *sequence_row(struct sim_sequence *sequence,
                                             enum sim_sequence_kind kind,
                                             const struct sequence_line *line,
                                             const char *text)
{
    if (sequence->count == sequence->capacity) {
        sequence->capacity = 2 * sequence->capacity + 64;
        sequence->rows = xrealloc(sequence->rows,
                                  sequence->capacity * sizeof *sequence->rows);
    }
    struct sim_sequence_row *row = &sequence->rows[sequence->count++];
    *row = (struct sim_sequence_row){.event = sequence->events,
                                     .kind = kind,
                                     .when = xstrdup(line->when),
                                     .text = xstrdup(text),
                                     .number = sequence_number(text)};
    // The size and the checksum of a message are for the hash of the trace.
    char *bytes = strstr(row->text, "(");
    if (kind == SIM_SEQUENCE_SENT && bytes) {
        while (bytes > row->text && bytes[-1] == ' ')
            bytes--;
        *bytes = '\0';
    }
    return row;
}

// The last one that was sent with this number. NULL: it was not.
static struct sim_sequence_row *sequence_sent(struct sim_sequence *sequence,
                                              uint64_t ordinal)
{
    for (size_t i = sequence->count; i > 0; i--) {
        struct sim_sequence_row *row = &sequence->rows[i - 1];
        if (row->kind == SIM_SEQUENCE_SENT && row->ordinal == ordinal)
            return row;
    }
    return NULL;
}

static void sequence_add_arrival(struct sim_sequence *sequence,
                                 const struct sequence_line *line,
                                 uint64_t ordinal)
{
    struct sim_sequence_row *sent = sequence_sent(sequence, ordinal);
    if (!sent)
        return;
    sent->arrivals++;
    size_t index = (size_t)(sent - sequence->rows), from = sent->lane;
    uint64_t number = sent->number;
    char *text = xstrdup(sent->text);
    struct sim_sequence_row *row =
        sequence_row(sequence, SIM_SEQUENCE_ARRIVED, line, text);
    row->lane = sequence_lane(sequence, line->who);
    row->other = from;
    row->sent = index;
    row->ordinal = ordinal;
    row->number = number;
    free(text);
}

// "m17 > n2  words", "m17 < n1", "m17 lost: cut". False when it is none.
static bool sequence_add_message(struct sim_sequence *sequence,
                                 const struct sequence_line *line)
{
    unsigned long long ordinal;
    char name[SIM_SEQUENCE_NAME_SIZE];
    int end = 0;
    if (sscanf(line->text, "m%llu > %15s %n", &ordinal, name, &end) == 2) {
        struct sim_sequence_row *row = sequence_row(
            sequence, SIM_SEQUENCE_SENT, line, end ? line->text + end : "");
        row->lane = sequence_lane(sequence, line->who);
        row->other = sequence_lane(sequence, name);
        row->ordinal = ordinal;
        return true;
    }
    if (sscanf(line->text, "m%llu < %15s", &ordinal, name) == 2) {
        sequence_add_arrival(sequence, line, ordinal);
        return true;
    }
    if (sscanf(line->text, "m%llu lost: %n", &ordinal, &end) == 1 && end) {
        struct sim_sequence_row *sent = sequence_sent(sequence, ordinal);
        if (sent && !sent->lost)
            sent->lost = xstrdup(line->text + end);
        return true;
    }
    return false;
}

static bool sequence_is_call_of_a_disk(const char *text)
{
    static const char *const words[] = {"timer",   "open ",  "read ", "list",
                                        "create ", "write ", "sync ", "rename ",
                                        "remove ", "size ",  "close "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strncmp(text, words[i], strlen(words[i])) == 0)
            return true;
    }
    return false;
}

void sim_sequence_add(struct sim_sequence *sequence, const char *text)
{
    struct sequence_line line;
    sequence->events++;
    if (!sequence_split(&line, text) || strcmp(line.who, "disk") == 0 ||
        sequence_add_message(sequence, &line) ||
        sequence_is_call_of_a_disk(line.text))
        return;
    if (strcmp(line.who, "--") == 0) {
        sequence_row(sequence, SIM_SEQUENCE_NOTE, &line, line.text);
        return;
    }
    bool asks = strncmp(line.text, "> ", 2) == 0;
    bool gets = strncmp(line.text, "< ", 2) == 0;
    enum sim_sequence_kind kind =
        asks                               ? SIM_SEQUENCE_ASKED
        : gets                             ? SIM_SEQUENCE_GOT
        : strcmp(line.text, "starts") == 0 ? SIM_SEQUENCE_STARTS
        : strcmp(line.text, "dies") == 0   ? SIM_SEQUENCE_DIES
                                           : SIM_SEQUENCE_POINT;
    struct sim_sequence_row *row =
        sequence_row(sequence, kind, &line, line.text + (asks || gets ? 2 : 0));
    row->lane = sequence_lane(sequence, line.who);
}

void sim_sequence_mark(struct sim_sequence *sequence, size_t event,
                       const char *text)
{
    size_t at = sequence->count;
    while (at > 0 && sequence->rows[at - 1].event > event)
        at--;
    if (at == 0)
        return;
    free(sequence->rows[at - 1].mark);
    sequence->rows[at - 1].mark = xstrdup(text);
}
