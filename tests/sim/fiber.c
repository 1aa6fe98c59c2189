// fiber.c -- functions that wait in the middle, by the contexts of libc.
// SPDX-License-Identifier: MIT
#include "tests/sim/fiber.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "common/base/check.h"
#include "common/base/memory.h"

// The sanitizers' frames are large.
enum { FIBER_STACK_SIZE = 1024 * 1024 };

struct fiber {
    void (*run)(void *context);
    void *context;
    void *stack;
    ucontext_t own, resumer;
    bool started, done;
};

// One thread, so one at a time.
static struct fiber *fiber_current;

static void fiber_enter(void)
{
    struct fiber *fiber = fiber_current;
    fiber->run(fiber->context);
    fiber->done = true;
}

struct fiber *fiber_create(void (*run)(void *context), void *context)
{
    struct fiber *fiber = xcalloc(1, sizeof *fiber);
    fiber->run = run;
    fiber->context = context;
    fiber->stack = mmap(NULL, FIBER_STACK_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(fiber->stack != MAP_FAILED);
    getcontext(&fiber->own);
    fiber->own.uc_stack.ss_sp = fiber->stack;
    fiber->own.uc_stack.ss_size = FIBER_STACK_SIZE;
    fiber->own.uc_link = &fiber->resumer;
    makecontext(&fiber->own, fiber_enter, 0);
    return fiber;
}

void fiber_destroy(struct fiber *fiber)
{
    check(fiber->done || !fiber->started);
    munmap(fiber->stack, FIBER_STACK_SIZE);
    free(fiber);
}

void fiber_resume(struct fiber *fiber)
{
    check(!fiber_current);
    check(!fiber->done);
    fiber->started = true;
    fiber_current = fiber;
    swapcontext(&fiber->resumer, &fiber->own);
    fiber_current = NULL;
}

bool fiber_is_done(const struct fiber *fiber)
{
    return fiber->done;
}

void fiber_wait(void)
{
    struct fiber *fiber = fiber_current;
    check(fiber);
    swapcontext(&fiber->own, &fiber->resumer);
}

void *fiber_context(void)
{
    return fiber_current ? fiber_current->context : NULL;
}
