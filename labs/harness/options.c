// options.c -- reads the grader's command line.
// SPDX-License-Identifier: MIT
#include "labs/harness/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS_MAX = 1000 * 1000 };

// One option. It takes an argument as it is or reads it, or it has none.
struct row {
    const char *name;
    int letter; // Its short form, or 0.
    const char **text;
    bool (*read)(struct options *options, const char *argument);
    bool *mark;
};

// "A..B", or "A".
static bool read_seeds(struct options *options, const char *argument)
{
    struct graded *graded = &options->graded;
    char *end;
    graded->first_seed = graded->last_seed = strtoull(argument, &end, 10);
    if (!strncmp(end, "..", 2))
        graded->last_seed = strtoull(end + 2, &end, 10);
    options->has_seeds = true;
    return *end == '\0' && end != argument && graded->first_seed > 0 &&
           graded->first_seed <= graded->last_seed &&
           graded->last_seed - graded->first_seed < SEEDS_MAX;
}

static bool read_replay(struct options *options, const char *argument)
{
    options->only = argument;
    options->is_replay = true;
    return true;
}

static bool read_number(const char *argument, size_t *number)
{
    char *end;
    *number = strtoull(argument, &end, 10);
    return *end == '\0' && end != argument;
}

static bool read_until(struct options *options, const char *argument)
{
    return read_number(argument, &options->replay.until);
}

static bool read_seeds_max(struct options *options, const char *argument)
{
    return read_number(argument, &options->seeds_max);
}

static bool apply(const struct row *row, struct options *options,
                  const char *argument)
{
    if (row->read)
        return row->read(options, argument);
    if (row->text)
        *row->text = argument;
    else
        *row->mark = true;
    return true;
}

bool options_read(struct options *options, int argc, char **argv)
{
    struct graded *graded = &options->graded;
    struct replay *replay = &options->replay;
    const struct row rows[] = {
        {"only", 'k', .text = &options->only},
        {"seeds", .read = read_seeds},
        {"seeds-max", .read = read_seeds_max},
        {"until-fail", .mark = &graded->until_fail},
        {"server", .text = &graded->server},
        {"foreign", .mark = &graded->is_foreign},
        {"store", .text = &graded->store},
        {"subject", .text = &graded->subject},
        {"out", .text = &graded->out},
        {"json", .text = &options->json},
        {"junit", .text = &options->junit},
        {"replay", .read = read_replay},
        {"until", .read = read_until},
        {"whole", .mark = &replay->whole},
        {"html", .text = &replay->html},
        {"gdb", .mark = &replay->gdb},
        {"verbose", 'v', .mark = &replay->verbose},
    };
    enum { ROWS = sizeof rows / sizeof *rows, LONG = 256 };
    struct option names[ROWS + 1] = {0};
    for (int i = 0; i < ROWS; i++)
        names[i] = (struct option){
            rows[i].name, rows[i].mark ? no_argument : required_argument, NULL,
            rows[i].letter ? rows[i].letter : LONG + i};
    int value;
    while ((value = getopt_long(argc, argv, "k:v", names, NULL)) != -1) {
        int i = 0;
        while (i < ROWS && names[i].val != value)
            i++;
        if (i == ROWS || !apply(&rows[i], options, optarg))
            return false;
    }
    options->lab = argv[optind];
    return graded->server && optind + 1 == argc;
}
