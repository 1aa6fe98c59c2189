// judge.h -- whether a run of a simulated node kept the rules of lab 2.
//
// The grader knows what was sent, and hears what came back: the rules are about
// that alone. A history is the list of the requests in the order in which they
// were sent, which is the order in which they are executed.
//
// (J1) Every reply is what a store without faults would have answered.
// (J2) After a recovery the store holds what executing some first part of the
//      history gives: no more, no less, no half of a request.
// (J3) That part holds all that a client was told, by a reply to a write or by
//      one to a read: after a power cut if the policy is `always`, after the
//      end of the process in any case. After a clean stop it is all.
// (J4) A node starts on whatever a crash left, and never on what is damaged.
// (J5) Every request is answered when there was time, and a clean stop ends.
// (J6) The files stay within the bound of the test.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_JUDGE_H
#define VEGA_LABS_JUDGE_H

#include "labs/harness/schedule.h"
#include "labs/harness/trace.h"

enum rule {
    RULE_NONE, // All were kept.
    RULE_ENDED,
    RULE_ENDLESS,
    RULE_REPLY,
    RULE_ERROR, // A refusal without a reason.
    RULE_SILENT,
    RULE_LOST,
    RULE_NEVER, // A state that never was.
    RULE_REFUSED,
    RULE_UNSTOPPED,
    RULE_SIZE,
    RULE_OF_LAB, // Those of other labs begin here.
};
// One word each, in the order above: "lost".
const char *rule_name(enum rule rule);

// What a test allows or asks for.
struct limits {
    bool errors;     // Requests may be refused: the disk fails.
    bool refusals;   // A node may refuse to start: the disk is damaged.
    size_t size_max; // Bytes of all files when measured; 0: no bound.
};

struct finding {
    enum rule rule;
    struct text happened; // In a sentence.
    struct text expected, got;
    size_t event;      // Where it was seen,
    size_t told_event; // and where a client was told what was lost; 0: no.
    size_t step;       // Of the request that it is about, from 1; 0: none.
    size_t served;     // Lives.
};
void finding_deinit(struct finding *finding);

void judge(const struct schedule *schedule, const struct trace *trace,
           const struct limits *limits, struct finding *finding);

#endif
