// subject_script.c -- steps as lines and as words.
// SPDX-License-Identifier: MIT
#include "labs/harness/subject_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"

void subject_script_add(struct subject_script *script, const char *line)
{
    script->steps =
        xrealloc(script->steps, (script->count + 1) * sizeof *script->steps);
    script->steps[script->count++] = xstrdup(line);
}

void subject_script_clear(struct subject_script *script)
{
    for (size_t i = 0; i < script->count; i++)
        free(script->steps[i]);
    free(script->steps);
    *script = (struct subject_script){0};
}

uint64_t subject_script_seed(const struct subject_script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        if (!strncmp(script->steps[i], "seed ", 5))
            return strtoull(script->steps[i] + 5, NULL, 10);
    }
    return 1;
}

void subject_words_split(struct subject_words *words, const char *line)
{
    words->count = 0;
    words->all = xstrdup(line);
    const char *text = strchr(line, ' ');
    snprintf(words->text, sizeof words->text, "%s", text ? text + 1 : "");
    for (char *word = strtok(words->all, " ");
         word && words->count < SUBJECT_WORDS_MAX; word = strtok(NULL, " "))
        words->at[words->count++] = word;
}

void subject_words_deinit(struct subject_words *words)
{
    free(words->all);
}

const char *subject_word(const struct subject_words *words, size_t index)
{
    return index < words->count ? words->at[index] : "";
}

uint64_t subject_number(const struct subject_words *words, size_t index)
{
    return strtoull(subject_word(words, index), NULL, 10);
}
