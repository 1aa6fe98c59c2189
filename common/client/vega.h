// vega.h -- libvega, the C client of VegaDB (and of any server that speaks
// RESP2 or RESP3).
//
//     struct vega *v = vega_connect(&(struct vega_options){.port = 6379});
//     struct vega_reply *reply = vega_call(v, "GET", "greeting", NULL);
//     if (!reply)
//         fprintf(stderr, "%s\n", vega_error(v));
//     else if (reply->type == VEGA_BULK)
//         printf("%s\n", reply->text);
//     vega_reply_free(reply);
//     vega_close(v);
//
// Two kinds of failure are kept apart. A server that answers "no" gives a reply
// of type VEGA_ERROR. No answer at all gives NULL (or false); vega_error and
// vega_status then say why, and the connection is made anew by the next
// command. Nothing is sent twice by itself: only the caller can know whether
// doing a lost command again is harmless.
//
// A struct vega may be used by one thread at a time; different ones are
// independent. Memory that can't be had ends the process with a message.
// SPDX-License-Identifier: MIT
#ifndef VEGA_H
#define VEGA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VEGA_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

struct vega;
struct vega_reply;

// How the last call ended.
enum vega_status {
    VEGA_OK,
    VEGA_UNREACHABLE, // No connection could be made.
    VEGA_DENIED,      // The server refused the password or the protocol.
    VEGA_TIMEOUT,     // No answer in time; the outcome is unknown.
    VEGA_LOST,        // The connection broke; the outcome is unknown.
    VEGA_PROTOCOL,    // The server sent what is no reply, or a limit was hit.
    VEGA_MISUSE,      // The call makes no sense now.
};

// Zero means the default everywhere: {0} is a server at 127.0.0.1:6379.
// Everything is copied.
struct vega_options {
    const char *host;        // A name or an address; NULL: "127.0.0.1".
    int port;                // 0: 6379.
    const char *unix_socket; // A path, used instead of host and port.
    const char *user;        // For AUTH; needs a password.
    const char *password;    // NULL: no AUTH.
    int protocol;            // 2 or 3: say HELLO; 0: as the server begins (2).

    int connect_timeout_ms; // 0: 5,000; negative: as long as it takes.
    int command_timeout_ms; // For each reply. 0: as long as it takes.
    bool no_reconnect;      // Leave a lost connection lost.

    size_t reply_size_max;     // Bytes of one reply; 0: 1 GiB.
    size_t reply_elements_max; // Values in one reply, nested too; 0: 16 Mi.
    int reply_depth_max;       // Nesting of one reply; 0 or above 64: 64.
    size_t unsent_max;         // Bytes that vega_append holds; 0: 256 MiB.

    // Called from inside vega_command, vega_call and vega_get with what a RESP3
    // server sends out of turn. `push` is borrowed until it returns; it must
    // not use the struct vega. NULL: such messages are dropped.
    void (*on_push)(void *context, const struct vega_reply *push);
    void *push_context;
};

enum vega_type {
    VEGA_STATUS,   // text, e.g. "OK"
    VEGA_ERROR,    // text, e.g. "ERR syntax error"
    VEGA_INTEGER,  // integer
    VEGA_DOUBLE,   // number, and text as it was sent
    VEGA_BOOLEAN,  // boolean
    VEGA_NULL,     // nothing more
    VEGA_BULK,     // text: any bytes
    VEGA_VERBATIM, // text, and its format
    VEGA_BIGNUM,   // text: decimal digits, as many as it takes
    VEGA_ARRAY,    // elements
    VEGA_MAP,      // elements: key, value, key, value; count counts both
    VEGA_SET,      // elements
    VEGA_PUSH,     // elements; sent out of turn
};

struct vega_reply {
    enum vega_type type;
    bool boolean;
    char format[4]; // Of VEGA_VERBATIM: "txt", "mkd".
    int64_t integer;
    double number;
    char *text;  // With a terminator that `size` does not count.
    size_t size; // Bytes of text, which may hold zero bytes.
    struct vega_reply *elements;
    size_t count;
};

// Never NULL. When connecting failed, vega_status says so at once, and the next
// command tries again. Owned by the caller; vega_close ends it.
struct vega *vega_connect(const struct vega_options *options);
void vega_close(struct vega *v); // NULL is accepted.

// For the connections to come; the one that there is stays as it is. Copied;
// NULL as in the options.
void vega_set_password(struct vega *v, const char *user, const char *password);

enum vega_status vega_status(const struct vega *v);
// "" after success. Borrowed until the next call with `v`.
const char *vega_error(const struct vega *v);

// Sends one command and waits for its reply, which is the caller's to free;
// NULL on failure. `sizes` NULL: the arguments are strings. Not while replies
// to vega_append are outstanding.
//
// A connection that the server closed in the meantime is made anew, and nobody
// notices. Only when a transaction was open (MULTI, BEGIN, WATCH) the next
// command fails with VEGA_LOST instead: neither it nor the transaction was
// done.
struct vega_reply *vega_command(struct vega *v, size_t argc,
                                const char *const *argv, const size_t *sizes);
// The same for arguments that are strings; a NULL ends them.
struct vega_reply *vega_call(struct vega *v, const char *name, ...)
    __attribute__((sentinel));

// Pipelining: append any number of commands, then get as many replies, in the
// same order. An append sends nothing by itself unless much has gathered; a get
// sends all. After a failure every reply that is still awaited is NULL.
bool vega_append(struct vega *v, size_t argc, const char *const *argv,
                 const size_t *sizes);
struct vega_reply *vega_get(struct vega *v);
size_t vega_pending(const struct vega *v); // Replies not got yet.

// Waits for whatever the server sends next, pushes included: for subscribers
// and MONITOR, whose command is sent by vega_append. NULL on failure, and when
// `timeout_ms` pass in silence (VEGA_TIMEOUT; the connection stays good then).
// Negative: as long as it takes.
struct vega_reply *vega_receive(struct vega *v, int timeout_ms);

// The socket, for poll(); -1 while there is none. It is non-blocking.
int vega_socket(const struct vega *v);

void vega_reply_free(struct vega_reply *reply); // NULL is accepted.

#ifdef __cplusplus
}
#endif

#endif
