// check_dump.h -- prints the records of a log as commands, one a line:
//
//     7 2026-03-01T12:00:00.123Z "SET" "key" "value\r\n"
//     8 2026-03-01T12:00:01.000Z MARK durable=7
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_CHECK_DUMP_H
#define VEGA_STAGE2_CHECK_DUMP_H

#include <stdio.h>

#include "common/base/buffer.h"
#include "stage2-persistence/check_health.h"

struct check_dump {
    struct check_listener listener;
    FILE *out;
    struct buffer line;
};

void check_dump_init(struct check_dump *dump, FILE *out);
void check_dump_deinit(struct check_dump *dump);

#endif
