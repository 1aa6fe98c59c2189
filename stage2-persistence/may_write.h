// may_write.h -- whether a request could change the store.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_MAY_WRITE_H
#define VEGA_STAGE2_MAY_WRITE_H

#include <stdbool.h>

#include "common/server/command.h"
#include "common/server/request.h"

// False only if it certainly won't. Of a transaction that depends on the
// commands that it carries.
bool may_write(const struct command_table *commands,
               const struct request *request);

#endif
