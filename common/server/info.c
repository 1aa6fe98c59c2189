// info.c -- collects the sections that a client asked for.
// SPDX-License-Identifier: MIT
#include "common/server/info.h"

#include <stdarg.h>

#include "common/base/check.h"

void info_init(struct info *info, const struct slice *wanted, size_t count)
{
    *info = (struct info){.wanted = wanted, .wanted_count = count};
}

void info_deinit(struct info *info)
{
    for (size_t i = 0; i < info->count; i++)
        buffer_deinit(&info->sections[i].text);
    info->count = 0;
    info->current = NULL;
}

static bool is_wanted(const struct info *info, const char *name, bool extra)
{
    if (info->wanted_count == 0)
        return !extra;
    for (size_t i = 0; i < info->wanted_count; i++) {
        struct slice wanted = info->wanted[i];
        if (slice_is(wanted, name) || slice_is(wanted, "all") ||
            slice_is(wanted, "everything") ||
            (!extra && slice_is(wanted, "default")))
            return true;
    }
    return false;
}

static struct info_section *find_section(struct info *info, const char *name)
{
    for (size_t i = 0; i < info->count; i++) {
        if (!strcmp(info->sections[i].name, name))
            return &info->sections[i];
    }
    return NULL;
}

void info_section(struct info *info, const char *name, bool extra)
{
    info->current = NULL;
    if (!is_wanted(info, name, extra))
        return;
    info->current = find_section(info, name);
    if (info->current)
        return;
    check(info->count < INFO_SECTIONS_MAX);
    check(strlen(name) < sizeof info->sections->name);
    info->current = &info->sections[info->count++];
    memcpy(info->current->name, name, strlen(name) + 1);
}

void info_field(struct info *info, const char *field, const char *format, ...)
{
    if (!info->current)
        return;
    struct buffer *text = &info->current->text;
    buffer_printf(text, "%s:", field);
    va_list args;
    va_start(args, format);
    buffer_vprintf(text, format, args);
    va_end(args);
    buffer_append_text(text, "\r\n");
}

void info_format(const struct info *info, struct buffer *out)
{
    for (size_t i = 0; i < info->count; i++) {
        const struct info_section *section = &info->sections[i];
        buffer_printf(out, "%s# %s\r\n", i ? "\r\n" : "", section->name);
        buffer_append_slice(out, buffer_slice(&section->text));
    }
}
