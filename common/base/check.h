// check.h -- assertions that stay in the product.
//
// A failed check is a bug in VegaDB, never bad input: it says where and stops
// the process. It is never compiled out.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CHECK_H
#define VEGA_COMMON_CHECK_H

#define check(condition)                                                       \
    (__builtin_expect(!!(condition), 1)                                        \
         ? (void)0                                                             \
         : check_failed(#condition, __FILE__, __LINE__))

// Writes "file:line: check failed: condition" to standard error and aborts.
_Noreturn void check_failed(const char *condition, const char *file, int line);

#endif
