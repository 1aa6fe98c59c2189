// subject_run.c -- the steps of a schedule.
//
//     seed N                     of the disk and the world; comes first
//     node FSYNC SEGMENT SNAPSHOT-LOG COMPRESS    settings of the lives to come
//     keys K...                  what is read when a node begins to serve
//     start                      a life begins, unless one goes on
//     c1 set a 1                 a client's request, when it would be heard
//     wait US                    so much time passes
//     settle                     so much that nothing has a reason to wait
//     measure                    how large are the files?
//     crash N HOW KILL           at the Nth call from now that changes the
//                                disk: 0 before, 1 within, 2 after it; KILL 1:
//                                only the process ends
//     fail KIND SKIP TIMES       that many calls of a kind fail: create, write,
//                                sync, names, rename, remove
//     space BYTES                more is not left on the disk
//     slow PPM, delay US         syncs of up to 3 s; all take longer
//     heal                       none of these faults from now on
//     power, kill, stop          the life ends
//     flip SUFFIX DRAW           in a file of such a name a bit rots
//     trap EVENT                 stop there for a debugger
// SPDX-License-Identifier: MIT
#include "labs/harness/subject_run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/memory.h"
#include "common/server/argv.h"
#include "stage2-persistence/sim_node.h"

enum {
    READER = SIM_NODE_CLIENTS - 1, // Not a client of the schedule.
    KEYS_MAX = 32,
    WORDS_MAX = 32,
    STARTS_MAX = 10,
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
    struct buffer read_all; // The requests of the reader.
    struct buffer answer;   // To them, so far.
    uint64_t events, trap_at;
    bool served; // In this life.
};

struct words {
    char text[64]; // Of the step, behind the first word, cut.
    char *all;
    char *at[WORDS_MAX];
    size_t count;
};

void subject_script_add(struct subject_script *script, const char *line)
{
    script->steps =
        xrealloc(script->steps, (script->count + 1) * sizeof *script->steps);
    script->steps[script->count++] = xstrdup(line);
}

void subject_script_clear(struct subject_script *script)
{
    for (size_t i = 0; i < script->count; i++)
        free(script->steps[i]);
    free(script->steps);
    *script = (struct subject_script){0};
}

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
                         const struct words *words)
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

// ---- Faults

static uint64_t number(const struct words *words, size_t index)
{
    return index < words->count ? strtoull(words->at[index], NULL, 10) : 0;
}

static void subject_fail(struct subject *subject, const struct words *words)
{
    static const struct {
        const char *name;
        enum sim_call_kind kind;
    } kinds[] = {
        {"create", SIM_CALL_CREATE}, {"write", SIM_CALL_WRITE},
        {"sync", SIM_CALL_SYNC},     {"names", SIM_CALL_SYNC_NAMES},
        {"rename", SIM_CALL_RENAME}, {"remove", SIM_CALL_REMOVE},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (words->count > 1 && !strcmp(kinds[i].name, words->at[1]))
            subject->node.disk->knobs.fail[kinds[i].kind] =
                (struct sim_failure){.skip = number(words, 2),
                                     .times = number(words, 3),
                                     .status = STATUS_IO};
    }
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t size = strlen(name), end = strlen(suffix);
    return size >= end && !strcmp(name + size - end, suffix);
}

// Zeros are what nobody has written yet: none of them is chosen.
static uint64_t count_written(const struct sim_disk *disk, const char *suffix)
{
    uint64_t count = 0;
    const char *name;
    struct slice content;
    for (size_t i = 0; (name = sim_disk_name(disk, i)); i++) {
        sim_disk_content(disk, name, &content);
        for (size_t j = 0; j < content.size && ends_with(name, suffix); j++)
            count += content.data[j] != 0;
    }
    return count;
}

static void subject_flip(struct subject *subject, const struct words *words)
{
    struct sim_disk *disk = subject->node.disk;
    const char *suffix = words->count > 1 ? words->at[1] : "";
    uint64_t count = count_written(disk, suffix), draw = number(words, 2);
    if (!count)
        return;
    uint64_t left = draw / 8 % count;
    const char *name;
    struct slice content;
    for (size_t i = 0; (name = sim_disk_name(disk, i)); i++) {
        sim_disk_content(disk, name, &content);
        for (size_t j = 0; j < content.size && ends_with(name, suffix); j++) {
            if (content.data[j] != 0 && left-- == 0) {
                sim_disk_flip(disk, name, j, (unsigned char)(1 << draw % 8));
                return;
            }
        }
    }
}

static void subject_plan_crash(struct subject *subject,
                               const struct words *words)
{
    struct sim_disk *disk = subject->node.disk;
    disk->knobs.crash = (struct sim_crash){
        .at_call = disk->calls + number(words, 1),
        .how = (enum sim_crash_how)(number(words, 2) % 3),
        .kill = number(words, 3),
    };
}

static void subject_heal(struct subject *subject)
{
    subject->node.disk->knobs = (struct sim_disk_knobs){0};
}

// ---- Steps

static void subject_set_options(struct subject *subject,
                                const struct words *words)
{
    if (words->count > 1)
        snprintf(subject->fsync, sizeof subject->fsync, "%s", words->at[1]);
    subject->options = (struct sim_node_options){
        .fsync = subject->fsync,
        .segment_size = (int64_t)number(words, 2),
        .snapshot_log_size = (int64_t)number(words, 3),
        .compress = number(words, 4),
    };
}

static void subject_set_keys(struct subject *subject, const struct words *words)
{
    char get[] = "get", ping[] = "ping";
    buffer_clear(&subject->read_all);
    for (size_t i = 1; i < words->count; i++)
        add_request(&subject->read_all, (char *[]){get, words->at[i]}, 2);
    add_request(&subject->read_all, (char *[]){ping}, 1);
}

static void subject_set(struct subject *subject, const struct words *words)
{
    struct sim_disk *disk = subject->node.disk;
    const char *what = words->at[0];
    if (!strcmp(what, "node"))
        subject_set_options(subject, words);
    else if (!strcmp(what, "keys"))
        subject_set_keys(subject, words);
    else if (!strcmp(what, "crash"))
        subject_plan_crash(subject, words);
    else if (!strcmp(what, "fail"))
        subject_fail(subject, words);
    else if (!strcmp(what, "space"))
        disk->knobs.capacity = sim_disk_used(disk) + number(words, 1);
    else if (!strcmp(what, "slow"))
        disk->knobs.slow_per_million = (uint32_t)number(words, 1);
    else if (!strcmp(what, "delay"))
        disk->knobs.delay_us = (int64_t)number(words, 1);
    else if (!strcmp(what, "heal"))
        subject_heal(subject);
    else if (!strcmp(what, "flip"))
        subject_flip(subject, words);
    else if (!strcmp(what, "trap"))
        subject->trap_at = number(words, 1);
}

static void subject_step(struct subject *subject, size_t step,
                         const struct words *words)
{
    const char *what = words->at[0];
    if (what[0] == 'c' && what[1] >= '1' && what[1] <= '9') {
        subject_send(subject, step, words);
    } else if (!strcmp(what, "start")) {
        subject_start(subject);
    } else if (!strcmp(what, "wait")) {
        sim_node_run_for(&subject->node, (int64_t)number(words, 1));
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

static void words_split(struct words *words, const char *line)
{
    words->count = 0;
    words->all = xstrdup(line);
    const char *text = strchr(line, ' ');
    snprintf(words->text, sizeof words->text, "%s", text ? text + 1 : "");
    for (char *word = strtok(words->all, " "); word && words->count < WORDS_MAX;
         word = strtok(NULL, " "))
        words->at[words->count++] = word;
}

static uint64_t seed_of(const struct subject_script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        if (!strncmp(script->steps[i], "seed ", 5))
            return strtoull(script->steps[i] + 5, NULL, 10);
    }
    return 1;
}

uint64_t subject_run(const struct subject_script *script, FILE *out)
{
    struct subject *subject = xcalloc(1, sizeof *subject);
    subject->out = out;
    subject->options =
        (struct sim_node_options){.fsync = "always", .segment_size = 65536};
    sim_node_init(&subject->node, seed_of(script), &subject_watch, subject);
    subject->node.sim.trace = subject_event;
    subject->node.sim.trace_context = subject;
    subject_heal(subject);
    for (size_t i = 0; i < script->count; i++) {
        struct words words;
        words_split(&words, script->steps[i]);
        if (words.count)
            subject_step(subject, i + 1, &words);
        free(words.all);
    }
    subject_end(subject, false);
    uint64_t hash = subject->node.sim.hash;
    sim_node_deinit(&subject->node);
    buffer_deinit(&subject->read_all);
    buffer_deinit(&subject->answer);
    free(subject);
    return hash;
}
