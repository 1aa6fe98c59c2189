// cli_format.h -- replies as text: for people, for pipes, for programs.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CLI_FORMAT_H
#define VEGA_COMMON_CLI_FORMAT_H

#include "common/base/buffer.h"
#include "common/client/vega.h"

enum cli_format {
    CLI_FORMAT_LABELLED, // As redis-cli on a terminal: (integer) 1, "text".
    CLI_FORMAT_RAW,      // The bytes; elements a line each.
    // One JSON value. Bytes that are no UTF-8 become the characters U+0080 to
    // U+00FF; an error is {"error": "..."}.
    CLI_FORMAT_JSON,
};

// Appends the text of a reply and a line end.
void cli_format_reply(struct buffer *out, const struct vega_reply *reply,
                      enum cli_format format);

// Appends the bytes in double quotes, as words_split would read them.
void cli_format_quoted(struct buffer *out, struct slice bytes);
void cli_format_json_text(struct buffer *out, struct slice bytes);

#endif
