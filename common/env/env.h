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
#include <string.h>

#include "common/base/slice.h"
#include "common/base/status.h"

struct buffer;

struct env;
struct env_file; // An open file; made by env_disk_open.

// A timer belongs to whoever embeds it and must outlive its running.
struct env_timer {
    void (*fire)(struct env_timer *timer);
    int64_t due_us;   // On the monotonic clock. The env's own.
    size_t position;  // In the env's queue, from 1; 0: not running.
    uint64_t ordinal; // Among equal times, the earlier start fires first.
};

// The disk is two flat directories, which may be one and the same. Where a file
// lives its name says.
enum env_directory {
    ENV_FILES,
    ENV_SNAPSHOTS, // What ends in ".snapshot" or ".snapshot.draft".
};

enum env_io_kind {
    ENV_IO_WRITE,
    ENV_IO_SYNC,       // Of one file's data and size.
    ENV_IO_SYNC_NAMES, // Of `directory`; `file` is not used.
    ENV_IO_CLOSE,      // The env's own.
};

// A disk operation under way. Embedded by its owner, who keeps it and the
// bytes it names alive until `done` was called.
struct env_io {
    void (*done)(struct env_io *io, enum status status);
    struct env_io *next; // The env's own.
    struct env_file *file;
    uint64_t offset;
    struct slice bytes;
    enum env_io_kind kind;
    enum env_directory directory;
    enum status status;
    // Large, and nobody waits for it: it may be overtaken by all that is not
    // patient, and may overtake it. Of one file all are, or none.
    bool patient;
};

// Work for the end of the round: when the node has dealt with the events at
// hand, and before it waits for new ones. What a round gathered (records,
// messages) is passed on there, once for all of it. Embedded by its owner, who
// keeps it alive while it is queued: it cannot be taken back.
struct env_task {
    void (*run)(struct env_task *task);
    struct env_task *next; // The env's own.
    bool queued;           // Waits to run.
};

// Where a job puts the bytes of its file, in order.
struct env_output {
    // After anything but STATUS_OK the job gives up, with that status.
    enum status (*put)(struct env_output *output, struct slice bytes);
    // Says how far the job is, in units of its own; shown as job->progress.
    void (*progress)(struct env_output *output, uint64_t done);
};

// Writes one new file out of the node's memory as it is at the start, while the
// node goes on changing it. (A forked child in the real world; the simulated
// one takes all bytes at once and writes them over virtual time.) Embedded by
// its owner, who keeps it alive until `done`.
struct env_job {
    const char *name; // Of the file, which must not exist. Borrowed.
    // Runs in the job's world, where it sees the node's memory as it was. What
    // it changes, nobody sees; it makes no call of the env.
    enum status (*write)(struct env_job *job, struct env_output *output);
    // After STATUS_OK the file is whole and synced (its name is not: see
    // disk_sync_names). After anything else it was removed, if that was
    // possible: STATUS_FULL when the disk is.
    void (*done)(struct env_job *job, enum status status);
    uint64_t progress; // The env's own.
    uint64_t size;     // Bytes of the file, at `done`. The env's own.
};

enum env_open {
    ENV_OPEN_READ,   // Must exist.
    ENV_OPEN_WRITE,  // Must exist; reads and writes.
    ENV_OPEN_CREATE, // Must not exist; reads and writes.
};

// Messages between nodes, as a network has them. What arrives is what the peer
// `from` sent to this node's id, whole and unchanged; all else is open. It may
// arrive late, in any order, twice, or never; when its sender has died or
// started anew since, or when this node has. Nobody tells the sender. (Links of
// env_posix deliver a message at most once, and in order while a connection
// lasts. Node code does not rely on it, and in the simulator cannot.)
struct env_peers {
    // `body` is borrowed until the callback returns. It may be empty.
    void (*receive)(struct env_peers *peers, uint32_t from, struct slice body);
    // A guest asks, who is of this cluster and no peer. Appends the answer, of
    // ENV_ANSWER_MAX bytes at most. NULL: guests are sent away.
    void (*answer)(struct env_peers *peers, struct slice question,
                   struct buffer *answer);
};

enum { ENV_ANSWER_MAX = 8 * 1024 };

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

    void (*defer)(struct env *env, struct env_task *task);

    // Names hold no '/'.
    enum status (*disk_open)(struct env *env, const char *name,
                             enum env_open how, struct env_file **file);
    void (*disk_close)(struct env *env, struct env_file *file);
    enum status (*disk_size)(struct env *env, struct env_file *file,
                             uint64_t *size);
    // Synchronous, for recovery. *read is short only at the end of the file.
    enum status (*disk_read)(struct env *env, struct env_file *file,
                             uint64_t offset, void *bytes, size_t size,
                             size_t *read);
    // Asynchronous. Writes are done and completed in the order of submission
    // across all files, and so are syncs. A sync covers the writes that were
    // submitted before it, and completes after them; those that come later do
    // not wait for it. What is patient keeps one order for all.
    void (*disk_write)(struct env *env, struct env_io *io);
    void (*disk_sync)(struct env *env, struct env_io *io); // Data and size.
    void (*disk_sync_names)(struct env *env, struct env_io *io);
    // Synchronous changes of names; durable after disk_sync_names.
    enum status (*disk_rename)(struct env *env, const char *from,
                               const char *to);
    enum status (*disk_remove)(struct env *env, const char *name);
    // Synchronous, for recovery: what disk_sync and disk_sync_names, of both
    // directories, do.
    enum status (*disk_sync_now)(struct env *env, struct env_file *file);
    enum status (*disk_sync_names_now)(struct env *env);
    enum status (*disk_write_now)(struct env *env, struct env_file *file,
                                  uint64_t offset, struct slice bytes);
    // Bytes that may still be written to new files in ENV_FILES, about; NULL
    // where nobody knows.
    uint64_t (*disk_free)(struct env *env);
    // Calls `each` for every name; the order is arbitrary.
    enum status (*disk_list)(struct env *env,
                             void (*each)(void *context, const char *name),
                             void *context);

    // Starts the job. One that cannot be started is `done` like any other,
    // later. After job_stop, `done` is not called, and no file is left.
    void (*job_start)(struct env *env, struct env_job *job);
    void (*job_stop)(struct env *env, struct env_job *job);

    // Takes a copy, which leaves at the end of the round. STATUS_OK promises
    // nothing; after anything else the message is dropped: STATUS_FULL when
    // that peer's queue is at its bound, STATUS_INVALID when no message may be
    // as large, STATUS_NOT_FOUND for a peer that this node was not told of, and
    // for the node itself.
    enum status (*peer_send)(struct env *env, uint32_t to, struct slice body);
    // Who receives from now on; what came before is lost. NULL: nobody.
    void (*peer_listen)(struct env *env, struct env_peers *peers);
    // Lets no message through to or from that peer until it is healed, as a cut
    // of the network would: for trying out clusters. STATUS_NOT_FOUND as above.
    // NULL where the network itself can be cut.
    enum status (*peer_cut)(struct env *env, uint32_t peer, bool cut);
};

struct env {
    const struct env_ops *ops;
};

static inline bool env_name_ends(const char *name, const char *end)
{
    size_t size = strlen(name), end_size = strlen(end);
    return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

static inline enum env_directory env_directory_of(const char *name)
{
    return env_name_ends(name, ".snapshot") ||
                   env_name_ends(name, ".snapshot.draft")
               ? ENV_SNAPSHOTS
               : ENV_FILES;
}

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

// Runs `task` once, at the end of the round. Harmless for one that waits.
static inline void env_defer(struct env *env, struct env_task *task)
{
    env->ops->defer(env, task);
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

static inline void env_disk_sync_names(struct env *env, struct env_io *io)
{
    env->ops->disk_sync_names(env, io);
}

static inline enum status env_disk_write_now(struct env *env,
                                             struct env_file *file,
                                             uint64_t offset,
                                             struct slice bytes)
{
    return env->ops->disk_write_now(env, file, offset, bytes);
}

static inline enum status env_disk_sync_now(struct env *env,
                                            struct env_file *file)
{
    return env->ops->disk_sync_now(env, file);
}

static inline enum status env_disk_sync_names_now(struct env *env)
{
    return env->ops->disk_sync_names_now(env);
}

static inline uint64_t env_disk_free(struct env *env)
{
    return env->ops->disk_free ? env->ops->disk_free(env) : UINT64_MAX;
}

static inline void env_job_start(struct env *env, struct env_job *job)
{
    env->ops->job_start(env, job);
}

static inline void env_job_stop(struct env *env, struct env_job *job)
{
    env->ops->job_stop(env, job);
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

// STATUS_DENIED where this is no business of a node.
static inline enum status env_peer_cut(struct env *env, uint32_t peer, bool cut)
{
    return env->ops->peer_cut ? env->ops->peer_cut(env, peer, cut)
                              : STATUS_DENIED;
}

#endif
