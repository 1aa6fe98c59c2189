// test_server_config.c -- the settings that every stage's server has.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include "common/server/server.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

TEST(the_defaults_are_those_of_a_small_safe_server)
{
    struct server_settings settings;
    struct config *config = config_create();
    config_add(config, server_config_rows, &settings);
    ck_assert_str_eq(settings.bind, "127.0.0.1");
    ck_assert_int_eq(settings.port, 6379);
    ck_assert_str_eq(settings.unix_socket, "");
    ck_assert_int_eq(settings.unix_socket_mode, 0700);
    ck_assert(settings.protected_mode);
    ck_assert_str_eq(settings.requirepass, "");
    ck_assert_int_eq(settings.backlog, 511);
    ck_assert_int_eq(settings.clients_max, 10000);
    ck_assert_int_eq(settings.timeout_ms, 0);
    ck_assert_int_eq(settings.keepalive_ms, 300 * 1000);
    ck_assert(settings.io_uring);
    ck_assert_int_eq(settings.bulk_max, 512 << 20);
    ck_assert_int_eq(settings.input_buffer_max, 1 << 30);
    ck_assert_int_eq(settings.output_buffer_soft, 1 << 20);
    ck_assert_int_eq(settings.output_limits[OUTPUT_NORMAL].hard, 1 << 30);
    ck_assert_int_eq(settings.log_level, LOG_INFO);
    ck_assert_int_eq(settings.log_format, LOG_TEXT);
    ck_assert_str_eq(settings.log_file, "");
    ck_assert_str_eq(settings.hash_seed, "");
    ck_assert(!settings.debug_commands);
    config_destroy(config);
}

static void collect(void *context, const char *key, const char *value)
{
    buffer_printf(context, "%s=%s", key, value);
}

// As a client of Redis asks for them and expects them.
static const struct {
    const char *name, *found;
} known_to_redis[] = {
    {"bind", "bind=127.0.0.1"},
    {"port", "port=6379"},
    {"unixsocket", "unixsocket="},
    {"unixsocketperm", "unixsocketperm=700"},
    {"protected-mode", "protected-mode=yes"},
    {"requirepass", "requirepass="},
    {"tcp-backlog", "tcp-backlog=511"},
    {"maxclients", "maxclients=10000"},
    {"timeout", "timeout=0"},
    {"tcp-keepalive", "tcp-keepalive=300"},
    {"proto-max-bulk-len", "proto-max-bulk-len=536870912"},
    {"client-query-buffer-limit", "client-query-buffer-limit=1073741824"},
    {"loglevel", "loglevel=notice"},
    {"logfile", "logfile="},
    {"enable-debug-command", "enable-debug-command=no"},
    {"save", ""}, // What is not there yet is not made up.
    {"appendonly", ""},
};

TEST_FOR(redis_clients_find_what_they_know, COUNT(known_to_redis))
{
    struct server_settings settings;
    struct config *config = config_create();
    config_add(config, server_config_rows, &settings);
    struct buffer found = {0};
    config_get(config, slice_of(known_to_redis[_i].name), collect, &found);
    buffer_append_byte(&found, '\0');
    ck_assert_str_eq(found.data, known_to_redis[_i].found);
    buffer_deinit(&found);
    config_destroy(config);
}

static const struct {
    const char *key, *value;
    enum status status;
} sets[] = {
    {"requirepass", "hush", STATUS_OK},
    {"timeout", "60", STATUS_OK},
    {"tcp-keepalive", "0", STATUS_OK},
    {"maxclients", "10", STATUS_OK},
    {"proto-max-bulk-len", "1mb", STATUS_OK},
    {"client-query-buffer-limit", "1048576", STATUS_OK},
    {"output_buffer_soft", "2MB", STATUS_OK},
    {"output_buffer_limits", "normal 2MB 0 0", STATUS_OK},
    {"loglevel", "debug", STATUS_OK},
    // What was decided at start, or opens a door.
    {"port", "7000", STATUS_DENIED},
    {"bind", "0.0.0.0", STATUS_DENIED},
    {"protected-mode", "no", STATUS_DENIED},
    {"enable-debug-command", "yes", STATUS_DENIED},
    {"logfile", "/etc/passwd", STATUS_DENIED},
    {"unixsocket", "/tmp/x", STATUS_DENIED},
    {"hash_seed", "1", STATUS_DENIED},
};

TEST_FOR(a_client_changes_limits_and_opens_no_doors, COUNT(sets))
{
    struct server_settings settings;
    struct config *config = config_create();
    config_add(config, server_config_rows, &settings);
    struct config_error error;
    ck_assert_int_eq(config_set(config, slice_of(sets[_i].key),
                                slice_of(sets[_i].value), &error),
                     sets[_i].status);
    config_destroy(config);
}

TEST(every_row_helps_and_has_a_section)
{
    for (const struct config_row *row = server_config_rows; row->key; row++) {
        ck_assert_msg(row->section && *row->section, "%s", row->key);
        ck_assert_msg(row->help && row->help[strlen(row->help) - 1] == '.',
                      "%s", row->key);
    }
}
