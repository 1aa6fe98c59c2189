// sim_files.h -- the disk_ operations of a simulated process.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_FILES_H
#define VEGA_COMMON_SIM_FILES_H

#include "common/env/env.h"
#include "common/sim/sim_process.h"

// As in env.h.
enum status sim_files_open(struct env *env, const char *name, enum env_open how,
                           struct env_file **file);
void sim_files_close(struct env *env, struct env_file *file);
enum status sim_files_size(struct env *env, struct env_file *file,
                           uint64_t *size);
enum status sim_files_read(struct env *env, struct env_file *file,
                           uint64_t offset, void *bytes, size_t size,
                           size_t *read);
void sim_files_write(struct env *env, struct env_io *io);
void sim_files_sync(struct env *env, struct env_io *io);
void sim_files_sync_names(struct env *env, struct env_io *io);
enum status sim_files_rename(struct env *env, const char *from, const char *to);
enum status sim_files_remove(struct env *env, const char *name);
enum status sim_files_sync_now(struct env *env, struct env_file *file);
enum status sim_files_sync_names_now(struct env *env);
enum status sim_files_write_now(struct env *env, struct env_file *file,
                                uint64_t offset, struct slice bytes);
uint64_t sim_files_free_space(struct env *env);
enum status sim_files_list(struct env *env,
                           void (*each)(void *context, const char *name),
                           void *context);

// What the end of a lane fires.
void sim_io_ended(struct env_timer *end);

// When the process dies: decides about the operations under way and lets go of
// the files, whose handles remain for the node to close.
void sim_files_drop(struct sim_process *process);

// Frees the handles that nobody has closed.
void sim_files_free(struct sim_process *process);

#endif
