// jail.c -- limits of a graded program.
// SPDX-License-Identifier: MIT
#include "labs/harness/jail.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const rlim_t cpu_seconds_max = 60;
static const rlim_t file_bytes_max = 64 * 1024 * 1024;
static const rlim_t memory_bytes_max = (rlim_t)4 * 1024 * 1024 * 1024;
static const rlim_t processes_max = 512;

static void limit(int what, rlim_t value)
{
    struct rlimit both = {value, value};
    setrlimit(what, &both);
}

#define LOAD(field)                                                            \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                         \
             (unsigned)offsetof(struct seccomp_data, field))
#define SKIP_UNLESS(value, count)                                              \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (count))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE(reason) ANSWER(SECCOMP_RET_ERRNO | (reason))

// clone3's flags lie behind a pointer, which a filter cannot follow: the C
// library takes ENOSYS as "use clone", and that is let through for threads.
static void refuse_processes(void)
{
    struct sock_filter rules[] = {
        LOAD(nr),
        SKIP_UNLESS(SYS_clone3, 1),
        REFUSE(ENOSYS),
#ifdef SYS_fork
        SKIP_UNLESS(SYS_fork, 1),
        REFUSE(EAGAIN),
        SKIP_UNLESS(SYS_vfork, 1),
        REFUSE(EAGAIN),
#endif
        SKIP_UNLESS(SYS_clone, 3),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
        REFUSE(EAGAIN),
        ANSWER(SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

void jail_enter(bool alone)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, cpu_seconds_max);
    limit(RLIMIT_FSIZE, file_bytes_max);
    limit(RLIMIT_NPROC, processes_max);
    // The sanitizers reserve terabytes, touch little of it, and look for leaks
    // from a process of their own. By default they keep 256 MB of freed memory.
    const char *variant = getenv("VARIANT");
    if (variant && *variant && strcmp(variant, "release") != 0) {
        setenv("ASAN_OPTIONS", "quarantine_size_mb=1", 0);
        return;
    }
    limit(RLIMIT_AS, memory_bytes_max);
    if (alone)
        refuse_processes();
}
