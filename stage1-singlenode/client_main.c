// client_main.c -- vega-client of stage 1: one server, so the direct route.
// SPDX-License-Identifier: MIT
#include "common/client/cli.h"

int main(int argc, char **argv)
{
    return client_main(argc, argv, route_direct_create);
}
