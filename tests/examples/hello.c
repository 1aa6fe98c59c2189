// hello.c -- libvega in a page: a call, an error, a pipeline.
//
//     cc hello.c $(pkg-config --cflags --libs vega) -o hello
//     ./hello 6379
//
// `make install` has put the library where pkg-config looks.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>

#include <vega.h>

enum { KEYS = 1000 };

static void stop(const struct vega *v)
{
    fprintf(stderr, "hello: %s\n", vega_error(v));
    exit(EXIT_FAILURE);
}

// A reply that is an error is still a reply; NULL means that none came.
static void say(struct vega *v, struct vega_reply *reply)
{
    if (!reply)
        stop(v);
    if (reply->type == VEGA_INTEGER)
        printf("%lld\n", (long long)reply->integer);
    else if (reply->type == VEGA_NULL)
        printf("nothing\n");
    else
        printf("%s%s\n", reply->type == VEGA_ERROR ? "error: " : "",
               reply->text);
    vega_reply_free(reply);
}

// Sends all commands before it reads the first reply: one trip, not a thousand.
static void fill(struct vega *v)
{
    for (int i = 0; i < KEYS; i++) {
        char key[32];
        snprintf(key, sizeof key, "hello:%d", i);
        const char *argv[] = {"SET", key, "x"};
        if (!vega_append(v, 3, argv, NULL))
            stop(v);
    }
    int stored = 0;
    while (vega_pending(v) > 0) {
        struct vega_reply *reply = vega_get(v);
        if (!reply)
            stop(v);
        stored += reply->type == VEGA_STATUS;
        vega_reply_free(reply);
    }
    printf("%d stored\n", stored);
}

int main(int argc, char **argv)
{
    struct vega_options options = {.port = argc > 1 ? atoi(argv[1]) : 0};
    struct vega *v = vega_connect(&options);
    if (vega_status(v) != VEGA_OK)
        stop(v);

    say(v, vega_call(v, "SET", "greeting", "hello", NULL));
    say(v, vega_call(v, "GET", "greeting", NULL));
    say(v, vega_call(v, "INCR", "greeting", NULL));
    say(v, vega_call(v, "DEL", "greeting", NULL));
    say(v, vega_call(v, "GET", "greeting", NULL));
    fill(v);
    vega_close(v);
    return EXIT_SUCCESS;
}
