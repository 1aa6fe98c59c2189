// check_report.h -- tells people, or programs, how it stands with a directory.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_CHECK_REPORT_H
#define VEGA_STAGE2_CHECK_REPORT_H

#include <stdio.h>

#include "stage2-persistence/check_health.h"

// `in_use`: a server is at work there.
void check_report_text(FILE *out, const struct check_health *health,
                       bool in_use);
void check_report_json(FILE *out, const struct check_health *health,
                       bool in_use);

// One sentence on the log, without a line end.
void check_report_log(FILE *out, const struct check_health *health);

#endif
