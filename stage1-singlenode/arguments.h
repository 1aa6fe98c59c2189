// arguments.h -- what the command families share: reading arguments, and
// looking up strings.
//
// Where a function returns false, it has written the error reply, in Redis'
// words, and the command is over.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_ARGUMENTS_H
#define VEGA_STAGE1_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/server/command.h"
#include "common/server/request.h"
#include "stage1-singlenode/store.h"

// The largest string that a command may build: Redis' proto-max-bulk-len.
#define STRING_SIZE_MAX ((size_t)512 * 1024 * 1024)

enum { MS_PER_SECOND = 1000 };

// Short names, to keep the tables readable.
enum {
    READ = COMMAND_READONLY,
    WRITE = COMMAND_WRITE,
    STORE = COMMAND_WRITE | COMMAND_DENYOOM,
    FAST = COMMAND_FAST,
};

// True if argv[index] is `word`, in any case. `index` may be past the end.
bool argument_is(const struct request *request, uint32_t index,
                 const char *word);

bool argument_int64(struct request *request, uint32_t index, int64_t *value);

// The same between `min` and `max`, with Redis' words for one that is not.
bool argument_between(struct request *request, uint32_t index, int64_t min,
                      int64_t max, int64_t *value);

// The time that argv[index] stands for, in milliseconds since 1970. It is in
// units of `unit_ms` and counts from `since_ms` (0 for an absolute time). Must
// be positive, and so must the result.
bool argument_expiry(struct request *request, uint32_t index, int64_t unit_ms,
                     int64_t since_ms, int64_t *expires_ms);

// Seconds to wait, with fractions, as milliseconds; 0: for ever.
bool argument_timeout(struct request *request, uint32_t index,
                      int64_t *timeout_ms);

// Keys that are looked up one after another, with the memory of several asked
// for at once: one key's is on its way while another's is awaited.
enum { KEYS_AHEAD = 16 };
struct keys {
    struct key ahead[KEYS_AHEAD];
    uint32_t count;
};

// Reads the keys argv[first], argv[first + step], ..., as many as there is
// room for and arguments are left.
void keys_read(struct keys *keys, const struct store *store,
               const struct request *request, uint32_t first, uint32_t step);

// -ERR invalid expire time in 'x' command
void reply_invalid_expiry(struct request *request);

// -ERR wrong number of arguments for 'x' command, for rules that the arity of
// a row cannot say.
void reply_wrong_arity(struct request *request);

// The live string, or NULL if there is none; false if the key holds another
// type. string_find is for commands that read: it counts a hit or a miss.
// string_peek is for those that look in order to change.
bool string_find(struct store *store, struct request *request, struct key key,
                 struct entry **entry);
bool string_peek(struct store *store, struct request *request, struct key key,
                 struct entry **entry);

// The same for values of any type.
bool typed_find(struct store *store, struct request *request, struct key key,
                enum entry_type type, struct entry **entry);
bool typed_peek(struct store *store, struct request *request, struct key key,
                enum entry_type type, struct entry **entry);

// True if a string of `size` + `more` bytes is allowed.
bool string_fits(struct request *request, size_t size, size_t more);

// True unless a reply of `count` bulk strings could never be sent, even if they
// were all empty: a client may ask for more than there is.
bool reply_fits(struct request *request, uint64_t count);

// Turns the first and last position of a range, which count from the end when
// negative, into positions of `size` things, as GETRANGE does. False if there
// is nothing between them.
bool range_resolve(int64_t *first, int64_t *last, int64_t size);

#endif
