// client_main.c -- vega-client of stage 3: the router finds a key's node.
// SPDX-License-Identifier: MIT
#include "common/client/cli.h"
#include "stage3-sharding/cluster_tools.h"
#include "stage3-sharding/router.h"

int main(int argc, char **argv)
{
    static const struct cli_stage stage = {
        .make_route = router_create,
        .make_route_of_file = cluster_route_of_file,
        .tools = cluster_tools,
    };
    return client_main(argc, argv, &stage);
}
