// config_units.c -- sizes and durations: a whole number and its unit.
// SPDX-License-Identifier: MIT
#include "common/config/config_value.h"

struct unit {
    const char *name; // NULL ends the table.
    int64_t factor;
};

// Largest first. Of several names for a factor, the first is the one written.
static const struct unit size_units[] = {
    {"TB", 1LL << 40}, {"T", 1LL << 40}, {"TiB", 1LL << 40}, {"GB", 1 << 30},
    {"G", 1 << 30},    {"GiB", 1 << 30}, {"MB", 1 << 20},    {"M", 1 << 20},
    {"MiB", 1 << 20},  {"KB", 1 << 10},  {"K", 1 << 10},     {"KiB", 1 << 10},
    {"", 1},           {"B", 1},         {NULL, 0},
};

// No bare number here: "timeout: 5" has meant seconds to some and milliseconds
// to others, and the mistake shows late.
static const struct unit duration_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000},
    {"s", 1000},     {"ms", 1},      {NULL, 0},
};

static bool units_parse(const struct unit *units, struct slice text,
                        int64_t *value)
{
    size_t digits = 0;
    while (digits < text.size && text.data[digits] >= '0' &&
           text.data[digits] <= '9')
        digits++;

    struct slice name = {text.data + digits, text.size - digits};
    while (units->name && !slice_is(name, units->name))
        units++;

    int64_t number, product;
    if (!units->name ||
        !slice_to_int64((struct slice){text.data, digits}, &number) ||
        __builtin_mul_overflow(number, units->factor, &product))
        return false;
    *value = product;
    return true;
}

static void units_format(const struct unit *units, int64_t value,
                         struct buffer *out)
{
    if (value == 0) {
        buffer_append_byte(out, '0');
        return;
    }
    while (value % units->factor != 0)
        units++;
    buffer_printf(out, "%lld%s", (long long)(value / units->factor),
                  units->name);
}

bool config_parse_size(struct slice text, int64_t *bytes)
{
    return units_parse(size_units, text, bytes);
}

bool config_parse_duration(struct slice text, int64_t *ms)
{
    if (slice_is(text, "0")) { // Zero is the same in every unit.
        *ms = 0;
        return true;
    }
    return units_parse(duration_units, text, ms);
}

void config_format_size(int64_t bytes, struct buffer *out)
{
    units_format(size_units, bytes, out);
}

void config_format_duration(int64_t ms, struct buffer *out)
{
    units_format(duration_units, ms, out);
}
