// slice.c -- comparing, reading numbers from, and matching borrowed bytes.
// SPDX-License-Identifier: MIT
#include "common/base/slice.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

// Redis reads no longer INCRBYFLOAT; enough for LDBL_MAX in full.
enum { NUMBER_TEXT_MAX = 5 * 1024 - 1 };

// Unlike tolower() it has no locale: the same on every machine.
static unsigned char ascii_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    if (order)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++) {
        if (ascii_lower((unsigned char)a.data[i]) !=
            ascii_lower((unsigned char)b.data[i]))
            return false;
    }
    return true;
}

bool slice_is(struct slice a, const char *text)
{
    return slice_equal_nocase(a, slice_of(text));
}

bool slice_to_int64(struct slice text, int64_t *value)
{
    if (text.size == 0 || text.size > INT64_TEXT_MAX)
        return false;
    const char *at = text.data;
    const char *end = at + text.size;
    if (text.size == 1 && *at == '0') {
        *value = 0;
        return true;
    }
    bool negative = *at == '-';
    at += negative;
    if (at == end || *at < '1' || *at > '9')
        return false;

    // The magnitude of INT64_MIN is one more than INT64_MAX.
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t magnitude = 0;
    for (; at < end; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (digit > 9 || magnitude > (limit - digit) / 10)
            return false;
        magnitude = magnitude * 10 + digit;
    }
    *value = (int64_t)(negative ? -magnitude : magnitude);
    return true;
}

// Copies `text` for strtod(), which wants a terminator. False for what strtod()
// would skip or stop at, though it is no part of a number.
static bool number_copy(char copy[NUMBER_TEXT_MAX + 1], struct slice text)
{
    if (text.size == 0 || text.size > NUMBER_TEXT_MAX ||
        memchr(" \t\n\v\f\r", text.data[0], 6))
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return true;
}

bool slice_to_double(struct slice text, double *value)
{
    char copy[NUMBER_TEXT_MAX + 1], *end;
    if (!number_copy(copy, text))
        return false;
    errno = 0;
    double number = strtod(copy, &end);
    // A denormal is a number although it, too, is out of range.
    bool lost = errno == ERANGE && (isinf(number) || number == 0);
    if (end != copy + text.size || isnan(number) || lost)
        return false;
    *value = number;
    return true;
}

bool slice_to_long_double(struct slice text, long double *value)
{
    char copy[NUMBER_TEXT_MAX + 1], *end;
    if (!number_copy(copy, text))
        return false;
    errno = 0;
    long double number = strtold(copy, &end);
    bool lost = errno == ERANGE && (isinf(number) || number == 0);
    if (end != copy + text.size || isnan(number) || lost)
        return false;
    *value = number;
    return true;
}

size_t int64_format(char text[INT64_TEXT_MAX], int64_t value)
{
    // Two digits a division: half the divisions, and no branch in the digits.
    static const char pairs[] = "00010203040506070809101112131415161718192021"
                                "22232425262728293031323334353637383940414243"
                                "44454647484950515253545556575859606162636465"
                                "66676869707172737475767778798081828384858687"
                                "888990919293949596979899";
    char digits[INT64_TEXT_MAX];
    char *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    while (rest >= 100) {
        at -= 2;
        memcpy(at, pairs + rest % 100 * 2, 2);
        rest /= 100;
    }
    if (rest >= 10) {
        at -= 2;
        memcpy(at, pairs + rest * 2, 2);
    } else {
        *--at = (char)('0' + rest);
    }
    if (value < 0)
        *--at = '-';
    size_t size = (size_t)(digits + sizeof digits - at);
    memcpy(text, at, size);
    return size;
}

// A pattern that is being read.
struct glob {
    const unsigned char *at, *end;
    bool nocase;
};

static bool glob_same(const struct glob *glob, unsigned char a, unsigned char b)
{
    return a == b || (glob->nocase && ascii_lower(a) == ascii_lower(b));
}

static bool glob_in_range(const struct glob *glob, unsigned char first,
                          unsigned char last, unsigned char c)
{
    if (first > last) {
        unsigned char swapped = first;
        first = last;
        last = swapped;
    }
    if (glob->nocase) {
        first = ascii_lower(first);
        last = ascii_lower(last);
        c = ascii_lower(c);
    }
    return first <= c && c <= last;
}

// Reads the class behind a '['. As in Redis the end of the pattern closes one
// that is open, "[]" is an empty class, a range may run backwards and take any
// byte as its end, and what '\' escapes is compared with its case.
static bool glob_match_class(struct glob *glob, unsigned char c)
{
    bool negated = glob->at < glob->end && *glob->at == '^';
    glob->at += negated;
    bool found = false;
    while (glob->at < glob->end && *glob->at != ']') {
        size_t left = (size_t)(glob->end - glob->at);
        if (left >= 2 && glob->at[0] == '\\') {
            found |= glob->at[1] == c;
            glob->at += 2;
        } else if (left >= 3 && glob->at[1] == '-') {
            found |= glob_in_range(glob, glob->at[0], glob->at[2], c);
            glob->at += 3;
        } else {
            found |= glob_same(glob, *glob->at, c);
            glob->at++;
        }
    }
    glob->at += glob->at < glob->end; // The ']'.
    return found != negated;
}

// Reads one item that stands for exactly one byte, and compares it with `c`.
static bool glob_match_one(struct glob *glob, unsigned char c)
{
    unsigned char item = *glob->at++;
    if (item == '?')
        return true;
    if (item == '[')
        return glob_match_class(glob, c);
    if (item == '\\' && glob->at < glob->end)
        item = *glob->at++;
    return glob_same(glob, item, c);
}

bool slice_matches(struct slice text, struct slice pattern, bool nocase)
{
    if (pattern.size == 0)
        return text.size == 0;
    struct glob glob = {.nocase = nocase};
    glob.at = (const unsigned char *)pattern.data;
    glob.end = glob.at + pattern.size;

    // Every item but '*' takes one byte. So when the part behind a star does
    // not fit, only that star need take one more: to lengthen an earlier one
    // would leave the same part less text to fit into.
    const unsigned char *behind_star = NULL;
    size_t star_end = 0; // Where the text of the latest star ends.
    size_t i = 0;
    while (i < text.size) {
        if (glob.at < glob.end && *glob.at == '*') {
            behind_star = ++glob.at;
            star_end = i;
            if (glob.at == glob.end)
                return true;
        } else if (glob.at < glob.end &&
                   glob_match_one(&glob, (unsigned char)text.data[i])) {
            i++;
        } else if (behind_star) {
            glob.at = behind_star;
            i = ++star_end;
        } else {
            return false;
        }
    }
    while (glob.at < glob.end && *glob.at == '*')
        glob.at++;
    return glob.at == glob.end;
}
