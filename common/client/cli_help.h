// cli_help.h -- what HELP says and what Tab does: text from the docs.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CLI_HELP_H
#define VEGA_COMMON_CLI_HELP_H

#include "common/base/buffer.h"
#include "common/client/cli_docs.h"
#include "common/client/cli_words.h"

// Appends the answer to `words`, the first of which is "help".
void cli_help(struct buffer *out, const struct docs *docs,
              const struct words *words);

// What Tab does behind `line`, which ends at the cursor: `insert` gets what is
// to be typed for the user, as far as it is certain; if it is nothing, `show`
// gets the possible words, or the arguments that the command takes.
void cli_complete(const struct docs *docs, struct slice line,
                  struct buffer *insert, struct buffer *show);

#endif
