// sample.h -- different random indexes: for SRANDMEMBER and the like.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_SAMPLE_H
#define VEGA_STAGE1_SAMPLE_H

#include <stddef.h>

#include "common/base/random.h"

// `count` <= `size` different indexes below `size`; every choice of them is
// equally likely, though not every order. Owned by the caller.
size_t *sample_indexes(struct random *random, size_t size, size_t count);

#endif
