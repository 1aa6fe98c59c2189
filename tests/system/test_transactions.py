"""Transactions under many clients at once: money is neither made nor lost, and
what each transaction takes care of holds for all of them together."""
# SPDX-License-Identifier: MIT

import random
import threading
import time

from resp import Error

STAGES = ["stage1", "stage2"]

CLIENTS = 8
SECONDS = 2
ACCOUNTS = 10
OPENING = 100


def run_clients(server, work):
    """work(client, rng) again and again on CLIENTS connections; what it
    returned that was true is counted."""
    counts = [0] * CLIENTS
    failures = []
    end = time.monotonic() + SECONDS

    def run(index):
        rng = random.Random(index)
        try:
            with server.connect() as client:
                while time.monotonic() < end:
                    counts[index] += bool(work(client, rng))
        except Exception as failure:  # pylint: disable=broad-except
            failures.append(repr(failure))

    threads = [threading.Thread(target=run, args=(i,)) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    return sum(counts)


def open_accounts(server):
    with server.connect() as client:
        for i in range(ACCOUNTS):
            assert client.command("SET", f"account:{i}", OPENING) == "OK"


def balances(client):
    names = [f"account:{i}" for i in range(ACCOUNTS)]
    return [int(value) for value in client.command("MGET", *names)]


def pick(rng):
    source, target = rng.sample(range(ACCOUNTS), 2)
    return f"account:{source}", f"account:{target}", rng.randint(1, 50)


def check_bank(server, committed):
    with server.connect() as client:
        final = balances(client)
    assert sum(final) == ACCOUNTS * OPENING
    assert min(final) >= 0
    assert committed > 0


def ok_or_conflict(reply):
    if reply == "OK":
        return True
    assert isinstance(reply, Error) and reply.startswith("CONFLICT "), reply
    return False


def test_transfers_by_begin_keep_the_total(server):
    open_accounts(server)

    def transfer(client, rng):
        source, target, amount = pick(rng)
        assert client.command("BEGIN") == "OK"
        have = int(client.command("GET", source))
        other = int(client.command("GET", target))
        if have < amount:
            assert client.command("ROLLBACK") == "OK"
            return False
        client.command("SET", source, have - amount)
        client.command("SET", target, other + amount)
        return ok_or_conflict(client.command("COMMIT"))

    check_bank(server, run_clients(server, transfer))


def test_transfers_by_watch_keep_the_total(server):
    open_accounts(server)

    def transfer(client, rng):
        source, target, amount = pick(rng)
        assert client.command("WATCH", source, target) == "OK"
        have = int(client.command("GET", source))
        other = int(client.command("GET", target))
        if have < amount:
            assert client.command("UNWATCH") == "OK"
            return False
        assert client.command("MULTI") == "OK"
        client.command("SET", source, have - amount)
        client.command("SET", target, other + amount)
        return client.command("EXEC") is not None

    check_bank(server, run_clients(server, transfer))


def test_nobody_sees_half_a_transfer(server):
    open_accounts(server)
    wrong = []

    def work(client, rng):
        source, target, amount = pick(rng)
        if rng.random() < 0.5:
            seen = balances(client)
            if sum(seen) != ACCOUNTS * OPENING:
                wrong.append(seen)
            return False
        client.command("BEGIN")
        client.command("DECRBY", source, amount)
        client.command("INCRBY", target, amount)
        return ok_or_conflict(client.command("COMMIT"))

    committed = run_clients(server, work)
    assert not wrong
    assert committed > 0


def test_write_skew_is_impossible(server):
    """Of two doctors one must be on call. Each leaves only after having seen
    that the other stays, and no two transactions write the same key."""
    wrong = []
    with server.connect() as client:
        client.command("MSET", "doctor:0", "on", "doctor:1", "on")

    def work(client, rng):
        me = rng.randrange(2)
        client.command("BEGIN")
        on_call = client.command("MGET", "doctor:0", "doctor:1")
        if on_call[1 - me] == b"on" and on_call[me] == b"on":
            client.command("SET", f"doctor:{me}", "off")
        else:
            client.command("SET", f"doctor:{me}", "on")
        done = ok_or_conflict(client.command("COMMIT"))
        seen = client.command("MGET", "doctor:0", "doctor:1")
        if b"on" not in seen:
            wrong.append(seen)
        return done

    committed = run_clients(server, work)
    assert not wrong
    assert committed > 0


def test_a_key_that_was_absent_has_one_maker(server):
    """Phantoms: who has seen that a key is absent may act on it."""
    def work(client, rng):
        slot = f"slot:{rng.randrange(2000)}"
        client.command("BEGIN")
        if client.command("EXISTS", slot):
            client.command("ROLLBACK")
            return False
        client.command("PUT", slot, "mine")
        client.command("INCR", f"count:{rng.randrange(50)}")
        return ok_or_conflict(client.command("COMMIT"))

    committed = run_clients(server, work)
    with server.connect() as client:
        made = client.command("KEYS", "slot:*")
        counts = client.command("MGET", *[f"count:{i}" for i in range(50)])
    assert len(made) == committed
    assert sum(int(count or 0) for count in counts) == committed


def test_a_vanished_client_leaves_no_trace(server):
    client = server.connect()
    client.command("BEGIN")
    client.command("SET", "trace", 1)
    client.close()
    client = server.connect()
    client.command("MULTI")
    client.command("SET", "trace", 1)
    client.close()
    assert server.command("EXISTS", "trace") == 0
