// test_loop.c -- sources, removal in the same round, hooks, timers, signals.
// SPDX-License-Identifier: MIT
#include "common/net/loop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

// A source on one end of a socket pair; `far` is the other end.
struct end {
    struct loop_source source;
    struct loop *loop;
    int far;
    int calls;
    unsigned events;
    struct end *victim; // Removed when this one is called.
};

static void end_ready(struct loop_source *source, unsigned events)
{
    struct end *end = container_of(source, struct end, source);
    end->calls++;
    end->events = events;
    if (end->victim)
        loop_remove(end->loop, &end->victim->source);
}

static void end_open(struct end *end, struct loop *loop, unsigned wanted)
{
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    *end = (struct end){.source = {.fd = fds[0], .ready = end_ready},
                        .loop = loop,
                        .far = fds[1]};
    loop_add(loop, &end->source, wanted);
}

static void end_close(struct end *end)
{
    close(end->source.fd);
    if (end->far >= 0)
        close(end->far);
}

static void end_say(const struct end *end)
{
    ck_assert_int_eq(write(end->far, "x", 1), 1);
}

TEST(a_source_is_called_for_what_it_wants_as_long_as_it_is_ready)
{
    struct loop *loop = loop_create();
    struct end end;
    end_open(&end, loop, LOOP_READ);

    loop_run_once(loop, 0);
    ck_assert_int_eq(end.calls, 0);
    end_say(&end);
    loop_run_once(loop, 0);
    loop_run_once(loop, 0); // Level-triggered: nobody has read it.
    ck_assert_int_eq(end.calls, 2);
    ck_assert_uint_eq(end.events, LOOP_READ);

    loop_want(loop, &end.source, LOOP_WRITE);
    loop_run_once(loop, 0);
    ck_assert_uint_eq(end.events, LOOP_WRITE);

    loop_want(loop, &end.source, 0);
    loop_run_once(loop, 0);
    ck_assert_int_eq(end.calls, 3);
    end_close(&end);
    loop_destroy(loop);
}

TEST(a_closed_peer_is_the_end_to_read_and_a_hangup)
{
    struct loop *loop = loop_create();
    struct end end;
    end_open(&end, loop, LOOP_READ);
    close(end.far);
    end.far = -1;
    loop_run_once(loop, 0);
    ck_assert_uint_eq(end.events, LOOP_READ | LOOP_HANGUP);

    // It wants nothing, but a full close is news always.
    loop_want(loop, &end.source, 0);
    loop_run_once(loop, 0);
    ck_assert_uint_eq(end.events, LOOP_HANGUP);
    end_close(&end);
    loop_destroy(loop);
}

TEST(a_half_close_is_a_hangup_only_for_those_who_asked)
{
    struct loop *loop = loop_create();
    struct end asked, silent;
    end_open(&asked, loop, LOOP_HANGUP);
    end_open(&silent, loop, 0);
    ck_assert_int_eq(shutdown(asked.far, SHUT_WR), 0);
    ck_assert_int_eq(shutdown(silent.far, SHUT_WR), 0);
    loop_run_once(loop, 0);
    ck_assert_uint_eq(asked.events, LOOP_HANGUP);
    ck_assert_int_eq(silent.calls, 0);
    end_close(&asked);
    end_close(&silent);
    loop_destroy(loop);
}

TEST(a_source_removed_by_another_of_its_round_is_not_called)
{
    struct loop *loop = loop_create();
    struct end a, b;
    end_open(&a, loop, LOOP_READ);
    end_open(&b, loop, LOOP_READ);
    a.victim = &b; // Whoever comes first removes the other.
    b.victim = &a;
    end_say(&a);
    end_say(&b);
    loop_run_once(loop, 0);
    ck_assert_int_eq(a.calls + b.calls, 1);
    end_close(&a);
    end_close(&b);
    loop_destroy(loop);
}

TEST(a_source_may_remove_itself)
{
    struct loop *loop = loop_create();
    struct end end;
    end_open(&end, loop, LOOP_READ);
    end.victim = &end;
    end_say(&end);
    loop_run_once(loop, 0);
    loop_run_once(loop, 0);
    ck_assert_int_eq(end.calls, 1);
    end_close(&end);
    loop_destroy(loop);
}

struct counted_hook {
    struct loop_hook hook;
    struct loop *loop;
    int runs;
    int stop_at;
};

static void counted_hook_run(struct loop_hook *hook)
{
    struct counted_hook *self = container_of(hook, struct counted_hook, hook);
    if (++self->runs == self->stop_at)
        loop_stop(self->loop);
}

TEST(hooks_run_once_a_round_however_many_sources_were_ready)
{
    struct loop *loop = loop_create();
    struct counted_hook hook = {.hook.run = counted_hook_run};
    loop_add_hook(loop, &hook.hook);
    struct end a, b;
    end_open(&a, loop, LOOP_READ);
    end_open(&b, loop, LOOP_READ);
    end_say(&a);
    end_say(&b);
    loop_run_once(loop, 0);
    ck_assert_int_eq(a.calls + b.calls, 2);
    ck_assert_int_eq(hook.runs, 1);

    list_remove(&hook.hook.link);
    loop_run_once(loop, 0);
    ck_assert_int_eq(hook.runs, 1);
    end_close(&a);
    end_close(&b);
    loop_destroy(loop);
}

TEST(a_loop_runs_until_it_is_stopped_and_can_run_again)
{
    struct loop *loop = loop_create();
    struct counted_hook hook = {
        .hook.run = counted_hook_run, .loop = loop, .stop_at = 3};
    loop_add_hook(loop, &hook.hook);
    struct end end;
    end_open(&end, loop, LOOP_WRITE); // Always ready, so it never sleeps.
    loop_run(loop);
    ck_assert_int_eq(hook.runs, 3);
    hook.stop_at = 5;
    loop_run(loop);
    ck_assert_int_eq(hook.runs, 5);
    end_close(&end);
    loop_destroy(loop);
}

// A clock with one timer, `due_us` from now.
struct one_clock {
    struct loop_clock clock;
    int64_t due_us;
    int fired;
};

static int64_t one_clock_next(struct loop_clock *clock)
{
    return container_of(clock, struct one_clock, clock)->due_us;
}

static void one_clock_fire(struct loop_clock *clock)
{
    container_of(clock, struct one_clock, clock)->fired++;
}

static int64_t now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

TEST(the_loop_sleeps_until_the_clock_is_due_and_never_less)
{
    struct loop *loop = loop_create();
    struct one_clock clock = {
        .clock = {.next_due_us = one_clock_next, .fire = one_clock_fire}};
    loop_set_clock(loop, &clock.clock);
    const int64_t dues_us[] = {0, 1, 999, 1001, 20500};
    for (size_t i = 0; i < sizeof dues_us / sizeof *dues_us; i++) {
        clock.due_us = dues_us[i];
        int64_t before_us = now_us();
        loop_run_once(loop, -1);
        ck_assert_int_ge(now_us() - before_us, dues_us[i]);
    }
    ck_assert_int_eq(clock.fired, 5);

    // The caller's limit holds when it is the nearer one, however far the
    // clock's is.
    clock.due_us = INT64_MAX;
    loop_run_once(loop, 1);
    ck_assert_int_eq(clock.fired, 6);
    loop_set_clock(loop, NULL);
    loop_run_once(loop, 0);
    ck_assert_int_eq(clock.fired, 6);
    loop_destroy(loop);
}

TEST(a_source_that_is_ready_ends_a_sleep_however_long_it_would_be)
{
    const int64_t dues_us[] = {1500, 60 * 1000000, INT64_MAX};
    for (size_t i = 0; i < sizeof dues_us / sizeof *dues_us; i++) {
        struct loop *loop = loop_create();
        struct one_clock clock = {
            .clock = {.next_due_us = one_clock_next, .fire = one_clock_fire},
            .due_us = dues_us[i]};
        struct end end;
        end_open(&end, loop, LOOP_READ);
        loop_set_clock(loop, &clock.clock);
        end_say(&end);
        loop_run_once(loop, -1);
        ck_assert_int_eq(end.calls, 1);
        loop_remove(loop, &end.source);
        end_close(&end);
        loop_destroy(loop);
    }
}

static void do_nothing(int signal)
{
    (void)signal;
}

TEST(a_signal_ends_the_sleep_and_the_round_goes_on)
{
    struct loop *loop = loop_create();
    struct counted_hook hook = {.hook.run = counted_hook_run};
    loop_add_hook(loop, &hook.hook);

    struct sigaction action = {.sa_handler = do_nothing}, old;
    ck_assert_int_eq(sigaction(SIGALRM, &action, &old), 0);
    // Again and again, lest the one signal comes before the sleep begins; not
    // so often that a slow machine does nothing else.
    struct itimerval often = {.it_value.tv_usec = 50000,
                              .it_interval.tv_usec = 200000};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
    loop_run_once(loop, -1);
    ck_assert_int_eq(hook.runs, 1);

    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    sigaction(SIGALRM, &old, NULL);
    loop_destroy(loop);
}
