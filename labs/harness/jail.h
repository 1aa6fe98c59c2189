// jail.h -- what a graded program may not do: fork, fill memory or disks, burn
// the processor for ever.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_JAIL_H
#define VEGA_LABS_JAIL_H

#include <stdbool.h>

// Limits the calling process and what it executes. `alone`: it cannot make
// processes (threads it can). A foreign server may be a script that starts
// another program, and gets a limited number of them instead.
void jail_enter(bool alone);

#endif
