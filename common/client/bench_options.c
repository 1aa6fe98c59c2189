// bench_options.c -- one row an option: its name, its reader, its help.
// SPDX-License-Identifier: MIT
#include "common/client/bench_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/client/zipfian.h"

static const double RATE_MAX = 1e9, SECONDS_MAX = 1e6;
static const int64_t OPS_MAX = INT64_MAX / 2;

static bool read_number(const char *text, int64_t min, int64_t max,
                        uint64_t *value)
{
    int64_t number;
    if (!cli_parse_number(text, min, max, &number))
        return false;
    *value = (uint64_t)number;
    return true;
}

static bool read_small(const char *text, int64_t max, uint32_t *value)
{
    uint64_t number;
    if (!read_number(text, 1, max, &number))
        return false;
    *value = (uint32_t)number;
    return true;
}

static bool read_real(const char *text, double max, double *value)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end || !(number > 0 && number <= max))
        return false;
    *value = number;
    return true;
}

static bool set_threads(struct bench_options *options, const char *text)
{
    return read_small(text, BENCH_THREADS_MAX, &options->threads);
}

static bool set_connections(struct bench_options *options, const char *text)
{
    return read_small(text, BENCH_CONNECTIONS_MAX, &options->connections);
}

static bool set_pipeline(struct bench_options *options, const char *text)
{
    return read_small(text, BENCH_PIPELINE_MAX, &options->pipeline);
}

static bool set_ops(struct bench_options *options, const char *text)
{
    return read_number(text, 0, OPS_MAX, &options->ops);
}

static bool set_seconds(struct bench_options *options, const char *text)
{
    return read_real(text, SECONDS_MAX, &options->seconds);
}

// "1:9"; not both may be 0.
static bool set_ratio(struct bench_options *options, const char *text)
{
    const unsigned long max = 1000 * 1000;
    char *end;
    unsigned long set = strtoul(text, &end, 10);
    if (end == text || *end != ':')
        return false;
    const char *second = end + 1;
    unsigned long get = strtoul(second, &end, 10);
    if (end == second || *end || set > max || get > max || set + get == 0)
        return false;
    options->set_weight = (uint32_t)set;
    options->get_weight = (uint32_t)get;
    return true;
}

static bool set_keys(struct bench_options *options, const char *text)
{
    return read_number(text, 1, ZIPFIAN_COUNT_MAX, &options->keys);
}

static bool set_distribution(struct bench_options *options, const char *text)
{
    static const double theta_of_ycsb = 0.99;
    if (strcmp(text, "uniform") == 0) {
        options->theta = 0;
        return true;
    }
    if (strcmp(text, "zipfian") == 0) {
        options->theta = theta_of_ycsb;
        return true;
    }
    static const char prefix[] = "zipfian:";
    size_t size = sizeof prefix - 1;
    double theta;
    if (strncmp(text, prefix, size) != 0 ||
        !read_real(text + size, 1, &theta) || theta >= 1)
        return false;
    options->theta = theta;
    return true;
}

static bool set_value_size(struct bench_options *options, const char *text)
{
    return read_number(text, 0, BENCH_VALUE_SIZE_MAX, &options->value_size);
}

static bool set_key_size(struct bench_options *options, const char *text)
{
    return read_number(text, 1, BENCH_KEY_SIZE_MAX, &options->key_size);
}

static bool set_prefix(struct bench_options *options, const char *text)
{
    options->prefix = text;
    return true;
}

static bool set_rate(struct bench_options *options, const char *text)
{
    return read_real(text, RATE_MAX, &options->rate);
}

static bool set_protocol(struct bench_options *options, const char *text)
{
    options->memcached = strcmp(text, "memcached") == 0;
    return options->memcached || strcmp(text, "resp") == 0;
}

static bool set_seed(struct bench_options *options, const char *text)
{
    return read_number(text, 0, INT64_MAX, &options->seed);
}

static bool set_preload(struct bench_options *options, const char *text)
{
    (void)text;
    return options->preload = true;
}

static bool set_json(struct bench_options *options, const char *text)
{
    (void)text;
    return options->json = true;
}

static bool set_progress(struct bench_options *options, const char *text)
{
    (void)text;
    return options->progress = true;
}

struct bench_row {
    const char *name;
    const char *value; // What stands behind it; NULL: nothing.
    bool (*set)(struct bench_options *options, const char *text);
    const char *help;
};

static const struct bench_row bench_rows[] = {
    {"threads", "N", set_threads, "threads of the client (1)"},
    {"connections", "N", set_connections, "connections, over all threads (50)"},
    {"pipeline", "P", set_pipeline, "requests under way on each (1)"},
    {"ops", "N", set_ops, "requests in all (100000)"},
    {"seconds", "S", set_seconds, "run so long instead"},
    {"ratio", "S:G", set_ratio, "sets to gets (1:9)"},
    {"keys", "N", set_keys, "number of different keys (100000)"},
    {"distribution", "D", set_distribution,
     "uniform (default) or zipfian[:THETA] (0.99)"},
    {"value-size", "N", set_value_size, "bytes of a value (64)"},
    {"key-size", "N", set_key_size, "bytes of a key (16)"},
    {"prefix", "TEXT", set_prefix, "what a key begins with (key:)"},
    {"rate", "R", set_rate,
     "open loop: R requests a second, latencies\n"
     "                     from when each should have been sent"},
    {"preload", NULL, set_preload, "first write every key once, unmeasured"},
    {"seed", "N", set_seed, "of keys and values (1)"},
    {"protocol", "NAME", set_protocol, "resp (default) or memcached"},
    {"json", NULL, set_json, "report as JSON"},
    {"progress", NULL, set_progress,
     "a line each second even when standard error\n"
     "                     is no terminal"},
};

enum { BENCH_ROWS = sizeof bench_rows / sizeof *bench_rows };

static void print_row(FILE *out, const struct bench_row *row)
{
    int width =
        fprintf(out, "  --%s %s", row->name, row->value ? row->value : "");
    fprintf(out, "%*s%s\n", width < 21 ? 21 - width : 1, "", row->help);
}

void bench_print_usage(FILE *out)
{
    fputs("Usage: vega-client [options] bench [bench options]\n"
          "\n"
          "Loads the server and reports throughput and latency.\n"
          "\n",
          out);
    for (size_t i = 0; i < BENCH_ROWS; i++)
        print_row(out, &bench_rows[i]);
    fputs("\nExit: 0 done, 1 there were errors, 2 no connection.\n", out);
}

void bench_options_init(struct bench_options *options,
                        const struct vega_options *server)
{
    *options = (struct bench_options){
        .server = *server,
        .threads = 1,
        .connections = 50,
        .pipeline = 1,
        .ops = 100 * 1000,
        .set_weight = 1,
        .get_weight = 9,
        .keys = 100 * 1000,
        .value_size = 64,
        .key_size = 16,
        .prefix = "key:",
        .seed = 1,
        .progress = isatty(STDERR_FILENO),
    };
}

static const struct bench_row *row_of(const char *name, size_t size)
{
    for (size_t i = 0; i < BENCH_ROWS; i++)
        if (strlen(bench_rows[i].name) == size &&
            strncmp(bench_rows[i].name, name, size) == 0)
            return &bench_rows[i];
    return NULL;
}

static enum cli_parsed refuse(const char *argument, const char *why)
{
    fprintf(stderr, "vega-client bench: %s: %s\n", argument, why);
    return CLI_PARSED_WRONG;
}

static enum cli_parsed refuse_value(const struct bench_row *row,
                                    const char *value)
{
    fprintf(stderr, "vega-client bench: --%s: '%s' is not allowed\n", row->name,
            value);
    print_row(stderr, row);
    return CLI_PARSED_WRONG;
}

// "--name value" and "--name=value".
enum cli_parsed bench_options_parse(struct bench_options *options, int argc,
                                    const char *const *argv)
{
    for (int i = 1; i < argc; i++) {
        const char *argument = argv[i];
        if (strcmp(argument, "--help") == 0)
            return CLI_PARSED_HELP;
        if (strncmp(argument, "--", 2) != 0)
            return refuse(argument, "an option begins with --");
        size_t size = strcspn(argument + 2, "=");
        const struct bench_row *row = row_of(argument + 2, size);
        if (!row)
            return refuse(argument, "no such option");
        const char *value = argument[2 + size] ? argument + 3 + size : NULL;
        if (!row->value && value)
            return refuse(argument, "takes no value");
        if (row->value && !value && i + 1 < argc)
            value = argv[++i];
        if (row->value && !value)
            return refuse(argument, "needs a value");
        if (!row->set(options, value))
            return refuse_value(row, value);
    }
    return bench_options_check(options) ? CLI_PARSED : CLI_PARSED_WRONG;
}

bool bench_options_check(const struct bench_options *options)
{
    size_t prefix = strlen(options->prefix);
    size_t digits = (size_t)snprintf(NULL, 0, "%llu",
                                     (unsigned long long)options->keys - 1);
    if (prefix + digits > options->key_size) {
        fprintf(stderr,
                "vega-client bench: keys of %zu bytes have no room for the "
                "prefix and %zu digits\n",
                options->key_size, digits);
        return false;
    }
    if (options->connections < options->threads) {
        fputs("vega-client bench: each thread needs a connection\n", stderr);
        return false;
    }
    return true;
}
