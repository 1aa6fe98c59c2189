// packed.c -- a short sequence of byte strings in one piece of memory.
//
// A header (struct packed), then the items without gaps. An item is
//
//     size     1..5 bytes: 7 bits each, the lowest first; the high bit says
//              that more bytes follow
//     value    `size` bytes
//     mirror   the bytes of `size` in reverse order
//
// so that an item is stepped over from either side: forward by reading `size`,
// backward by reading `mirror` from right to left. A value below 128 bytes
// costs two bytes more.
//
//     "hi"             02 'h' 'i' 02
//     200 times 'x'    c8 01 'x' ... 'x' 01 c8
//
// Numbers are kept as text: a second encoding would save a few bytes an item
// and cost a branch in every function.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/packed.h"

#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"

enum { PACKED_SIZE_TEXT_MAX = 5 }; // Bytes of a size of 32 bits.

// Bytes of the items; with an eighth to spare they fit 32 bits.
static const size_t packed_size_max = UINT32_MAX - UINT32_MAX / 8;

struct packed {
    uint32_t size;     // Bytes of the items.
    uint32_t capacity; // Bytes that there is room for.
    uint32_t count;
    unsigned char bytes[];
};

// An item as it lies there.
struct packed_shape {
    size_t head; // Bytes of the size, and of its mirror.
    size_t size; // Of the value.
};

static size_t packed_shape_total(struct packed_shape shape)
{
    return shape.head + shape.size + shape.head;
}

static struct packed_shape packed_shape_at(const struct packed *packed,
                                           size_t at)
{
    const unsigned char *bytes = packed->bytes + at;
    struct packed_shape shape = {1, bytes[0] & 127};
    while (bytes[shape.head - 1] & 128) {
        shape.size |= (size_t)(bytes[shape.head] & 127) << (7 * shape.head);
        shape.head++;
    }
    return shape;
}

// Of the item that ends where `end` says; reads its mirror.
static struct packed_shape packed_shape_before(const struct packed *packed,
                                               size_t end)
{
    const unsigned char *bytes = packed->bytes + end;
    struct packed_shape shape = {1, bytes[-1] & 127};
    while (bytes[-(ptrdiff_t)shape.head] & 128) {
        shape.size |= (size_t)(bytes[-(ptrdiff_t)shape.head - 1] & 127)
                      << (7 * shape.head);
        shape.head++;
    }
    return shape;
}

static struct packed_shape packed_shape_of(size_t size)
{
    struct packed_shape shape = {1, size};
    while (size >>= 7)
        shape.head++;
    return shape;
}

static void packed_write(unsigned char *bytes, struct packed_shape shape,
                         const char *value)
{
    unsigned char *mirror = bytes + packed_shape_total(shape) - 1;
    size_t rest = shape.size;
    for (size_t i = 0; i < shape.head; i++, rest >>= 7) {
        unsigned char more = i + 1 < shape.head ? 128 : 0;
        bytes[i] = mirror[-(ptrdiff_t)i] = (unsigned char)(rest & 127) | more;
    }
    if (shape.size)
        memcpy(bytes + shape.head, value, shape.size);
}

struct packed *packed_create(void)
{
    return xcalloc(1, sizeof(struct packed));
}

struct packed *packed_copy(const struct packed *packed)
{
    struct packed *copy = xmalloc(sizeof *copy + packed->size);
    memcpy(copy, packed, sizeof *copy + packed->size);
    copy->capacity = copy->size;
    return copy;
}

size_t packed_count(const struct packed *packed)
{
    return packed->count;
}

size_t packed_size(const struct packed *packed)
{
    return packed->size;
}

size_t packed_memory(const struct packed *packed)
{
    return memory_size(packed);
}

// Sets *item to what begins at `at`, which may be the end.
static bool packed_read(const struct packed *packed, size_t at,
                        struct packed_item *item)
{
    check(at <= packed->size);
    if (at == packed->size)
        return false;
    struct packed_shape shape = packed_shape_at(packed, at);
    item->at = at;
    item->value = (struct slice){(const char *)packed->bytes + at + shape.head,
                                 shape.size};
    return true;
}

static bool packed_read_before(const struct packed *packed, size_t end,
                               struct packed_item *item)
{
    check(end <= packed->size);
    if (end == 0)
        return false;
    struct packed_shape shape = packed_shape_before(packed, end);
    item->at = end - packed_shape_total(shape);
    item->value = (struct slice){
        (const char *)packed->bytes + item->at + shape.head, shape.size};
    return true;
}

bool packed_first(const struct packed *packed, struct packed_item *item)
{
    return packed_read(packed, 0, item);
}

bool packed_last(const struct packed *packed, struct packed_item *item)
{
    return packed_read_before(packed, packed->size, item);
}

static size_t packed_after(const struct packed *packed, size_t at)
{
    return at + packed_shape_total(packed_shape_at(packed, at));
}

bool packed_next(const struct packed *packed, struct packed_item *item)
{
    return packed_read(packed, packed_after(packed, item->at), item);
}

bool packed_previous(const struct packed *packed, struct packed_item *item)
{
    return packed_read_before(packed, item->at, item);
}

bool packed_get(const struct packed *packed, int64_t index,
                struct packed_item *item)
{
    int64_t count = packed->count;
    if (index < 0)
        index += count;
    if (index < 0 || index >= count)
        return false;
    if (index <= count / 2) {
        packed_first(packed, item);
        for (int64_t i = 0; i < index; i++)
            packed_next(packed, item);
    } else {
        packed_last(packed, item);
        for (int64_t i = count - 1; i > index; i--)
            packed_previous(packed, item);
    }
    return true;
}

bool packed_at(const struct packed *packed, size_t at, struct packed_item *item)
{
    return packed_read(packed, at, item);
}

bool packed_find(const struct packed *packed, struct slice value, size_t step,
                 struct packed_item *item)
{
    check(step > 0);
    size_t skip = 0;
    for (size_t at = item->at; at < packed->size;) {
        struct packed_shape shape = packed_shape_at(packed, at);
        const unsigned char *bytes = packed->bytes + at + shape.head;
        if (skip == 0 && shape.size == value.size &&
            (value.size == 0 || !memcmp(bytes, value.data, value.size))) {
            *item = (struct packed_item){at, {(const char *)bytes, shape.size}};
            return true;
        }
        skip = skip ? skip - 1 : step - 1;
        at += packed_shape_total(shape);
    }
    return false;
}

// Replaces `removed` bytes at `at` by `added` unwritten ones. A sequence that
// grows gets an eighth to spare, one that shrinks to less than half gives back.
static unsigned char *packed_splice(struct packed **packed, size_t at,
                                    size_t removed, size_t added)
{
    struct packed *self = *packed;
    check(at + removed <= self->size);
    size_t old_size = self->size;
    size_t size = old_size - removed + added;
    check(size <= packed_size_max);
    if (size > self->capacity) {
        self->capacity = (uint32_t)(size + size / 8);
        self = xrealloc(self, sizeof *self + self->capacity);
    }
    memmove(self->bytes + at + added, self->bytes + at + removed,
            old_size - at - removed);
    self->size = (uint32_t)size;
    if (size < self->capacity / 2) {
        self->capacity = self->size;
        self = xrealloc(self, sizeof *self + self->capacity);
    }
    *packed = self;
    return self->bytes + at;
}

bool packed_has_room(const struct packed *packed, size_t size)
{
    size_t left = packed_size_max - packed->size;
    return left >= 4 * PACKED_SIZE_TEXT_MAX &&
           size <= left - 4 * PACKED_SIZE_TEXT_MAX;
}

static bool packed_holds(const struct packed *packed, struct slice value)
{
    uintptr_t data = (uintptr_t)value.data;
    uintptr_t bytes = (uintptr_t)packed->bytes;
    return data >= bytes && data < bytes + packed->size;
}

// Puts `value` in the place of `removed` bytes.
static void packed_put(struct packed **packed, size_t at, size_t removed,
                       struct slice value)
{
    char *own = NULL;
    if (value.size && packed_holds(*packed, value)) {
        own = xmalloc(value.size); // The splice moves what it points at.
        memcpy(own, value.data, value.size);
    }
    struct packed_shape shape = packed_shape_of(value.size);
    unsigned char *place =
        packed_splice(packed, at, removed, packed_shape_total(shape));
    packed_write(place, shape, own ? own : value.data);
    free(own);
}

void packed_append(struct packed **packed, struct slice value)
{
    packed_insert(packed, (*packed)->size, value);
}

void packed_prepend(struct packed **packed, struct slice value)
{
    packed_insert(packed, 0, value);
}

void packed_insert(struct packed **packed, size_t at, struct slice value)
{
    packed_put(packed, at, 0, value);
    (*packed)->count++;
}

void packed_replace(struct packed **packed, size_t at, struct slice value)
{
    check(at < (*packed)->size);
    packed_put(packed, at, packed_after(*packed, at) - at, value);
}

void packed_remove(struct packed **packed, size_t at, size_t count)
{
    check(count <= (*packed)->count);
    size_t end = at;
    for (size_t i = 0; i < count; i++) {
        check(end < (*packed)->size);
        end = packed_after(*packed, end);
    }
    packed_splice(packed, at, end - at, 0);
    (*packed)->count -= (uint32_t)count;
}

void packed_check_invariants(const struct packed *packed)
{
    check(packed->size <= packed->capacity);
    size_t count = 0;
    for (size_t at = 0; at < packed->size; count++) {
        struct packed_shape shape = packed_shape_at(packed, at);
        check(shape.head <= PACKED_SIZE_TEXT_MAX);
        check(packed_shape_total(shape) <= packed->size - at);
        at += packed_shape_total(shape);
        struct packed_shape mirror = packed_shape_before(packed, at);
        check(mirror.head == shape.head && mirror.size == shape.size);
    }
    check(count == packed->count);
}
