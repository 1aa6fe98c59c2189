// memory.c -- allocation that succeeds or stops the process.
// SPDX-License-Identifier: MIT
#include "common/base/memory.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

void memory_exhausted(size_t size)
{
    fprintf(stderr, "vega: out of memory: %zu bytes wanted\n", size);
    exit(1);
}

void *xmalloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        memory_exhausted(size);
    return memory;
}

void *xcalloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        memory_exhausted(count * size);
    return memory;
}

void *xrealloc(void *memory, size_t size)
{
    void *moved = realloc(memory, size ? size : 1);
    if (!moved)
        memory_exhausted(size);
    return moved;
}

char *xstrdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(xmalloc(size), text, size);
}

size_t memory_size(const void *memory)
{
    return malloc_usable_size((void *)memory);
}
