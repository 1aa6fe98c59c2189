// cli_stage.c -- what a stage brings to vega-client.
// SPDX-License-Identifier: MIT
#include "common/client/cli_stage.h"

#include <strings.h>

// Whether the words begin with those of `name`; *count of them then.
static bool begins_with(const struct words *words, const char *name,
                        size_t *count)
{
    size_t at = 0;
    while (*name) {
        size_t size = strcspn(name, " ");
        if (at == words->count || words->sizes[at] != size ||
            strncasecmp(words->argv[at], name, size) != 0)
            return false;
        at++;
        name += size + (name[size] == ' ');
    }
    *count = at;
    return true;
}

const struct cli_tool *cli_tool_find(const struct cli_tool *tools,
                                     const struct words *words, size_t *first)
{
    for (; tools && tools->name; tools++) {
        if (begins_with(words, tools->name, first))
            return tools;
    }
    return NULL;
}
