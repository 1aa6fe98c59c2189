// store_main.c -- the student's store alone, behind a socket as its standard
// input and output: SET key value [PX ms], GET, DEL, DBSIZE, PASS ms, which
// lets time pass, EXPIRED, how many keys had their time, and MEMORY, the bytes
// that are allocated. Requests are RESP and well-formed.
//
// So the store can be graded before there is a parser, and the store's code
// runs in a process that the verdict is not made in.
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "stage1-singlenode/store.h"

enum { ARGUMENTS_MAX = 8 };

struct driver {
    struct store *store;
    int64_t now_ms;
    size_t argc;
    struct slice argv[ARGUMENTS_MAX];
};

static void fail(const char *what)
{
    fprintf(stderr, "store driver: %s\n", what);
    exit(70);
}

static bool read_request(struct driver *driver)
{
    size_t size;
    if (scanf(" *%zu", &driver->argc) != 1)
        return false;
    if (driver->argc == 0 || driver->argc > ARGUMENTS_MAX)
        fail("a request of too many words");
    for (size_t i = 0; i < driver->argc; i++) {
        if (scanf(" $%zu", &size) != 1 || getchar() != '\r' ||
            getchar() != '\n')
            fail("not a request");
        char *data = malloc(size + 1);
        if (!data || fread(data, 1, size, stdin) != size)
            fail("half a request");
        data[size] = '\0';
        driver->argv[i] = (struct slice){data, size};
    }
    return true;
}

static void drop_request(struct driver *driver)
{
    for (size_t i = 0; i < driver->argc; i++)
        free((char *)driver->argv[i].data);
}

static void set(struct driver *driver, struct key key)
{
    int64_t expires_ms = ENTRY_NO_EXPIRY;
    if (driver->argc == 5)
        expires_ms = driver->now_ms + atoll(driver->argv[4].data);
    store_set_string(driver->store, key, driver->argv[2], expires_ms);
    printf("+OK\r\n");
}

static void get(struct driver *driver, struct key key)
{
    const struct entry *entry = store_find(driver->store, key);
    if (!entry) {
        printf("$-1\r\n");
        return;
    }
    struct slice value = entry_string(entry);
    printf("$%zu\r\n", value.size);
    fwrite(value.data, 1, value.size, stdout);
    printf("\r\n");
}

static void print_expired(const struct driver *driver)
{
    struct store_stats stats;
    store_stats(driver->store, &stats);
    printf(":%" PRIu64 "\r\n", stats.expired);
}

static void execute(struct driver *driver)
{
    const char *name = driver->argv[0].data;
    struct key key = {0};
    if (driver->argc > 1)
        key = store_key(driver->store, driver->argv[1]);
    if (!strcmp(name, "SET")) {
        set(driver, key);
    } else if (!strcmp(name, "GET")) {
        get(driver, key);
    } else if (!strcmp(name, "DEL")) {
        printf(":%d\r\n", store_delete(driver->store, key));
    } else if (!strcmp(name, "DBSIZE")) {
        printf(":%zu\r\n", store_count(driver->store));
    } else if (!strcmp(name, "PASS")) {
        driver->now_ms += atoll(driver->argv[1].data);
        printf("+OK\r\n");
    } else if (!strcmp(name, "EXPIRED")) {
        print_expired(driver);
    } else if (!strcmp(name, "MEMORY")) {
        printf(":%zu\r\n", memory_allocated());
    } else {
        fail("no such command");
    }
}

int main(void)
{
    struct hash_secret secret;
    hash_secret_derive(&secret, SLICE("lab 1"));
    struct driver driver = {.now_ms = 1000};
    driver.store = store_create(&secret);
    while (read_request(&driver)) {
        store_begin(driver.store, driver.now_ms, 1);
        execute(&driver);
        drop_request(&driver);
        fflush(stdout);
    }
    store_destroy(driver.store);
    return 0;
}
