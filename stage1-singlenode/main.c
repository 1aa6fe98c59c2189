// main.c -- vega-server of stage 1: a node in the real world.
// SPDX-License-Identifier: MIT
#include "common/server/program.h"
#include "stage1-singlenode/node.h"
#include "stage1-singlenode/node_config.h"

int main(int argc, char **argv)
{
    struct node_settings node_settings;
    struct program program = {
        .name = "vega-server (stage 1)",
        .rows = {{node_config_rows, &node_settings, sizeof node_settings},
                 {memory_only_config_rows, &node_settings,
                  sizeof node_settings}},
    };
    if (!program_start(&program, argc, argv))
        return program.exit_code;
    struct node *node = node_create(&(struct node_world){
        .env = program.env,
        .log = &program.log,
        .config = program.config,
        .settings = &program.settings,
        .node_settings = &node_settings,
        .program = program.name,
        .config_path = program.config_path,
    });
    node_loaded(node);
    program_serve(&program, node_server(node));
    node_destroy(node);
    return program_end(&program);
}
