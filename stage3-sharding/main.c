// main.c -- vega-server of stage 3: a node of a cluster in the real world.
// SPDX-License-Identifier: MIT
#include "common/server/program.h"
#include "stage1-singlenode/node_config.h"
#include "stage3-sharding/cluster_seed.h"
#include "stage3-sharding/node.h"

// All that settings fill, with the program first, for main_configured.
struct sharded_program {
    struct program program;
    struct node_settings node;
    struct durable_settings durable;
    struct cluster_settings cluster;
    struct cluster_setup setup;
};

static bool main_configured(struct program *program, struct config_error *error)
{
    struct sharded_program *self = (struct sharded_program *)program;
    return cluster_setup_init(&self->setup, program->config, &program->settings,
                              &self->cluster, &program->world, error);
}

static bool main_prepare(struct program *program)
{
    struct sharded_program *self = (struct sharded_program *)program;
    return !*self->cluster.seed ||
           cluster_seed_join(program, &self->setup, &self->cluster);
}

static bool main_finish(void *node)
{
    return sharded_node_finish(node);
}

static void main_run(struct sharded_program *self)
{
    struct program *program = &self->program;
    struct node_world world = {
        .env = program->env,
        .log = &program->log,
        .config = program->config,
        .settings = &program->settings,
        .node_settings = &self->node,
        .program = program->name,
        .config_path = program->config_path,
    };
    struct sharded_node *node =
        sharded_node_create(&world, &self->durable, &self->setup.topology,
                            self->cluster.fault_commands);
    program->node = node;
    program_serve(program, sharded_node_server(node));
    if (sharded_node_is_unusable(node))
        program->exit_code = PROGRAM_EXIT_REFUSED;
    sharded_node_destroy(node);
    program_end(program);
}

int main(int argc, char **argv)
{
    struct sharded_program self = {
        .program =
            {
                .name = "vega-server (stage 3)",
                .rows = {{node_config_rows, &self.node, sizeof self.node},
                         {durable_config_rows, &self.durable,
                          sizeof self.durable},
                         {cluster_config_rows, &self.cluster,
                          sizeof self.cluster}},
                .data_dir = &self.durable.data_dir,
                .snapshot_path = &self.durable.snapshot_path,
                .configured = main_configured,
                .prepare = main_prepare,
                .finish = main_finish,
            },
    };
    if (program_start(&self.program, argc, argv))
        main_run(&self);
    cluster_setup_deinit(&self.setup);
    return self.program.exit_code;
}
