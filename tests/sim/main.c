// main.c -- vega-sim: nodes of a stage in the simulated world.
//
//     vega-sim --stage 3 --seeds 1..500    runs with these seeds, each twice
//     vega-sim --stage 3 --seed 7 -v       one of them, as a readable trace
//     vega-sim --stage 3 --seed 7 --html FILE     and as a picture
//     vega-sim --stage 3 --seed 7 --shrink        made small, if it fails
//     vega-sim --stage 3 --seed 7 --keep 2,5,9 -v     with these parts of it
//     vega-sim --stage 2 --every-call [STRIDE]
//         the scripts, with a crash at every (every STRIDE-th) call of the disk
//     vega-sim --stage 2 --script N --crash CALL,HOW,KILL -v    one of those
//     vega-sim --stage 2 --flips [STRIDE]
//         the scripts, then one flipped bit in every (STRIDE-th) byte
// SPDX-License-Identifier: MIT
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/seeds.h"
#include "tests/sim/stage2/stage2.h"
#include "tests/sim/stage3/stage3.h"

// One program, one run at a time; static for the signal.
static struct trace main_trace;

// The node itself says that it has a bug.
static void main_aborted(int signal)
{
    (void)signal;
    trace_print_failure(&main_trace, "the node aborted");
    _Exit(EXIT_FAILURE);
}

// ---- Arguments

static int main_usage(void)
{
    fputs("usage: vega-sim --stage 2|3 [-v] [--seed N | --seeds FIRST..LAST]\n"
          "       vega-sim --stage 3 --seed N [--html FILE | --shrink |\n"
          "           --keep PART,PART...] [-v]\n"
          "       vega-sim --stage 2 [--every-call [STRIDE] | --flips [STRIDE] "
          "|\n"
          "           --script N --crash CALL,HOW,KILL] [-v]\n",
          stderr);
    return 2;
}

struct main_options {
    const char *stage, *seed, *seeds, *every_call, *flips, *script, *crash;
    const char *keep, *html;
    bool shrink;
};

// The value of an option, if this is it. One that may be left out is 1.
static bool main_option(const char *name, bool optional, const char **value,
                        char ***argv)
{
    if (strcmp(**argv, name) != 0)
        return false;
    const char *next = (*argv)[1];
    bool given = next && next[0] != '-';
    *value = given ? next : optional ? "1" : NULL;
    *argv += given;
    return *value != NULL;
}

static bool main_read_options(char **argv, struct main_options *options)
{
    for (argv++; *argv; argv++) {
        if (!strcmp(*argv, "-v"))
            main_trace.all = true;
        else if (!strcmp(*argv, "--shrink"))
            options->shrink = true;
        else if (!main_option("--stage", false, &options->stage, &argv) &&
                 !main_option("--seed", false, &options->seed, &argv) &&
                 !main_option("--seeds", false, &options->seeds, &argv) &&
                 !main_option("--every-call", true, &options->every_call,
                              &argv) &&
                 !main_option("--flips", true, &options->flips, &argv) &&
                 !main_option("--script", false, &options->script, &argv) &&
                 !main_option("--crash", false, &options->crash, &argv) &&
                 !main_option("--keep", false, &options->keep, &argv) &&
                 !main_option("--html", false, &options->html, &argv))
            return false;
    }
    return true;
}

static uint64_t main_number(const char *text)
{
    return strtoull(text, NULL, 10);
}

static uint64_t main_stride(const char *text)
{
    uint64_t stride = main_number(text);
    return stride ? stride : 1;
}

// ---- Seeds

static bool main_seeds(const struct seed_stage *stage,
                       const struct main_options *options)
{
    char *end;
    const char *seeds = options->seed ? options->seed : options->seeds;
    uint64_t first = strtoull(seeds, &end, 10), last = first;
    if (!strncmp(end, "..", 2))
        last = main_number(end + 2);
    return seeds_run(stage, first, last, &main_trace);
}

// What the last run has done, as a page.
static bool main_draw(const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        return false;
    }
    sim_sequence_write_html(
        main_trace.picture, main_trace.again,
        main_trace.reason[0] ? main_trace.reason : "No rule was broken.", file);
    return fclose(file) == 0;
}

static bool main_one_cluster(const struct main_options *options)
{
    uint64_t seed = main_number(options->seed);
    if (options->shrink)
        return stage3_shrink(&main_trace, seed);
    if (options->keep)
        return stage3_keep(&main_trace, seed, options->keep);
    return main_seeds(&stage3_seeds, options);
}

static bool main_stage3(const struct main_options *options)
{
    struct sim_sequence picture = {0};
    if (!options->seed)
        return main_seeds(&stage3_seeds, options);
    if (options->html)
        main_trace.picture = &picture;
    bool kept = main_one_cluster(options);
    if (options->html)
        kept &= main_draw(options->html);
    sim_sequence_deinit(&picture);
    return kept;
}

static bool main_stage2(const struct main_options *options)
{
    if (options->script && options->crash)
        return stage2_one_crash(&main_trace, options->script, options->crash);
    if (options->every_call)
        return stage2_every_call(&main_trace, main_stride(options->every_call));
    if (options->flips)
        return stage2_flips(&main_trace, main_stride(options->flips));
    return main_seeds(&stage2_seeds, options);
}

int main(int argc, char **argv)
{
    struct main_options options = {.stage = "2", .seeds = "1..100"};
    if (argc < 1 || !main_read_options(argv, &options))
        return main_usage();
    signal(SIGABRT, main_aborted);
    bool kept;
    if (!strcmp(options.stage, "3"))
        kept = main_stage3(&options);
    else if (!strcmp(options.stage, "2"))
        kept = main_stage2(&options);
    else
        return main_usage();
    return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
