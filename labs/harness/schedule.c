// schedule.c -- steps, and the values in them.
// SPDX-License-Identifier: MIT
#include "labs/harness/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void schedule_deinit(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++)
        free(schedule->steps[i]);
    free(schedule->steps);
    *schedule = (struct schedule){0};
}

void schedule_add(struct schedule *schedule, const char *format, ...)
{
    if (schedule->count == schedule->capacity) {
        schedule->capacity = 2 * schedule->capacity + 32;
        schedule->steps =
            realloc(schedule->steps, schedule->capacity * sizeof(char *));
        if (!schedule->steps)
            abort();
    }
    struct text step = {0};
    va_list args;
    va_start(args, format);
    text_vprintf(&step, format, args);
    va_end(args);
    schedule->steps[schedule->count++] = step.data;
}

// "~7*300" is "7.7.7." and so on, 300 bytes of it.
static void add_word(struct text *out, const char *word, size_t size)
{
    unsigned tag, length;
    char unit[16], copy[32];
    snprintf(copy, sizeof copy, "%.*s", (int)size, word);
    if (sscanf(copy, "~%u*%u", &tag, &length) != 2) {
        text_add(out, (struct bytes){word, size});
        return;
    }
    size_t unit_size = (size_t)snprintf(unit, sizeof unit, "%u.", tag);
    while (length > 0) {
        size_t part = length < unit_size ? length : unit_size;
        text_add(out, (struct bytes){unit, part});
        length -= (unsigned)part;
    }
}

void schedule_split(const char *line, struct schedule_words *words)
{
    size_t ends[SCHEDULE_WORDS_MAX] = {0};
    *words = (struct schedule_words){0};
    while (*line && words->count < SCHEDULE_WORDS_MAX) {
        size_t size = strcspn(line, " ");
        add_word(&words->store, line, size);
        ends[words->count++] = words->store.size;
        line += size + (line[size] == ' ');
    }
    // Only now it does not move any more.
    size_t begin = 0;
    for (size_t i = 0; i < words->count; i++) {
        words->at[i] =
            (struct bytes){words->store.data + begin, ends[i] - begin};
        begin = ends[i];
    }
}

void schedule_words_deinit(struct schedule_words *words)
{
    text_deinit(&words->store);
}

void schedule_write(const struct schedule *schedule, struct text *out)
{
    for (size_t i = 0; i < schedule->count; i++) {
        struct schedule_words words;
        schedule_split(schedule->steps[i], &words);
        for (size_t j = 0; j < words.count; j++) {
            if (j)
                text_add(out, BYTES(" "));
            text_add(out, words.at[j]);
        }
        text_add(out, BYTES("\n"));
        schedule_words_deinit(&words);
    }
}

const char *schedule_find(const struct schedule *schedule, const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i < schedule->count; i++) {
        const char *step = schedule->steps[i];
        if (!strncmp(step, word, size) &&
            (step[size] == ' ' || step[size] == '\0'))
            return step;
    }
    return NULL;
}
