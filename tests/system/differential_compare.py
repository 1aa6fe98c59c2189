"""How far two replies must agree that cannot be equal byte by byte.

A reply is (type, value, bytes), as the differential test reads it.
"""
# SPDX-License-Identifier: MIT


def near(slack):
    def compare(redis, vega):
        if redis[0] != b":" or vega[0] != b":":
            return redis[2] == vega[2]
        one, two = int(redis[1]), int(vega[1])
        # -1 and -2 are verdicts, not times.
        return one == two or (min(one, two) >= 0 and abs(one - two) <= slack)
    return compare


def is_null(reply):
    return reply[2] in (b"$-1\r\n", b"_\r\n", b"*-1\r\n")


def same_kind(redis, vega):
    if redis[0] == b"-" or is_null(redis):
        return redis[2] == vega[2]
    return redis[0] == vega[0] and not is_null(vega)


def grouped(size):
    """The same groups of so many elements, in any order."""
    def compare(redis, vega):
        if redis[0] != vega[0] or redis[0] not in (b"*", b"~", b"%"):
            return redis[2] == vega[2]
        groups = [sorted(tuple(i[2] for i in reply[1][at:at + size])
                         for at in range(0, len(reply[1]), size))
                  for reply in (redis, vega)]
        return groups[0] == groups[1]
    return compare


same_elements = grouped(1)
same_pairs = grouped(2)


def same_count(redis, vega):
    """As many elements, each of the same kind; for what is random."""
    if redis[0] not in (b"*", b"~"):
        return same_kind(redis, vega)
    return redis[0] == vega[0] and len(redis[1]) == len(vega[1]) and all(
        same_count(*pair) for pair in zip(redis[1], vega[1]))


def scan_of(same):
    def compare(redis, vega):
        if redis[0] != b"*" or vega[0] != b"*":
            return redis[2] == vega[2]
        # Cursors are each server's own. Only whole turns can be compared.
        if redis[1][0][1] != b"0" or vega[1][0][1] != b"0":
            return len(vega[1]) == 2
        return same(redis[1][1], vega[1][1])
    return compare
