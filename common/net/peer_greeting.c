// peer_greeting.c -- the frames that open a link. Their bodies, little-endian:
//
//     HELLO of the dialer       HELLO of the listener     PROOF of the dialer
//      0  u32   from             0  u32   from             0  32 B  proof
//      4  u32   to               4  u32   to
//      8  32 B  nonce            8  32 B  nonce
//                               40  32 B  proof
//
// A proof is HMAC-SHA-256(secret, role, u32 dialer, u32 listener, nonce of the
// dialer, nonce of the listener), where role is 'D' or 'L'. A node that is
// connected to itself by chance gets its own HELLO back, which is too short to
// be an answer.
// SPDX-License-Identifier: MIT
#include "common/net/peer_greeting.h"

#include <sys/socket.h>

#include "common/base/buffer.h"
#include "common/base/check.h"
#include "common/base/codec.h"

enum peer_role { PEER_DIALER = 'D', PEER_LISTENER = 'L' };

static void peer_make_proof(const struct peer_greeting *greeting,
                            enum peer_role role, struct slice secret,
                            char proof[PEER_PROOF_SIZE])
{
    char text[1 + 8 + 2 * PEER_NONCE_SIZE];
    text[0] = (char)role;
    put_u32(text + 1, greeting->dialer);
    put_u32(text + 5, greeting->listener);
    memcpy(text + 9, greeting->dialer_nonce, PEER_NONCE_SIZE);
    memcpy(text + 9 + PEER_NONCE_SIZE, greeting->listener_nonce,
           PEER_NONCE_SIZE);
    digest_hmac(secret, (struct slice){text, sizeof text},
                (unsigned char *)proof);
}

static bool peer_is_proof(const struct peer_greeting *greeting,
                          enum peer_role role, struct slice secret,
                          const char *proof)
{
    char right[PEER_PROOF_SIZE];
    peer_make_proof(greeting, role, secret, right);
    return digest_is_equal(right, proof, sizeof right);
}

static bool peer_say(int fd, enum vbp_type type, const char *body, size_t size)
{
    struct vbp_frame frame = {.type = (uint8_t)type, .body = {body, size}};
    struct buffer out = {0};
    check(vbp_encode(&out, &frame));
    // The first bytes of a connection fit into its socket or nothing does.
    ssize_t sent = send(fd, out.data, out.size, MSG_NOSIGNAL);
    bool all = sent == (ssize_t)out.size;
    buffer_deinit(&out);
    return all;
}

bool peer_greeting_call(struct peer_greeting *greeting, struct env *env, int fd)
{
    char body[PEER_CALL_BODY_SIZE];
    env_random(env, greeting->dialer_nonce, PEER_NONCE_SIZE);
    put_u32(body, greeting->dialer);
    put_u32(body + 4, greeting->listener);
    memcpy(body + 8, greeting->dialer_nonce, PEER_NONCE_SIZE);
    return peer_say(fd, VBP_HELLO, body, sizeof body);
}

bool peer_greeting_answer(struct peer_greeting *greeting, struct slice secret,
                          struct env *env, int fd)
{
    char body[PEER_ANSWER_BODY_SIZE];
    env_random(env, greeting->listener_nonce, PEER_NONCE_SIZE);
    put_u32(body, greeting->listener);
    put_u32(body + 4, greeting->dialer);
    memcpy(body + 8, greeting->listener_nonce, PEER_NONCE_SIZE);
    peer_make_proof(greeting, PEER_LISTENER, secret,
                    body + PEER_CALL_BODY_SIZE);
    return peer_say(fd, VBP_HELLO, body, sizeof body);
}

bool peer_greeting_prove(const struct peer_greeting *greeting,
                         struct slice secret, int fd)
{
    char body[PEER_PROOF_SIZE];
    peer_make_proof(greeting, PEER_DIALER, secret, body);
    return peer_say(fd, VBP_PROOF, body, sizeof body);
}

bool peer_greeting_take_call(struct peer_greeting *greeting,
                             const struct vbp_frame *frame)
{
    const char *body = frame->body.data;
    if (frame->type != VBP_HELLO || frame->body.size != PEER_CALL_BODY_SIZE)
        return false;
    greeting->dialer = get_u32(body);
    greeting->listener = get_u32(body + 4);
    memcpy(greeting->dialer_nonce, body + 8, PEER_NONCE_SIZE);
    return true;
}

enum peer_judgement peer_greeting_take_answer(struct peer_greeting *greeting,
                                              struct slice secret,
                                              const struct vbp_frame *frame)
{
    const char *body = frame->body.data;
    if (frame->type != VBP_HELLO || frame->body.size != PEER_ANSWER_BODY_SIZE ||
        get_u32(body + 4) != greeting->dialer)
        return PEER_WRONG;
    if (greeting->listener == PEER_ANYBODY)
        greeting->listener = get_u32(body);
    if (get_u32(body) != greeting->listener)
        return PEER_WRONG;
    memcpy(greeting->listener_nonce, body + 8, PEER_NONCE_SIZE);
    return peer_is_proof(greeting, PEER_LISTENER, secret,
                         body + PEER_CALL_BODY_SIZE)
               ? PEER_RIGHT
               : PEER_ANOTHER_SECRET;
}

enum peer_judgement
peer_greeting_take_proof(const struct peer_greeting *greeting,
                         struct slice secret, const struct vbp_frame *frame)
{
    if (frame->type != VBP_PROOF || frame->body.size != PEER_PROOF_SIZE)
        return PEER_WRONG;
    return peer_is_proof(greeting, PEER_DIALER, secret, frame->body.data)
               ? PEER_RIGHT
               : PEER_ANOTHER_SECRET;
}
