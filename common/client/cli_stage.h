// cli_stage.h -- what a stage brings to vega-client: how commands find their
// server, and words that the client answers itself.
//
// A tool is such a word, or two: "cluster status". Whoever types it asks the
// client, in any case of letters, on the command line and at the prompt; every
// other command goes to the server, also one that begins with the same word.
// Standard input is commands for the server, and no tools.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CLI_STAGE_H
#define VEGA_COMMON_CLI_STAGE_H

#include "common/client/cli_options.h"
#include "common/client/cli_words.h"
#include "common/client/route.h"

struct cli_tool {
    const char *name;      // In lower case.
    const char *arguments; // "KEY [--json]", for people.
    const char *summary;   // A sentence without its dot.
    // `words` are those behind the name. Prints what there is to say.
    enum cli_exit (*run)(const struct cli_options *options,
                         const struct words *words);
};

struct cli_stage {
    // route_direct_create, or the stage's router.
    struct route *(*make_route)(const struct vega_options *options);
    // The same for the servers that a file lists (-c). NULL after saying why
    // on standard error. The whole of it NULL: a stage of one server.
    struct route *(*make_route_of_file)(const struct vega_options *options,
                                        const char *path);
    const struct cli_tool *tools; // Up to one without a name; NULL: none.
};

// The tool that these words name, whose arguments begin at words->argv[*first];
// NULL: they are a command for the server.
const struct cli_tool *cli_tool_find(const struct cli_tool *tools,
                                     const struct words *words, size_t *first);

#endif
