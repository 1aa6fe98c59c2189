// main.c -- vega-server of stage 2: a durable node in the real world.
// SPDX-License-Identifier: MIT
#include "common/server/program.h"
#include "stage1-singlenode/node_config.h"
#include "stage2-persistence/node.h"

static bool main_finish(void *node)
{
    return durable_node_finish(node);
}

int main(int argc, char **argv)
{
    struct node_settings node_settings;
    struct durable_settings durable_settings;
    struct program program = {
        .name = "vega-server (stage 2)",
        .rows = {{node_config_rows, &node_settings, sizeof node_settings},
                 {durable_config_rows, &durable_settings,
                  sizeof durable_settings}},
        .data_dir = &durable_settings.data_dir,
        .snapshot_path = &durable_settings.snapshot_path,
        .finish = main_finish,
    };
    if (!program_start(&program, argc, argv))
        return program.exit_code;
    struct node_world world = {
        .env = program.env,
        .log = &program.log,
        .config = program.config,
        .settings = &program.settings,
        .node_settings = &node_settings,
        .program = program.name,
        .config_path = program.config_path,
    };
    struct durable_node *node = durable_node_create(&world, &durable_settings);
    program.node = node;
    program_serve(&program, durable_node_server(node));
    if (durable_node_is_unusable(node))
        program.exit_code = PROGRAM_EXIT_REFUSED;
    durable_node_destroy(node);
    return program_end(&program);
}
