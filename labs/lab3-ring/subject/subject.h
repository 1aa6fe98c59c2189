// subject.h -- the parts of lab 3's subject: what grades the ring and the
// slots, a node's shard layer, and a client's router. Each takes the steps that
// are its own.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_LAB3_SUBJECT_H
#define VEGA_LABS_LAB3_SUBJECT_H

#include <stdbool.h>

#include "labs/harness/subject_script.h"

// False: the step is none of these.
bool subject_ring_step(const struct subject_words *words);
bool subject_node_step(const struct subject_words *words);
bool subject_client_step(const struct subject_words *words);

void subject_node_end(void);   // A node, if there is one,
void subject_client_end(void); // and a client.

#endif
