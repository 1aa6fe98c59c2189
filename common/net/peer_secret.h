// peer_secret.h -- the secret that the nodes of a cluster share, from where the
// operator put it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_PEER_SECRET_H
#define VEGA_COMMON_PEER_SECRET_H

#include <stdbool.h>

#include "common/base/buffer.h"

// Shorter ones could be guessed by who has heard one greeting.
enum { PEER_SECRET_SIZE_MIN = 16, PEER_SECRET_SIZE_MAX = 1024 };

// Takes the secret from `text` (of the environment) or from the file `path`,
// whichever is not NULL; neither: it is empty. Blanks and line ends behind it
// do not belong to it. On false *why says what is wrong, in static words, and
// *secret is empty: both were given, a file that cannot be read or that others
// may read, or a size out of bounds.
bool peer_secret_load(const char *path, const char *text, struct buffer *secret,
                      const char **why);

#endif
