// allocations.c -- what the graded code has allocated and not given back.
//
// The linker puts these functions in the place of malloc(3) and its like, in
// our own objects: what libraries allocate for themselves does not count, nor
// what an allocator keeps of freed memory.
// SPDX-License-Identifier: MIT
#include "labs/lab3-ring/subject/allocations.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

enum { PLACES = 1 << 20 };

// A table of addresses, by linear probing.
static uintptr_t places[PLACES];
static size_t allocated;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

size_t allocations_size(void)
{
    return allocated;
}

static size_t home_of(uintptr_t address)
{
    return (size_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 44);
}

static void *note(void *memory)
{
    size_t at = home_of((uintptr_t)memory);
    if (!memory)
        return NULL;
    while (places[at])
        at = (at + 1) % PLACES;
    places[at] = (uintptr_t)memory;
    allocated += malloc_usable_size(memory);
    return memory;
}

// What stands behind the hole and may come forward does.
static void close_hole(size_t hole)
{
    for (size_t at = (hole + 1) % PLACES; places[at]; at = (at + 1) % PLACES) {
        size_t way = (at - home_of(places[at]) + PLACES) % PLACES;
        if (way < (at - hole + PLACES) % PLACES)
            continue;
        places[hole] = places[at];
        hole = at;
    }
    places[hole] = 0;
}

static void forget(void *memory)
{
    size_t at = home_of((uintptr_t)memory);
    while (places[at] && places[at] != (uintptr_t)memory)
        at = (at + 1) % PLACES;
    if (!memory || !places[at])
        return;
    allocated -= malloc_usable_size(memory);
    close_hole(at);
}

void *__wrap_malloc(size_t size)
{
    return note(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return note(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    forget(memory);
    return note(__real_realloc(memory, size));
}

void __wrap_free(void *memory)
{
    forget(memory);
    __real_free(memory);
}
