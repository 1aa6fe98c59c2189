// cluster_tools.h -- the words that vega-client of stage 3 answers itself:
// what they take, whom they ask, what they print.
//
//     cluster status | doctor | keys-moved, explain KEY
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_TOOLS_H
#define VEGA_STAGE3_CLUSTER_TOOLS_H

#include "common/client/cli_stage.h"

extern const struct cli_tool cluster_tools[];

// For cli_stage: a router to the nodes of cluster.yaml.
struct route *cluster_route_of_file(const struct vega_options *options,
                                    const char *path);

#endif
