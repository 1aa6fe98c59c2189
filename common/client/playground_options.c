// playground_options.c -- the command line of vega-playground.
// SPDX-License-Identifier: MIT
#include "common/client/playground_options.h"

#include <getopt.h>

#include "common/client/playground_order.h"

enum { STAGE_MAX = 5 };

void playground_print_usage(FILE *out)
{
    fprintf(
        out,
        "Usage: vega-playground [options]\n"
        "\n"
        "Starts servers on free ports of this machine, all of them as one\n"
        "store, and offers a prompt to try them out: kill one, pause one,\n"
        "cut the network between them, and see what clients see. Ctrl-C,\n"
        "or the end of input, ends them all.\n"
        "\n"
        "  --stage S   of which stage: 1 to %d (the newest that is built)\n"
        "  --nodes N   how many: 1 to %d (5; one before stage 3)\n"
        "  --dir DIR   keeps data and logs there, and goes on with what is\n"
        "              there; without it they are gone at the end\n"
        "  --help, --version\n"
        "\n"
        "Exit: 0 done, 1 the servers did not come up or an order could\n"
        "not be done, 2 a wrong option.\n",
        STAGE_MAX, PLAYGROUND_NODES_MAX);
}

static enum cli_parsed refuse(const char *option, const char *text, int max)
{
    fprintf(stderr, "vega-playground: %s %s: a number from 1 to %d is needed\n",
            option, text, max);
    return CLI_PARSED_WRONG;
}

enum cli_parsed playground_options_parse(struct playground_options *options,
                                         int argc, char **argv)
{
    enum { STAGE = 256, NODES, DIRECTORY, HELP, VERSION };
    static const struct option longs[] = {
        {"stage", required_argument, NULL, STAGE},
        {"nodes", required_argument, NULL, NODES},
        {"dir", required_argument, NULL, DIRECTORY},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {0},
    };
    *options = (struct playground_options){0};
    optind = 0; // A fresh scan, as getopt(3) of glibc wants it.
    int64_t number;
    for (int letter;
         (letter = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        switch (letter) {
        case STAGE:
            if (!cli_parse_number(optarg, 1, STAGE_MAX, &number))
                return refuse("--stage", optarg, STAGE_MAX);
            options->stage = (int)number;
            break;
        case NODES:
            if (!cli_parse_number(optarg, 1, PLAYGROUND_NODES_MAX, &number))
                return refuse("--nodes", optarg, PLAYGROUND_NODES_MAX);
            options->nodes = (size_t)number;
            break;
        case DIRECTORY:
            options->directory = optarg;
            break;
        case HELP:
            return CLI_PARSED_HELP;
        case VERSION:
            return CLI_PARSED_VERSION;
        default:
            return CLI_PARSED_WRONG;
        }
    }
    if (optind == argc)
        return CLI_PARSED;
    fprintf(stderr, "vega-playground: %s: no such option\n", argv[optind]);
    return CLI_PARSED_WRONG;
}
