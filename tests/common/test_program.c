// test_program.c -- how a program ends: after its node, and not before.
// SPDX-License-Identifier: MIT
#include "common/server/program.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/list.h"
#include "tests/common/child.h"
#include "tests/test.h"

// A node that takes a while to finish; or for ever, until a signal comes.
struct slow_node {
    struct server server;
    struct layer layer;
    struct env_timer timer;
    int asked;
    bool stops;    // By itself,
    bool unusable; // because it has no use for its data.
    bool endless;
    bool finished;
};

static void slow_fire(struct env_timer *timer)
{
    struct slow_node *node = container_of(timer, struct slow_node, timer);
    if (node->endless)
        kill(getpid(), SIGTERM);
    else
        node->finished = true;
}

static bool slow_finish(void *context)
{
    struct slow_node *node = context;
    if (!node->asked++)
        env_timer_start(node->server.env, &node->timer, 5000);
    return node->finished;
}

static void node_init(struct slow_node *node, struct program *program)
{
    node->timer.fire = slow_fire;
    node->server = (struct server){
        .env = program->env,
        .log = &program->log,
        .config = program->config,
        .settings = &program->settings,
        .commands = command_table_create(),
        .stack = &node->layer,
        .program = program->name,
        .config_path = "",
    };
    server_add_commands(node->server.commands);
    server_init(&node->server);
}

static void node_deinit(struct slow_node *node)
{
    server_deinit(&node->server);
    command_table_destroy(node->server.commands);
}

// A whole program without clients.
static int run(struct slow_node *node)
{
    char name[] = "vega-server", port[] = "--port=0", path[64];
    snprintf(path, sizeof path, "--unix-socket=/tmp/vega-%ld.sock",
             (long)getpid());
    char *argv[] = {name, port, path, NULL};
    struct program program = {.name = "test"};
    if (!program_start(&program, 3, argv))
        return program.exit_code;
    node_init(node, &program);
    program.finish = slow_finish;
    program.node = node;
    node->server.stopping = node->stops;
    program_serve(&program, &node->server);
    if (node->unusable)
        program.exit_code = PROGRAM_EXIT_REFUSED;
    node_deinit(node);
    return program_end(&program);
}

static void end_slowly(void)
{
    struct slow_node node = {.stops = true};
    int code = run(&node);
    _exit(node.finished && node.asked > 1 ? code : 100);
}

TEST(a_program_ends_when_its_node_has_finished)
{
    char said[4000];
    int how = child_run(end_slowly, said, sizeof said);
    ck_assert(WIFEXITED(how));
    ck_assert_int_eq(WEXITSTATUS(how), 0);
    ck_assert_ptr_nonnull(strstr(said, "stopped"));
    ck_assert_ptr_null(strstr(said, "unfinished"));
}

static void end_never(void)
{
    struct slow_node node = {.stops = true, .endless = true};
    _exit(run(&node));
}

TEST(a_second_signal_cuts_the_finish_short)
{
    char said[4000];
    int how = child_run(end_never, said, sizeof said);
    ck_assert(WIFEXITED(how));
    ck_assert_int_eq(WEXITSTATUS(how), 0);
    ck_assert_ptr_nonnull(strstr(said, "stopping unfinished"));
    ck_assert_ptr_nonnull(strstr(said, "stopped"));
}

static void be_unusable(void)
{
    struct slow_node node = {.stops = true, .unusable = true};
    _exit(run(&node));
}

TEST(a_node_that_stops_by_itself_ends_the_program_with_the_code_it_sets)
{
    char said[4000];
    int how = child_run(be_unusable, said, sizeof said);
    ck_assert(WIFEXITED(how));
    ck_assert_int_eq(WEXITSTATUS(how), PROGRAM_EXIT_REFUSED);
}

// SIGTERM waits, blocked, until program_serve looks.
static void end_by_signal(void)
{
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    kill(getpid(), SIGTERM);
    struct slow_node node = {0};
    int code = run(&node);
    _exit(node.finished ? code : 100);
}

TEST(one_signal_lets_the_node_finish)
{
    char said[4000];
    int how = child_run(end_by_signal, said, sizeof said);
    ck_assert(WIFEXITED(how));
    ck_assert_int_eq(WEXITSTATUS(how), 0);
    ck_assert_ptr_null(strstr(said, "unfinished"));
}
