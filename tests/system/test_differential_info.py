"""COMMAND INFO beside Redis': what client libraries route and check by."""
# SPDX-License-Identifier: MIT

import pytest

from test_differential import (  # pylint: disable=unused-import
    Connection, redis_port)

STAGES = ["stage1", "stage2"]
FIELDS = ["name", "arity", "flags", "first key", "last key", "step",
          "categories", "tips", "keys"]
# Nothing is loaded beside what is there, and LASTSAVE asks what the load finds.
# KEYS works without a pattern. There are no scripts to be changed. WAIT and
# those about all keys are in other groups than their categories tell.
EXCEPTIONS = {
    ("save", "flags"), ("bgsave", "flags"), ("bgrewriteaof", "flags"),
    ("lastsave", "flags"), ("lastsave", "categories"),
    ("keys", "arity"), ("function|flush", "flags"),
    ("function|delete", "flags"), ("function|flush", "categories"),
    ("function|delete", "categories"), ("wait", "categories"),
    ("dbsize", "categories"), ("flushdb", "categories"),
    ("flushall", "categories"), ("pubsub|help", "categories"),
}


def value_of(reply):
    kind, value, _ = reply
    if kind in b"*~":
        return [value_of(item) for item in value]
    if kind == b"%":
        items = [value_of(item) for item in value]
        pairs = dict(zip(items[::2], items[1::2]))
        pairs.pop("notes", None)  # For people, in Redis' own sentences.
        return pairs
    return value.decode()


def without_order(value):
    """Sets may come in any order."""
    if isinstance(value, list):
        return sorted((without_order(item) for item in value), key=repr)
    if isinstance(value, dict):
        return {key: without_order(item) for key, item in value.items()}
    return value


def rows_of(connection, name):
    """The command's fields and its subcommands', by full name."""
    reply = value_of(connection.call("COMMAND", "INFO", name))
    if not isinstance(reply[0], list):
        return {}
    row, rows = reply[0], reply[0][9]
    # In keys their order is that of the arguments.
    return {fields[0]: [*map(without_order, fields[:8]),
                        [without_order(key) for key in fields[8]]]
            for fields in [row, *rows]}


def test_commands_that_both_have_are_told_alike(server, redis_port):
    redis, vega = Connection(redis_port), Connection(server.port)
    for connection in (redis, vega):
        connection.call("HELLO", "3")
    names = [name for name in value_of(vega.call("COMMAND", "LIST"))
             if "|" not in name]
    compared, different = 0, []
    for name in names:
        ours, theirs = rows_of(vega, name), rows_of(redis, name)
        for full_name in ours.keys() & theirs.keys():
            compared += 1
            different += [
                f"{full_name}, {field}: Redis {one}, VegaDB {two}"
                for field, one, two in zip(FIELDS, theirs[full_name],
                                           ours[full_name])
                if one != two and (full_name, field) not in EXCEPTIONS]
    redis.close()
    vega.close()
    assert compared > 190
    if different:
        pytest.fail("\n".join(different), pytrace=False)
