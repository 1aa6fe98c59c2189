// memory.c -- allocation that succeeds or stops the process.
// SPDX-License-Identifier: MIT
#include "common/base/memory.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/check.h"

enum { MEMORY_HUGE_PAGE = 2 * 1024 * 1024 };

#ifdef VEGA_JEMALLOC
#include <jemalloc/jemalloc.h>
#define VEGA_TEXT_OF(x) #x
#define VEGA_TEXT(x) VEGA_TEXT_OF(x)

// Where jemalloc looks for its options: huge pages for the heap as well. (After
// fork(2) a write splits one and copies 4 KB of it, since Linux 5.8, so that a
// forked snapshot costs no more than with small pages.)
const char *malloc_conf = "thp:always";
#endif

static _Noreturn void memory_exhausted(size_t size)
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

void *memory_map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        memory_exhausted(size);
    if (size >= MEMORY_HUGE_PAGE)
        madvise(memory, size, MADV_HUGEPAGE); // A wish; harmless if refused.
    return memory;
}

void memory_unmap(void *memory, size_t size)
{
    check(munmap(memory, size) == 0);
}

size_t memory_resident(void)
{
    char line[128] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    char *pages = fgets(line, sizeof line, file);
    fclose(file);
    if (!pages)
        return 0;
    strtoul(pages, &pages, 10); // Skips what is mapped; resident comes second.
    return strtoul(pages, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

const char *memory_allocator_name(void)
{
#ifdef VEGA_JEMALLOC
    return "jemalloc-" VEGA_TEXT(JEMALLOC_VERSION_MAJOR) "." VEGA_TEXT(
        JEMALLOC_VERSION_MINOR) "." VEGA_TEXT(JEMALLOC_VERSION_BUGFIX);
#else
    return "libc";
#endif
}
