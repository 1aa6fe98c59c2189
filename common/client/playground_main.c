// playground_main.c -- vega-playground: a whole cluster by one command, and a
// prompt at which to kill, pause and cut its nodes.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/client/playground.h"
#include "common/client/playground_options.h"
#include "common/client/playground_prompt.h"

enum { NODES_USUAL = 5 };

// How many nodes there will be; 0 after saying why that cannot be.
static size_t choose_count(const struct playground *playground,
                           const struct playground_options *options)
{
    const struct playground_place *place = &playground->place;
    if (!playground_is_cluster(playground)) {
        if (options->nodes <= 1)
            return 1;
        fprintf(stderr,
                "vega-playground: stage %d is one node; --nodes is for stage 3 "
                "and later\n",
                place->stage);
        return 0;
    }
    size_t there = playground_place_count_nodes(place);
    if (!there)
        return options->nodes ? options->nodes : NODES_USUAL;
    if ((!options->nodes || options->nodes == there) &&
        there <= PLAYGROUND_NODES_MAX)
        return there;
    // Other nodes would get the slots, and not the keys.
    fprintf(stderr,
            "vega-playground: %s has data of %zu nodes; leave --nodes out, or "
            "choose another --dir\n",
            place->directory, there);
    return 0;
}

// As it is typed where we are.
static const char *from_here(const char *path)
{
    char here[4096];
    size_t size;
    if (!getcwd(here, sizeof here))
        return path;
    size = strlen(here);
    return !strncmp(path, here, size) && path[size] == '/' ? path + size + 1
                                                           : path;
}

static void greet(const struct playground *playground)
{
    const struct playground_place *place = &playground->place;
    unsigned port = playground->nodes[0].port;
    bool cluster = playground_is_cluster(playground);
    printf("Stage %d, %zu node%s, in %s\n\n", place->stage, playground->count,
           playground->count == 1 ? "" : "s", place->directory);
    printf("  %s -p %u\n", from_here(place->client), port);
    printf("  redis-cli %s-p %u\n", cluster ? "-c " : "", port);
    printf("  tail -f %s/*.log\n\n", place->directory);
    printf("Type status, help or quit.\n");
    fflush(stdout);
}

static enum playground_exit run(struct playground *playground, size_t count)
{
    bool done = playground_start(playground, count);
    if (done) {
        greet(playground);
        done = playground_prompt(playground);
    } else if (playground->ending) {
        done = true;
    } else {
        fprintf(stderr, "%.*svega-playground: no cluster came up\n",
                SLICE_PRINT(buffer_slice(&playground->news)));
    }
    playground_end(playground);
    return done ? PLAYGROUND_DONE : PLAYGROUND_FAILED;
}

static enum playground_exit
run_in_place(const struct playground_options *options)
{
    struct playground playground = {0};
    enum playground_exit result = PLAYGROUND_WRONG;
    if (playground_place_open(&playground.place, options->stage,
                              options->directory)) {
        size_t count = choose_count(&playground, options);
        if (count)
            result = run(&playground, count);
    }
    playground_place_close(&playground.place);
    return result;
}

int main(int argc, char **argv)
{
    struct playground_options options;
    switch (playground_options_parse(&options, argc, argv)) {
    case CLI_PARSED_HELP:
        playground_print_usage(stdout);
        return PLAYGROUND_DONE;
    case CLI_PARSED_VERSION:
        puts("vega-playground " VEGA_VERSION);
        return PLAYGROUND_DONE;
    case CLI_PARSED:
        return run_in_place(&options);
    default:
        fputs("See vega-playground --help.\n", stderr);
        return PLAYGROUND_WRONG;
    }
}
