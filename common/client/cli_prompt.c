// cli_prompt.c -- libedit (editline(3)) around cli_run.
// SPDX-License-Identifier: MIT
#include "common/client/cli_prompt.h"

#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/client/bench.h"
#include "common/client/cli_help.h"

enum { HISTORY_SIZE = 1000, KEY_DIGITS = 12 };

struct prompt {
    struct cli *cli;
    EditLine *editor;
    History *history;
    char *history_path; // NULL: none is kept.
    char text[160];
    struct docs docs;
    bool docs_known; // The server was asked and answered.
    bool cancelled;  // Ctrl-C ended the line.
};

static struct prompt *prompt_of(EditLine *editor)
{
    void *prompt = NULL;
    el_get(editor, EL_CLIENTDATA, &prompt);
    return prompt;
}

static char *prompt_text(EditLine *editor)
{
    struct prompt *prompt = prompt_of(editor);
    const struct cli *cli = prompt->cli;
    const struct vega_options *server = &cli->options.server;
    const char *state = "";
    if (vega_socket(cli->v) < 0)
        state = " (not connected)";
    else if (cli->transaction != CLI_PLAIN)
        state = " (TX)";
    const char *place = cli->options.cluster_file;
    if (!place)
        place = server->unix_socket;
    if (place)
        snprintf(prompt->text, sizeof prompt->text, "vega %.100s%s> ", place,
                 state);
    else
        snprintf(prompt->text, sizeof prompt->text, "vega %.100s:%d%s> ",
                 server->host ? server->host : "127.0.0.1",
                 server->port ? server->port : 6379, state);
    return prompt->text;
}

static unsigned char prompt_complete(EditLine *editor, int key)
{
    (void)key;
    struct prompt *prompt = prompt_of(editor);
    const LineInfo *info = el_line(editor);
    struct slice line = {info->buffer, (size_t)(info->cursor - info->buffer)};
    struct buffer insert = {0}, show = {0};
    unsigned char result = CC_ERROR;
    cli_complete(&prompt->docs, line, &insert, &show);
    if (insert.size) {
        buffer_append_byte(&insert, '\0');
        if (el_insertstr(editor, insert.data) == 0)
            result = CC_REFRESH;
    } else if (show.size) {
        printf("\n%.*s", SLICE_PRINT(buffer_slice(&show)));
        fflush(stdout);
        result = CC_REDISPLAY;
    }
    buffer_deinit(&insert);
    buffer_deinit(&show);
    return result;
}

static unsigned char prompt_cancel(EditLine *editor, int key)
{
    (void)key;
    prompt_of(editor)->cancelled = true;
    return CC_EOF;
}

// Passwords stay out of the history.
static bool has_secret(const struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (words_match(words, i, "auth") || words_match(words, i, "auth2") ||
            words_match(words, i, "requirepass") ||
            words_match(words, i, "masterauth"))
            return true;
    return words_match(words, 0, "acl");
}

// A history of one's own, readable by nobody else. libedit keeps the mode of a
// file that exists.
static void history_open(struct prompt *prompt)
{
    HistEvent event;
    const char *home = getenv("HOME");
    prompt->history = history_init();
    history(prompt->history, &event, H_SETSIZE, HISTORY_SIZE);
    history(prompt->history, &event, H_SETUNIQUE, 1);
    if (!home || !*home)
        return;
    struct buffer path = {0};
    buffer_printf(&path, "%s/.vega_history", home);
    buffer_append_byte(&path, '\0');
    prompt->history_path = path.data; // Taken.
    int fd = open(prompt->history_path, O_CREAT | O_RDONLY | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    history(prompt->history, &event, H_LOAD, prompt->history_path);
}

static void history_note(struct prompt *prompt, const char *line,
                         const struct words *words)
{
    HistEvent event;
    if (has_secret(words))
        return;
    history(prompt->history, &event, H_ENTER, line);
    if (prompt->history_path)
        history(prompt->history, &event, H_SAVE, prompt->history_path);
}

static void prompt_open(struct prompt *prompt)
{
    setlocale(LC_CTYPE, ""); // For characters of several bytes.
    EditLine *editor = el_init("vega-client", stdin, stdout, stderr);
    prompt->editor = editor;
    history_open(prompt);
    el_set(editor, EL_CLIENTDATA, prompt);
    el_set(editor, EL_PROMPT, prompt_text);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_SIGNAL, 1);
    el_set(editor, EL_HIST, history, prompt->history);
    el_set(editor, EL_ADDFN, "vega-complete", "Complete or show arguments",
           prompt_complete);
    el_set(editor, EL_ADDFN, "vega-cancel", "Begin a new line", prompt_cancel);
    el_set(editor, EL_BIND, "^I", "vega-complete", (char *)NULL);
    el_set(editor, EL_BIND, "^R", "em-inc-search-prev", (char *)NULL);
    // While a line is edited Ctrl-C is a key: it ends the line, not the client.
    el_set(editor, EL_SETTY, "-d", "-isig", (char *)NULL);
    el_set(editor, EL_BIND, "^C", "vega-cancel", (char *)NULL);
    el_source(editor, NULL);
}

static void prompt_close(struct prompt *prompt)
{
    el_end(prompt->editor);
    history_end(prompt->history);
    free(prompt->history_path);
    docs_deinit(&prompt->docs);
}

// Asks for the docs once. Not in a transaction, where the question would be
// queued; and again later when the answer was that a password is needed first.
static void prompt_learn(struct prompt *prompt)
{
    struct cli *cli = prompt->cli;
    if (prompt->docs_known || cli->transaction != CLI_PLAIN ||
        vega_socket(cli->v) < 0)
        return;
    const char *const question[] = {"COMMAND", "DOCS"};
    struct vega_reply *reply = vega_command(cli->v, 2, question, NULL);
    if (!reply)
        return;
    prompt->docs_known =
        reply->type != VEGA_ERROR || strncmp(reply->text, "NOAUTH", 6) != 0;
    docs_deinit(&prompt->docs);
    docs_add_reply(&prompt->docs, reply);
    docs_add_client(&prompt->docs, cli->stage->tools);
    vega_reply_free(reply);
}

// BENCHMARK ops [prefix] [valuesize]
static void prompt_benchmark(struct prompt *prompt, const struct words *words)
{
    struct bench_options options;
    int64_t ops, value_size = 0;
    bench_options_init(&options, &prompt->cli->options.server);
    options.server.on_push = NULL;
    if (words->count < 2 || words->count > 4 ||
        !cli_parse_number(words->argv[1], 1, INT32_MAX, &ops) ||
        (words->count > 3 &&
         !cli_parse_number(words->argv[3], 0, BENCH_VALUE_SIZE_MAX,
                           &value_size))) {
        puts("Usage: BENCHMARK ops [prefix] [valuesize]");
        return;
    }
    options.ops = (uint64_t)ops;
    if (words->count > 2)
        options.prefix = words->argv[2];
    if (words->count > 3)
        options.value_size = (size_t)value_size;
    size_t prefix = strlen(options.prefix);
    if (prefix + KEY_DIGITS > options.key_size)
        options.key_size = prefix + KEY_DIGITS;
    if (options.key_size <= BENCH_KEY_SIZE_MAX)
        bench_run(&options);
    else
        puts("The prefix is too long.");
}

static void prompt_help(struct prompt *prompt, const struct words *words)
{
    struct buffer text = {0};
    cli_help(&text, &prompt->docs, words);
    fwrite(text.data, 1, text.size, stdout);
    buffer_deinit(&text);
}

// False when that was the end.
static bool prompt_execute(struct prompt *prompt, const struct words *words)
{
    if (words_match(words, 0, "quit") || words_match(words, 0, "exit"))
        return false;
    if (words_match(words, 0, "help") || words_match(words, 0, "?"))
        prompt_help(prompt, words);
    else if (words_match(words, 0, "clear"))
        fputs("\033[H\033[2J", stdout);
    else if (words_match(words, 0, "benchmark"))
        prompt_benchmark(prompt, words);
    else
        cli_run(prompt->cli, words);
    return true;
}

// One line typed. False when that was the end.
static bool prompt_take(struct prompt *prompt, struct words *words)
{
    prompt_learn(prompt);
    int size = 0;
    prompt->cancelled = false;
    // Before the prompt is shown, not after: who is fast types into it at once.
    el_set(prompt->editor, EL_PREP_TERM, 1);
    const char *line = el_gets(prompt->editor, &size);
    if (!line || size <= 0) {
        putchar('\n');
        return prompt->cancelled;
    }
    if (!words_split(words, (struct slice){line, (size_t)size})) {
        puts("Invalid argument(s): a quote is not closed, or text follows it");
        return true;
    }
    if (words->count == 0)
        return true;
    history_note(prompt, line, words);
    return prompt_execute(prompt, words);
}

enum cli_exit cli_prompt(struct cli *cli)
{
    struct prompt prompt = {.cli = cli};
    struct words words = {0};
    if (vega_status(cli->v) != VEGA_OK)
        cli_print_failure(cli);
    prompt_open(&prompt);
    docs_add_client(&prompt.docs, cli->stage->tools);
    while (prompt_take(&prompt, &words))
        fflush(stdout);
    words_deinit(&words);
    prompt_close(&prompt);
    return CLI_DONE;
}
