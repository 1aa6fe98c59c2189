// allocations.h -- what the graded code has allocated and not given back.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_LAB3_ALLOCATIONS_H
#define VEGA_LABS_LAB3_ALLOCATIONS_H

#include <stddef.h>

size_t allocations_size(void); // Bytes.

#endif
