// playground_prompt.c -- orders from a terminal, or line by line from a pipe.
//
// Both wait for the input and for the nodes at once: who dies is told when it
// happens, not when the next order is typed.
// SPDX-License-Identifier: MIT
#include "common/client/playground_prompt.h"

#include <errno.h>
#include <histedit.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/client/playground_load.h"
#include "common/client/playground_process.h"
#include "common/client/playground_status.h"

enum {
    HISTORY_SIZE = 1000,
    READ_SIZE = 4096,
    REDISPLAY_KEY = 'R' & 037, // Ctrl-R: draws prompt and line anew.
};

struct prompt {
    struct playground *playground;
    EditLine *editor;    // NULL: lines come from a pipe,
    struct buffer input; // and this much of it was read.
    size_t taken;        // Bytes of `input` that are dealt with.
    History *history;
    bool failed; // An order could not be done.
};

static void print_news(struct playground *playground)
{
    if (!playground->news.size)
        return;
    fwrite(playground->news.data, 1, playground->news.size, stdout);
    fflush(stdout);
    buffer_clear(&playground->news);
}

// ---- Orders

// One of the orders to a single node.
static bool obey_node(struct playground *playground,
                      const struct playground_order *order)
{
    static const struct {
        bool (*run)(struct playground *playground,
                    struct playground_node *node);
        const char *done;
    } table[] = {
        [PLAYGROUND_KILL] = {playground_kill, "is dead"},
        [PLAYGROUND_RESTART] = {playground_restart, "runs again"},
        [PLAYGROUND_PAUSE] = {playground_pause, "stands still"},
        [PLAYGROUND_RESUME] = {playground_resume, "goes on"},
    };
    struct playground_node *node = &playground->nodes[order->node];
    if (!table[order->verb].run(playground, node))
        return false;
    buffer_printf(&playground->news, "%s %s\n", node->id,
                  table[order->verb].done);
    return true;
}

static bool obey_network(struct playground *playground,
                         const struct playground_order *order)
{
    if (!playground_is_cluster(playground)) {
        buffer_append_text(&playground->news,
                           "a node alone has no network to cut\n");
        return false;
    }
    return order->verb == PLAYGROUND_CUT
               ? playground_cut(playground, order->sides)
               : playground_heal(playground);
}

// What it has to say is in the news.
static bool obey(struct playground *playground,
                 const struct playground_order *order)
{
    switch (order->verb) {
    case PLAYGROUND_STATUS:
        playground_status(playground, &playground->news);
        return true;
    case PLAYGROUND_KILL:
    case PLAYGROUND_RESTART:
    case PLAYGROUND_PAUSE:
    case PLAYGROUND_RESUME:
        return obey_node(playground, order);
    case PLAYGROUND_CUT:
    case PLAYGROUND_HEAL:
        return obey_network(playground, order);
    case PLAYGROUND_LOAD:
        return playground_load_start(playground, order->number);
    case PLAYGROUND_LOGS:
        playground_append_tail(playground->nodes[order->node].log, 0,
                               order->number, &playground->news);
        return true;
    case PLAYGROUND_HELP:
        playground_order_help(&playground->news);
        return true;
    default:
        return true;
    }
}

// False when that was the last line.
static bool take_line(struct prompt *prompt, struct slice line)
{
    struct playground *playground = prompt->playground;
    struct playground_order order = {0};
    bool understood = playground_order_parse(line, playground->count, &order,
                                             &playground->news);
    if (!understood)
        buffer_append_byte(&playground->news, '\n');
    prompt->failed |= !understood || !obey(playground, &order);
    print_news(playground);
    return order.verb != PLAYGROUND_QUIT && !playground->ending;
}

// ---- From a pipe

static bool read_more(struct prompt *prompt)
{
    struct buffer *input = &prompt->input;
    buffer_consume(input, prompt->taken);
    prompt->taken = 0;
    buffer_reserve(input, READ_SIZE);
    ssize_t size = read(STDIN_FILENO, input->data + input->size, READ_SIZE);
    input->size += size > 0 ? (size_t)size : 0;
    return size > 0 || (size < 0 && errno == EINTR);
}

// False at the end. A last line without its end is one, too.
static bool next_line(struct prompt *prompt, struct slice *line)
{
    struct playground *playground = prompt->playground;
    for (;;) {
        struct slice rest = buffer_slice(&prompt->input);
        rest.data += prompt->taken;
        rest.size -= prompt->taken;
        const char *end = rest.size ? memchr(rest.data, '\n', rest.size) : NULL;
        if (end) {
            *line = (struct slice){rest.data, (size_t)(end - rest.data)};
            prompt->taken += line->size + 1;
            return true;
        }
        bool readable = playground_watch(playground, STDIN_FILENO, -1);
        print_news(playground);
        if (playground->ending)
            return false;
        if (readable && !read_more(prompt)) {
            *line = buffer_slice(&prompt->input);
            prompt->taken = prompt->input.size;
            return line->size;
        }
    }
}

// At the end of input, unlike after QUIT, a load that was begun ends first.
static void prompt_pipe(struct prompt *prompt)
{
    struct playground *playground = prompt->playground;
    struct slice line;
    bool goes_on = true;
    while (goes_on && next_line(prompt, &line))
        goes_on = take_line(prompt, line);
    while (goes_on && playground_load_is_running(playground) &&
           !playground->ending) {
        playground_watch(playground, -1, -1);
        print_news(playground);
    }
    buffer_deinit(&prompt->input);
}

// ---- From a terminal

static struct prompt *prompt_of(EditLine *editor)
{
    void *prompt = NULL;
    el_get(editor, EL_CLIENTDATA, &prompt);
    return prompt;
}

static char *prompt_text(EditLine *editor)
{
    (void)editor;
    static const char text[] = "playground> ";
    return (char *)text; // libedit does not write to it.
}

// What libedit reads the terminal by. What is typed here is ASCII. News go
// between: the line that is being typed comes again behind them.
static int prompt_read(EditLine *editor, wchar_t *character)
{
    struct playground *playground = prompt_of(editor)->playground;
    unsigned char byte;
    bool readable = false;
    while (!readable && !playground->news.size && !playground->ending)
        readable = playground_watch(playground, STDIN_FILENO, -1);
    if (playground->ending)
        return 0;
    if (playground->news.size) {
        putchar('\n');
        print_news(playground);
        byte = REDISPLAY_KEY;
    } else if (read(STDIN_FILENO, &byte, 1) != 1) {
        return 0;
    }
    *character = byte;
    return 1;
}

static void prompt_open(struct prompt *prompt)
{
    HistEvent event;
    EditLine *editor = el_init("vega-playground", stdin, stdout, stderr);
    prompt->editor = editor;
    prompt->history = history_init();
    history(prompt->history, &event, H_SETSIZE, HISTORY_SIZE);
    el_set(editor, EL_CLIENTDATA, prompt);
    el_set(editor, EL_PROMPT, prompt_text);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_HIST, history, prompt->history);
    el_set(editor, EL_GETCFN, prompt_read);
    el_set(editor, EL_BIND, "^R", "ed-redisplay", (char *)NULL);
}

static void prompt_terminal(struct prompt *prompt)
{
    HistEvent event;
    int size;
    const char *line;
    prompt_open(prompt);
    do {
        // Before the prompt is shown: who is fast types into it at once.
        el_set(prompt->editor, EL_PREP_TERM, 1);
        line = el_gets(prompt->editor, &size);
        if (!line || size <= 0)
            break;
        if (size > 1)
            history(prompt->history, &event, H_ENTER, line);
    } while (take_line(prompt, (struct slice){line, (size_t)size}));
    el_end(prompt->editor);
    history_end(prompt->history);
    if (!line)
        putchar('\n');
}

bool playground_prompt(struct playground *playground)
{
    struct prompt prompt = {.playground = playground};
    if (isatty(STDIN_FILENO))
        prompt_terminal(&prompt);
    else
        prompt_pipe(&prompt);
    return !prompt.failed;
}
