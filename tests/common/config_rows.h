// config_rows.h -- one row of each type, for the tests of settings.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_CONFIG_ROWS_H
#define VEGA_TESTS_CONFIG_ROWS_H

#include "common/config/config.h"

struct test_settings {
    int64_t port;     // 6379, 0 to 65535; --port
    bool verbose;     // false; --verbose; Redis' "chatty"; run time
    int64_t mode;     // 0640
    int64_t heap_max; // 1MB, 1KB to 1GB; Redis' "maxheap"; run time
    int64_t pause_ms; // 5s, 0 to 1h; Redis' "pause"; run time
    char *name;       // "vega"; run time
    char *addresses;  // "a b"
    int level;        // low, middle, high
    char *password;   // ""; --password; secret; run time
};

extern const struct config_row test_config_rows[];
enum { TEST_CONFIG_ROWS = 9 };

// A config of these rows that fills `settings`.
struct config *test_config_create(struct test_settings *settings);

// The row with this key.
const struct config_row *test_config_row(const char *key);

#endif
