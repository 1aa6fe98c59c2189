// server_config.c -- the settings that every stage's server has.
// SPDX-License-Identifier: MIT
#include <stddef.h>

#include "common/server/notify.h"
#include "common/server/server.h"

#define FIELD(name) .offset = offsetof(struct server_settings, name)
#define KB (INT64_C(1) << 10)
#define MB (INT64_C(1) << 20)
#define GB (INT64_C(1) << 30)
#define SECONDS INT64_C(1000)
#define DAYS (86400 * SECONDS)

static const char *const log_levels[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARN] = "warn",
    [LOG_ERROR] = "error",
    NULL,
};

static const struct config_word redis_log_levels[] = {
    {"debug", LOG_DEBUG},
    {"verbose", LOG_INFO},
    {"notice", LOG_INFO},
    {"warning", LOG_WARN},
    {0},
};

// In the order of enum output_class.
static const char *const output_classes[] = {
    [OUTPUT_NORMAL] = "normal",
    [OUTPUT_REPLICA] = "replica",
    [OUTPUT_PUBSUB] = "pubsub",
    NULL,
};

static const char *const log_formats[] = {
    [LOG_TEXT] = "text",
    [LOG_JSON] = "json",
    NULL,
};

static bool are_percentiles(const char *text)
{
    double percent;
    while (command_stats_next_percentile(&text, &percent))
        ;
    return !*text;
}

const struct config_row server_config_rows[] = {
    {
        .key = "bind",
        .type = CONFIG_LIST,
        .fallback = "127.0.0.1",
        FIELD(bind),
        .flag = "--bind",
        .section = "Network",
        .help = "Addresses to listen on: one, or a list like [127.0.0.1, "
                "\"::1\"]. Beyond loopback a password is needed: see "
                "protected_mode.",
        .redis_name = "bind",
    },
    {
        .key = "port",
        .type = CONFIG_INT,
        .fallback = "6379",
        .max = 65535,
        FIELD(port),
        .flag = "--port",
        .section = "Network",
        .help = "TCP port for clients; 0: no TCP, only the unix socket.",
        .redis_name = "port",
    },
    {
        .key = "unix_socket",
        .type = CONFIG_TEXT,
        .fallback = "",
        FIELD(unix_socket),
        .flag = "--unix-socket",
        .section = "Network",
        .help = "Path of a unix socket to listen on as well; empty: none.",
        .redis_name = "unixsocket",
    },
    {
        .key = "unix_socket_mode",
        .type = CONFIG_MODE,
        .fallback = "0700",
        FIELD(unix_socket_mode),
        .section = "Network",
        .help = "Who may connect to the unix socket, as file permissions.",
        .redis_name = "unixsocketperm",
    },
    {
        .key = "backlog",
        .type = CONFIG_INT,
        .fallback = "511",
        .min = 1,
        .max = 65535,
        FIELD(backlog),
        .section = "Network",
        .help = "Connections that the kernel holds until they are accepted; it "
                "takes net.core.somaxconn if that is less.",
        .redis_name = "tcp-backlog",
    },
    {
        .key = "keepalive",
        .type = CONFIG_DURATION,
        .fallback = "300s",
        .max = 32767 * SECONDS, // The most that Linux takes.
        .flags = CONFIG_RUNTIME,
        FIELD(keepalive_ms),
        .section = "Network",
        .help = "Silence after which TCP asks a client whether it still lives, "
                "in whole seconds; 0: never. Holds for new connections.",
        .redis_name = "tcp-keepalive",
    },
    {
        .key = "io_uring",
        .type = CONFIG_BOOL,
        .fallback = "true",
        FIELD(io_uring),
        .section = "Network",
        .help = "Receives from, and sends to, many clients in one system call, "
                "where the system permits it; false: one call for each.",
    },
    {
        .key = "protected_mode",
        .type = CONFIG_BOOL,
        .fallback = "true",
        FIELD(protected_mode),
        .flag = "--protected-mode",
        .section = "Access",
        .help = "Refuses to listen beyond loopback without requirepass.",
        .redis_name = "protected-mode",
    },
    {
        .key = "requirepass",
        .type = CONFIG_TEXT,
        .fallback = "",
        .flags = CONFIG_RUNTIME | CONFIG_SECRET,
        FIELD(requirepass),
        .flag = "--requirepass",
        .section = "Access",
        .help = "Password that clients give with AUTH or HELLO; empty: none.",
        .redis_name = "requirepass",
    },
    {
        .key = "debug_commands",
        .type = CONFIG_BOOL,
        .fallback = "false",
        FIELD(debug_commands),
        .flag = "--debug-commands",
        .section = "Access",
        .help = "Offers DEBUG, which can stall and crash a server: for tests.",
        .redis_name = "enable-debug-command",
    },
    {
        .key = "clients_max",
        .type = CONFIG_INT,
        .fallback = "10000",
        .min = 1,
        .max = 1000000,
        .flags = CONFIG_RUNTIME,
        FIELD(clients_max),
        .flag = "--clients-max",
        .section = "Limits",
        .help = "Connections at a time; one more is told so and closed.",
        .redis_name = "maxclients",
    },
    {
        .key = "timeout",
        .type = CONFIG_DURATION,
        .fallback = "0",
        .max = 365 * DAYS,
        .flags = CONFIG_RUNTIME,
        FIELD(timeout_ms),
        .section = "Limits",
        .help = "A client that is silent for so long is closed; 0: never.",
        .redis_name = "timeout",
    },
    {
        .key = "bulk_max",
        .type = CONFIG_SIZE,
        .fallback = "512MB",
        .min = 1 * MB,
        .max = 1 * GB,
        .flags = CONFIG_RUNTIME,
        FIELD(bulk_max),
        .section = "Limits",
        .help = "Largest single argument of a command, and largest string.",
        .redis_name = "proto-max-bulk-len",
    },
    {
        .key = "input_buffer_max",
        .type = CONFIG_SIZE,
        .fallback = "1GB",
        .min = 1 * MB,
        .max = 64 * GB,
        .flags = CONFIG_RUNTIME,
        FIELD(input_buffer_max),
        .section = "Limits",
        .help = "Bytes of a request that is not complete yet; a client that "
                "sends more is closed.",
        .redis_name = "client-query-buffer-limit",
    },
    {
        .key = "output_buffer_soft",
        .type = CONFIG_SIZE,
        .fallback = "1MB",
        .min = 16 * KB,
        .max = 64 * GB,
        .flags = CONFIG_RUNTIME,
        FIELD(output_buffer_soft),
        .section = "Limits",
        .help = "Replies that a client has not taken yet: above this many "
                "bytes no further request of it is read.",
    },
    {
        .key = "output_buffer_limits",
        .type = CONFIG_LIMITS,
        .fallback = "normal 1GB 0 0 replica 256MB 64MB 60s pubsub 32MB 8MB 60s",
        .choices = output_classes,
        .flags = CONFIG_RUNTIME,
        FIELD(output_limits),
        .section = "Limits",
        .help = "When a client is closed that does not take what it is sent: "
                "above the first size at once, above the second after so long; "
                "0: never. Classes are normal, pubsub (who has subscribed, or "
                "monitors), and replica, for Redis' tools: there are none.",
        .redis_name = "client-output-buffer-limit",
    },
    {
        .key = "log_level",
        .type = CONFIG_CHOICE,
        .fallback = "info",
        .choices = log_levels,
        .redis_words = redis_log_levels,
        .flags = CONFIG_RUNTIME,
        FIELD(log_level),
        .flag = "--log-level",
        .section = "Log",
        .help = "The least important lines that are written.",
        .redis_name = "loglevel",
    },
    {
        .key = "log_format",
        .type = CONFIG_CHOICE,
        .fallback = "text",
        .choices = log_formats,
        FIELD(log_format),
        .flag = "--log-format",
        .section = "Log",
        .help = "Lines for people, or one JSON object each for programs.",
    },
    {
        .key = "log_file",
        .type = CONFIG_TEXT,
        .fallback = "",
        FIELD(log_file),
        .flag = "--log-file",
        .section = "Log",
        .help = "File that lines are appended to; empty: standard error.",
        .redis_name = "logfile",
    },
    {
        .key = "command_times",
        .type = CONFIG_BOOL,
        .fallback = "true",
        .flags = CONFIG_RUNTIME,
        FIELD(command_times),
        .section = "Log",
        .help = "Whether it is measured what commands take, for STATS, INFO, "
                "LATENCY and SLOWLOG. Some 3 % of the CPU time of a GET in a "
                "pipeline; make bench shows it.",
        .redis_name = "latency-tracking",
    },
    {
        .key = "latency_percentiles",
        .type = CONFIG_TEXT,
        .fallback = "50 99 99.9",
        .accepts = are_percentiles,
        .allowed = "percentages from 0 to 100, separated by spaces",
        .redis_allowed = "Invalid latency-tracking-info-percentiles parameters",
        .flags = CONFIG_RUNTIME,
        FIELD(latency_percentiles),
        .section = "Log",
        .help = "Which percentiles of these times INFO latencystats shows.",
        .redis_name = "latency-tracking-info-percentiles",
    },
    {
        .key = "slowlog_log_slower_than",
        .type = CONFIG_INT,
        .fallback = "10000",
        .min = -1,
        .max = INT64_MAX,
        .flags = CONFIG_RUNTIME,
        FIELD(slowlog_log_slower_than),
        .section = "Log",
        .help = "Requests that take so many microseconds to execute are kept "
                "for SLOWLOG; 0: all, -1: none. Below 1000 every request is "
                "timed by itself, which costs pipelined ones some 20 %.",
        .redis_name = "slowlog-log-slower-than",
    },
    {
        .key = "slowlog_max_len",
        .type = CONFIG_INT,
        .fallback = "128",
        .max = 1000000,
        .flags = CONFIG_RUNTIME,
        FIELD(slowlog_max_len),
        .section = "Log",
        .help = "How many of them SLOWLOG keeps.",
        .redis_name = "slowlog-max-len",
    },
    {
        .key = "latency_monitor_threshold",
        .type = CONFIG_INT,
        .fallback = "0",
        .max = INT64_MAX,
        .flags = CONFIG_RUNTIME,
        FIELD(latency_monitor_threshold),
        .section = "Log",
        .help = "Commands that take so many milliseconds are remembered for "
                "LATENCY LATEST and its like; 0: none.",
        .redis_name = "latency-monitor-threshold",
    },
    {
        .key = "databases",
        .type = CONFIG_INT,
        .fallback = "1",
        .min = 1,
        .max = 1,
        FIELD(databases),
        .section = "Store",
        .help = "For Redis' tools, which ask: SELECT takes 0 alone.",
        .redis_name = "databases",
    },
    {
        .key = "hash_seed",
        .type = CONFIG_TEXT,
        .fallback = "",
        .flags = CONFIG_SECRET,
        FIELD(hash_seed),
        .section = "Store",
        .help = "Any text: fixes where keys lie in the tables, for repeatable "
                "measurements. Empty: drawn at each start, so that nobody can "
                "choose keys that collide.",
    },
    {
        .key = "notify_keyspace_events",
        .type = CONFIG_LETTERS,
        .fallback = "",
        .choices = notify_letters,
        .flags = CONFIG_RUNTIME,
        FIELD(notify_keyspace_events),
        .section = "Store",
        .help = "What is published of the life of keys. K: to "
                "__keyspace@0__:KEY, E: to __keyevent@0__:EVENT; and of the "
                "events g (any type), $ (strings), l (lists), s (sets), h "
                "(hashes), z (sorted sets), x (expired), e (evicted), A (all "
                "of these), n (new keys), m (misses). Empty: nothing.",
        .redis_name = "notify-keyspace-events",
    },
    {.key = NULL},
};
