// memory_pages.c -- pages from the kernel, and how much memory the process has.
//
// Apart from memory.c because it speaks with jemalloc, where there is one;
// libvega, which others link without it, needs only the rest.
// SPDX-License-Identifier: MIT
#include "common/base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
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
// forked snapshot costs no more than with small pages.) And a thread that gives
// freed memory back to the kernel: without it that would happen within a later
// free(), much at once after a pause, and never while the server is idle.
const char *malloc_conf = "thp:always,background_thread:true";
#endif

// Of memory_map; the kernel would tell only for the process as a whole.
static atomic_size_t memory_mapped;

void *memory_map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        memory_exhausted(size);
    atomic_fetch_add_explicit(&memory_mapped, size, memory_order_relaxed);
    if (size >= MEMORY_HUGE_PAGE)
        madvise(memory, size, MADV_HUGEPAGE); // A wish; harmless if refused.
    return memory;
}

void memory_unmap(void *memory, size_t size)
{
    check(munmap(memory, size) == 0);
    atomic_fetch_sub_explicit(&memory_mapped, size, memory_order_relaxed);
}

size_t memory_allocated(void)
{
#ifdef VEGA_JEMALLOC
    // jemalloc sums its counters up when the epoch is written.
    uint64_t epoch = 1;
    size_t allocated = 0, size = sizeof allocated;
    mallctl("epoch", NULL, NULL, &epoch, sizeof epoch);
    if (mallctl("stats.allocated", &allocated, &size, NULL, 0) == 0)
        return allocated +
               atomic_load_explicit(&memory_mapped, memory_order_relaxed);
#endif
    return 0;
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
