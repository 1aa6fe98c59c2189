// subject_faults.c -- what a schedule does to the disk.
//
//     crash N HOW KILL           at the Nth call from now that changes the
//                                disk: 0 before, 1 within, 2 after it; KILL 1:
//                                only the process ends
//     fail KIND SKIP TIMES       that many calls of a kind fail: create, write,
//                                sync, names, rename, remove
//     space BYTES                more is not left on the disk
//     slow PPM, delay US         syncs of up to 3 s; all take longer
//     heal                       none of these faults from now on
//     flip SUFFIX DRAW           in a file of such a name a bit rots
// SPDX-License-Identifier: MIT
#include "labs/harness/subject_faults.h"

#include <string.h>

static void plan_crash(struct sim_disk *disk, const struct subject_words *words)
{
    disk->knobs.crash = (struct sim_crash){
        .at_call = disk->calls + subject_number(words, 1),
        .how = (enum sim_crash_how)(subject_number(words, 2) % 3),
        .kill = subject_number(words, 3),
    };
}

static void plan_failure(struct sim_disk *disk,
                         const struct subject_words *words)
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
        if (!strcmp(kinds[i].name, subject_word(words, 1)))
            disk->knobs.fail[kinds[i].kind] =
                (struct sim_failure){.skip = subject_number(words, 2),
                                     .times = subject_number(words, 3),
                                     .status = STATUS_IO};
    }
}

static void limit_space(struct sim_disk *disk,
                        const struct subject_words *words)
{
    disk->knobs.capacity = sim_disk_used(disk) + subject_number(words, 1);
}

static void slow_down(struct sim_disk *disk, const struct subject_words *words)
{
    disk->knobs.slow_per_million = (uint32_t)subject_number(words, 1);
}

static void delay(struct sim_disk *disk, const struct subject_words *words)
{
    disk->knobs.delay_us = (int64_t)subject_number(words, 1);
}

static void heal(struct sim_disk *disk, const struct subject_words *words)
{
    (void)words;
    subject_faults_heal(disk);
}

void subject_faults_heal(struct sim_disk *disk)
{
    disk->knobs = (struct sim_disk_knobs){0};
}

// ---- Bits that rot

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

static void flip(struct sim_disk *disk, const struct subject_words *words)
{
    const char *suffix = subject_word(words, 1);
    uint64_t count = count_written(disk, suffix);
    uint64_t draw = subject_number(words, 2);
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

void subject_faults_step(struct sim_disk *disk,
                         const struct subject_words *words)
{
    static const struct {
        const char *name;
        void (*run)(struct sim_disk *disk, const struct subject_words *words);
    } steps[] = {
        {"crash", plan_crash}, {"fail", plan_failure}, {"space", limit_space},
        {"slow", slow_down},   {"delay", delay},       {"heal", heal},
        {"flip", flip},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (!strcmp(steps[i].name, words->at[0]))
            steps[i].run(disk, words);
    }
}
