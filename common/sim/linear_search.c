// linear_search.c -- Wing and Gong's search (1993) with Lowe's memory of where
// it was ("Testing for Linearizability", 2017).
//
// Invocations and returns stand in a list. What may be next in the order are
// the operations whose invocations stand before the first return: nothing that
// is left returned before them. The search takes one that the model allows,
// which removes it from the list, and goes on; where nothing can be taken it
// puts back what it took last and tries the next one instead. It has found an
// order when all that returned is taken.
//
// An operation of unknown outcome has no return: it may be taken at any time
// after its invocation, or never. Those stand in a list of their own and are
// tried after the others, so that orders that need few of them come first.
//
// What returned first is tried first: it has the least room. Five things are
// left out, none of which changes a verdict:
// (L1) An operation that only reads and may be next is taken at once, and no
//      other order is tried: from any order that has it later it can be moved
//      here, for it changes nothing and its result is right here.
// (L2) An operation of unknown outcome is not taken where it changes nothing.
// (L3) Nor is it taken if what comes next makes the same of the state before
// it:
//      the order without it leads to the same place.
// (L4) Of equal operations of unknown outcome the one that was invoked first is
//      taken first: what the others can do, it can.
// (L5) A place is not looked at twice (linear_memo.h).
// SPDX-License-Identifier: MIT
#include "common/sim/linear_search.h"

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "common/sim/linear_memo.h"

enum {
    LINEAR_STEPS_MAX = 20 * 1000 * 1000,
    LINEAR_MEMORY_MAX = 256 * 1024 * 1024,
    LINEAR_WORD_BITS = 64,
};

// A node of the search's list: an invocation or a return.
struct linear_event {
    struct list_link link;
    struct linear_node *node;
    uint64_t at;
    bool returns;
};

// An operation.
struct linear_node {
    const struct client_operation *operation;
    struct linear_event invocation, end;
    bool is_known;   // It has a return; what has none stands in `pending`.
    bool only_reads; // (L1)
    size_t index;    // Among those of its kind, by invocation.
    const struct linear_node *twin; // (L4) To be taken before; or NULL.
};

// What was taken that changes the state, and how to go back behind it.
struct linear_choice {
    struct linear_node *node;
    size_t taken;    // Of search->taken, before it.
    size_t state_at; // Of the state before it, in search->states.
};

struct linear_search {
    const struct linear_problem *problem;
    struct linear_answer *answer;
    struct linear_limits limits;

    struct linear_node *nodes;
    size_t count, known_count, pending_count;
    struct list_link list;    // Of events, of what returned and is not taken.
    struct list_link pending; // Of invocations, of what has no return.

    struct linear_node **taken; // In their order.
    size_t taken_count, known_taken;
    uint64_t *known_bits; // Of each known operation: it is taken,
    size_t base;          // and all before this one are.
    uint64_t *spent_bits; // Likewise of those of unknown outcome.

    struct linear_choice *choices;
    size_t choice_count;
    struct buffer states; // One behind the other; the last one is the present,
    size_t state_at;      // and begins here.
    struct buffer trial, direct, place;
    struct linear_memo memo;
    uint64_t furthest; // The last event at which the search was held up.
};

static struct linear_event *linear_event_of(struct list_link *link)
{
    return container_of(link, struct linear_event, link);
}

static void linear_set_bit(uint64_t *bits, size_t index, bool value)
{
    uint64_t bit = UINT64_C(1) << index % LINEAR_WORD_BITS;
    uint64_t *word = &bits[index / LINEAR_WORD_BITS];
    *word = value ? *word | bit : *word & ~bit;
}

static bool linear_bit(const uint64_t *bits, size_t index)
{
    return bits[index / LINEAR_WORD_BITS] >> index % LINEAR_WORD_BITS & 1;
}

// ---- Taking, and putting back

static void linear_unlink(struct linear_event *event)
{
    event->link.previous->next = event->link.next;
    event->link.next->previous = event->link.previous;
}

// The event keeps its neighbours while it is out, so what went last can come
// back first.
static void linear_relink(struct linear_event *event)
{
    event->link.previous->next = &event->link;
    event->link.next->previous = &event->link;
}

static void linear_take(struct linear_search *search, struct linear_node *node)
{
    search->taken[search->taken_count++] = node;
    if (!node->is_known) {
        linear_unlink(&node->invocation);
        linear_set_bit(search->spent_bits, node->index, true);
        return;
    }
    linear_unlink(&node->end);
    linear_unlink(&node->invocation);
    search->known_taken++;
    linear_set_bit(search->known_bits, node->index, true);
    while (search->base < search->known_count &&
           linear_bit(search->known_bits, search->base))
        search->base++;
}

static void linear_put_back(struct linear_search *search)
{
    struct linear_node *node = search->taken[--search->taken_count];
    linear_relink(&node->invocation);
    if (!node->is_known) {
        linear_set_bit(search->spent_bits, node->index, false);
        return;
    }
    linear_relink(&node->end);
    search->known_taken--;
    linear_set_bit(search->known_bits, node->index, false);
    if (node->index < search->base)
        search->base = node->index;
}

// ---- The state

static struct slice linear_state(const struct linear_search *search)
{
    if (search->states.size == search->state_at)
        return (struct slice){0};
    return (struct slice){search->states.data + search->state_at,
                          search->states.size - search->state_at};
}

// What `node` makes of `state`, in search->trial. False when it cannot be.
static bool linear_apply(struct linear_search *search,
                         const struct linear_node *node, struct slice state)
{
    const struct client_operation *operation = node->operation;
    search->answer->steps++;
    buffer_clear(&search->trial);
    buffer_append_slice(&search->trial, state);
    for (size_t i = 0; i < operation->count; i++) {
        if (!search->problem->model->apply(&operation->steps[i], node->is_known,
                                           &search->trial))
            return false;
    }
    // (L2)
    return node->is_known || !slice_equal(buffer_slice(&search->trial), state);
}

// (L3) True when what was taken last has an unknown outcome, and `node` makes
// the same of the state before it.
static bool linear_is_detour(struct linear_search *search,
                             const struct linear_node *node)
{
    const struct linear_choice *last =
        &search->choices[search->choice_count - 1];
    if (search->choice_count == 0 || last->node->is_known ||
        search->taken_count > last->taken + 1)
        return false;
    struct slice before = {search->states.data + last->state_at,
                           search->state_at - last->state_at};
    buffer_clear(&search->direct);
    buffer_append_slice(&search->direct, buffer_slice(&search->trial));
    bool same = linear_apply(search, node, before) &&
                slice_equal(buffer_slice(&search->trial),
                            buffer_slice(&search->direct));
    buffer_clear(&search->trial);
    buffer_append_slice(&search->trial, buffer_slice(&search->direct));
    return same;
}

static bool linear_try(struct linear_search *search,
                       const struct linear_node *node)
{
    return linear_apply(search, node, linear_state(search)) &&
           !linear_is_detour(search, node);
}

// Takes `node`, which leads to search->trial.
static void linear_choose(struct linear_search *search,
                          struct linear_node *node)
{
    search->choices[search->choice_count++] = (struct linear_choice){
        .node = node,
        .taken = search->taken_count,
        .state_at = search->state_at,
    };
    search->state_at = search->states.size;
    buffer_append_slice(&search->states, buffer_slice(&search->trial));
    linear_take(search, node);
}

// Goes back behind the last choice, which it returns. NULL: there is none.
static struct linear_node *linear_retreat(struct linear_search *search)
{
    if (search->choice_count == 0)
        return NULL;
    const struct linear_choice *choice =
        &search->choices[--search->choice_count];
    while (search->taken_count > choice->taken)
        linear_put_back(search);
    search->states.size = search->state_at;
    search->state_at = choice->state_at;
    return choice->node;
}

// ---- Where the search is

// The set of what is taken begins at its first gap and ends with its last
// member, so that it stays short however long the history is.
static bool linear_is_new_place(struct linear_search *search)
{
    struct buffer *place = &search->place;
    size_t ahead = search->known_taken - search->base;
    buffer_clear(place);
    buffer_append(place, &search->base, sizeof search->base);
    buffer_append(place, &ahead, sizeof ahead);
    for (size_t i = search->base; ahead > 0;
         i = (i / LINEAR_WORD_BITS + 1) * LINEAR_WORD_BITS) {
        uint64_t word =
            search->known_bits[i / LINEAR_WORD_BITS] >> i % LINEAR_WORD_BITS;
        buffer_append(place, &word, sizeof word);
        for (uint64_t rest = word; rest; rest &= rest - 1)
            ahead--;
    }
    buffer_append_slice(place, linear_state(search));
    return linear_memo_add(&search->memo, buffer_slice(place),
                           search->spent_bits);
}

// Remembers how far it came: everything that returned before `event` is taken.
static void linear_note_progress(struct linear_search *search,
                                 const struct linear_event *event)
{
    struct linear_answer *answer = search->answer;
    if (event->at <= search->furthest)
        return;
    search->furthest = event->at;
    if (!answer->wants_order)
        return;
    answer->order_count = search->taken_count;
    for (size_t i = 0; i < search->taken_count; i++)
        answer->order[i] = search->taken[i]->operation;
}

// ---- The search

// (L1) Ends at the first return, which is noted.
static void linear_take_reads(struct linear_search *search)
{
    struct list_link *link = search->list.next;
    for (; link != &search->list; link = link->next) {
        struct linear_event *event = linear_event_of(link);
        if (event->returns) {
            linear_note_progress(search, event);
            return;
        }
        // Its link still leads on when it is out.
        if (event->node->only_reads &&
            linear_apply(search, event->node, linear_state(search)))
            linear_take(search, event->node);
    }
}

// Of what may be next and returned after `after`, the first to return.
static struct linear_node *linear_next_to_return(struct linear_search *search,
                                                 uint64_t after)
{
    struct linear_node *first = NULL;
    list_for_each (link, &search->list) {
        const struct linear_event *event = linear_event_of(link);
        struct linear_node *node = event->node;
        if (event->returns)
            break;
        if (!node->only_reads && node->end.at > after &&
            (!first || node->end.at < first->end.at))
            first = node;
    }
    return first;
}

// The next that can be taken of what returned after `after`.
static struct linear_node *linear_find_known(struct linear_search *search,
                                             uint64_t after)
{
    struct linear_node *node = linear_next_to_return(search, after);
    while (node && !linear_try(search, node))
        node = linear_next_to_return(search, node->end.at);
    return node;
}

static uint64_t linear_first_return(const struct linear_search *search)
{
    list_for_each (link, &search->list) {
        if (linear_event_of(link)->returns)
            return linear_event_of(link)->at;
    }
    return UINT64_MAX;
}

static struct linear_node *linear_find_pending(struct linear_search *search,
                                               struct list_link *link)
{
    uint64_t until = linear_first_return(search);
    for (; link != &search->pending; link = link->next) {
        struct linear_event *event = linear_event_of(link);
        const struct linear_node *twin = event->node->twin;
        if (event->at < until &&
            (!twin || linear_bit(search->spent_bits, twin->index)) &&
            linear_try(search, event->node))
            return event->node;
    }
    return NULL;
}

// What to take next, behind what was `tried` here before (NULL: nothing).
static struct linear_node *linear_find(struct linear_search *search,
                                       const struct linear_node *tried)
{
    if (tried && !tried->is_known)
        return linear_find_pending(search, tried->invocation.link.next);
    struct linear_node *found =
        linear_find_known(search, tried ? tried->end.at : 0);
    return found ? found : linear_find_pending(search, search->pending.next);
}

static enum linear_verdict linear_run(struct linear_search *search)
{
    struct linear_node *node = NULL;
    bool is_fresh = true; // Nothing was tried here yet.
    for (;;) {
        if (is_fresh) {
            linear_take_reads(search);
            if (search->known_taken == search->known_count)
                return LINEAR_OK;
        }
        if (search->answer->steps >= search->limits.steps_max ||
            linear_memo_size(&search->memo) > search->limits.memory_max)
            return LINEAR_UNDECIDED;
        struct linear_node *tried = is_fresh ? NULL : node;
        node = is_fresh && !linear_is_new_place(search)
                   ? NULL
                   : linear_find(search, tried);
        is_fresh = node != NULL;
        if (node)
            linear_choose(search, node);
        else if (!(node = linear_retreat(search)))
            return LINEAR_BROKEN;
    }
}

// ---- Setting up

// True when it matters at all.
static bool linear_node_init(struct linear_search *search,
                             struct linear_node *node,
                             const struct client_operation *operation)
{
    const struct linear_problem *problem = search->problem;
    *node = (struct linear_node){.operation = operation,
                                 .only_reads = true,
                                 .is_known =
                                     operation->returned <= problem->until &&
                                     operation->outcome == CLIENT_OK};
    if (operation->invoked > problem->until ||
        operation->outcome == CLIENT_FAILED)
        return false;
    for (size_t i = 0; i < operation->count; i++)
        node->only_reads &=
            problem->model->only_reads(operation->steps[i].kind);
    if (!node->is_known && node->only_reads)
        return false;
    node->invocation = (struct linear_event){
        .node = node, .at = operation->invoked, .returns = false};
    node->end = (struct linear_event){
        .node = node, .at = operation->returned, .returns = true};
    node->index =
        node->is_known ? search->known_count++ : search->pending_count++;
    return true;
}

static bool linear_are_twins(const struct client_operation *a,
                             const struct client_operation *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; i < a->count && same; i++)
        same = a->steps[i].kind == b->steps[i].kind &&
               client_value_equal(a->steps[i].argument, b->steps[i].argument) &&
               slice_equal(a->steps[i].key, b->steps[i].key);
    return same;
}

// Adds it to those of unknown outcome, the last one in front: what was asked
// for lately is more likely what took effect.
static void linear_list_pending(struct linear_search *search,
                                struct linear_node *node)
{
    list_for_each (link, &search->pending) {
        const struct linear_node *other = linear_event_of(link)->node;
        if (linear_are_twins(other->operation, node->operation)) {
            node->twin = other;
            break;
        }
    }
    list_push_front(&search->pending, &node->invocation.link);
}

static int linear_compare_events(const void *left, const void *right)
{
    uint64_t a = (*(struct linear_event *const *)left)->at;
    uint64_t b = (*(struct linear_event *const *)right)->at;
    return (a > b) - (a < b);
}

static void linear_list_events(struct linear_search *search)
{
    size_t count = 0;
    struct linear_event **events =
        xcalloc(2 * search->known_count + 1, sizeof *events);
    for (size_t i = 0; i < search->count; i++) {
        struct linear_node *node = &search->nodes[i];
        if (!node->is_known) {
            linear_list_pending(search, node);
            continue;
        }
        events[count++] = &node->invocation;
        events[count++] = &node->end;
    }
    qsort(events, count, sizeof *events, linear_compare_events);
    for (size_t i = 0; i < count; i++)
        list_push_back(&search->list, &events[i]->link);
    free(events);
}

static size_t linear_words(size_t bits)
{
    return (bits + LINEAR_WORD_BITS - 1) / LINEAR_WORD_BITS;
}

static void linear_search_init(struct linear_search *search)
{
    const struct linear_problem *problem = search->problem;
    list_init(&search->list);
    list_init(&search->pending);
    search->limits = problem->limits;
    if (!search->limits.steps_max)
        search->limits.steps_max = LINEAR_STEPS_MAX;
    if (!search->limits.memory_max)
        search->limits.memory_max = LINEAR_MEMORY_MAX;
    search->nodes = xcalloc(problem->count + 1, sizeof *search->nodes);
    for (size_t i = 0; i < problem->count; i++)
        search->count += linear_node_init(search, &search->nodes[search->count],
                                          problem->operations[i]);
    linear_list_events(search);
    search->taken = xcalloc(search->count + 1, sizeof(void *));
    search->choices = xcalloc(search->count + 1, sizeof *search->choices);
    size_t spent = linear_words(search->pending_count);
    search->known_bits =
        xcalloc(linear_words(search->known_count) + 1, sizeof(uint64_t));
    search->spent_bits = xcalloc(spent + 1, sizeof(uint64_t));
    linear_memo_init(&search->memo, spent * sizeof(uint64_t));
    if (search->answer->wants_order)
        search->answer->order = xcalloc(search->count + 1, sizeof(void *));
}

static void linear_search_deinit(struct linear_search *search)
{
    free(search->nodes);
    free(search->taken);
    free(search->choices);
    free(search->known_bits);
    free(search->spent_bits);
    buffer_deinit(&search->states);
    buffer_deinit(&search->trial);
    buffer_deinit(&search->direct);
    buffer_deinit(&search->place);
    linear_memo_deinit(&search->memo);
}

void linear_search(const struct linear_problem *problem,
                   struct linear_answer *answer)
{
    *answer = (struct linear_answer){.wants_order = answer->wants_order};
    struct linear_search search = {.problem = problem, .answer = answer};
    linear_search_init(&search);
    answer->verdict = linear_run(&search);
    linear_search_deinit(&search);
}
