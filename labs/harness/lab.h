// lab.h -- what the graded tests are written with.
//
//     LAB_CASE(frame_split, every_cut, "A request is complete when ...")
//     {
//         lab_start(lab);
//         struct wire *wire = wire_open(lab);
//         ...
//     }
//
// A test of lab.yml is all its cases. Each case runs in a process of its own,
// and what it grades in another one, of which it knows no more than a socket:
// the graded code never runs where the verdict is made. A case that comes to
// its end has passed; whatever does not hold ends it with a story.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_LAB_H
#define VEGA_LABS_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "labs/harness/text.h"

enum {
    // How long a silence may be before it counts as one: an event is waited
    // for, and a slow machine must not fail anybody.
    LAB_SILENCE_MS = 15 * 1000,
    LAB_NONCE_SIZE = 16,
};

struct lab;

struct lab_case {
    const char *test, *name;
    const char *rule; // What must hold, in one sentence.
    void (*run)(struct lab *lab);
    bool own_only;     // Asks for more than a foreign server promises.
    bool foreign_only; // Stands in for what cannot be asked of one.
    bool is_seeded;    // Of a simulated node; see seeds.h.
    const struct lab_case *next;
};

// How the seeds of a case came out; zeroed for one without.
struct lab_tally {
    uint64_t total, passed;
    uint64_t failed_seed; // The first one.
    bool differs;         // Two runs of it were not the same.
};

// One running case.
struct lab {
    const struct lab_case *current;
    const char *server;  // The program.
    const char *store;   // The program that serves the store alone, or NULL,
    const char *subject; // and the one that runs the simulated node.
    uint64_t first_seed, last_seed;
    bool until_fail;    // No more seeds after one that failed.
    const char *number; // Of the lab: "2".
    const char *out;    // A folder for what is kept of failures, or NULL.
    struct lab_tally tally;
    bool is_foreign; // Somebody's own server, in whatever language.
    bool verbose;    // Prints what is sent and received.
    int verdict_fd;
    unsigned char nonce[LAB_NONCE_SIZE];
    uint16_t port;
    pid_t pid;           // Of the server or the store; 0: none runs.
    char data[32];       // Directory of the server's data; empty: none.
    int output_fd;       // What it printed.
    struct text sent;    // The last bytes that it was sent, for the story.
    struct text context; // "with the cut after byte 7", or empty.
    const char *ended;   // Why no more came, or NULL.
};

#define LAB_CASE_WITH(test_, name_, rule_, ...)                                \
    static void test_##_##name_(struct lab *lab);                              \
    __attribute__((constructor)) static void test_##_##name_##_register(void)  \
    {                                                                          \
        static struct lab_case made = {.test = #test_,                         \
                                       .name = #name_,                         \
                                       .rule = (rule_),                        \
                                       .run = test_##_##name_,                 \
                                       __VA_ARGS__};                           \
        lab_register(&made);                                                   \
    }                                                                          \
    static void test_##_##name_(struct lab *lab)
#define LAB_CASE(test, name, rule)                                             \
    LAB_CASE_WITH(test, name, rule, .own_only = false)
#define LAB_CASE_OWN(test, name, rule)                                         \
    LAB_CASE_WITH(test, name, rule, .own_only = true)
#define LAB_CASE_FOREIGN(test, name, rule)                                     \
    LAB_CASE_WITH(test, name, rule, .foreign_only = true)

void lab_register(struct lab_case *made);
const struct lab_case *lab_cases(void); // In the order of registration.

// ---- Verdicts

// Ends the case. The format says what happened, in a line or several.
_Noreturn void lab_fail(struct lab *lab, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Ends it with both sides, and a mark under the first byte that is wrong.
_Noreturn void lab_fail_bytes(struct lab *lab, struct bytes expected,
                              struct bytes got);
_Noreturn void lab_pass(struct lab *lab);
// The case, not the graded code, is at fault: "cannot make a socket".
_Noreturn void lab_broken(const char *what);

// What is being tried, as long as it is tried: "cut after byte 7".
void lab_trying(struct lab *lab, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// ---- The graded server

// Starts it on a free port and waits until it accepts. At most one runs.
void lab_start(struct lab *lab);
// The same with an empty directory for what it is to remember: --data-dir DIR.
void lab_start_with_data(struct lab *lab);
// On the port that it had, and with its data.
void lab_start_again(struct lab *lab);
// False if it ends instead.
bool lab_try_start_again(struct lab *lab);
// Runs it with a file of settings to its end; returns its exit status, and
// what it printed.
int lab_run_refused(struct lab *lab, const char *config, struct text *printed);
void lab_kill(struct lab *lab); // SIGKILL, at whatever it is doing.
// SIGTERM; returns the status of waitpid(2). Fails when it does not end.
int lab_stop(struct lab *lab);
bool lab_has_ended(const struct lab *lab);
// Fails the case if the server has ended.
void lab_check_alive(struct lab *lab);

size_t lab_open_files(struct lab *lab);     // Of the server.
size_t lab_resident_bytes(struct lab *lab); // Likewise.

// ---- Talking to it

struct wire {
    struct lab *lab;
    int fd;
};

struct wire wire_open(struct lab *lab);
bool wire_try_open(struct lab *lab, struct wire *wire); // False: refused.
// With as little room for what comes as the kernel allows.
struct wire wire_open_narrow(struct lab *lab);
// To the store alone, without parser or sessions, where that can be had; else
// to a server. SET key value [PX ms], GET, DEL, DBSIZE.
struct wire wire_open_store(struct lab *lab);
// Lets time pass for the keys of a wire_open_store.
void wire_pass_ms(struct wire *wire, int ms);
// Bytes that its process has allocated; 0 where nothing counts them.
size_t wire_allocated(struct wire *wire);

// All of it; fails when the server does not take it in LAB_SILENCE_MS.
void wire_send(struct wire *wire, struct bytes bytes);
// As much as the socket takes until nothing fits any more, or all of it; the
// number of bytes.
size_t wire_send_some(struct wire *wire, struct bytes bytes);
// Reads as many bytes as are expected, which must be those.
void wire_expect(struct wire *wire, struct bytes expected);
// The server closes, and says nothing more.
void wire_expect_end(struct wire *wire);
// All that comes until the server closes.
void wire_read_to_end(struct wire *wire, struct text *got);
void wire_end(struct wire *wire); // No more is sent; reading goes on.
void wire_close(struct wire *wire);
void wire_reset(struct wire *wire); // As if the machine had vanished.

// PING on a connection of its own is answered: whatever was sent to the server
// before has reached it.
void lab_barrier(struct lab *lab);
// So many of them that a server which sends what it can has filled the sockets
// of all who do not read.
void lab_settle(struct lab *lab);

#endif
