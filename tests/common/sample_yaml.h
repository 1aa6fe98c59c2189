// sample_yaml.h -- whether the sample file of a stage is its rows, in words.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_COMMON_SAMPLE_YAML_H
#define VEGA_TESTS_COMMON_SAMPLE_YAML_H

#include "common/config/config.h"

// Rows, and where their settings are in a struct of all settings.
struct sample_part {
    const struct config_row *rows; // NULL ends the parts.
    size_t offset;
};

struct sample_yaml {
    const char *path; // From the top.
    struct sample_part parts[5];
};

// The caller's; `settings` is the struct of all settings.
struct config *sample_yaml_config(const struct sample_yaml *sample,
                                  void *settings);

// The file is what --sample-config prints.
void sample_yaml_expect_rows(const struct sample_yaml *sample, void *settings);
// Loading the file changes no default. Two structs of all settings.
void sample_yaml_expect_defaults(const struct sample_yaml *sample,
                                 void *settings, void *others);
// The file has every key: one that is left out would keep its default and pass
// unseen.
void sample_yaml_expect_keys(const struct sample_yaml *sample);

#endif
