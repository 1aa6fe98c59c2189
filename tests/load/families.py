"""What the clients of a load do: one generator a family.

A generator yields pipelines, lists of commands, and is sent the replies. It
may end at any time; then its client draws the next family. Commands stay with
keys of their own type, so that no reply is an error but for those that
ACCEPTED names (load.py).
"""
# SPDX-License-Identifier: MIT

from resp import Error

KEYS = 20_000
PIPELINE_MAX = 16
ACCOUNTS = 50
ACCOUNT_START = 1000
QUEUES = 10
CHANNELS = ["news.%d" % i for i in range(5)]
WAIT_SECONDS = 1


def draw_key(prefix, draw):
    return prefix + str(draw.randrange(KEYS))


def repeat(one):
    """A family of independent commands, from the maker of one."""
    def family(load, draw):
        count = draw.choice((1, 1, 4, PIPELINE_MAX))
        yield [one(draw) for _ in range(count)]
    family.__name__ = one.__name__
    return family


@repeat
def string(draw):
    key, value = draw_key("s:", draw), "v" * draw.randrange(1, 400)
    return draw.choice([
        ("SET", key, value), ("GET", key), ("PUT", key, value),
        ("STRLEN", key), ("SET", key, value, "PX", draw.randrange(1, 3000)),
        ("GETRANGE", key, 0, 20), ("EXPIRE", key, 60), ("TTL", key),
        ("MSET", key, value, draw_key("s:", draw), value),
        ("MGET", key, draw_key("s:", draw))])


@repeat
def counter(draw):
    key = draw_key("c:", draw)
    return draw.choice([("INCR", key), ("DECRBY", key, 3), ("GET", key)])


@repeat
def list_(draw):
    key = draw_key("l:", draw)
    return draw.choice([
        ("RPUSH", key, "a" * draw.randrange(60), "b"), ("LPUSH", key, "c"),
        ("LPOP", key), ("RPOP", key), ("LRANGE", key, 0, 9), ("LLEN", key),
        ("LTRIM", key, 0, 99), ("PEXPIRE", key, 5000),
        ("LMOVE", key, draw_key("l:", draw), "LEFT", "RIGHT")])


@repeat
def set_(draw):
    key, member = draw_key("S:", draw), draw.randrange(200)
    return draw.choice([
        ("SADD", key, member, "m%d" % member), ("SREM", key, member),
        ("SISMEMBER", key, member), ("SCARD", key), ("SPOP", key),
        ("SRANDMEMBER", key), ("SINTER", key, draw_key("S:", draw))])


@repeat
def hash_(draw):
    key, field = draw_key("h:", draw), "f%d" % draw.randrange(100)
    return draw.choice([
        ("HSET", key, field, "h" * draw.randrange(80)), ("HGET", key, field),
        ("HDEL", key, field), ("HLEN", key), ("HMGET", key, field, "f1"),
        ("HINCRBY", key, "n", 2)])


@repeat
def zset(draw):
    key, member = draw_key("z:", draw), "z%d" % draw.randrange(200)
    return draw.choice([
        ("ZADD", key, f"{draw.random():.4f}", member), ("ZREM", key, member),
        ("ZSCORE", key, member), ("ZRANGE", key, 0, 9), ("ZCARD", key),
        ("ZPOPMIN", key), ("ZRANK", key, member)])


@repeat
def server(draw):
    number = str(draw.randrange(KEYS))
    return draw.choice([
        ("PING",), ("DBSIZE",), ("EXISTS", "x:" + number), ("INFO",),
        ("SCAN", 0, "COUNT", 10), ("DEL", "s:" + number),
        ("UNLINK", "l:" + number), ("TYPE", "h:" + number)])


@repeat
def batch(draw):
    key, other = draw_key("s:", draw), draw_key("s:", draw)
    return ("BATCH", "PUT", key, "b" * draw.randrange(100), "GET", other,
            "DELETE", other)


# Accounts: whatever happens to a transfer, the sum stays.

def draw_accounts(draw):
    return ["bank:%d" % i for i in draw.sample(range(ACCOUNTS), 2)]


def transfer(accounts, balances, draw):
    """The SETs; balances are None where memory was too short."""
    amount = draw.randrange(1, 10)
    new = (int(balances[0] or 0) - amount, int(balances[1] or 0) + amount)
    return [("SET", key, value) for key, value in zip(accounts, new)]


def multi(load, draw):
    accounts = draw_accounts(draw)
    replies = yield [("WATCH", *accounts), ("MGET", *accounts)]
    sets = transfer(accounts, replies[1], draw)
    end = draw.choice(["EXEC", "EXEC", "EXEC", "DISCARD"])
    replies = yield [("MULTI",), *sets, (end,)]
    if replies[-1] is None:
        load.count("EXEC refused by WATCH")


def begin(load, draw):
    accounts = draw_accounts(draw)
    replies = yield [("BEGIN",), *[("GET", key) for key in accounts]]
    if isinstance(replies[0], Error):
        return
    sets = transfer(accounts, replies[1:], draw)
    yield sets  # Whoever leaves in between leaves no trace.
    yield [(draw.choice(["COMMIT", "COMMIT", "COMMIT", "ROLLBACK"]),)]


# Queues: whatever is pushed is popped once.

def draw_queue(draw, kind="q"):
    return "%s:%d" % (kind, draw.randrange(QUEUES))


def push(load, draw):
    name = load.next_name()
    # Added before the reply: who waits for it may be faster.
    load.sent.add(name)
    replies = yield [draw.choice([
        ("RPUSH", draw_queue(draw), name), ("LPUSH", draw_queue(draw), name),
        ("ZADD", draw_queue(draw, "zq"), draw.randrange(9), name)])]
    if not isinstance(replies[0], Error):
        load.pushed.add(name)


def wait(load, draw):
    """Waits for elements as long as the load lasts."""
    while load.running:
        one, two = draw_queue(draw), draw_queue(draw)
        sorted_set = draw_queue(draw, "zq")
        command = draw.choice([
            ("BLPOP", one, two, WAIT_SECONDS),
            ("BRPOP", one, WAIT_SECONDS),
            ("BLMPOP", WAIT_SECONDS, 2, one, two, "LEFT"),
            ("BLMOVE", one, two, "LEFT", "RIGHT", WAIT_SECONDS),
            ("BZPOPMIN", sorted_set, WAIT_SECONDS),
            ("BZPOPMAX", sorted_set, WAIT_SECONDS)])
        reply = (yield [command])[0]
        if isinstance(reply, Error):
            continue
        load.waits["timed out" if reply is None else "woken"] += 1
        if reply is not None and command[0] != "BLMOVE":
            popped = reply[1]
            load.popped.append(
                popped[0] if isinstance(popped, list) else popped)


def publish(load, draw):
    size = draw.randrange(1, load.message_bytes_max)
    replies = yield [("PUBLISH", draw.choice(CHANNELS), "m" * size)]
    load.published += 1
    if replies[0] < load.listeners:
        load.fail(f"PUBLISH reached {replies[0]} of {load.listeners}")


# How often each is drawn.
FAMILIES = {string: 8, counter: 2, list_: 3, set_: 3, hash_: 3, zset: 3,
            server: 1, batch: 1, multi: 1, begin: 1, push: 3, publish: 1}
