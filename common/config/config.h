// config.h -- settings: one schema of typed rows, many sources, one struct
// each.
//
// A row says everything about a key: type, default, range, whether it can
// change at run time, help. The same rows drive the YAML loader, VEGA_*
// environment variables, flags, --help, CONFIG GET and SET, and the sample
// file. `common` registers its rows, every stage adds its own.
//
// Precedence: defaults < YAML file < environment < flags, in whatever order
// they are loaded: flags may come first and tell where the file is. What is
// refused is refused with its place (file:line:column, variable or flag), what
// is allowed, and for an unknown key the nearest known one.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CONFIG_H
#define VEGA_COMMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"
#include "common/base/status.h"

enum config_type {
    CONFIG_BOOL,     // bool: true|false, yes|no, on|off
    CONFIG_INT,      // int64_t within [min, max]
    CONFIG_MODE,     // int64_t permissions of a file, in octal: 0700 or 700
    CONFIG_SIZE,     // int64_t bytes: 512MB, 64kb, 1g (1024-based), 100
    CONFIG_DURATION, // int64_t milliseconds: 250ms, 5s, 2m, 1h, 7d; 0. Any
                     // other number without its unit is refused.
    CONFIG_TEXT,     // char *, owned by the config; "" when not set
    CONFIG_CHOICE,   // int: index into `choices`
    CONFIG_LETTERS,  // int64_t: a bit for each letter of choices[0], then of
                     // choices[1]; 'A' stands for all of choices[0]
    CONFIG_LIMITS,   // struct config_limit[]: one for each of `choices`
    CONFIG_LIST,     // char *: a YAML sequence of scalars, or one string with
                     // spaces; kept joined by single spaces
    CONFIG_RECORDS,  // char *: a YAML sequence of mappings, each with keys of
                     // `fields`; or, and so kept, one string: "id=a port=1,
                     // id=b". See config_next_record.
};

// A key of each mapping of a CONFIG_RECORDS. Its values are words without
// spaces and commas.
struct config_field {
    const char *name;
    const char *fallback; // NULL: it must be given.
    bool unique;          // No two records may have the same.
    bool (*accepts)(const char *text);
    const char *allowed; // What that is: "HOST:PORT".
};

enum { CONFIG_FIELDS_MAX = 8 };

enum config_flag {
    CONFIG_RUNTIME = 1, // CONFIG SET and SIGHUP may change it.
    CONFIG_SECRET = 2,  // Never logged, shown or accepted as a flag's value in
                        // the process list: file and environment only.
    CONFIG_ALIAS = 4,   // Another name of the row before it that fills the same
                        // field. The sample file leaves it out, and a source
                        // that sets both is refused.
};

// Of bytes that wait for a class of clients.
struct config_limit {
    int64_t hard, soft; // 0: none.
    int64_t soft_ms;    // How long the soft one may be passed.
};
enum { CONFIG_LIMITS_MAX = 4 };

// A word of Redis' for a choice; several may stand for one.
struct config_word {
    const char *word;
    int choice;
};

struct config_row {
    const char *key; // "output_buffer_soft"; in YAML and as --set key=value.
                     // The variable is VEGA_OUTPUT_BUFFER_SOFT.
    enum config_type type;
    unsigned flags;       // enum config_flag
    const char *fallback; // The default, written as a user would.
    int64_t min, max;     // For INT, SIZE, DURATION.
    // NULL-terminated, for CHOICE, LETTERS and LIMITS.
    const char *const *choices;
    // For TEXT that not every text is fit for: whether this one is, and what is
    // ("pairs of seconds and changes"). NULL: any.
    bool (*accepts)(const char *text);
    const char *allowed;
    const char *redis_allowed;         // The same in Redis' words, or NULL.
    const struct config_field *fields; // For RECORDS, up to one without a name.
    size_t offset;       // Of the field in the struct that it fills.
    const char *flag;    // "--port", or NULL for --set only.
    const char *section; // Heading in the sample file.
    const char *help;    // One sentence or two, for the sample file.
    // Redis' name for CONFIG GET and SET where it has one ("maxclients"), or
    // NULL. Under it values have Redis' spelling: durations are plain seconds,
    // sizes plain bytes, and a bool is yes or no. The key itself always works
    // too, also with '-' for '_'.
    const char *redis_name;
    const char *redis_old_name; // And what Redis called it before, or NULL.
    // For CHOICE, under these names: other words, up to one that is NULL. Of
    // several for one choice the last is shown. NULL: they are the same.
    const struct config_word *redis_words;
};

struct config;

struct config *config_create(void); // Owned by the caller.
void config_destroy(struct config *config);

// Adds rows up to one without a key and fills `target` with their defaults.
// Rows are borrowed for good; `target` outlives the config.
void config_add(struct config *config, const struct config_row *rows,
                void *target);

// A refusal, for people: "vega.yaml:3:7: unknown key 'prot'; did you mean
// 'port'?". Fixed size, always terminated.
struct config_error {
    char text[512];
};

// After a refusal by one of these the config may hold a part of the source: say
// the error, and destroy it. STATUS_INVALID, or why the file can't be read.
enum status config_load_yaml(struct config *config, const char *path,
                             struct config_error *error);
// The same from memory; `name` stands for the path in errors.
enum status config_load_yaml_text(struct config *config, const char *name,
                                  struct slice text,
                                  struct config_error *error);
// Every VEGA_* variable of `environment` ("NAME=value", NULL-terminated). One
// that no row knows is refused, unless it is known to be another program's.
enum status config_load_environment(struct config *config,
                                    char *const *environment,
                                    struct config_error *error);
// --set key=value and the rows' own flags ("--port 7000", "--port=7000"). The
// value of a bool needs its '=': "--x" alone is true, "--x=false" is false.
// Consumes what it knows up to "--": afterwards argv holds only the rest,
// argv[0] and "--" included, *argc fits, and argv[*argc] is NULL.
enum status config_load_flags(struct config *config, int *argc, char **argv,
                              struct config_error *error);

// CONFIG SET: `key` may be Redis' name, in any case; what is wrong is then said
// in its words. STATUS_NOT_FOUND for an unknown key, STATUS_INVALID for a bad
// value, STATUS_DENIED for another value than it has of one that cannot change
// at run time. `error` is the bare reason.
enum status config_set(struct config *config, struct slice key,
                       struct slice value, struct config_error *error);

// What config_set would say, without setting anything.
enum status config_check(const struct config *config, struct slice key,
                         struct slice value, struct config_error *error);

// CONFIG GET: calls `each` for every key whose Redis' name or own name matches
// the glob, once, with its value as CONFIG SET would take it; a second time if
// Redis' old name matches too, as Redis does. Secrets are shown, as in Redis:
// only an authenticated client gets here.
void config_get(const struct config *config, struct slice pattern,
                void (*each)(void *context, const char *key, const char *value),
                void *context);

// SIGHUP: a fresh config is loaded from the same sources, and its runtime keys
// are copied; `changed` is called for each key that differs, with `applied`
// false for those that need a restart.
void config_adopt(struct config *config, const struct config *fresh,
                  void (*changed)(void *context, const char *key, bool applied),
                  void *context);

// Called after CONFIG SET or config_adopt changed any runtime key. A few may
// listen; they are called in the order in which they asked.
void config_on_change(struct config *config, void (*changed)(void *context),
                      void *context);

// The commented sample YAML with all defaults; and the options for --help.
void config_format_sample(const struct config *config, struct buffer *out);
void config_format_help(const struct config *config, struct buffer *out);

// Takes the next record off `records`, the text of a CONFIG_RECORDS with these
// fields, and sets `values` to its values in their order, borrowed from text
// and fallbacks. False: there is none.
bool config_next_record(const struct config_field *fields,
                        struct slice *records,
                        struct slice values[CONFIG_FIELDS_MAX]);

// Gives `key`, which is in a row, another default: after all sources were
// loaded, and without any effect if one of them has set it. False, and `error`
// is the bare reason, when the row does not allow the value.
bool config_set_default(struct config *config, const char *key,
                        const char *value, struct config_error *error);

// "512MB" -> bytes, "5s" -> ms; also for flags of tools.
bool config_parse_size(struct slice text, int64_t *bytes);
bool config_parse_duration(struct slice text, int64_t *ms);

#endif
