// scatter.h -- takes apart a command whose keys lie in several slots, and puts
// the replies together.
//
// MGET, MSET, DEL, UNLINK, EXISTS, TOUCH and BATCH mean the same done key by
// key, so a client may do them in parts, one a slot. What is atomic then is a
// part: another client may see some of it done and some not.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_SCATTER_H
#define VEGA_STAGE3_SCATTER_H

#include "common/client/route.h"

// NULL when the command has to stay whole: it is another one, it lies within
// one slot, or it is malformed, which is the server's to say. Else the
// caller's; it borrows the command's bytes.
struct route_split *scatter(const struct route_command *command);

#endif
