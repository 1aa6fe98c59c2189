// float_text.h -- sums with a fraction as the text that a reader expects: no
// exponent, at most 17 digits after the point, no zeros at the end.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_FLOAT_TEXT_H
#define VEGA_STAGE1_FLOAT_TEXT_H

#include <stddef.h>

// The integral part of the largest long double, a sign, a point, 17 digits and
// a terminator.
enum { FLOAT_TEXT_MAX = 5 * 1024 };

// Writes the text of a finite value; returns its size.
size_t float_format(char text[FLOAT_TEXT_MAX], long double value);

#endif
