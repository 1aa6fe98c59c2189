// env.h -- the world, as seen from inside a node.
//
// Code of a node reaches clocks, timers, randomness, disks and peers through
// this struct alone. env_posix is the real world; the simulator is another,
// with virtual time and every fault, and the same object files run in both.
//
// All calls are made on the node's thread, and all callbacks come on it, never
// from inside the call that caused them. Times are microseconds unless a name
// says otherwise.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_ENV_H
#define VEGA_COMMON_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/slice.h"
#include "common/base/status.h"

struct env;
struct env_file; // An open file; made by env_disk_open.

// A timer belongs to whoever embeds it and must outlive its running.
struct env_timer {
    void (*fire)(struct env_timer *timer);
    int64_t due_us;   // On the monotonic clock. The env's own.
    size_t position;  // In the env's queue, from 1; 0: not running.
    uint64_t ordinal; // Among equal times, the earlier start fires first.
};

// A disk operation under way. Embedded by its owner, who keeps it and the
// bytes it names alive until `done` was called.
struct env_io {
    void (*done)(struct env_io *io, enum status status);
    struct env_io *next; // The env's own.
    struct env_file *file;
    uint64_t offset;
    struct slice bytes;
    bool is_sync;
    enum status status;
};

enum env_open {
    ENV_OPEN_READ,   // Must exist.
    ENV_OPEN_WRITE,  // Must exist; reads and writes.
    ENV_OPEN_CREATE, // Must not exist; reads and writes.
};

// Messages between nodes: at most once, in any order, or never, as on a
// network. What was received is borrowed until the callback returns.
struct env_peers {
    void (*receive)(struct env_peers *peers, uint32_t from, struct slice body);
};

struct env_ops {
    int64_t (*now_us)(struct env *env);  // Monotonic; the zero is arbitrary.
    int64_t (*wall_us)(struct env *env); // Since 1970; may jump either way.
    // As now_us, for measuring what takes less; NULL where there is no finer
    // clock than that.
    int64_t (*now_ns)(struct env *env);
    void (*random)(struct env *env, void *bytes, size_t size); // Unguessable.

    void (*timer_start)(struct env *env, struct env_timer *timer,
                        int64_t after_us);
    void (*timer_stop)(struct env *env, struct env_timer *timer);

    // The disk is one flat directory. Names hold no '/'.
    enum status (*disk_open)(struct env *env, const char *name,
                             enum env_open how, struct env_file **file);
    void (*disk_close)(struct env *env, struct env_file *file);
    enum status (*disk_size)(struct env *env, struct env_file *file,
                             uint64_t *size);
    // Synchronous, for recovery. *read is short only at the end of the file.
    enum status (*disk_read)(struct env *env, struct env_file *file,
                             uint64_t offset, void *bytes, size_t size,
                             size_t *read);
    // Asynchronous, completed in the order of submission across all files.
    void (*disk_write)(struct env *env, struct env_io *io);
    void (*disk_sync)(struct env *env, struct env_io *io); // Data and size.
    // Synchronous changes of names; durable after disk_sync_names.
    enum status (*disk_rename)(struct env *env, const char *from,
                               const char *to);
    enum status (*disk_remove)(struct env *env, const char *name);
    enum status (*disk_sync_names)(struct env *env);
    // Calls `each` for every name; the order is arbitrary.
    enum status (*disk_list)(struct env *env,
                             void (*each)(void *context, const char *name),
                             void *context);

    // Takes a copy. STATUS_FULL when that peer's queue is at its bound,
    // STATUS_NOT_FOUND for a peer that this node was not told of.
    enum status (*peer_send)(struct env *env, uint32_t to, struct slice body);
    void (*peer_listen)(struct env *env, struct env_peers *peers);
};

struct env {
    const struct env_ops *ops;
};

static inline int64_t env_now_us(struct env *env)
{
    return env->ops->now_us(env);
}

static inline int64_t env_now_ns(struct env *env)
{
    return env->ops->now_ns ? env->ops->now_ns(env)
                            : env->ops->now_us(env) * 1000;
}

static inline int64_t env_wall_us(struct env *env)
{
    return env->ops->wall_us(env);
}

static inline void env_random(struct env *env, void *bytes, size_t size)
{
    env->ops->random(env, bytes, size);
}

// Fires once, `after_us` from now. Starting a running timer moves it.
static inline void env_timer_start(struct env *env, struct env_timer *timer,
                                   int64_t after_us)
{
    env->ops->timer_start(env, timer, after_us);
}

// Harmless for a timer that is not running.
static inline void env_timer_stop(struct env *env, struct env_timer *timer)
{
    env->ops->timer_stop(env, timer);
}

static inline enum status env_disk_open(struct env *env, const char *name,
                                        enum env_open how,
                                        struct env_file **file)
{
    return env->ops->disk_open(env, name, how, file);
}

static inline void env_disk_close(struct env *env, struct env_file *file)
{
    env->ops->disk_close(env, file);
}

static inline enum status env_disk_size(struct env *env, struct env_file *file,
                                        uint64_t *size)
{
    return env->ops->disk_size(env, file, size);
}

static inline enum status env_disk_read(struct env *env, struct env_file *file,
                                        uint64_t offset, void *bytes,
                                        size_t size, size_t *read)
{
    return env->ops->disk_read(env, file, offset, bytes, size, read);
}

static inline void env_disk_write(struct env *env, struct env_io *io)
{
    env->ops->disk_write(env, io);
}

static inline void env_disk_sync(struct env *env, struct env_io *io)
{
    env->ops->disk_sync(env, io);
}

static inline enum status env_disk_rename(struct env *env, const char *from,
                                          const char *to)
{
    return env->ops->disk_rename(env, from, to);
}

static inline enum status env_disk_remove(struct env *env, const char *name)
{
    return env->ops->disk_remove(env, name);
}

static inline enum status env_disk_sync_names(struct env *env)
{
    return env->ops->disk_sync_names(env);
}

static inline enum status
env_disk_list(struct env *env, void (*each)(void *context, const char *name),
              void *context)
{
    return env->ops->disk_list(env, each, context);
}

static inline enum status env_peer_send(struct env *env, uint32_t to,
                                        struct slice body)
{
    return env->ops->peer_send(env, to, body);
}

static inline void env_peer_listen(struct env *env, struct env_peers *peers)
{
    env->ops->peer_listen(env, peers);
}

#endif
