// subject_run.c -- the steps of a schedule.
//
//     seed N                     of the disk and the world; comes first
//     node FSYNC SEGMENT SNAPSHOT-LOG COMPRESS    settings of the lives to come
//     keys K...                  what is read when a node begins to serve
//     start                      a life begins, unless one goes on
//     c1 set a 1                 a client's request, when it would be heard
//     log                        lives to come log, on standard error
//     wait US                    so much time passes
//     settle                     so much that nothing has a reason to wait
//     measure                    how large are the files?
//     power, kill, stop          the life ends
//     trap EVENT                 stop there for a debugger
//
// and those that are about the disk (subject_faults.c).
// SPDX-License-Identifier: MIT
#include "labs/harness/subject_run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/hash.h"
#include "common/base/memory.h"
#include "labs/harness/subject_faults.h"
#include "stage2-persistence/sim_node.h"

enum {
    READER = SIM_NODE_CLIENTS - 1, // Not a client of the schedule.
    READ_US = 60 * 1000 * 1000,
    READY_US = 300 * 1000, // The log's first file is there by then.
    SETTLE_US = 20 * 1000 * 1000,
    SHOWN_MAX = 56, // Bytes of a request or a reply in the trace.
};

struct subject {
    struct sim_node node;
    FILE *out;
    struct sim_node_options options;
    char fsync[16];
    struct logger logger;
    struct buffer read_all; // The requests of the reader.
    struct buffer answer;   // To them, so far.
    uint64_t events, trap_at;
};

// ---- What comes back

static void put_escaped(FILE *out, struct slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        if (c < ' ' || c > '~' || c == '\\')
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
    fputc('\n', out);
}

static void subject_event(void *context, const char *line)
{
    struct subject *subject = context;
    fprintf(subject->out, "E %s\n", line);
    if (++subject->events == subject->trap_at)
        raise(SIGTRAP);
}

// What is too long for a line is told apart by its hash.
static void subject_note_bytes(struct subject *subject, size_t client,
                               char direction, struct slice bytes)
{
    char text[SHOWN_MAX + 1];
    size_t size = 0;
    for (size_t i = 0; i < bytes.size && size < SHOWN_MAX; i++)
        text[size++] = bytes.data[i] < ' ' ? ' ' : bytes.data[i];
    text[size] = '\0';
    sim_note_of(&subject->node.sim, subject->node.clients[client].name,
                "%c %s (%zu bytes, #%08x)", direction, text, bytes.size,
                (unsigned)XXH3_64bits(bytes.data, bytes.size));
}

static void subject_shows(void *context, size_t client, struct slice bytes)
{
    struct subject *subject = context;
    subject_note_bytes(subject, client, '<', bytes);
    fprintf(subject->out, "R %zu ", client + 1);
    put_escaped(subject->out, bytes);
    if (client == READER)
        buffer_append_slice(&subject->answer, bytes);
}

static void subject_ignores(void *context)
{
    (void)context;
}

static const struct sim_node_watch subject_watch = {
    .begins = subject_ignores,
    .looks = subject_ignores,
    .shows = subject_shows,
    .rests = subject_ignores,
    .settles = subject_ignores,
};

// ---- Requests

static void add_request(struct buffer *out, char *const *words, size_t count)
{
    buffer_printf(out, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
}

static void subject_send(struct subject *subject, size_t step,
                         const struct subject_words *words)
{
    size_t client = (size_t)(words->at[0][1] - '1');
    struct sim_node *node = &subject->node;
    if (client >= READER || !sim_node_serves(node))
        return;
    if (!node->clients[client].session)
        sim_node_connect(node, client);
    if (!sim_node_client_is_heard(node, client))
        return;
    struct buffer request = {0};
    add_request(&request, words->at + 1, words->count - 1);
    sim_note_of(&node->sim, node->clients[client].name, "> %s", words->text);
    fprintf(subject->out, "Q %zu %zu\n", client + 1, step);
    sim_node_send(node, client, buffer_slice(&request));
    buffer_deinit(&request);
}

static bool subject_was_answered(const struct subject *subject)
{
    static const char last[] = "+PONG\r\n";
    size_t size = sizeof last - 1;
    return subject->answer.size >= size &&
           !memcmp(subject->answer.data + subject->answer.size - size, last,
                   size);
}

// Everything that the store holds, as far as the schedule knows of it.
static void subject_read_all(struct subject *subject)
{
    struct sim_node *node = &subject->node;
    if (!subject->read_all.size)
        return;
    buffer_clear(&subject->answer);
    fprintf(subject->out, "K\n");
    sim_node_connect(node, READER);
    sim_node_send(node, READER, buffer_slice(&subject->read_all));
    for (int64_t us = 0; us < READ_US && sim_node_is_alive(node) &&
                         !subject_was_answered(subject);
         us += 1000)
        sim_node_run_for(node, 1000);
    if (sim_node_is_alive(node) && subject_was_answered(subject))
        fprintf(subject->out, "W\n");
    if (sim_node_is_alive(node))
        sim_node_disconnect(node, READER);
}

// ---- Lives

static void subject_end(struct subject *subject, bool power)
{
    if (!subject->node.process)
        return;
    power = sim_node_end(&subject->node, power);
    fprintf(subject->out, "D %s\n", power ? "power" : "kill");
}

static void subject_stop(struct subject *subject)
{
    struct sim_node *node = &subject->node;
    if (!sim_node_is_alive(node))
        return;
    bool whole = sim_node_finish(node);
    if (!sim_node_is_alive(node))
        return;
    sim_note(&node->sim, "stopped%s", whole ? "" : ", not properly");
    sim_node_end(node, false);
    fprintf(subject->out, "D %s\n", whole ? "stop" : "unclean");
}

static void subject_start(struct subject *subject)
{
    struct sim_node *node = &subject->node;
    if (sim_node_is_alive(node))
        return;
    subject_end(subject, false);
    sim_node_start(node, &subject->options);
    const char *reason = sim_node_recover(node);
    if (reason) {
        sim_note(&node->sim, "refuses to start: %s", reason);
        fprintf(subject->out, "X %s\n", reason);
        subject_end(subject, false);
        return;
    }
    if (sim_node_serves(node)) {
        sim_note(&node->sim, "serves");
        fprintf(subject->out, "S\n");
        subject_read_all(subject);
    }
    if (sim_node_is_alive(node))
        sim_node_run_for(node, READY_US);
}

// ---- Steps

static void subject_set_options(struct subject *subject,
                                const struct subject_words *words)
{
    if (words->count > 1)
        snprintf(subject->fsync, sizeof subject->fsync, "%s", words->at[1]);
    subject->options = (struct sim_node_options){
        .fsync = subject->fsync,
        .segment_size = (int64_t)subject_number(words, 2),
        .snapshot_log_size = (int64_t)subject_number(words, 3),
        .compress = subject_number(words, 4),
        .log = subject->options.log,
    };
}

static int64_t subject_wall_us(void *context)
{
    return ((const struct subject *)context)->node.sim.now_us;
}

static void subject_set_log(struct subject *subject)
{
    subject->logger = (struct logger){.level = LOG_INFO,
                                      .fd = STDERR_FILENO,
                                      .wall_us = subject_wall_us,
                                      .context = subject};
    subject->options.log = &subject->logger;
}

static void subject_set_keys(struct subject *subject,
                             const struct subject_words *words)
{
    char get[] = "get", ping[] = "ping";
    buffer_clear(&subject->read_all);
    for (size_t i = 1; i < words->count; i++)
        add_request(&subject->read_all, (char *[]){get, words->at[i]}, 2);
    add_request(&subject->read_all, (char *[]){ping}, 1);
}

static void subject_set(struct subject *subject,
                        const struct subject_words *words)
{
    const char *what = words->at[0];
    if (!strcmp(what, "node"))
        subject_set_options(subject, words);
    else if (!strcmp(what, "keys"))
        subject_set_keys(subject, words);
    else if (!strcmp(what, "log"))
        subject_set_log(subject);
    else if (!strcmp(what, "trap"))
        subject->trap_at = subject_number(words, 1);
    else
        subject_faults_step(subject->node.disk, words);
}

static void subject_step(struct subject *subject, size_t step,
                         const struct subject_words *words)
{
    const char *what = words->at[0];
    if (what[0] == 'c' && what[1] >= '1' && what[1] <= '9') {
        subject_send(subject, step, words);
    } else if (!strcmp(what, "start")) {
        subject_start(subject);
    } else if (!strcmp(what, "wait")) {
        sim_node_run_for(&subject->node, (int64_t)subject_number(words, 1));
    } else if (!strcmp(what, "settle")) {
        sim_node_run_for(&subject->node, SETTLE_US);
        if (sim_node_is_alive(&subject->node))
            fprintf(subject->out, "Z\n");
    } else if (!strcmp(what, "measure")) {
        fprintf(subject->out, "U %" PRIu64 "\n",
                sim_disk_used(subject->node.disk));
    } else if (!strcmp(what, "power") || !strcmp(what, "kill")) {
        subject_end(subject, what[0] == 'p');
    } else if (!strcmp(what, "stop")) {
        subject_stop(subject);
    } else {
        subject_set(subject, words);
    }
    if (subject->node.process && subject->node.process->dead)
        subject_end(subject, false);
}

uint64_t subject_run(const struct subject_script *script, FILE *out)
{
    struct subject *subject = xcalloc(1, sizeof *subject);
    subject->out = out;
    subject->options =
        (struct sim_node_options){.fsync = "always", .segment_size = 65536};
    sim_node_init(&subject->node, subject_script_seed(script), &subject_watch,
                  subject);
    subject->node.sim.trace = subject_event;
    subject->node.sim.trace_context = subject;
    subject_faults_heal(subject->node.disk);
    for (size_t i = 0; i < script->count; i++) {
        struct subject_words words;
        subject_words_split(&words, script->steps[i]);
        if (words.count)
            subject_step(subject, i + 1, &words);
        subject_words_deinit(&words);
    }
    subject_end(subject, false);
    uint64_t hash = subject->node.sim.hash;
    sim_node_deinit(&subject->node);
    buffer_deinit(&subject->read_all);
    buffer_deinit(&subject->answer);
    free(subject);
    return hash;
}
