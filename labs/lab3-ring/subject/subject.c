// subject.c -- the steps of a schedule of lab 3.
//
//     seed N                  comes first; nothing here is drawn
//     trap EVENT              stop there for a debugger
//     allocated               how many bytes, at this moment?
//
// and those of the ring (subject_ring.c), of a node (subject_node.c) and of a
// client (subject_client.c). Others are for the judge. To the lines of
// subject_main.c come these:
//
//     Q step                  the step begins
//     A step text             the answer to the step
//     H step node asking what words   a model node heard these words: it has
//                             done it, told something, or moved, ask, busy,
//                             cross: that it refused
//     T step error            the client took that reply
//     W ms                    the client waited
//     R step text             the reply that the client was given; "!" and why
//                             when it was given none
//     M bytes                 are allocated beyond those of the first time
// SPDX-License-Identifier: MIT
#include "labs/lab3-ring/subject/subject.h"

#include <inttypes.h>
#include <string.h>

#include "labs/harness/subject_run.h"
#include "labs/lab3-ring/subject/allocations.h"
#include "labs/lab3-ring/subject/world.h"

static void subject_tell_allocated(void)
{
    size_t size = allocations_size();
    if (!world->allocated)
        world->allocated = size;
    fprintf(world->out, "M %zu\n",
            size > world->allocated ? size - world->allocated : 0);
}

static void subject_step(const struct subject_words *words)
{
    const char *what = words->at[0];
    if (!strcmp(what, "trap"))
        world->trap_at = subject_number(words, 1);
    else if (!strcmp(what, "allocated"))
        subject_tell_allocated();
    else if (!subject_ring_step(words) && !subject_node_step(words))
        subject_client_step(words);
}

uint64_t subject_run(const struct subject_script *script, FILE *out)
{
    struct world made = {.out = out};
    world = &made;
    for (size_t i = 0; i < script->count; i++) {
        struct subject_words words;
        world->step = i + 1;
        fprintf(out, "Q %zu\n", world->step);
        subject_words_split(&words, script->steps[i]);
        if (words.count)
            subject_step(&words);
        subject_words_deinit(&words);
    }
    subject_node_end();
    subject_client_end();
    model_store_deinit(&made.store);
    world = NULL;
    return made.hash;
}
