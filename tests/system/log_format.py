"""The files of stage 2, written a second time: from the prose above record.c,
segment.c and snapshot.c, so that neither side's mistake goes unseen.
"""
# SPDX-License-Identifier: MIT

import hashlib
import struct

COMMAND, MARK = 1, 2


def _sums():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82f63b78 if byte & 1 else 0)
        yield byte


SUMS = list(_sums())


def crc32c(crc, data):
    crc ^= 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ SUMS[(crc ^ byte) & 0xff]
    return crc ^ 0xffffffff


def record(salt, lsn, *arguments, kind=COMMAND, durable=0, term=0,
           now_ms=1_700_000_000_000, seed=0):
    body = struct.pack("<QQqQII", lsn, term, now_ms, seed, lsn - durable,
                       kind | len(arguments) << 8)
    for argument in arguments:
        body += struct.pack("<I", len(argument)) + argument
    return struct.pack("<II", 8 + len(body), crc32c(salt, body)) + body


def header(salt, first_lsn, durable=None, version=1, size=0):
    durable = first_lsn - 1 if durable is None else durable
    used = b"VEGA LOG" + struct.pack("<IIQQQQQ", version, salt, first_lsn,
                                     durable, 0, 0, size)
    used += struct.pack("<I", crc32c(0, used))
    return used.ljust(4096, b"\0")


def segment_name(first_lsn):
    return f"{first_lsn:020}.log"


class Segment:
    """A file in the making, and where its records are."""

    def __init__(self, first_lsn, salt=None):
        self.first_lsn = self.next_lsn = first_lsn
        self.salt = 1000 + first_lsn if salt is None else salt
        self.bytes = bytearray(header(self.salt, first_lsn))
        self.at = {}  # By LSN.

    def add(self, *arguments, **fields):
        self.at[self.next_lsn] = len(self.bytes)
        self.bytes += record(self.salt, self.next_lsn, *arguments, **fields)
        self.next_lsn += 1
        return self

    def add_sets(self, count, durable=0):
        """SET kLSN vLSN, so often."""
        for _ in range(count):
            lsn = b"%d" % self.next_lsn
            self.add(b"SET", b"k" + lsn, b"v" + lsn,
                     durable=min(durable, self.next_lsn - 1))
        return self

    def write(self, directory, zeros=1000):
        path = directory / segment_name(self.first_lsn)
        path.write_bytes(self.bytes + bytes(zeros))
        return path


def _count(value):
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _string(value):
    return _count(len(value)) + value


def snapshot_name(lsn):
    return f"{lsn:020}.snapshot"


def snapshot(lsn, strings, version=1, now_ms=1_700_000_000_000):
    """Of a store that holds these strings and nothing else."""
    image = struct.pack("<Q", now_ms) + _count(len(strings))
    for limit in (5 - 2, 512, 64, 512, 128, 64, len(strings), 0):
        image += _count(limit)
    for version_of_key, (key, value) in enumerate(strings.items(), 1):
        image += b"\0\0" + _count(version_of_key) + _string(key)
        image += _string(value)

    def block(raw):
        sizes = struct.pack("<II", len(raw), len(raw))
        return sizes + struct.pack("<I", crc32c(0, sizes + raw)) + raw

    head = b"VEGASNAP" + struct.pack("<IIQQqQ", version, 0, lsn, 0, now_ms,
                                     len(strings)) + bytes(12)
    file = head + struct.pack("<I", crc32c(0, head))
    file += block(image) + block(b"") + struct.pack("<Q", 1)
    return file + hashlib.sha256(file).digest()
