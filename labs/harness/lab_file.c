// lab_file.c -- reads lab.yml.
// SPDX-License-Identifier: MIT
#include "labs/harness/lab_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

// The value of a key in a mapping, or NULL.
static yaml_node_t *find(yaml_document_t *document, yaml_node_t *map,
                         const char *key)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    yaml_node_pair_t *pair = map->data.mapping.pairs.start;
    for (; pair < map->data.mapping.pairs.top; pair++) {
        yaml_node_t *name = yaml_document_get_node(document, pair->key);
        if (name->type == YAML_SCALAR_NODE &&
            !strcmp((const char *)name->data.scalar.value, key))
            return yaml_document_get_node(document, pair->value);
    }
    return NULL;
}

// The text of a key, "" without one. Owned by the caller; lines become words.
static char *text_of(yaml_document_t *document, yaml_node_t *map,
                     const char *key)
{
    yaml_node_t *node = find(document, map, key);
    bool is_text = node && node->type == YAML_SCALAR_NODE;
    char *text = strdup(is_text ? (char *)node->data.scalar.value : "");
    size_t size = strlen(text);
    while (size && text[size - 1] == '\n')
        text[--size] = '\0';
    for (char *at = text; (at = strchr(at, '\n'));)
        *at = ' ';
    return text;
}

static int number_of(yaml_document_t *document, yaml_node_t *map,
                     const char *key)
{
    char *text = text_of(document, map, key);
    int number = atoi(text);
    free(text);
    return number;
}

static bool load_tests(struct lab_file *file, yaml_document_t *document,
                       yaml_node_t *list)
{
    if (!list || list->type != YAML_SEQUENCE_NODE)
        return false;
    int total = 0;
    yaml_node_item_t *item = list->data.sequence.items.start;
    for (; item < list->data.sequence.items.top; item++) {
        if (file->test_count == LAB_TESTS_MAX)
            return false;
        yaml_node_t *map = yaml_document_get_node(document, *item);
        struct lab_test *test = &file->tests[file->test_count++];
        test->name = text_of(document, map, "name");
        test->likely = text_of(document, map, "likely");
        test->look_at = text_of(document, map, "look_at");
        test->waits = text_of(document, map, "waits");
        test->points = number_of(document, map, "points");
        test->seeds = number_of(document, map, "seeds");
        test->shared = find(document, map, "shared") != NULL;
        total += test->points;
    }
    return total == 100;
}

static bool load(struct lab_file *file, yaml_document_t *document)
{
    yaml_node_t *root = yaml_document_get_root_node(document);
    file->lab = text_of(document, root, "lab");
    file->title = text_of(document, root, "title");
    yaml_node_t *limits = find(document, root, "limits");
    file->case_seconds = number_of(document, limits, "case_seconds");
    return load_tests(file, document, find(document, root, "tests")) &&
           file->case_seconds > 0;
}

bool lab_file_load(struct lab_file *file, const char *path)
{
    *file = (struct lab_file){0};
    FILE *input = fopen(path, "re");
    if (!input) {
        perror(path);
        return false;
    }
    yaml_parser_t parser;
    yaml_document_t document;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_file(&parser, input);
    bool loaded = yaml_parser_load(&parser, &document);
    if (loaded) {
        loaded = load(file, &document);
        yaml_document_delete(&document);
    }
    if (!loaded)
        fprintf(stderr,
                "%s: not a lab: it needs case_seconds, and tests of 100 "
                "points in all\n",
                path);
    yaml_parser_delete(&parser);
    fclose(input);
    return loaded;
}

void lab_file_free(struct lab_file *file)
{
    free(file->lab);
    free(file->title);
    for (size_t i = 0; i < file->test_count; i++) {
        free(file->tests[i].name);
        free(file->tests[i].likely);
        free(file->tests[i].look_at);
        free(file->tests[i].waits);
    }
}
