// playground_place.c -- where a playground's programs, data and logs are.
// SPDX-License-Identifier: MIT
#include "common/client/playground_place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/client/playground_process.h"

enum { STAGE_MAX = 9, DESCRIPTORS = 16 };

// By these lines it is known which file may be written anew, and which nodes
// the data are of.
static const char file_begin[] =
    "# Written by vega-playground, at each start anew.\n";
static const char node_begin[] = "  - id: ";

static bool refuse(const char *what, const char *why)
{
    fprintf(stderr, "vega-playground: %s: %s\n", what, why);
    return false;
}

// ---- Programs

// The folder of all stages: this program is in build/common, a server in
// build/stage3. NULL with errno set. The caller's.
static char *find_build(void)
{
    char *build = realpath("/proc/self/exe", NULL);
    for (int up = 0; build && up < 2; up++) {
        char *slash = strrchr(build, '/');
        if (slash)
            *slash = '\0';
    }
    return build;
}

static bool has_stage(const char *build, int stage)
{
    char *server = playground_text("%s/stage%d/vega-server", build, stage);
    bool found = access(server, X_OK) == 0;
    free(server);
    return found;
}

static bool find_programs(struct playground_place *place, int stage)
{
    char *build = find_build();
    if (!build)
        return refuse("/proc/self/exe", strerror(errno));
    place->stage = stage ? stage : STAGE_MAX;
    while (!stage && place->stage > 1 && !has_stage(build, place->stage))
        place->stage--;
    bool found = has_stage(build, place->stage);
    place->server =
        playground_text("%s/stage%d/vega-server", build, place->stage);
    place->client =
        playground_text("%s/stage%d/vega-client", build, place->stage);
    free(build);
    return found || refuse(place->server, "is not built; run make");
}

// ---- The directory

// A directory of that name, new or not. NULL with errno set. The caller's.
static char *make_directory(const char *path)
{
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return NULL;
    return realpath(path, NULL);
}

static char *make_temporary(void)
{
    const char *parent = getenv("TMPDIR");
    char *path = playground_text("%s/vega-playground-XXXXXX",
                                 parent && *parent ? parent : "/tmp");
    if (mkdtemp(path))
        return path;
    free(path);
    return NULL;
}

// True for a file that this program wrote, and for none.
static bool is_own_file(const char *path)
{
    char line[sizeof file_begin] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT;
    bool own = fgets(line, sizeof line, file) && !strcmp(line, file_begin);
    fclose(file);
    return own;
}

static bool open_directory(struct playground_place *place, const char *path)
{
    place->temporary = !path;
    place->directory = path ? make_directory(path) : make_temporary();
    if (!place->directory)
        return refuse(path ? path : "a temporary directory", strerror(errno));
    place->lock = open(place->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place->lock < 0)
        return refuse(place->directory, strerror(errno));
    if (flock(place->lock, LOCK_EX | LOCK_NB) != 0)
        return refuse(place->directory, "another playground is using it");
    place->cluster_file = playground_text("%s/cluster.yaml", place->directory);
    return is_own_file(place->cluster_file) ||
           refuse(place->cluster_file,
                  "is somebody else's; choose another --dir");
}

bool playground_place_open(struct playground_place *place, int stage,
                           const char *directory)
{
    *place = (struct playground_place){.lock = -1};
    return find_programs(place, stage) && open_directory(place, directory);
}

static int remove_one(const char *path, const struct stat *found, int kind,
                      struct FTW *walk)
{
    (void)found, (void)kind, (void)walk;
    remove(path);
    return 0; // The rest goes anyway.
}

void playground_place_close(struct playground_place *place)
{
    if (place->temporary && place->directory)
        nftw(place->directory, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    if (place->lock >= 0)
        close(place->lock);
    free(place->server);
    free(place->client);
    free(place->directory);
    free(place->cluster_file);
}

// ---- The file of the cluster

size_t playground_place_count_nodes(const struct playground_place *place)
{
    size_t count = 0;
    char line[256];
    FILE *file = fopen(place->cluster_file, "re");
    while (file && fgets(line, sizeof line, file))
        count += !strncmp(line, node_begin, sizeof node_begin - 1);
    if (file)
        fclose(file);
    return count;
}

bool playground_place_write(const struct playground_place *place,
                            const struct playground_address *nodes,
                            size_t count)
{
    FILE *file = fopen(place->cluster_file, "we");
    if (!file)
        return refuse(place->cluster_file, strerror(errno));
    // Segments are made ahead: small ones leave the disk to others.
    fprintf(file,
            "%sfault_commands: true\n"
            "log_segment_size: 4MB\n"
            "nodes:\n",
            file_begin);
    for (size_t i = 0; i < count; i++)
        fprintf(file,
                "%s%s\n"
                "    address: 127.0.0.1:%u\n"
                "    peer_address: 127.0.0.1:%u\n",
                node_begin, nodes[i].id, nodes[i].port, nodes[i].peer_port);
    return fclose(file) == 0 || refuse(place->cluster_file, strerror(errno));
}
