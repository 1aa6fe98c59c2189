// fake_node.c -- one thread that polls its connections.
// SPDX-License-Identifier: MIT
#include "tests/stage3/fake_node.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/wire/resp.h"
#include "tests/test.h"

enum { CONNECTIONS_MAX = 16 };

static bool begins_with(const char *text, const char *words)
{
    size_t size = strlen(words);
    return strncmp(text, words, size) == 0 &&
           (text[size] == '\0' || text[size] == ' ' || text[size] == '\n');
}

static void answer(struct fake_node *node, int fd, const char *request)
{
    const char *reply = "-ERR no rule\r\n";
    pthread_mutex_lock(&node->mutex);
    buffer_append_text(&node->heard, request);
    buffer_append_byte(&node->heard, '\n');
    for (int i = 0; i < node->rule_count; i++) {
        struct rule *rule = &node->rules[i];
        if (rule->times < 0 || !begins_with(request, rule->words))
            continue;
        reply = rule->reply;
        if (rule->times > 0 && --rule->times == 0)
            rule->times = -1;
        break;
    }
    pthread_mutex_unlock(&node->mutex);
    send(fd, reply, strlen(reply), MSG_NOSIGNAL);
}

static void answer_all(struct fake_node *node, int fd, struct buffer *input)
{
    struct resp_parser parser;
    struct resp_request request;
    resp_parser_init(&parser);
    while (input->size && resp_parse_request(&parser, buffer_slice(input),
                                             &request) == RESP_OK) {
        struct buffer text = {0};
        for (uint32_t i = 0; i < request.argc; i++) {
            if (i)
                buffer_append_byte(&text, ' ');
            buffer_append_slice(&text, parser.arguments[i]);
        }
        buffer_append_byte(&text, '\0');
        answer(node, fd, text.data);
        buffer_deinit(&text);
        buffer_consume(input, request.size);
        resp_parser_reset(&parser);
    }
    resp_parser_deinit(&parser);
}

static void *run(void *context)
{
    struct fake_node *node = context;
    struct pollfd polled[1 + CONNECTIONS_MAX] = {{node->listener, POLLIN, 0}};
    struct buffer inputs[1 + CONNECTIONS_MAX] = {{0}};
    nfds_t count = 1;
    while (poll(polled, count, -1) >= 0 && !atomic_load(&node->stopping)) {
        if (polled[0].revents && count <= CONNECTIONS_MAX)
            polled[count++] =
                (struct pollfd){accept(node->listener, NULL, NULL), POLLIN, 0};
        for (nfds_t i = 1; i < count; i++) {
            char bytes[4096];
            ssize_t size = polled[i].revents
                               ? recv(polled[i].fd, bytes, sizeof bytes, 0)
                               : -1;
            if (size > 0)
                buffer_append(&inputs[i], bytes, (size_t)size);
            if (size > 0)
                answer_all(node, polled[i].fd, &inputs[i]);
            if (polled[i].revents && size <= 0) {
                close(polled[i].fd);
                polled[i].fd = -1; // poll passes it over.
            }
        }
    }
    for (nfds_t i = 1; i < count; i++) {
        close(polled[i].fd);
        buffer_deinit(&inputs[i]);
    }
    return NULL;
}

void fake_node_init(struct fake_node *node)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *node = (struct fake_node){0};
    pthread_mutex_init(&node->mutex, NULL);
    node->listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(
        bind(node->listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(node->listener, 16), 0);
    getsockname(node->listener, (struct sockaddr *)&address, &size);
    node->port = ntohs(address.sin_port);
}

void fake_node_start(struct fake_node *node)
{
    ck_assert_int_eq(pthread_create(&node->thread, NULL, run, node), 0);
}

void fake_node_stop(struct fake_node *node)
{
    if (atomic_exchange(&node->stopping, true))
        return;
    shutdown(node->listener, SHUT_RDWR);
    pthread_join(node->thread, NULL);
    close(node->listener);
}

void fake_node_deinit(struct fake_node *node)
{
    fake_node_stop(node);
    buffer_deinit(&node->heard);
    pthread_mutex_destroy(&node->mutex);
}

void fake_node_rule(struct fake_node *node, const char *words, int times,
                    const char *format, ...)
{
    va_list args;
    ck_assert_int_lt(node->rule_count, RULES_MAX);
    pthread_mutex_lock(&node->mutex);
    struct rule *rule = &node->rules[node->rule_count++];
    va_start(args, format);
    int size = vsnprintf(rule->reply, RULE_REPLY_MAX, format, args);
    va_end(args);
    ck_assert_int_lt(size, RULE_REPLY_MAX);
    rule->times = times;
    rule->words = words;
    pthread_mutex_unlock(&node->mutex);
}

int fake_node_heard(struct fake_node *node, const char *words)
{
    int count = 0;
    pthread_mutex_lock(&node->mutex);
    const char *at = node->heard.data;
    const char *end = at + node->heard.size;
    while (at && at < end) {
        count += begins_with(at, words);
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    }
    pthread_mutex_unlock(&node->mutex);
    return count;
}
