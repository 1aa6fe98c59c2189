// client_main.c -- vega-client of stage 2: one server, so the direct route.
// SPDX-License-Identifier: MIT
#include "common/client/cli.h"

int main(int argc, char **argv)
{
    static const struct cli_stage stage = {.make_route = route_direct_create};
    return client_main(argc, argv, &stage);
}
