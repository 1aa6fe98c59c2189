// cli_docs.h -- what the server says of its commands, for help and completion.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CLI_DOCS_H
#define VEGA_COMMON_CLI_DOCS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/slice.h"
#include "common/client/cli_stage.h"
#include "common/client/vega.h"

// All texts are owned by the docs.
struct doc {
    const char *name; // In lower case; a subcommand: "config get".
    const char *summary;
    const char *since;
    const char *group;
    const char *arguments; // "key value [NX|XX]"
};

// Sorted by name. A zeroed one is empty.
struct docs {
    struct doc *items;
    size_t count, capacity;
};

// Adds what a reply to COMMAND DOCS documents, of either protocol. Whatever in
// it is not as expected is left out.
void docs_add_reply(struct docs *docs, const struct vega_reply *reply);
// Adds the words that the client itself understands, with those of its stage.
void docs_add_client(struct docs *docs, const struct cli_tool *tools);
void docs_deinit(struct docs *docs);

// NULL when there is none of that name, in any case.
const struct doc *docs_find(const struct docs *docs, struct slice name);

#endif
