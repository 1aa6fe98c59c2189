// recovery_world.c -- see recovery_world.h.
// SPDX-License-Identifier: MIT
#include "tests/stage2/recovery_world.h"

#include <stdio.h>
#include <string.h>

#include "common/server/server.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/store_layer.h"
#include "stage2-persistence/record.h"
#include "tests/stage2/snapshot_harness.h"
#include "tests/test.h"

enum { STEPS_MAX = 100000 };

void recovery_world_init(struct recovery_world_of *world)
{
    *world = (struct recovery_world_of){0};
    sim_init(&world->sim, 1);
    world->disk = sim_disk_create(&world->sim);
}

void recovery_world_deinit(struct recovery_world_of *world)
{
    sim_disk_destroy(world->disk);
    sim_deinit(&world->sim);
}

void recovery_world_put(struct recovery_world_of *world, struct log_file *file)
{
    sim_disk_put(world->disk, file->name, buffer_slice(&file->bytes));
    buffer_deinit(&file->bytes);
}

size_t recovery_world_add(struct log_file *file, uint64_t durable)
{
    char lsn[INT64_TEXT_MAX];
    size_t at = file->bytes.size;
    struct slice argv[] = {
        SLICE("SET"),
        {lsn, int64_format(lsn, (int64_t)file->next_lsn)},
        SLICE("value"),
    };
    struct record record = {
        .kind = RECORD_COMMAND,
        .lsn = file->next_lsn,
        .term = 7,
        .durable = durable,
        .now_ms = RECOVERY_WORLD_MS + (int64_t)file->next_lsn++,
    };
    record_encode(&file->bytes, file->salt, &record, argv, 3);
    return at;
}

void recovery_world_log(struct recovery_world_of *world, uint64_t first_lsn,
                        uint64_t count, uint64_t durable)
{
    struct log_file file =
        log_file_begin(100 + (uint32_t)first_lsn, first_lsn,
                       durable < first_lsn ? durable : first_lsn - 1);
    for (uint64_t lsn = first_lsn; lsn < first_lsn + count; lsn++)
        recovery_world_add(&file, durable < lsn ? durable : lsn - 1);
    log_file_add_zeros(&file, 1000);
    recovery_world_put(world, &file);
}

void recovery_world_snapshot(struct recovery_world_of *world, int keys)
{
    struct store *store = snapshot_store(1);
    struct buffer bytes = {0};
    for (int i = 0; i < keys; i++) {
        char key[32];
        snprintf(key, sizeof key, "snap:%d", i);
        snapshot_put(store, key, "value");
    }
    snapshot_bytes(store, false, &bytes);
    sim_disk_put(world->disk, snapshot_name, buffer_slice(&bytes));
    buffer_deinit(&bytes);
    store_destroy(store);
}

static void note_end(struct recovery_world_of *world,
                     const struct recovery *recovery, const struct store *store)
{
    snprintf(world->error, sizeof world->error, "%s", recovery_error(recovery));
    world->keys = store_count(store);
    if (world->end == RECOVERY_DONE)
        world->result = *recovery_result(recovery);
}

static void run(struct recovery_world_of *world, struct recovery *recovery,
                int64_t budget_us)
{
    uint64_t last = 0, done, total;
    world->end = RECOVERY_MORE;
    world->went_back = false;
    for (world->steps = 0;
         world->steps < STEPS_MAX && world->end == RECOVERY_MORE;
         world->steps++) {
        world->end = recovery_run(recovery, budget_us);
        recovery_progress(recovery, &done, &total);
        world->went_back |= done < last || done > total;
        last = done;
    }
}

void recovery_world_run(struct recovery_world_of *world, int64_t budget_us)
{
    struct sim_process *process =
        sim_process_start(&world->sim, world->disk, "node");
    static const struct hash_secret secret = {{2}};
    struct store *store = store_create(&secret);
    struct store_layer layer;
    store_layer_init(&layer, store, &process->env);
    struct command_table *commands = command_table_create();
    server_add_commands(commands);
    store_add_commands(commands);
    struct recovery *recovery = recovery_create(&(struct recovery_world){
        &process->env, NULL, store, &layer.layer, commands});

    run(world, recovery, budget_us);
    note_end(world, recovery, store);
    world->died = process->dead;

    sim_process_kill(process);
    recovery_destroy(recovery);
    command_table_destroy(commands);
    store_destroy(store);
    sim_process_free(process);
}

size_t recovery_world_durable(struct recovery_world_of *world, const char *name)
{
    struct slice content;
    if (sim_disk_durable(world->disk, name, &content) != STATUS_OK)
        return 0;
    return content.size;
}
