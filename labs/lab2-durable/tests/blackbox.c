// blackbox.c -- what can be asked of somebody's own server, in whatever
// language: it is killed, its files are looked at and damaged, and it starts
// again with the same --data-dir. No power is cut here, so nothing tells
// whether it syncs: the simulator does, for who grades a tree.
// SPDX-License-Identifier: MIT
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labs/harness/lab.h"
#include "labs/harness/model.h"
#include "labs/lab2-durable/tests/workload.h"

enum {
    ROUNDS = 6,
    BURST = 400,
    CUT_BYTES = 3,
    BIG_ROUNDS = 8,
    BIG_REQUESTS = 12000,
    BIG_VALUE = 2000,
    WAIT_US = 25 * 1000,
    DISK_WAITS = 400,   // For files to go.
    SETTLED_WAITS = 80, // Then those of the first rounds are as they stay.
    LOAD_WAITS = 600,
    DISK_SPARE = 64 * 1024 * 1024, // Files may be large, and made ahead.
};

// A server with what was sent to it.
struct box {
    struct lab *lab;
    struct wire wire;
    struct draw draw;
    struct schedule requests; // "c1 set s1 ~1*9"
    struct workload workload;
    size_t checked; // So many came back at the last start.
    struct model base;
};

static struct box box_open(struct lab *lab, uint64_t seed)
{
    lab_start_with_data(lab);
    return (struct box){
        .lab = lab, .wire = wire_open(lab), .draw = {.state = seed}};
}

// `count` more requests that write.
static void add_requests(struct box *box, unsigned count)
{
    box->workload.draw = &box->draw;
    box->workload.schedule = &box->requests;
    box->workload.value_max = 900;
    box->workload.next += box->workload.next == 0;
    while (count-- > 0)
        workload_write(&box->workload);
}

static void execute(const struct box *box, size_t index, struct model *model,
                    struct text *request, struct text *reply)
{
    struct schedule_words words;
    schedule_split(box->requests.steps[index], &words);
    if (request)
        text_add_request(request, words.count - 1, words.at + 1);
    model_execute(model, &words, 1, index + 1, reply);
    schedule_words_deinit(&words);
}

// Sends those from `first` on at once, and waits for `replies` of them.
static void send_requests(struct box *box, size_t first, size_t replies)
{
    struct text sent = {0}, expected = {0}, reply = {0};
    struct model model = {0};
    model_copy(&model, &box->base);
    for (size_t i = box->checked; i < box->requests.count; i++) {
        execute(box, i, &model, i < first ? NULL : &sent, &reply);
        if (i >= first && i < first + replies)
            text_add(&expected, text_bytes(&reply));
    }
    wire_send(&box->wire, text_bytes(&sent));
    wire_expect(&box->wire, text_bytes(&expected));
    text_deinit(&sent);
    text_deinit(&expected);
    text_deinit(&reply);
    model_deinit(&model);
}

static const char *const keys[] = {"s1", "s2", "s3", "s4", "n1", "n2",
                                   "n3", "n4", "a1", "a2", "a3", "a4"};

// What GETs of all keys must bring when the first `count` were executed.
static void add_state(struct model *model, struct text *state)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct model_key *key = model_key(model, bytes_of(keys[i]));
        if (key->there)
            text_add_bulk(state, text_bytes(&key->value));
        else
            text_add(state, BYTES("$-1\r\n"));
    }
}

static void read_state(struct box *box, struct text *state)
{
    struct text requests = {0};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        REQUEST(&requests, BYTES("GET"), bytes_of(keys[i]));
    wire_send(&box->wire, text_bytes(&requests));
    wire_end(&box->wire);
    wire_read_to_end(&box->wire, state);
    wire_close(&box->wire);
    text_deinit(&requests);
    box->wire = wire_open(box->lab);
}

// The store is what the first requests make, at least `least` of them. The next
// ones build upon that.
static void expect_prefix(struct box *box, size_t least)
{
    struct text got = {0}, state = {0}, reply = {0};
    struct model model = {0};
    read_state(box, &got);
    model_copy(&model, &box->base);
    for (size_t i = box->checked;; i++) {
        state.size = 0;
        add_state(&model, &state);
        if (i >= least && bytes_first_difference(text_bytes(&state),
                                                 text_bytes(&got)) == SIZE_MAX)
            break;
        if (i == box->requests.count)
            lab_fail_bytes(box->lab, text_bytes(&state), text_bytes(&got));
        execute(box, i, &model, NULL, &reply);
    }
    model_copy(&box->base, &model);
    box->checked = box->requests.count;
    text_deinit(&got);
    text_deinit(&state);
    text_deinit(&reply);
    model_deinit(&model);
}

// Asks for a key. True when there is an answer other than -LOADING.
static bool is_answered(struct lab *lab)
{
    static const char loading[] = "-LOADING";
    struct text got = {0};
    struct wire wire;
    if (!wire_try_open(lab, &wire))
        return false;
    wire_send(&wire, BYTES("*2\r\n$3\r\nGET\r\n$2\r\ns1\r\n"));
    wire_end(&wire);
    wire_read_to_end(&wire, &got);
    wire_close(&wire);
    bool is = got.size && strncmp(got.data, loading, sizeof loading - 1) != 0;
    text_deinit(&got);
    return is;
}

// False when it ends instead.
static bool try_start_again(struct box *box)
{
    wire_close(&box->wire);
    if (!lab_try_start_again(box->lab))
        return false;
    for (int waits = 0; !is_answered(box->lab); waits++) {
        if (lab_has_ended(box->lab))
            return false;
        if (waits == LOAD_WAITS)
            lab_fail(box->lab, "your server loads its data for ever");
        usleep(WAIT_US);
    }
    box->wire = wire_open(box->lab);
    return true;
}

static void start_again(struct box *box)
{
    if (!try_start_again(box))
        lab_fail(box->lab, "your server does not start again");
}

LAB_CASE_FOREIGN(replay, by_socket,
                 "What was answered is there again after the server ended.")
{
    struct box box = box_open(lab, 1);
    for (int round = 0; round < ROUNDS; round++) {
        lab_trying(lab, "round %d, ended by SIG%s", round + 1,
                   round % 2 ? "KILL" : "TERM");
        add_requests(&box, BURST / 2);
        send_requests(&box, box.checked, box.requests.count - box.checked);
        if (round % 2)
            lab_kill(lab);
        else
            lab_stop(lab);
        start_again(&box);
        expect_prefix(&box, box.requests.count);
    }
}

LAB_CASE_FOREIGN(ack_is_durable, kill_9,
                 "What was answered survives kill -9, and of what was not "
                 "the first part does, or nothing.")
{
    struct box box = box_open(lab, 2);
    for (int round = 0; round < ROUNDS; round++) {
        lab_trying(lab, "round %d", round + 1);
        size_t first = box.requests.count;
        add_requests(&box, BURST);
        size_t replies = draw_below(&box.draw, BURST);
        send_requests(&box, first, replies);
        lab_kill(lab);
        start_again(&box);
        expect_prefix(&box, first + replies);
    }
}

LAB_CASE_FOREIGN(snapshot_live, by_socket,
                 "Requests go on while a snapshot is made, and each is "
                 "executed once.")
{
    struct box box = box_open(lab, 3);
    for (int round = 0; round < ROUNDS; round++) {
        lab_trying(lab, "round %d, with BGSAVE in its middle", round + 1);
        size_t first = box.requests.count;
        add_requests(&box, BURST);
        send_requests(&box, first, BURST);
        // Of a connection of its own: a server may not know the command.
        struct wire saver = wire_open(lab);
        wire_send(&saver, BYTES("*1\r\n$6\r\nBGSAVE\r\n"));
        first = box.requests.count;
        add_requests(&box, BURST);
        send_requests(&box, first, BURST);
        wire_close(&saver);
        lab_kill(lab);
        start_again(&box);
        expect_prefix(&box, box.requests.count);
    }
}

// ---- Files

// The walk of nftw(3) takes no argument.
static struct {
    char path[512];
    struct timespec changed;
    uint64_t bytes; // That files take.
} files;

static int note_file(const char *path, const struct stat *stat, int type,
                     struct FTW *ftw)
{
    (void)ftw;
    if (type != FTW_F)
        return 0;
    files.bytes += (uint64_t)stat->st_blocks * 512;
    bool later = stat->st_mtim.tv_sec > files.changed.tv_sec ||
                 (stat->st_mtim.tv_sec == files.changed.tv_sec &&
                  stat->st_mtim.tv_nsec > files.changed.tv_nsec);
    if (stat->st_size > 0 && later && strlen(path) < sizeof files.path) {
        strcpy(files.path, path);
        files.changed = stat->st_mtim;
    }
    return 0;
}

static void look_at_files(struct lab *lab)
{
    memset(&files, 0, sizeof files);
    if (nftw(lab->data, note_file, 16, FTW_PHYS) != 0)
        lab_broken(lab->data);
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (file)
        return file;
    lab_broken(path);
}

// Of the file that was written last: where the zeros begin in which one that
// was made ahead ends.
static long end_of_content(struct lab *lab)
{
    long at = 0, end = 0;
    int byte;
    if (!files.path[0])
        lab_fail(lab, "there is no file in its --data-dir");
    FILE *file = open_file(files.path, "re");
    while ((byte = getc_unlocked(file)) != EOF) {
        at++;
        if (byte)
            end = at;
    }
    fclose(file);
    return end;
}

LAB_CASE_FOREIGN(torn_tail, last_bytes_missing,
                 "A file whose last bytes are missing is read up to them.")
{
    struct box box = box_open(lab, 4);
    for (int round = 0; round < ROUNDS; round++) {
        size_t first = box.requests.count;
        add_requests(&box, 30);
        send_requests(&box, first, 30);
        lab_kill(lab);
        look_at_files(lab);
        long end = end_of_content(lab);
        lab_trying(lab,
                   "round %d, the last %d bytes cut off the file that "
                   "was written last",
                   round + 1, CUT_BYTES);
        if (end > CUT_BYTES && truncate(files.path, end - CUT_BYTES) != 0)
            lab_broken(files.path);
        start_again(&box);
        expect_prefix(&box, 0);
    }
}

// Flips a bit of the file there; twice: it is as it was.
static void flip_bit(const char *path, long at)
{
    FILE *file = open_file(path, "r+e");
    int byte = fseek(file, at, SEEK_SET) == 0 ? getc(file) : EOF;
    if (byte == EOF || fseek(file, at, SEEK_SET) != 0 ||
        putc(byte ^ 4, file) == EOF || fclose(file) != 0)
        lab_broken(path);
}

LAB_CASE_FOREIGN(corrupt_middle, flipped_bit,
                 "Damage to what was answered is found: a server starts with "
                 "all of it or not at all.")
{
    struct box box = box_open(lab, 6);
    add_requests(&box, BURST);
    send_requests(&box, 0, BURST);
    lab_stop(lab);
    look_at_files(lab);
    long end = end_of_content(lab);
    for (int round = 0; round < ROUNDS; round++) {
        long at = end * (round + 1) / (ROUNDS + 2);
        lab_trying(lab,
                   "a bit flipped in byte %ld of the file that was "
                   "written last",
                   at);
        flip_bit(files.path, at);
        if (try_start_again(&box)) {
            expect_prefix(&box, box.requests.count);
            return; // It may have mended the file.
        }
        flip_bit(files.path, at);
    }
}

// Writes the same few keys, again and again.
static void write_much(struct box *box)
{
    struct text requests = {0}, replies = {0}, value = {0};
    while (value.size < BIG_VALUE)
        text_printf(&value, "%zu.", value.size);
    for (int i = 0; i < BIG_REQUESTS; i++) {
        REQUEST(&requests, BYTES("SET"), bytes_of(keys[i % 4]),
                text_bytes(&value));
        text_add(&replies, BYTES("+OK\r\n"));
        if (i % 500 == 499) {
            wire_send(&box->wire, text_bytes(&requests));
            wire_expect(&box->wire, text_bytes(&replies));
            requests.size = replies.size = 0;
        }
    }
    text_deinit(&requests);
    text_deinit(&replies);
    text_deinit(&value);
}

// Waits until they take no more than `most`, or the same for so many looks, or
// long; returns what they take.
static uint64_t wait_for_files(struct lab *lab, uint64_t most, int same_max)
{
    uint64_t before = 0;
    for (int i = 0, same = 0; i < DISK_WAITS && same < same_max; i++) {
        look_at_files(lab);
        if (files.bytes <= most)
            break;
        same = files.bytes == before ? same + 1 : 0;
        before = files.bytes;
        usleep(WAIT_US);
    }
    return files.bytes;
}

LAB_CASE_FOREIGN(bounded, by_socket,
                 "Files take space for what the store holds, not for all that "
                 "was ever written (a server may wait for BGREWRITEAOF).")
{
    struct box box = box_open(lab, 5);
    uint64_t settled = 0;
    for (int round = 0; round < BIG_ROUNDS; round++) {
        lab_trying(lab, "round %d of %d, %d MB each", round + 1, BIG_ROUNDS,
                   BIG_REQUESTS * BIG_VALUE >> 20);
        write_much(&box);
        struct wire saver = wire_open(lab);
        wire_send(&saver, BYTES("*1\r\n$12\r\nBGREWRITEAOF\r\n"));
        uint64_t taken =
            round < 2 ? wait_for_files(lab, DISK_SPARE, SETTLED_WAITS)
                      : wait_for_files(lab, settled + DISK_SPARE, DISK_WAITS);
        wire_close(&saver);
        if (round < 2)
            settled = taken;
        else if (taken > settled + DISK_SPARE)
            lab_fail(lab, "its files took %llu MB before, and now %llu",
                     (unsigned long long)(settled >> 20),
                     (unsigned long long)(taken >> 20));
    }
}
