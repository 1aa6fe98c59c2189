// server.h -- what all sessions of a node share: settings, the command table,
// the stack of layers, the clock of execution, and counters.
//
// A server knows no sockets. frontend.h connects sessions to real ones; the
// simulator connects them to its own.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SERVER_H
#define VEGA_COMMON_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/list.h"
#include "common/base/logger.h"
#include "common/base/random.h"
#include "common/config/config.h"
#include "common/env/env.h"
#include "common/server/admission.h"
#include "common/server/blocked.h"
#include "common/server/command.h"
#include "common/server/command_stats.h"
#include "common/server/gate.h"
#include "common/server/health.h"
#include "common/server/info.h"
#include "common/server/laps.h"
#include "common/server/latency_monitor.h"
#include "common/server/layer.h"
#include "common/server/pubsub.h"
#include "common/server/request.h"
#include "common/server/slowlog.h"
#include "common/wire/resp.h"

enum {
    SERVER_BATCH_MAX = 64,         // Requests parsed and prefetched together.
    SERVER_SPARE_BUFFERS = 64,     // Output buffers kept for the next round.
    SERVER_SPARE_SIZE = 16 * 1024, // Bytes of each.
    SERVER_TICK_US = 100 * 1000,
    SERVER_BUSY_TICK_US = 1500, // While a layer has more to do.
};

#define VEGA_VERSION "0.1.0"
#define SERVER_REDIS_VERSION "7.0.15" // What clients are told to expect.

// Of clients, as to how much may wait for them.
enum output_class { OUTPUT_NORMAL, OUTPUT_REPLICA, OUTPUT_PUBSUB };
enum { OUTPUT_CLASSES = OUTPUT_PUBSUB + 1 };

// Filled by the rows of server_config_rows.
struct server_settings {
    char *bind; // Addresses, separated by spaces.
    int64_t port;
    char *unix_socket; // "": none.
    int64_t unix_socket_mode;
    bool protected_mode;
    char *requirepass; // "": none.
    int64_t backlog;
    int64_t clients_max;
    int64_t timeout_ms;   // An idle client is closed after it; 0: never.
    int64_t keepalive_ms; // TCP keepalive; 0: off.
    bool io_uring;        // If the system has it; see io_batch.h.
    int64_t bulk_max;
    int64_t input_buffer_max;   // Of a client's unfinished request.
    int64_t output_buffer_soft; // Above it a client is not read from.
    // Above them it is closed.
    struct config_limit output_limits[OUTPUT_CLASSES];
    int log_level;   // enum log_level
    int log_format;  // enum log_format
    char *log_file;  // "": standard error.
    char *hash_seed; // "": drawn at random.
    // Microseconds; -1: nothing is logged.
    bool command_times;
    char *latency_percentiles; // "50 99 99.9"
    int64_t slowlog_log_slower_than;
    int64_t slowlog_max_len;
    int64_t latency_monitor_threshold; // Milliseconds; 0: off.
    bool debug_commands;
    int64_t databases;
    int64_t notify_keyspace_events; // enum notify_class
};

extern const struct config_row server_config_rows[];

struct server_stats {
    uint64_t connections_received;
    uint64_t connections_rejected;
    uint64_t commands_processed;
    uint64_t net_input_bytes;
    uint64_t net_output_bytes;
    uint64_t error_replies;
    uint64_t output_overflows; // Clients closed for too much output.
    int64_t since_ms;          // When counting began (CONFIG RESETSTAT).
};

// What happens in a second, measured over the last one or so.
struct server_rates {
    uint64_t commands;
    uint64_t input_bytes, output_bytes;
    struct server_stats sample; // At sample_us.
    int64_t sample_us;
};

// While data are read at the start, kept by whoever reads them. The store is
// theirs then: nothing goes down the stack, no layer gets a tick, and time for
// the store is what was recorded. Clients get what needs no data, and LOADING
// for the rest.
struct server_loading {
    bool active;
    uint64_t done, total; // Bytes.
    int64_t started_ms;   // Wall clock.
};

// Bytes of the process; 0 is unknown.
struct world_memory {
    size_t allocated; // See memory_allocated.
    size_t resident;
};

struct server {
    struct env *env;
    struct logger *log;
    struct config *config;
    const struct server_settings *settings;
    struct command_table *commands;
    struct layer *stack;         // The top layer.
    struct admission *admission; // NULL: everything is admitted.
    const char *program;         // "vega-server stage 1", for INFO and logs.
    const char *config_path;     // "" without a file.
    char run_id[41];             // 40 hex digits, drawn at start.
    int64_t started_ms;          // Wall clock.

    // Adds what only the process knows (CPU time, resident memory); NULL in the
    // simulator.
    void (*world_info)(struct server *server, struct info *info);

    // Asks the process for its memory; NULL in the simulator.
    void (*world_memory)(struct server *server, struct world_memory *memory);

    struct list_link sessions; // All, oldest first.
    uint64_t session_count;
    uint64_t session_next_id;
    uint64_t parked_count;
    struct list_link monitors; // Sessions that sent MONITOR.
    struct list_link lagging;  // Above the soft limit of their output.
    struct pubsub pubsub;
    struct blocked_keys blocked;
    struct gate gate; // What may leave the node.
    struct server_loading loading;
    bool clustered; // Keys live in slots, and there is one database.
    bool stopping;  // No new sessions, no new input; what was read is finished.

    int64_t now_ms;              // Of execution: never goes back.
    int64_t http_quiet_until_ms; // See dispatch.c.
    struct random random;
    bool ascending; // A transaction's reply comes up: nothing may go down.
    struct completion completion; // What every session's requests end in.
    struct env_timer tick;
    struct server_stats stats;
    struct server_rates per_second;

    // Scratch of the batch that runs now; one thread, so one is enough.
    struct resp_parser parser;
    struct request batch[SERVER_BATCH_MAX];
    size_t batch_end[SERVER_BATCH_MAX]; // Input bytes up to each one's end.
    struct request *prepared[SERVER_BATCH_MAX];
    struct buffer spare[SERVER_SPARE_BUFFERS];
    uint32_t spare_count;
    uint64_t *calls; // Per command id.
    int64_t step_ns; // When a transaction's last step ended; -1: not timed.
    struct laps laps;

    struct command_stats command_stats;
    struct slowlog slowlog;
    struct latency_monitor latency;
};

// `server` is zeroed memory with env, log, config, settings, commands, stack
// and program set, all borrowed. Registers no commands itself: see
// server_add_commands. `admission` may be set too.
void server_init(struct server *server);
// All sessions must be gone.
void server_deinit(struct server *server);

// Adds the rows that every stage has: connection, CLIENT, COMMAND, CONFIG,
// INFO and so on (commands_*.c of this folder).
void server_add_commands(struct command_table *table);

// Reads the wall clock and moves now_ms forward, never back.
void server_update_now(struct server *server);

// Moves now_ms forward to what was recorded, whatever the clock says: what was
// executed is never followed by something earlier.
void server_raise_now(struct server *server, int64_t now_ms);

// Of the data that are being loaded: 0 to 100.
double server_loading_percent(const struct server *server);

// An output buffer from the spare ones, and back. Whatever is returned is
// emptied; a large one is freed.
void server_take_buffer(struct server *server, struct buffer *buffer);
void server_return_buffer(struct server *server, struct buffer *buffer);

// The session with this id, or NULL.
struct session *server_session(struct server *server, uint64_t id);

// Stops taking new input; sessions end when their last reply was sent.
void server_stop(struct server *server);

// Sets all counters to zero, those of the layers too (CONFIG RESETSTAT).
void server_reset_stats(struct server *server);

// Fills INFO: the server's own sections, then every layer's.
void server_info(struct server *server, struct info *info);

#endif
