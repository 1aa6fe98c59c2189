// sim_network.c -- hosts, the links between them, and messages on their way.
//
// Faults of a link, each direction by itself:
// (F1) A message takes a time that is drawn for it alone, so that messages
//      overtake one another; some are late, by as much as seconds.
// (F2) Some are lost, some arrive twice, each time after a time of its own.
// (F3) A link may be slow: then it carries one message after another, and when
//      more wait than queue_max, the sender is refused.
// (F4) A link may be cut, in one direction or both. What is sent then is lost;
//      so is what arrives then, however long ago it was sent.
//      What comes to a process that is paused waits for it, and is lost if the
//      link is cut when it goes on.
// (F5) A message outlives its sender. It arrives at whoever lives at the host
//      by then, perhaps another process than the one that it was sent to; it is
//      lost when nobody listens.
//
// A message is never changed, and never made up: the real links have checksums,
// and know who they speak with. Nobody hears what became of a message.
//
// That is what env.h promises of peers, and all of it: node code that works by
// the good manners of TCP does not work here.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_network.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/base/memory.h"

enum {
    SIM_NETWORK_MESSAGE_MAX = 16 * 1024 * 1024,
    SIM_NETWORK_QUEUE_MAX = 64 * 1024 * 1024,
    SIM_LINK_DELAY_US_MIN = 100,
    SIM_LINK_DELAY_US_MAX = 1000,
    SIM_SECOND_US = 1000 * 1000,
    SIM_MILLION = 1000 * 1000,
    SIM_RESENDS_MAX = 4, // Of bytes that must arrive.
};

// On its way.
struct sim_message {
    struct list_link link;
    struct env_timer arrival;
    struct sim_host *from, *to;
    uint64_t ordinal; // The same for both when it arrives twice.
    struct buffer body;
};

struct sim_network *sim_network_create(struct sim *sim)
{
    struct sim_network *network = xcalloc(1, sizeof *network);
    network->sim = sim;
    network->seed = random_next(&sim->random);
    network->message_max = SIM_NETWORK_MESSAGE_MAX;
    network->queue_max = SIM_NETWORK_QUEUE_MAX;
    list_init(&network->messages);
    return network;
}

static void sim_message_free(struct sim_message *message)
{
    sim_network_link(message->from, message->to)->size -= message->body.size;
    sim_stop(message->from->network->sim, &message->arrival);
    list_remove(&message->link);
    buffer_deinit(&message->body);
    free(message);
}

void sim_network_destroy(struct sim_network *network)
{
    for (size_t i = 0; i < network->count; i++)
        check(!network->hosts[i].process);
    list_for_each_safe (link, &network->messages)
        sim_message_free(container_of(link, struct sim_message, link));
    free(network);
}

// ---- Hosts

struct sim_host *sim_network_find(struct sim_network *network, uint32_t id)
{
    for (size_t i = 0; i < network->count; i++) {
        if (network->hosts[i].id == id)
            return &network->hosts[i];
    }
    return NULL;
}

struct sim_host *sim_network_add(struct sim_network *network, uint32_t id,
                                 const char *name)
{
    check(network->count < SIM_HOSTS_MAX);
    check(!sim_network_find(network, id));
    size_t index = network->count++;
    struct sim_host *host = &network->hosts[index];
    *host = (struct sim_host){.network = network, .id = id, .index = index};
    strncpy(host->name, name, sizeof host->name - 1);
    struct sim_link link = {.delay_us_min = SIM_LINK_DELAY_US_MIN,
                            .delay_us_max = SIM_LINK_DELAY_US_MAX};
    for (size_t i = 0; i <= index; i++)
        network->links[i][index] = network->links[index][i] = link;
    return host;
}

void sim_network_join(struct sim_host *host, struct sim_process *process)
{
    check(!host->process && !process->dead && !process->host);
    host->process = process;
    host->receiver = NULL;
    process->host = host;
}

void sim_host_leave(struct sim_host *host)
{
    host->process->host = NULL;
    host->process = NULL;
    host->receiver = NULL;
}

void sim_host_listen(struct sim_host *host, struct env_peers *receiver)
{
    host->receiver = receiver;
}

// ---- Links

static bool sim_is_in(uint64_t set, size_t index)
{
    return set >> index & 1;
}

void sim_network_set_links(struct sim_network *network, uint64_t from,
                           uint64_t to, const struct sim_link *link)
{
    check(link->delay_us_min <= link->delay_us_max);
    for (size_t i = 0; i < network->count; i++) {
        for (size_t j = 0; j < network->count; j++) {
            struct sim_link *changed = &network->links[i][j];
            struct sim_link before = *changed;
            if (!sim_is_in(from, i) || !sim_is_in(to, j))
                continue;
            *changed = *link;
            changed->busy_until_us = before.busy_until_us;
            changed->size = before.size;
            changed->messages = before.messages;
        }
    }
}

static void sim_describe_hosts(const struct sim_network *network, uint64_t set,
                               struct buffer *words)
{
    size_t start = words->size, count = 0;
    for (size_t i = 0; i < network->count; i++) {
        if (!sim_is_in(set, i))
            continue;
        buffer_printf(words, " %s", network->hosts[i].name);
        count++;
    }
    if (count < network->count)
        return;
    words->size = start;
    buffer_append_text(words, " all");
}

static void sim_network_cut_or_heal(struct sim_network *network, uint64_t from,
                                    uint64_t to, bool cut)
{
    struct buffer words = {0};
    sim_describe_hosts(network, from, &words);
    buffer_append_text(&words, " >");
    sim_describe_hosts(network, to, &words);
    sim_note(network->sim, "%s%.*s", cut ? "cut" : "heal",
             SLICE_PRINT(buffer_slice(&words)));
    buffer_deinit(&words);
    for (size_t i = 0; i < network->count; i++) {
        for (size_t j = 0; j < network->count; j++) {
            if (sim_is_in(from, i) && sim_is_in(to, j))
                network->links[i][j].cut = cut;
        }
    }
}

void sim_network_cut(struct sim_network *network, uint64_t from, uint64_t to)
{
    sim_network_cut_or_heal(network, from, to, true);
}

void sim_network_heal(struct sim_network *network, uint64_t from, uint64_t to)
{
    sim_network_cut_or_heal(network, from, to, false);
}

void sim_network_split(struct sim_network *network, uint64_t side)
{
    sim_network_cut(network, side, ~side);
    sim_network_cut(network, ~side, side);
}

// ---- Messages

static void sim_message_lose(struct sim_network *network, uint64_t ordinal,
                             const char *why)
{
    network->lost++;
    sim_note(network->sim, "m%" PRIu64 " lost: %s", ordinal, why);
}

static void sim_message_arrived(struct env_timer *timer)
{
    struct sim_message *message =
        container_of(timer, struct sim_message, arrival);
    struct sim_host *from = message->from, *to = message->to;
    struct sim_network *network = to->network;
    if (to->process && sim_process_defers(to->process, timer))
        return;
    const char *why = sim_network_link(from, to)->cut ? "cut"
                      : !to->receiver                 ? "nobody listens"
                                                      : NULL;
    if (why) {
        sim_message_lose(network, message->ordinal, why);
    } else {
        network->arrived++;
        sim_note_of(network->sim, to->name, "m%" PRIu64 " < %s",
                    message->ordinal, from->name);
        to->receiver->receive(to->receiver, from->id,
                              buffer_slice(&message->body));
    }
    sim_message_free(message);
}

// What becomes of a message is drawn from its own luck, which comes of its
// place on its link. So a schedule with one request less, or a fault that is
// spared, is the same schedule for all others: shrinkers live of that.
static struct random sim_link_draw_luck(struct sim_host *from,
                                        struct sim_host *to)
{
    uint64_t place[] = {from->network->seed, from->index, to->index,
                        ++sim_network_link(from, to)->messages};
    struct random luck;
    random_init(&luck, XXH3_64bits(place, sizeof place));
    return luck;
}

// True when a fault of that chance happens.
static bool sim_network_fails(struct sim_network *network, struct random *luck,
                              uint32_t per_million)
{
    if (!per_million || random_below(luck, SIM_MILLION) >= per_million)
        return false;
    uint64_t fault = ++network->faults;
    return !network->spares || !network->spares(network->context, fault);
}

// (F1), (F3)
static int64_t sim_link_draw_delay(struct sim_network *network,
                                   struct sim_link *link, struct random *luck,
                                   size_t size)
{
    int64_t now_us = network->sim->now_us;
    uint64_t spread_us = (uint64_t)(link->delay_us_max - link->delay_us_min);
    int64_t delay_us =
        link->delay_us_min + (int64_t)random_below(luck, spread_us + 1);
    uint64_t late_us = random_below(luck, (uint64_t)link->late_us_max + 1);
    if (sim_network_fails(network, luck, link->late_per_million))
        delay_us += (int64_t)late_us;
    if (!link->bytes_per_second)
        return delay_us;
    if (link->busy_until_us < now_us)
        link->busy_until_us = now_us;
    link->busy_until_us +=
        (int64_t)(size * SIM_SECOND_US / link->bytes_per_second);
    return link->busy_until_us - now_us + delay_us;
}

int64_t sim_network_draw_delay(struct sim_host *from, struct sim_host *to,
                               size_t size, int64_t resend_us)
{
    struct sim_network *network = from->network;
    struct sim_link *link = sim_network_link(from, to);
    struct random luck = sim_link_draw_luck(from, to);
    int64_t lost_us = 0;
    for (int i = 0; i < SIM_RESENDS_MAX; i++) {
        if (sim_network_fails(network, &luck, link->lost_per_million))
            lost_us += resend_us;
    }
    return lost_us + sim_link_draw_delay(network, link, &luck, size);
}

static void sim_message_start(struct sim_host *from, struct sim_host *to,
                              uint64_t ordinal, struct random *luck,
                              struct slice body)
{
    struct sim_network *network = from->network;
    struct sim_link *link = sim_network_link(from, to);
    struct sim_message *message = xcalloc(1, sizeof *message);
    *message = (struct sim_message){.arrival.fire = sim_message_arrived,
                                    .from = from,
                                    .to = to,
                                    .ordinal = ordinal};
    buffer_append_slice(&message->body, body);
    link->size += body.size;
    list_push_back(&network->messages, &message->link);
    sim_start(network->sim, &message->arrival,
              sim_link_draw_delay(network, link, luck, body.size));
}

static void sim_note_message(struct sim_host *from, struct sim_host *to,
                             uint64_t ordinal, struct slice body)
{
    struct sim_network *network = from->network;
    struct buffer words = {0};
    if (network->describe)
        network->describe(network->context, body, &words);
    sim_note_of(network->sim, from->name,
                "m%" PRIu64 " > %s  %.*s (%zu bytes, #%08" PRIx32 ")", ordinal,
                to->name, SLICE_PRINT(buffer_slice(&words)), body.size,
                (uint32_t)XXH3_64bits(body.data, body.size));
    buffer_deinit(&words);
}

enum status sim_host_send(struct sim_host *host, uint32_t to, struct slice body)
{
    struct sim_network *network = host->network;
    struct sim_host *target = sim_network_find(network, to);
    if (!target || target == host)
        return STATUS_NOT_FOUND;
    if (body.size > network->message_max)
        return STATUS_INVALID;
    struct sim_link *link = sim_network_link(host, target);
    if (link->size + body.size > network->queue_max)
        return STATUS_FULL;
    uint64_t ordinal = ++network->ordinals;
    struct random luck = sim_link_draw_luck(host, target);
    network->sent++;
    sim_note_message(host, target, ordinal, body);
    if (link->cut) {
        sim_message_lose(network, ordinal, "cut");
        return STATUS_OK;
    }
    if (sim_network_fails(network, &luck, link->lost_per_million))
        sim_message_lose(network, ordinal, "bad luck");
    else
        sim_message_start(host, target, ordinal, &luck, body);
    if (sim_network_fails(network, &luck, link->doubled_per_million))
        sim_message_start(host, target, ordinal, &luck, body);
    return STATUS_OK;
}

void sim_network_check_invariants(const struct sim_network *network)
{
    size_t size = 0;
    for (size_t i = 0; i < network->count; i++) {
        const struct sim_host *host = &network->hosts[i];
        check(host->index == i);
        if (host->process) {
            check(!host->process->dead);
            check(host->process->host == host);
        }
        for (size_t j = 0; j < network->count; j++)
            size += network->links[i][j].size;
    }
    list_for_each (link, &network->messages) {
        const struct sim_message *message =
            container_of(link, struct sim_message, link);
        check(message->arrival.position);
        size -= message->body.size;
    }
    check(size == 0);
}
