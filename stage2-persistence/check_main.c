// check_main.c -- vega-check: looks at what a server left on its disk, says how
// it stands with that and, if asked, cuts off what is damaged.
// SPDX-License-Identifier: MIT
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/client/vega.h"
#include "common/env/env_posix.h"
#include "stage2-persistence/check_dump.h"
#include "stage2-persistence/check_health.h"
#include "stage2-persistence/check_repair.h"
#include "stage2-persistence/check_report.h"
#include "stage2-persistence/check_world.h"

struct options {
    const char *directory;
    const char *snapshots; // NULL: in `directory`.
    enum { TASK_REPORT, TASK_JSON, TASK_DUMP, TASK_REPAIR } task;
};

static void print_usage(FILE *out)
{
    fputs("Usage: vega-check [options] DIR\n"
          "\n"
          "Reads the log and the snapshots in DIR, the data_dir of a server,\n"
          "and says what is there, whether it is sound and what is wrong.\n"
          "\n"
          "  --snapshots DIR  where the snapshots are (snapshot_path), if not\n"
          "                   with the log\n"
          "  --json           say it for programs\n"
          "  --dump           print the records of the log as commands, one a\n"
          "                   line: LSN, time, arguments\n"
          "  --repair         cut the log where it is damaged, so that a\n"
          "                   server starts again; what is cut is kept beside\n"
          "                   it as NAME.cut-TIME. Not while a server runs\n"
          "  --help, --version\n"
          "\n"
          "Exit: 0 all is sound, 1 something is torn or damaged, 2 it cannot\n"
          "be read, or a wrong option.\n",
          out);
}

// What the options and the one other word say. Exits where that is all.
static struct options parse_options(int argc, char **argv)
{
    enum { SNAPSHOTS = 256, JSON, DUMP, REPAIR, HELP, VERSION };
    static const struct option longs[] = {
        {"snapshots", required_argument, NULL, SNAPSHOTS},
        {"json", no_argument, NULL, JSON},
        {"dump", no_argument, NULL, DUMP},
        {"repair", no_argument, NULL, REPAIR},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {0},
    };
    struct options options = {0};
    int tasks = 0;
    for (int letter; (letter = getopt_long(argc, argv, "", longs, NULL)) != -1;
         tasks += letter >= JSON) {
        switch (letter) {
        case SNAPSHOTS:
            options.snapshots = optarg;
            break;
        case JSON:
        case DUMP:
        case REPAIR:
            options.task = letter - SNAPSHOTS;
            break;
        case HELP:
            print_usage(stdout);
            exit(EXIT_SUCCESS);
        case VERSION:
            puts("vega-check " VEGA_VERSION);
            exit(EXIT_SUCCESS);
        default:
            print_usage(stderr);
            exit(CHECK_UNREADABLE);
        }
    }
    if (tasks > 1 || optind != argc - 1) {
        print_usage(stderr);
        exit(CHECK_UNREADABLE);
    }
    options.directory = argv[optind];
    return options;
}

static enum check_verdict say_unreadable(const char *what, const char *why)
{
    fprintf(stderr, "vega-check: %s: %s\n", what, why);
    return CHECK_UNREADABLE;
}

// ---- Looking

static enum check_verdict dump_log(struct check_health *health,
                                   struct check_world *world)
{
    struct check_dump dump;
    check_dump_init(&dump, stdout);
    enum status status = check_health_read(health, &world->env, &dump.listener);
    check_dump_deinit(&dump);
    if (status != STATUS_OK)
        return CHECK_UNREADABLE;
    if (health->log_verdict != LOG_SCAN_CLEAN) {
        fflush(stdout);
        fputs("vega-check: the log is ", stderr);
        check_report_log(stderr, health);
        fputc('\n', stderr);
    }
    return check_health_verdict(health);
}

static enum check_verdict look(const struct options *options,
                               struct check_world *world)
{
    struct check_health health;
    enum check_verdict verdict = CHECK_UNREADABLE;
    if (options->task == TASK_DUMP) {
        verdict = dump_log(&health, world);
    } else if (check_health_read(&health, &world->env, NULL) == STATUS_OK) {
        verdict = check_health_verdict(&health);
        (options->task == TASK_JSON ? check_report_json : check_report_text)(
            stdout, &health, check_world_is_in_use(world));
    }
    if (!health.scan)
        say_unreadable(options->directory, "cannot be listed");
    check_health_deinit(&health);
    return verdict;
}

// ---- Repair

static void say_kept(struct check_keeper *keeper, const char *name,
                     const char *kept)
{
    (void)keeper;
    printf("%s was cut; all of it is in %s\n", name, kept);
}

// Cuts, and says what that loses. The log is not clean.
static bool cut(struct env *env, const struct check_health *health)
{
    if (health->log_verdict == LOG_SCAN_GAP && health->snapshots.newest == 0) {
        fputs("vega-check: there is no sound snapshot for the log to follow, "
              "and without one nothing would be left; is --snapshots right?\n",
              stderr);
        return false;
    }
    printf("The log is ");
    check_report_log(stdout, health);
    printf(".\n");
    struct check_keeper keeper = {say_kept};
    const char *file = "";
    enum status status = check_repair(env, health, &keeper, &file);
    if (status != STATUS_OK) {
        say_unreadable(file, status_name(status));
        return false;
    }
    uint64_t first, last;
    if (check_health_missing(health, &first, &last))
        printf("Lost are LSN %" PRIu64 " to %" PRIu64
               ", as far as can be known.\n",
               first, last);
    else
        printf("Nothing is known to be lost.\n");
    return true;
}

static enum check_verdict repair(struct env *env, const char *directory)
{
    struct check_health health;
    if (check_health_read(&health, env, NULL) != STATUS_OK) {
        check_health_deinit(&health);
        return say_unreadable(directory, "cannot be listed");
    }
    enum check_verdict verdict = check_health_verdict(&health);
    bool cuts = verdict != CHECK_UNREADABLE &&
                health.log_verdict != LOG_SCAN_CLEAN && cut(env, &health);
    if (verdict == CHECK_UNREADABLE)
        check_report_text(stdout, &health, false);
    else if (health.log_verdict == LOG_SCAN_CLEAN)
        printf("There is nothing to cut.\n");
    check_health_deinit(&health);
    if (!cuts)
        return verdict;
    // What is there now?
    if (check_health_read(&health, env, NULL) == STATUS_OK) {
        check_report_text(stdout, &health, false);
        verdict = check_health_verdict(&health);
    }
    check_health_deinit(&health);
    return verdict;
}

// In a world that may write, and that no server has meanwhile.
static enum check_verdict run_repair(const struct options *options)
{
    const char *failed = options->directory;
    struct loop *loop = loop_create();
    struct env *env = env_posix_create(
        loop,
        &(struct env_posix_options){.directory = options->directory,
                                    .snapshot_directory = options->snapshots,
                                    .failed = &failed});
    enum check_verdict verdict;
    if (env) {
        verdict = repair(env, options->directory);
        env_posix_destroy(env);
    } else {
        verdict =
            say_unreadable(failed, errno == EWOULDBLOCK ? "a server is using it"
                                                        : strerror(errno));
    }
    loop_destroy(loop);
    return verdict;
}

int main(int argc, char **argv)
{
    struct options options = parse_options(argc, argv);
    struct check_world world;
    const char *failed = options.directory;
    // Before a repair, too: its world would make what is missing.
    if (!check_world_open(&world, options.directory, options.snapshots,
                          &failed))
        return say_unreadable(failed, strerror(errno));
    enum check_verdict verdict = CHECK_SOUND;
    if (options.task != TASK_REPAIR)
        verdict = look(&options, &world);
    check_world_close(&world);
    return options.task == TASK_REPAIR ? run_repair(&options) : verdict;
}
