// float_text.c -- see float_text.h.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/float_text.h"

#include <stdio.h>

#include "common/base/check.h"

size_t float_format(char text[FLOAT_TEXT_MAX], long double value)
{
    int written = snprintf(text, FLOAT_TEXT_MAX, "%.17Lf", value);
    check(written > 0 && written < FLOAT_TEXT_MAX);
    size_t size = (size_t)written;
    while (text[size - 1] == '0')
        size--;
    if (text[size - 1] == '.')
        size--;
    // Rounding can leave a zero with a sign.
    if (size == 2 && text[0] == '-' && text[1] == '0')
        text[0] = text[--size];
    return size;
}
