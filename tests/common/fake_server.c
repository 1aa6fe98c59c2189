// fake_server.c -- a thread that accepts, reads and answers.
// SPDX-License-Identifier: MIT
#include "tests/common/fake_server.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

// False at the end of the stream.
static bool fake_read(struct fake *fake, int fd)
{
    char bytes[4096];
    ssize_t size = recv(fd, bytes, sizeof bytes, 0);
    if (size > 0)
        buffer_append(&fake->received, bytes, (size_t)size);
    return size > 0;
}

static void *fake_run(void *context)
{
    struct fake *fake = context;
    for (int life = 0; life < fake->script.lives; life++) {
        int fd = accept(fake->listener, NULL, NULL);
        if (fd < 0)
            break;
        const char *const *steps = fake->script.steps[life];
        for (int i = 0; i < STEPS_MAX && steps[i]; i++)
            if (fake_read(fake, fd))
                send(fd, steps[i], strlen(steps[i]), MSG_NOSIGNAL);
        while (fake->script.keeps_open && fake_read(fake, fd))
            continue;
        close(fd);
    }
    return NULL;
}

void fake_start(struct fake *fake, struct script script)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *fake = (struct fake){.script = script};
    fake->listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(
        bind(fake->listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fake->listener, 8), 0);
    getsockname(fake->listener, (struct sockaddr *)&address, &size);
    fake->port = ntohs(address.sin_port);
    ck_assert_int_eq(pthread_create(&fake->thread, NULL, fake_run, fake), 0);
}

void fake_stop(struct fake *fake)
{
    shutdown(fake->listener, SHUT_RDWR);
    pthread_join(fake->thread, NULL);
    close(fake->listener);
    buffer_deinit(&fake->received);
}

void fake_expect_received(struct fake *fake, const char *expected)
{
    ck_assert_uint_eq(fake->received.size, strlen(expected));
    for (size_t i = 0; i < fake->received.size; i++)
        ck_assert_int_eq(fake->received.data[i], expected[i]);
}

void expect_text(struct vega *v, struct vega_reply *reply, const char *text)
{
    ck_assert_msg(reply != NULL, "%s", vega_error(v));
    ck_assert_str_eq(reply->text, text);
    vega_reply_free(reply);
}

void expect_failure(struct vega *v, const struct vega_reply *reply,
                    enum vega_status status)
{
    ck_assert_ptr_null(reply);
    ck_assert_int_eq(vega_status(v), status);
    ck_assert_str_ne(vega_error(v), "");
}
