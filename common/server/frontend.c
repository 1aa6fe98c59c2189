// frontend.c -- real clients: sockets on one side, sessions on the other.
//
// During a round of the loop sessions only gather output; the clients that have
// something to do are noted, and at the round's end each gets one send, in one
// batch.
// SPDX-License-Identifier: MIT
#include "common/server/frontend.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/net/connection.h"
#include "common/net/listener.h"
#include "common/server/session.h"

enum {
    FRONTEND_LISTENERS_MAX = 16,
    // How long, and how many clients at a time, may take to read their last
    // reply after the node has finished with them; less when it stops.
    FRONTEND_LINGER_US = 2 * 1000 * 1000,
    FRONTEND_STOPPING_LINGER_US = 250 * 1000,
    FRONTEND_LINGERING_MAX = 1024,
};

struct client {
    struct frontend *frontend;
    struct connection connection;
    struct transport transport;
    struct session *session;     // NULL while lingering.
    struct list_link link;       // In clients or lingering.
    struct list_link dirty_link; // In dirty, or alone.
    int64_t linger_until_us;
};

struct frontend {
    struct server *server;
    struct loop *loop;
    struct loop_hook round_end;
    struct env_timer linger_timer;
    struct listener listeners[FRONTEND_LISTENERS_MAX];
    size_t listener_count;
    struct list_link clients;
    struct list_link lingering; // Oldest first.
    size_t lingering_count;
    struct list_link dirty; // To be looked after at the end of the round.
    bool stopping;
};

static struct client *client_of(struct connection *connection)
{
    return container_of(connection, struct client, connection);
}

static void client_changed(struct transport *transport)
{
    struct client *client = container_of(transport, struct client, transport);
    if (list_is_empty(&client->dirty_link))
        list_push_back(&client->frontend->dirty, &client->dirty_link);
}

static void client_free(struct client *client)
{
    if (client->session)
        session_destroy(client->session);
    else
        client->frontend->lingering_count--;
    connection_close(&client->connection);
    list_remove(&client->link);
    list_remove(&client->dirty_link);
    free(client);
}

static void client_received(struct connection *connection, struct slice bytes)
{
    session_receive(client_of(connection)->session, bytes);
}

static void client_ended(struct connection *connection)
{
    session_end_input(client_of(connection)->session);
}

static void client_broken(struct connection *connection)
{
    client_free(client_of(connection));
}

static void client_writable(struct connection *connection)
{
    client_changed(&client_of(connection)->transport);
}

static void client_sent(struct connection *connection, size_t size, bool broken)
{
    struct session *session = client_of(connection)->session;
    session_sent(session, size);
    if (broken)
        session->killed = true;
}

static const struct connection_ops client_ops = {
    .received = client_received,
    .ended = client_ended,
    .broken = client_broken,
    .writable = client_writable,
    .sent = client_sent,
};

static void client_discard(struct connection *connection, struct slice bytes)
{
    (void)connection, (void)bytes;
}

static const struct connection_ops lingering_ops = {
    .received = client_discard,
    .ended = client_broken,
    .broken = client_broken,
    .writable = client_broken,
};

static void frontend_end_linger(struct env_timer *timer)
{
    struct frontend *frontend =
        container_of(timer, struct frontend, linger_timer);
    int64_t now_us = env_now_us(frontend->server->env);
    while (!list_is_empty(&frontend->lingering)) {
        struct client *client =
            container_of(list_first(&frontend->lingering), struct client, link);
        if (client->linger_until_us > now_us && !frontend->stopping) {
            env_timer_start(frontend->server->env, timer,
                            client->linger_until_us - now_us);
            return;
        }
        client_free(client);
    }
}

// The session is over: closes, or lingers until the peer has read it all.
static void client_finish(struct client *client)
{
    struct frontend *frontend = client->frontend;
    if (client->session->killed || client->connection.ended ||
        frontend->lingering_count >= FRONTEND_LINGERING_MAX) {
        client_free(client);
        return;
    }
    struct env *env = frontend->server->env;
    session_destroy(client->session);
    client->session = NULL;
    int64_t linger_us =
        frontend->stopping ? FRONTEND_STOPPING_LINGER_US : FRONTEND_LINGER_US;
    client->linger_until_us = env_now_us(env) + linger_us;
    if (list_is_empty(&frontend->lingering))
        env_timer_start(env, &frontend->linger_timer, linger_us);
    list_remove(&client->link);
    list_push_back(&frontend->lingering, &client->link);
    frontend->lingering_count++;
    connection_shut(&client->connection, &lingering_ops);
}

static unsigned client_wants(const struct client *client)
{
    struct session *session = client->session;
    bool wants_input = session_wants_input(session);
    unsigned wanted = 0;
    if (wants_input && !session->input_ended)
        wanted |= LOOP_READ;
    // Input that is there already runs on in the next round, in its turn.
    if (session_pending_output(session).size ||
        (wants_input && session->input.size > 0 &&
         session->input.size >= session->input_need))
        wanted |= LOOP_WRITE;
    if (session->parked)
        wanted |= LOOP_HANGUP;
    return wanted;
}

static void client_send(struct client *client)
{
    struct slice output = session_pending_output(client->session);
    if (output.size && !client->session->killed)
        connection_send(&client->connection, output);
}

// What could be done now is done: decides what to wait for next.
static void client_settle(struct client *client)
{
    if (client->session->input_ended)
        session_resume(client->session); // Nothing left to do: it is over.
    if (session_is_done(client->session))
        client_finish(client);
    else
        connection_want(&client->connection, client_wants(client));
}

// Goes on with input left, then sends for all, then decides: while output is
// lent to the batch nothing executes. Who was killed goes before anything is
// sent, so that whoever reads the answer to CLIENT KILL finds it done. A client
// that becomes dirty meanwhile is looked after as well.
static void frontend_update_dirty(struct frontend *frontend)
{
    struct list_link updated;
    list_init(&updated);
    while (!list_is_empty(&frontend->dirty)) {
        struct client *client = container_of(list_first(&frontend->dirty),
                                             struct client, dirty_link);
        list_remove(&client->dirty_link);
        if (!client->session)
            continue;
        list_push_back(&updated, &client->dirty_link);
        session_resume(client->session);
        if (client->session->killed)
            client_finish(client); // It leaves the list, too.
    }
    list_for_each (link, &updated)
        client_send(container_of(link, struct client, dirty_link));
    io_batch_flush(loop_batch(frontend->loop));
    while (!list_is_empty(&updated)) {
        struct client *client =
            container_of(list_first(&updated), struct client, dirty_link);
        list_remove(&client->dirty_link);
        client_settle(client);
    }
}

static void frontend_end_round(struct loop_hook *hook)
{
    struct frontend *frontend = container_of(hook, struct frontend, round_end);
    while (!list_is_empty(&frontend->dirty))
        frontend_update_dirty(frontend);
}

static void frontend_refuse(struct frontend *frontend, int fd,
                            const char *error)
{
    // Best effort: a new socket's buffer takes it, or the client is gone.
    ssize_t sent = send(fd, error, strlen(error), MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent;
    close(fd);
    frontend->server->stats.connections_rejected++;
}

// As in Redis: without a password only this machine may connect, whatever was
// configured since the start.
static bool frontend_is_protected(const struct frontend *frontend, int fd)
{
    const struct server_settings *settings = frontend->server->settings;
    return settings->protected_mode && !*settings->requirepass &&
           !socket_peer_is_local(fd);
}

static void frontend_add_client(struct frontend *frontend,
                                const struct listener *listener, int fd)
{
    struct server *server = frontend->server;
    server_update_now(server);
    struct client *client = xcalloc(1, sizeof *client);
    client->frontend = frontend;
    client->transport.changed = client_changed;
    list_init(&client->dirty_link);
    list_push_back(&frontend->clients, &client->link);

    struct session *session = session_create(server, &client->transport);
    client->session = session;
    session->fd = fd;
    session->is_unix = listener->is_unix;
    socket_format_address(fd, !listener->is_unix, session->peer_address,
                          sizeof session->peer_address);
    socket_format_address(fd, false, session->local_address,
                          sizeof session->local_address);
    connection_open(&client->connection, frontend->loop, fd, &client_ops);
    connection_tune(&client->connection, server->settings->keepalive_ms);
    connection_want(&client->connection, LOOP_READ);
}

static void frontend_accepted(struct listener *listener, int fd)
{
    struct frontend *frontend = listener->owner;
    struct server *server = frontend->server;
    if (server->session_count >= (uint64_t)server->settings->clients_max)
        frontend_refuse(frontend, fd, "-ERR max number of clients reached\r\n");
    else if (frontend_is_protected(frontend, fd))
        frontend_refuse(frontend, fd,
                        "-DENIED VegaDB is running in protected mode: it has "
                        "no password and answers only this machine. Set "
                        "requirepass, or protected_mode: false.\r\n");
    else
        frontend_add_client(frontend, listener, fd);
}

static struct listener *frontend_next_listener(struct frontend *frontend)
{
    if (frontend->listener_count == FRONTEND_LISTENERS_MAX)
        return NULL;
    struct listener *listener = &frontend->listeners[frontend->listener_count];
    listener->accepted = frontend_accepted;
    listener->owner = frontend;
    return listener;
}

static enum status frontend_listen(struct frontend *frontend, const char *host,
                                   const char *path, char *error)
{
    const struct server_settings *settings = frontend->server->settings;
    struct listener *listener = frontend_next_listener(frontend);
    if (!listener) {
        snprintf(error, 256, "more than %d addresses to listen on",
                 FRONTEND_LISTENERS_MAX);
        return STATUS_FULL;
    }
    enum status status =
        host ? listener_open_tcp(listener, frontend->loop, host,
                                 (uint16_t)settings->port,
                                 (int)settings->backlog, error)
             : listener_open_unix(listener, frontend->loop, path,
                                  (unsigned)settings->unix_socket_mode,
                                  (int)settings->backlog, error);
    if (status != STATUS_OK)
        return status;
    frontend->listener_count++;
    log_info(frontend->server->log, "listening",
             LOG_TEXT_OF("address", listener->address));
    return STATUS_OK;
}

static enum status frontend_listen_all(struct frontend *frontend, char *error)
{
    const struct server_settings *settings = frontend->server->settings;
    enum status status = STATUS_OK;
    if (settings->port) {
        char *hosts = xstrdup(settings->bind), *rest = hosts;
        const char *host;
        while (status == STATUS_OK && (host = strtok_r(rest, " ", &rest)))
            status = frontend_listen(frontend, host, NULL, error);
        free(hosts);
    }
    if (status == STATUS_OK && *settings->unix_socket)
        status = frontend_listen(frontend, NULL, settings->unix_socket, error);
    return status;
}

struct frontend *frontend_create(struct server *server, struct loop *loop,
                                 char *error)
{
    struct frontend *frontend = xcalloc(1, sizeof *frontend);
    frontend->server = server;
    frontend->loop = loop;
    frontend->linger_timer.fire = frontend_end_linger;
    list_init(&frontend->clients);
    list_init(&frontend->lingering);
    list_init(&frontend->dirty);
    frontend->round_end.run = frontend_end_round;
    loop_add_hook(loop, &frontend->round_end);
    if (frontend_listen_all(frontend, error) == STATUS_OK)
        return frontend;
    frontend_destroy(frontend);
    return NULL;
}

void frontend_stop(struct frontend *frontend)
{
    while (frontend->listener_count)
        listener_close(&frontend->listeners[--frontend->listener_count]);
    frontend->stopping = true;
    server_stop(frontend->server);
}

bool frontend_is_idle(const struct frontend *frontend)
{
    return list_is_empty(&frontend->clients) &&
           list_is_empty(&frontend->lingering);
}

void frontend_destroy(struct frontend *frontend)
{
    while (frontend->listener_count)
        listener_close(&frontend->listeners[--frontend->listener_count]);
    list_for_each_safe (link, &frontend->clients)
        client_free(container_of(link, struct client, link));
    list_for_each_safe (link, &frontend->lingering)
        client_free(container_of(link, struct client, link));
    env_timer_stop(frontend->server->env, &frontend->linger_timer);
    list_remove(&frontend->round_end.link);
    free(frontend);
}
