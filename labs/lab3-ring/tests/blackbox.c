// blackbox.c -- what can be asked of somebody's own server, in whatever
// language: nodes of a small cluster, each a process, started with
//
//     my-server -c cluster.yaml --node n1 --data-dir DIR
//
// The file lists `nodes:` with id, address, peer_address and weight. What the
// nodes say to each other is theirs.
// SPDX-License-Identifier: MIT
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labs/harness/lab.h"
#include "labs/harness/server.h"
#include "labs/lab3-ring/tests/model_slot.h"

enum { NODES_MAX = 4, WAIT_MS = 5, KEYS = 60, BITS = 64 };

struct cluster {
    struct lab *lab;
    struct model_ring ring;
    uint8_t owners[MODEL_SLOTS]; // As they should be.
    uint16_t ports[2 * NODES_MAX];
    pid_t pids[NODES_MAX];
    char config[64];
};

static void find_ports(struct cluster *cluster)
{
    for (unsigned i = 0; i < 2 * NODES_MAX; i++) {
        bool is_taken = true;
        while (is_taken) {
            cluster->ports[i] = server_find_port();
            is_taken = false;
            for (unsigned j = 0; j < i; j++)
                is_taken |= cluster->ports[i] == cluster->ports[j];
        }
    }
}

static void write_config(const struct cluster *cluster)
{
    struct text lines = {0};
    text_printf(&lines, "nodes:\n");
    for (unsigned i = 0; i < cluster->ring.count; i++)
        text_printf(&lines,
                    "  - id: %s\n    address: 127.0.0.1:%u\n"
                    "    peer_address: 127.0.0.1:%u\n    weight: %u\n",
                    cluster->ring.ids[i], cluster->ports[i],
                    cluster->ports[NODES_MAX + i], cluster->ring.weights[i]);
    FILE *file = fopen(cluster->config, "we");
    if (!file || fputs(lines.data, file) < 0 || fclose(file) != 0)
        lab_broken(cluster->config);
    text_deinit(&lines);
}

// `nodes` is "n1:1 n2:2".
static struct cluster cluster_make(struct lab *lab, const char *nodes)
{
    struct cluster cluster = {.lab = lab};
    if (!model_ring_read(&cluster.ring, nodes))
        lab_broken(nodes);
    model_ring_owners(&cluster.ring, BITS, cluster.owners);
    find_ports(&cluster);
    if (!lab->data[0])
        server_make_data(lab);
    snprintf(cluster.config, sizeof cluster.config, "%s/%u.yaml", lab->data,
             cluster.ports[0]);
    write_config(&cluster);
    lab_trying(lab, "the nodes %s", nodes);
    return cluster;
}

static void cluster_start(struct cluster *cluster, unsigned node)
{
    struct lab *lab = cluster->lab;
    char data[64];
    snprintf(data, sizeof data, "%s/%u", lab->data, cluster->ports[node]);
    server_spawn(lab,
                 (const char *[]){lab->server, "-c", cluster->config, "--node",
                                  cluster->ring.ids[node], "--data-dir", data,
                                  NULL},
                 -1);
    cluster->pids[node] = lab->pid;
    for (int ms = 0; ms < LAB_SILENCE_MS; ms += WAIT_MS) {
        int fd = server_connect(cluster->ports[node], 0);
        if (fd >= 0) {
            close(fd);
            return;
        }
        lab_check_alive(lab);
        poll(NULL, 0, WAIT_MS);
    }
    lab_fail(lab, "node %s does not listen on 127.0.0.1:%u",
             cluster->ring.ids[node], cluster->ports[node]);
}

static void cluster_kill(struct cluster *cluster, unsigned node)
{
    kill(cluster->pids[node], SIGKILL);
    waitpid(cluster->pids[node], NULL, 0);
    if (cluster->lab->pid == cluster->pids[node])
        cluster->lab->pid = 0;
}

// All that a node answers to these requests, over a connection of its own.
static void cluster_ask(struct cluster *cluster, unsigned node,
                        struct text *requests, struct text *got)
{
    cluster->lab->port = cluster->ports[node];
    struct wire wire = wire_open(cluster->lab);
    wire_send(&wire, text_bytes(requests));
    wire_end(&wire);
    wire_read_to_end(&wire, got);
    wire_close(&wire);
    text_deinit(requests);
}

// ---- The map

// The number behind `type`, and *at behind its line; -1 when it is none.
static long take_number(const char **at, char type)
{
    char *end;
    if (**at != type)
        return -1;
    long number = strtol(*at + 1, &end, 10);
    if (end == *at + 1 || strncmp(end, "\r\n", 2) != 0)
        return -1;
    *at = end + 2;
    return number;
}

// Passes over one value. False when it is none.
static bool skip_value(const char **at, const char *end)
{
    for (long left = 1; left > 0; left--) {
        const char *before = *at;
        char type = before < end ? *before : '\0';
        long number = take_number(at, type);
        if (*at == before || !strchr(":$*", type) ||
            (type == '$' && number > end - *at))
            return false;
        if (type == '*' && number > 0)
            left += number;
        if (type == '$' && number >= 0)
            *at += number + 2;
    }
    return true;
}

// One of first, last, [host, port, ...], replicas.
static bool read_range(const struct cluster *cluster, const char **at,
                       const char *end, uint8_t owners[MODEL_SLOTS])
{
    long parts = take_number(at, '*');
    long first = take_number(at, ':'), last = take_number(at, ':');
    const char *node = *at;
    long fields = take_number(&node, '*');
    if (parts < 3 || first < 0 || last < first || last >= MODEL_SLOTS ||
        fields < 2 || !skip_value(&node, end))
        return false;
    long port = take_number(&node, ':');
    unsigned index = 0;
    while (index < cluster->ring.count && cluster->ports[index] != port)
        index++;
    if (index == cluster->ring.count)
        return false;
    memset(owners + first, (int)index, (size_t)(last - first + 1));
    for (long i = 2; i < parts; i++) {
        if (!skip_value(at, end))
            return false;
    }
    return true;
}

static void read_map(struct cluster *cluster, uint8_t owners[MODEL_SLOTS])
{
    struct text requests = {0}, got = {0};
    REQUEST(&requests, BYTES("CLUSTER"), BYTES("SLOTS"));
    cluster_ask(cluster, 0, &requests, &got);
    memset(owners, MODEL_NOBODY, MODEL_SLOTS);
    const char *at = got.size ? got.data : "", *end = at + got.size;
    long ranges = take_number(&at, '*');
    for (long i = 0; i < ranges; i++) {
        if (!read_range(cluster, &at, end, owners))
            lab_fail(cluster->lab,
                     "range %ld of CLUSTER SLOTS is none: first, last, [host, "
                     "port, ...] of a node of the file",
                     i + 1);
    }
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        if (owners[slot] == MODEL_NOBODY)
            lab_fail(cluster->lab, "CLUSTER SLOTS has no owner for slot %u",
                     slot);
    }
    text_deinit(&got);
}

static void read_map_of(struct lab *lab, const char *nodes,
                        struct cluster *cluster, uint8_t owners[MODEL_SLOTS])
{
    *cluster = cluster_make(lab, nodes);
    cluster_start(cluster, 0);
    read_map(cluster, owners);
    cluster_kill(cluster, 0);
}

LAB_CASE_FOREIGN(golden, keyslot,
                 "CLUSTER KEYSLOT is CRC-16 of what counts of "
                 "a key, modulo 16384.")
{
    static const char *const keys[] = {"foo",
                                       "123456789",
                                       "{user1000}.following",
                                       "foo{}{bar}",
                                       "foo{{bar}}zap",
                                       "foo{bar}{zap}",
                                       "}{a}",
                                       "{a",
                                       ""};
    struct cluster cluster = cluster_make(lab, "n1:1");
    cluster_start(&cluster, 0);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct text requests = {0}, expected = {0}, got = {0};
        struct bytes key = bytes_of(keys[i]);
        REQUEST(&requests, BYTES("CLUSTER"), BYTES("KEYSLOT"), key);
        text_printf(&expected, ":%u\r\n", model_slot(key));
        cluster_ask(&cluster, 0, &requests, &got);
        if (bytes_first_difference(text_bytes(&expected), text_bytes(&got)) !=
            SIZE_MAX)
            lab_fail_bytes(lab, text_bytes(&expected), text_bytes(&got));
        text_deinit(&expected);
        text_deinit(&got);
    }
}

LAB_CASE_FOREIGN(wrap_ties, all_owners,
                 "Every slot belongs to the first token "
                 "from its own place on.")
{
    static const char *const rings[] = {"n1:1", "n1:1 n2:1 n3:1",
                                        "a:1 b.b:3 c-c:2 d_d:1"};
    static uint8_t owners[MODEL_SLOTS];
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
        struct cluster cluster;
        read_map_of(lab, rings[i], &cluster, owners);
        for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
            if (owners[slot] != cluster.owners[slot])
                lab_fail(lab,
                         "slot %u is %s's by CLUSTER SLOTS, and %s's by "
                         "the ring",
                         slot, cluster.ring.ids[owners[slot]],
                         cluster.ring.ids[cluster.owners[slot]]);
        }
    }
}

LAB_CASE_FOREIGN(balance, shares,
                 "Each node has about the share of the slots "
                 "that its weight says.")
{
    static uint8_t owners[MODEL_SLOTS];
    struct cluster cluster;
    read_map_of(lab, "one:1 two:1 three:2 four:1", &cluster, owners);
    for (unsigned node = 0; node < cluster.ring.count; node++) {
        unsigned count = 0;
        for (unsigned slot = 0; slot < MODEL_SLOTS; slot++)
            count += owners[slot] == node;
        double share = count * 5.0 / MODEL_SLOTS / cluster.ring.weights[node];
        if (share < 0.6 || share > 1.6)
            lab_fail(lab, "%s has %.1f times the share that its weight says",
                     cluster.ring.ids[node], share);
    }
}

LAB_CASE_FOREIGN(minimal_move, one_joins,
                 "A node that joins takes slots, and "
                 "no other slot moves.")
{
    static uint8_t before[MODEL_SLOTS], after[MODEL_SLOTS];
    struct cluster three, four;
    read_map_of(lab, "n1:1 n2:1 n3:1", &three, before);
    read_map_of(lab, "n1:1 new:1 n2:1 n3:1", &four, after);
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        const char *from = three.ring.ids[before[slot]];
        const char *to = four.ring.ids[after[slot]];
        if (strcmp(from, to) != 0 && strcmp(to, "new") != 0)
            lab_fail(lab, "slot %u moved from %s to %s, and `new` joined", slot,
                     from, to);
    }
}

// ---- Requests

static struct cluster start_three(struct lab *lab)
{
    struct cluster cluster = cluster_make(lab, "n1:1 n2:1 n3:1");
    for (unsigned node = 0; node < cluster.ring.count; node++)
        cluster_start(&cluster, node);
    return cluster;
}

static struct bytes format_key(char text[16], unsigned i)
{
    return (struct bytes){text, (size_t)sprintf(text, "key:%u", i)};
}

// What `node` must answer to SET or GET of a key.
static void expect_reply(const struct cluster *cluster, unsigned node,
                         struct bytes key, const char *reply,
                         struct text *expected)
{
    unsigned slot = model_slot(key), owner = cluster->owners[slot];
    if (owner == node)
        text_printf(expected, "%s", reply);
    else
        text_printf(expected, "-MOVED %u 127.0.0.1:%u\r\n", slot,
                    cluster->ports[owner]);
}

LAB_CASE_FOREIGN(routing, moved,
                 "A node serves its own slots, and says of "
                 "others who does.")
{
    struct cluster cluster = start_three(lab);
    for (unsigned node = 0; node < cluster.ring.count; node++) {
        struct text requests = {0}, expected = {0}, got = {0};
        for (unsigned i = 0; i < KEYS; i++) {
            char name[16];
            struct bytes key = format_key(name, i);
            REQUEST(&requests, BYTES("SET"), key, BYTES("v"));
            expect_reply(&cluster, node, key, "+OK\r\n", &expected);
            REQUEST(&requests, BYTES("GET"), key);
            expect_reply(&cluster, node, key, "$1\r\nv\r\n", &expected);
        }
        cluster_ask(&cluster, node, &requests, &got);
        if (bytes_first_difference(text_bytes(&expected), text_bytes(&got)) !=
            SIZE_MAX)
            lab_fail_bytes(lab, text_bytes(&expected), text_bytes(&got));
        text_deinit(&expected);
        text_deinit(&got);
    }
}

LAB_CASE_FOREIGN(routing, crossslot,
                 "A command lies within one slot, or is "
                 "refused, and nothing of it is done.")
{
    struct cluster cluster = start_three(lab);
    struct text requests = {0}, got = {0};
    char name[16], other[16];
    unsigned mine = 0, next = 1;
    while (cluster.owners[model_slot(format_key(name, mine))] != 0)
        mine++;
    while (model_slot(format_key(other, next)) ==
           model_slot(format_key(name, mine)))
        next++;
    REQUEST(&requests, BYTES("MSET"), bytes_of(name), BYTES("1"),
            bytes_of(other), BYTES("2"));
    REQUEST(&requests, BYTES("GET"), bytes_of(name));
    cluster_ask(&cluster, 0, &requests, &got);
    const char *end = got.size ? strstr(got.data, "\r\n") : NULL;
    if (!end || strncmp(got.data, "-CROSSSLOT ", 11) != 0 ||
        strcmp(end + 2, "$-1\r\n") != 0)
        lab_fail_bytes(lab, BYTES("-CROSSSLOT ...\r\n$-1\r\n"),
                       text_bytes(&got));
}

LAB_CASE_FOREIGN(node_down, nobody_takes_its_place,
                 "What only a dead node has, nobody answers in its place; all "
                 "else goes on.")
{
    struct cluster cluster = start_three(lab);
    cluster_kill(&cluster, 1);
    for (unsigned i = 0; i < KEYS; i++) {
        struct text requests = {0}, got = {0}, moved = {0};
        char name[16];
        struct bytes key = format_key(name, i);
        unsigned owner = cluster.owners[model_slot(key)];
        if (owner == 2)
            continue;
        REQUEST(&requests, BYTES("GET"), key);
        cluster_ask(&cluster, 0, &requests, &got);
        expect_reply(&cluster, 0, key, "$-1\r\n", &moved);
        bool is_down = got.size && !strncmp(got.data, "-CLUSTERDOWN ", 13);
        bool is_moved = bytes_first_difference(text_bytes(&moved),
                                               text_bytes(&got)) == SIZE_MAX;
        if (!is_moved && !(owner == 1 && is_down))
            lab_fail_bytes(lab, text_bytes(&moved), text_bytes(&got));
        text_deinit(&got);
        text_deinit(&moved);
    }
}
