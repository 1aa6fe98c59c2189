// crc32c.h -- CRC-32C (Castagnoli; RFC 3720, appendix B.4), by the processor's
// instruction where it has one, by table elsewhere. Both give the same sums.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CRC32C_H
#define VEGA_COMMON_CRC32C_H

#include <stddef.h>
#include <stdint.h>

// The sum of `size` bytes, continuing from `crc` (0 to begin): summing two
// pieces one after the other equals summing them joined.
uint32_t crc32c(uint32_t crc, const void *bytes, size_t size);

// The table's way, on any machine; for tests to hold against the other.
uint32_t crc32c_by_table(uint32_t crc, const void *bytes, size_t size);

#endif
