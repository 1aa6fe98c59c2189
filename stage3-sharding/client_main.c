// client_main.c -- vega-client of stage 3: the router finds a key's node.
// SPDX-License-Identifier: MIT
#include "common/client/cli.h"
#include "stage3-sharding/router.h"

int main(int argc, char **argv)
{
    return client_main(argc, argv, router_create);
}
