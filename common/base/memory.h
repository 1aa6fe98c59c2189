// memory.h -- allocation that succeeds or stops the process.
//
// A server that cannot allocate cannot keep its promises, and code that
// pretends otherwise is never tested. Sizes that a client chooses are bounded
// before they get here.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_MEMORY_H
#define VEGA_COMMON_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

// As malloc, calloc and realloc, but never NULL: on exhaustion they say how
// many bytes were wanted and exit. Owned by the caller; release with free().
_Noreturn void memory_exhausted(size_t size); // What they do then.
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size)
    __attribute__((malloc, returns_nonnull));
void *xrealloc(void *memory, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));

// Bytes that the allocator really set aside for `memory` (>= what was asked).
size_t memory_size(const void *memory);

// Zeroed, page-aligned memory straight from the kernel. Pages cost nothing
// until they are touched, so a table of a gigabyte is made in microseconds.
// `size` is rounded up to pages by both. memory_unmap may be given any
// page-aligned part of a mapping: a large one can be returned in slices. Large
// ones ask for huge pages: with them a table has a 512th of the address
// translations to miss (a twentieth of the CPU time of a GET; with the heap's,
// a tenth).
void *memory_map(size_t size) __attribute__((returns_nonnull));
void memory_unmap(void *memory, size_t size);

// Bytes that this process has from malloc and memory_map and has not given
// back, as the allocator counts them; some 10 us. 0 when this build's allocator
// cannot tell.
size_t memory_allocated(void);

// Bytes of this process that are in memory now, as the kernel counts them.
size_t memory_resident(void);

// The allocator in this build: "jemalloc-5.3.0" or "libc".
const char *memory_allocator_name(void);

#endif
