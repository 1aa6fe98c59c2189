// command_arguments.c -- reads the text of a command's arguments.
//
// A sequence is first a flat list of words and groups. A group that ends in
// "..." and repeats the words before it turns those into one argument that may
// come again. In the end each token takes the required values that follow it.
// SPDX-License-Identifier: MIT
#include "common/server/command_arguments.h"

#include "common/base/check.h"

struct parse {
    struct arguments *arguments;
    const char *text; // The whole, for looking back.
    const char *at;
};

// A list in the making.
struct sequence {
    struct argument *first;
    size_t count;
    bool repeats; // It ended in "...".
};

static struct argument *new_argument(struct parse *parse,
                                     enum argument_kind kind)
{
    struct arguments *arguments = parse->arguments;
    check(arguments->count < ARGUMENTS_MAX);
    struct argument *argument = &arguments->nodes[arguments->count++];
    *argument = (struct argument){.kind = kind};
    return argument;
}

static struct argument **find_end(struct argument **list)
{
    while (*list)
        list = &(*list)->next;
    return list;
}

// A token of its own, or the value that it names.
static struct argument *read_word(struct parse *parse)
{
    size_t size = strcspn(parse->at, " |[]<>");
    enum argument_kind kind = ARGUMENT_TOKEN;
    for (size_t i = 0; i < size; i++) {
        if (parse->at[i] >= 'a' && parse->at[i] <= 'z')
            kind = ARGUMENT_VALUE;
    }
    struct argument *argument = new_argument(parse, kind);
    argument->word = (struct slice){parse->at, size};
    parse->at += size;
    return argument;
}

// `list` as one argument.
static struct argument *join(struct parse *parse, struct argument *list)
{
    if (!list->next)
        return list;
    struct argument *block = new_argument(parse, ARGUMENT_BLOCK);
    block->children = list;
    return block;
}

// How many of the arguments from `from` on belong to the token before them.
static size_t count_values(const struct argument *from)
{
    size_t count = 0;
    for (; from && !from->optional && from->kind != ARGUMENT_TOKEN &&
           !from->token.size;
         from = from->next)
        count++;
    return count;
}

// EX, seconds -> seconds with the token EX.
static struct argument *fold_tokens(struct parse *parse, struct argument *list)
{
    for (struct argument **at = &list; *at; at = &(*at)->next) {
        struct argument *token = *at, *last = token;
        size_t count = count_values(token->next);
        if (token->kind != ARGUMENT_TOKEN || token->optional || count == 0)
            continue;
        for (size_t i = 0; i < count; i++)
            last = last->next;
        struct argument *rest = last->next;
        last->next = NULL;
        struct argument *value = join(parse, token->next);
        value->token = token->word;
        value->next = rest;
        *at = value;
    }
    return list;
}

// The last `count` arguments of a list become one that may come again.
static void repeat_tail(struct parse *parse, struct sequence *list,
                        size_t count)
{
    struct argument **tail = &list->first;
    for (size_t i = count; i < list->count; i++)
        tail = &(*tail)->next;
    *tail = join(parse, fold_tokens(parse, *tail));
    (*tail)->multiple = true;
    (*tail)->multiple_token = (*tail)->token.size > 0;
    list->count -= count - 1;
}

static void skip_spaces(struct parse *parse)
{
    parse->at += strspn(parse->at, " ");
}

static struct sequence read_sequence(struct parse *parse);

// True at the ']' of "[key value ...]" after "key value": the same text again.
static bool repeats_what_precedes(const struct parse *parse, const char *open,
                                  const struct sequence *inner)
{
    if (*parse->at != ']' || !inner->repeats || open == parse->text)
        return false;
    const char *again = open + 1, *end = parse->at - strlen(" ...");
    size_t size = (size_t)(end - again);
    if ((size_t)(open - 1 - parse->text) < size)
        return false;
    const char *before = open - 1 - size;
    bool whole = before == parse->text || strchr(" [<|", before[-1]);
    return whole && !memcmp(before, again, size);
}

// What stands between brackets: sequences, one of which is chosen.
static struct argument *read_choice(struct parse *parse,
                                    struct sequence sequence)
{
    struct argument *chosen = join(parse, fold_tokens(parse, sequence.first));
    if (*parse->at != '|')
        return chosen;
    struct argument *choice = new_argument(parse, ARGUMENT_ONE_OF);
    choice->children = chosen;
    while (*parse->at == '|') {
        parse->at++;
        struct sequence other = read_sequence(parse);
        *find_end(&choice->children) =
            join(parse, fold_tokens(parse, other.first));
    }
    return choice;
}

static void read_group(struct parse *parse, struct sequence *list)
{
    const char *open = parse->at++;
    struct sequence inner = read_sequence(parse);
    check(inner.first);
    if (repeats_what_precedes(parse, open, &inner)) {
        parse->at++;
        repeat_tail(parse, list, inner.count);
        return;
    }
    struct argument *argument = read_choice(parse, inner);
    check(*parse->at == (*open == '[' ? ']' : '>'));
    parse->at++;
    argument->optional |= *open == '[';
    argument->multiple |= inner.repeats;
    *find_end(&list->first) = argument;
    list->count++;
}

static struct sequence read_sequence(struct parse *parse)
{
    struct sequence list = {0};
    for (;;) {
        skip_spaces(parse);
        if (!strncmp(parse->at, "...", 3)) {
            list.repeats = true;
            parse->at += 3;
        } else if (*parse->at == '[' || *parse->at == '<') {
            read_group(parse, &list);
        } else if (*parse->at && !strchr("|]>", *parse->at)) {
            *find_end(&list.first) = read_word(parse);
            list.count++;
        } else {
            return list;
        }
    }
}

void arguments_parse(struct arguments *arguments, const char *text)
{
    arguments->count = 0;
    arguments->first = NULL;
    struct parse parse = {arguments, text, text};
    struct sequence all = read_sequence(&parse);
    if (*parse.at == '|')
        arguments->first = read_choice(&parse, all);
    else
        arguments->first = fold_tokens(&parse, all.first);
    check(!*parse.at && !all.repeats);
}
