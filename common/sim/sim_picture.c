// sim_picture.c -- from lines of the trace to rows with fates.
//
// A line is "      12.345 ms  node  write a.log 0+4 #9f3c2a10  ok". A sync or a
// power cut tells the fate of earlier rows, by the words of their call; a
// rename changes the words of those of its file.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_picture.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

enum { WHO_SIZE = 16, NAME_SIZE = 64 };

// A line, taken apart.
struct line {
    char when[16], who[WHO_SIZE];
    char *text, *outcome; // Of a call: "ok", "crash within". Or "".
};

static bool starts_with(const char *text, const char *front)
{
    return strncmp(text, front, strlen(front)) == 0;
}

// `copy` is the line, to be cut to pieces.
static bool line_split(struct line *line, char *copy)
{
    int end = 0;
    if (sscanf(copy, " %15s ms %15s %n", line->when, line->who, &end) < 2 ||
        !end)
        return false;
    line->text = copy + end;
    line->outcome = line->text + strlen(line->text);
    char *gap = strstr(line->text, "  ");
    bool is_call = strcmp(line->who, "node") == 0;
    if (gap && is_call) {
        *gap = '\0';
        line->outcome = gap + 2;
    }
    return true;
}

void sim_picture_deinit(struct sim_picture *picture)
{
    for (size_t i = 0; i < picture->count; i++) {
        free(picture->rows[i].when);
        free(picture->rows[i].text);
        free(picture->rows[i].mark);
        free(picture->rows[i].key);
    }
    free(picture->rows);
    *picture = (struct sim_picture){0};
}

static struct sim_picture_row *row_add(struct sim_picture *picture,
                                       const struct line *line,
                                       enum sim_picture_kind kind)
{
    if (picture->count == picture->capacity) {
        picture->capacity = 2 * picture->capacity + 64;
        picture->rows =
            xrealloc(picture->rows, picture->capacity * sizeof *picture->rows);
    }
    struct sim_picture_row *row = &picture->rows[picture->count++];
    *row = (struct sim_picture_row){
        .event = picture->events, .kind = kind, .when = xstrdup(line->when)};
    return row;
}

// Copies words, without the zeros in front of numbers that are names, and
// without the checksum of a write.
static char *readable(const char *text)
{
    char *copy = xmalloc(strlen(text) + 1), *to = copy;
    const char *hash = starts_with(text, "write ") ? strstr(text, " #") : NULL;
    for (const char *at = text; *at && at != hash; at++) {
        bool begins = at == text || at[-1] == ' ';
        size_t zeros = begins ? strspn(at, "0") : 0;
        if (zeros > 4)
            at += zeros - (at[zeros] < '1' || at[zeros] > '9');
        *to++ = *at;
    }
    *to = '\0';
    return copy;
}

// ---- Fates

bool sim_picture_is_of_file(const char *key, const char *name)
{
    const char *at = strchr(key, ' ');
    size_t size = strlen(name);
    return at && strncmp(at + 1, name, size) == 0 &&
           (at[size + 1] == ' ' || at[size + 1] == '\0');
}

static void settle_row(struct sim_picture *picture, struct sim_picture_row *row)
{
    row->fate = SIM_PICTURE_SYNCED;
    row->synced_at = picture->events;
}

static void settle_writes(struct sim_picture *picture, const char *file)
{
    for (size_t i = 0; i < picture->count; i++) {
        struct sim_picture_row *row = &picture->rows[i];
        if (row->kind == SIM_PICTURE_WRITE && row->fate == SIM_PICTURE_CACHED &&
            !row->failed && sim_picture_is_of_file(row->key, file))
            settle_row(picture, row);
    }
}

// `call` is "sync names" for both directories, or has "of files" or "of
// snapshots" behind it.
static void settle_names(struct sim_picture *picture, const char *call)
{
    for (size_t i = 0; i < picture->count; i++) {
        struct sim_picture_row *row = &picture->rows[i];
        if (row->kind != SIM_PICTURE_NAME || row->fate != SIM_PICTURE_CACHED ||
            row->failed)
            continue;
        bool is_snapshot = strstr(row->key, ".snapshot");
        if (!strstr(call, is_snapshot ? "of files" : "of snapshots"))
            settle_row(picture, row);
    }
}

static void rename_keys(struct sim_picture *picture, const char *text)
{
    char from[NAME_SIZE], to[NAME_SIZE];
    if (sscanf(text, "rename %63s %63s", from, to) != 2)
        return;
    for (size_t i = 0; i < picture->count; i++) {
        struct sim_picture_row *row = &picture->rows[i];
        if (row->kind != SIM_PICTURE_WRITE ||
            !sim_picture_is_of_file(row->key, from))
            continue;
        const char *rest = strchr(row->key, ' ') + 1 + strlen(from);
        size_t size = sizeof "write " + strlen(to) + strlen(rest);
        char *key = xmalloc(size);
        snprintf(key, size, "write %s%s", to, rest);
        free(row->key);
        row->key = key;
    }
}

// The oldest row of that call whose fate is open. A sync of names that was
// under way covers no later change: so one that is lost was not synced.
static struct sim_picture_row *find_call(struct sim_picture *picture,
                                         const char *key)
{
    static const enum sim_picture_fate from[] = {SIM_PICTURE_CACHED,
                                                 SIM_PICTURE_SYNCED};
    for (size_t f = 0; f < 2; f++) {
        for (size_t i = 0; i < picture->count; i++) {
            struct sim_picture_row *row = &picture->rows[i];
            if (row->key && row->fate == from[f] && !strcmp(row->key, key))
                return row;
        }
    }
    return NULL;
}

// "lost: write a.log 0+4 #9f"
static void note_fate(struct sim_picture *picture, const char *text)
{
    static const struct {
        const char *word;
        enum sim_picture_fate fate;
    } fates[] = {{"kept: ", SIM_PICTURE_KEPT},
                 {"torn: ", SIM_PICTURE_TORN},
                 {"lost: ", SIM_PICTURE_LOST}};
    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++) {
        if (!starts_with(text, fates[i].word))
            continue;
        struct sim_picture_row *row =
            find_call(picture, text + strlen(fates[i].word));
        if (row)
            row->fate = fates[i].fate;
    }
}

// ---- Rows

static void add_call(struct sim_picture *picture, const struct line *line)
{
    const char *text = line->text;
    bool ok = strcmp(line->outcome, "ok") == 0;
    bool is_write = starts_with(text, "write ");
    bool is_name = starts_with(text, "create ") ||
                   starts_with(text, "rename ") || starts_with(text, "remove ");
    if (!is_write && !is_name && !starts_with(text, "sync "))
        return;
    if (strcmp(line->outcome, "not found") == 0)
        return;
    if (ok && starts_with(text, "sync names"))
        settle_names(picture, text);
    else if (ok && starts_with(text, "sync "))
        settle_writes(picture, text + strlen("sync "));
    else if (ok && starts_with(text, "rename "))
        rename_keys(picture, text);
    struct sim_picture_row *row = row_add(picture, line,
                                          is_write  ? SIM_PICTURE_WRITE
                                          : is_name ? SIM_PICTURE_NAME
                                                    : SIM_PICTURE_CALL);
    row->text = readable(text);
    row->failed = !ok;
    if (is_write || is_name)
        row->key = xstrdup(text);
    if (!ok)
        row->mark = xstrdup(line->outcome);
}

static void add_text(struct sim_picture *picture, const struct line *line,
                     enum sim_picture_kind kind, const char *front)
{
    size_t size = strlen(front) + strlen(line->text) + 2;
    struct sim_picture_row *row = row_add(picture, line, kind);
    char *text = xmalloc(size);
    snprintf(text, size, "%s%s%s", front, *front ? " " : "", line->text);
    row->text = text;
    char *bytes = strstr(text, " (");
    if (kind == SIM_PICTURE_CLIENT && bytes && strstr(bytes, "bytes, #")) {
        while (bytes > text && bytes[-1] == ' ')
            bytes--;
        *bytes = '\0';
    }
}

void sim_picture_add(struct sim_picture *picture, const char *text)
{
    char *copy = xstrdup(text);
    struct line line;
    picture->events++;
    if (!line_split(&line, copy)) {
        free(copy);
        return;
    }
    if (strcmp(line.who, "disk") == 0)
        note_fate(picture, line.text);
    else if (strcmp(line.text, "power cut") == 0)
        add_text(picture, &line, SIM_PICTURE_END, "");
    else if (strcmp(line.text, "dies") == 0 &&
             !(picture->count &&
               picture->rows[picture->count - 1].kind == SIM_PICTURE_END))
        add_text(picture, &line, SIM_PICTURE_END, "the process");
    else if (strcmp(line.who, "node") == 0)
        add_call(picture, &line);
    else if (strcmp(line.who, "--") != 0)
        add_text(picture, &line, SIM_PICTURE_CLIENT, line.who);
    else if (!starts_with(line.text, "left: "))
        add_text(picture, &line, SIM_PICTURE_NOTE, "");
    free(copy);
}

void sim_picture_mark(struct sim_picture *picture, size_t event,
                      const char *text)
{
    size_t at = picture->count;
    while (at > 0 && picture->rows[at - 1].event > event)
        at--;
    if (at == 0)
        return;
    free(picture->rows[at - 1].mark);
    picture->rows[at - 1].mark = xstrdup(text);
}

const char *sim_picture_fate_text(const struct sim_picture_row *row,
                                  char text[32])
{
    static const char *const names[] = {
        [SIM_PICTURE_CACHED] = "not synced",
        [SIM_PICTURE_KEPT] = "not synced, kept",
        [SIM_PICTURE_TORN] = "TORN",
        [SIM_PICTURE_LOST] = "LOST",
    };
    if (row->kind != SIM_PICTURE_WRITE && row->kind != SIM_PICTURE_NAME)
        return "";
    if (row->fate == SIM_PICTURE_SYNCED)
        snprintf(text, 32, "synced at %zu", row->synced_at);
    else
        snprintf(text, 32, "%s", names[row->fate]);
    return text;
}
