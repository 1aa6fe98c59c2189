// bench_load.c -- templates, keys, and the replies of memcached.
// SPDX-License-Identifier: MIT
#include "common/client/bench_load.h"

#include <string.h>

#include "common/base/check.h"

static void append_value(struct buffer *out,
                         const struct bench_options *options)
{
    struct random random;
    random_init(&random, options->seed);
    for (size_t i = 0; i < options->value_size; i++)
        buffer_append_byte(out, (char)('a' + random_below(&random, 26)));
}

// The key with zeros for digits; notes where they are.
static void append_key(struct load_template *template,
                       const struct bench_options *options)
{
    struct buffer *out = &template->bytes;
    size_t start = out->size;
    buffer_append_text(out, options->prefix);
    template->digits_at = out->size;
    while (out->size - start < options->key_size)
        buffer_append_byte(out, '0');
}

static void prepare_resp(struct load *load, const struct bench_options *options)
{
    struct buffer *set = &load->set.bytes, *get = &load->get.bytes;
    buffer_printf(set, "*3\r\n$3\r\nSET\r\n$%zu\r\n", options->key_size);
    append_key(&load->set, options);
    buffer_printf(set, "\r\n$%zu\r\n", options->value_size);
    append_value(set, options);
    buffer_append_text(set, "\r\n");

    buffer_printf(get, "*2\r\n$3\r\nGET\r\n$%zu\r\n", options->key_size);
    append_key(&load->get, options);
    buffer_append_text(get, "\r\n");
    load->skip = reply_skip;
}

static void prepare_memcached(struct load *load,
                              const struct bench_options *options)
{
    struct buffer *set = &load->set.bytes, *get = &load->get.bytes;
    buffer_append_text(set, "set ");
    append_key(&load->set, options);
    buffer_printf(set, " 0 0 %zu\r\n", options->value_size);
    append_value(set, options);
    buffer_append_text(set, "\r\n");

    buffer_append_text(get, "get ");
    append_key(&load->get, options);
    buffer_append_text(get, "\r\n");
    load->skip = memcached_skip;
}

void load_init(struct load *load, const struct bench_options *options)
{
    *load = (struct load){
        .digits = options->key_size - strlen(options->prefix),
        .keys = options->keys,
        .is_zipfian = options->theta > 0,
        .set_weight = options->set_weight,
        .weights = (uint64_t)options->set_weight + options->get_weight,
    };
    if (load->is_zipfian)
        zipfian_init(&load->zipfian, options->keys, options->theta);
    if (options->memcached)
        prepare_memcached(load, options);
    else
        prepare_resp(load, options);
}

void load_deinit(struct load *load)
{
    buffer_deinit(&load->set.bytes);
    buffer_deinit(&load->get.bytes);
}

size_t load_request_size_max(const struct load *load)
{
    size_t set = load->set.bytes.size, get = load->get.bytes.size;
    return set > get ? set : get;
}

static inline size_t write_request(const struct load_template *template,
                                   size_t digits, char *at, uint64_t key)
{
    memcpy(at, template->bytes.data, template->bytes.size);
    char *last = at + template->digits_at + digits - 1;
    for (; key; key /= 10)
        *last-- = (char)('0' + key % 10);
    return template->bytes.size;
}

size_t load_write_set(const struct load *load, char *at, uint64_t key)
{
    return write_request(&load->set, load->digits, at, key);
}

size_t load_write_get(const struct load *load, char *at, uint64_t key)
{
    return write_request(&load->get, load->digits, at, key);
}

size_t load_write_random(const struct load *load, char *at,
                         struct random *random)
{
    uint64_t key;
    if (load->is_zipfian)
        key = zipfian_scatter(&load->zipfian,
                              zipfian_next(&load->zipfian, random));
    else
        key = random_below(random, load->keys);
    // A pure load needs no second draw.
    bool is_set = load->set_weight == load->weights ||
                  (load->set_weight &&
                   random_below(random, load->weights) < load->set_weight);
    return is_set ? load_write_set(load, at, key)
                  : load_write_get(load, at, key);
}

static bool starts_with(struct slice line, const char *text)
{
    size_t size = strlen(text);
    return line.size >= size && memcmp(line.data, text, size) == 0;
}

// "VALUE key flags bytes": the data and their line end follow, then a line
// "END". `values` counts what is still to come: the line of the reply itself,
// and that END.
static enum reply_result memcached_line(struct reply_skipper *skipper,
                                        struct slice line)
{
    bool is_first = !skipper->started;
    if (is_first)
        *skipper = (struct reply_skipper){.started = true, .values = 1};
    if (is_first && starts_with(line, "VALUE ")) {
        const char *space = memrchr(line.data, ' ', line.size);
        uint64_t bytes = 0;
        for (const char *at = space + 1; at < line.data + line.size; at++) {
            if (*at < '0' || *at > '9' || bytes > INT32_MAX)
                return REPLY_INVALID;
            bytes = bytes * 10 + (uint64_t)(*at - '0');
        }
        skipper->bytes = bytes + 2;
        return REPLY_COMPLETE;
    }
    bool is_end = starts_with(line, "END");
    skipper->is_null = is_first && is_end;
    skipper->is_error = !is_end && !starts_with(line, "STORED");
    skipper->values = 0;
    return REPLY_COMPLETE;
}

enum reply_result memcached_skip(struct reply_skipper *skipper,
                                 struct slice *input)
{
    do {
        size_t size =
            skipper->bytes < input->size ? (size_t)skipper->bytes : input->size;
        *input = (struct slice){input->data + size, input->size - size};
        skipper->bytes -= size;
        if (skipper->bytes || input->size == 0)
            return REPLY_PARTIAL;
        const char *end = memchr(input->data, '\n', input->size);
        if (!end)
            return REPLY_PARTIAL;
        size_t taken = (size_t)(end + 1 - input->data);
        struct slice line = {input->data, taken - (taken > 1 ? 2 : 1)};
        if (memcached_line(skipper, line) == REPLY_INVALID)
            return REPLY_INVALID;
        *input = (struct slice){end + 1, input->size - taken};
    } while (skipper->values);
    skipper->started = false;
    return REPLY_COMPLETE;
}
