// fiber.h -- a function with a stack of its own that can wait in the middle:
// for code that blocks, as a client's does, in a world where one thread does
// everything and time stands still while it does.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_FIBER_H
#define VEGA_TESTS_SIM_FIBER_H

#include <stdbool.h>

struct fiber;

// Runs nothing yet. Owned by the caller.
struct fiber *fiber_create(void (*run)(void *context), void *context);
// Of one that has returned, or never ran.
void fiber_destroy(struct fiber *fiber);

// Lets it run until it waits or returns. Not from inside a fiber.
void fiber_resume(struct fiber *fiber);
bool fiber_is_done(const struct fiber *fiber);

// From inside: goes back to whoever resumed it, until that is done again.
void fiber_wait(void);

// The context of the one that runs now, or NULL.
void *fiber_context(void);

#endif
