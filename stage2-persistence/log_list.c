// log_list.c -- the files of a log, as a directory shows them.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/log_list.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "stage2-persistence/record.h"

// The header, and what looks like a record behind it.
enum { FRONT_SIZE = SEGMENT_HEADER_SIZE + RECORD_HEADER_SIZE };

static void log_list_add(void *context, const char *name)
{
    struct log_list *list = context;
    struct log_segment segment = {0};
    if (!segment_parse_name(name, &segment.first_lsn))
        return;
    segment_format_name(segment.name, segment.first_lsn);
    list->segments =
        xrealloc(list->segments, (list->count + 1) * sizeof *list->segments);
    list->segments[list->count++] = segment;
}

static int log_segment_compare(const void *left, const void *right)
{
    const struct log_segment *a = left, *b = right;
    return (a->first_lsn > b->first_lsn) - (a->first_lsn < b->first_lsn);
}

static enum status log_segment_read(struct log_segment *segment,
                                    struct env *env, char front[FRONT_SIZE],
                                    size_t *read)
{
    struct env_file *file;
    enum status status =
        env_disk_open(env, segment->name, ENV_OPEN_READ, &file);
    if (status != STATUS_OK)
        return status;
    status = env_disk_size(env, file, &segment->size);
    if (status == STATUS_OK)
        status = env_disk_read(env, file, 0, front, FRONT_SIZE, read);
    env_disk_close(env, file);
    return status;
}

static enum segment_result log_segment_judge(struct log_segment *segment,
                                             struct slice front,
                                             uint32_t *version)
{
    enum segment_result result =
        segment_decode(front, &segment->header, version);
    segment->valid =
        result == SEGMENT_OK && segment->header.first_lsn == segment->first_lsn;
    if (segment->valid)
        segment->durable = segment->header.durable;
    else if (front.size > SEGMENT_HEADER_SIZE)
        segment->headless =
            record_resembles((struct slice){front.data + SEGMENT_HEADER_SIZE,
                                            front.size - SEGMENT_HEADER_SIZE},
                             segment->first_lsn);
    return result;
}

enum status log_list_read(struct log_list *list, struct env *env)
{
    *list = (struct log_list){.file = ""};
    enum status status = env_disk_list(env, log_list_add, list);
    if (list->count != 0)
        qsort(list->segments, list->count, sizeof *list->segments,
              log_segment_compare);
    for (size_t i = 0; status == STATUS_OK && i < list->count; i++) {
        struct log_segment *segment = &list->segments[i];
        char front[FRONT_SIZE];
        size_t read = 0;
        uint32_t version;
        status = log_segment_read(segment, env, front, &read);
        if (status != STATUS_OK) {
            list->file = segment->name;
        } else if (log_segment_judge(segment, (struct slice){front, read},
                                     &version) == SEGMENT_NEWER) {
            list->file = segment->name;
            list->version = version;
        }
    }
    return status;
}

void log_list_deinit(struct log_list *list)
{
    free(list->segments);
    *list = (struct log_list){0};
}
