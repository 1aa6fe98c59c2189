#!/usr/bin/python3
"""What it costs to measure what commands take (command_times).

    tests/bench/bench_times.py [--quick]

One server, with the measuring on and off in turns, so that nothing else
differs; medians of the server's CPU time an operation.
"""
# SPDX-License-Identifier: MIT

import argparse
import pathlib
import socket
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from bench import Peer  # noqa: E402

KEYS = 100_000
VALUE_BYTES = 64


def switch(peer, on):
    with socket.create_connection(("127.0.0.1", peer.port)) as client:
        client.sendall(b"CONFIG SET command_times %s\r\n" %
                       (b"yes" if on else b"no"))
        assert client.recv(64) == b"+OK\r\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    rounds, scale = (3, 10) if parser.parse_args().quick else (9, 1)
    print("Timing of commands: CPU us an operation with, without, ratio")
    with tempfile.TemporaryDirectory() as directory:
        peer = Peer("vega", directory)
        try:
            peer.preload(KEYS, VALUE_BYTES)
            for pipeline, ops in (1, 100_000), (16, 1_000_000), (64, 2_000_000):
                for operation in "set", "get":
                    found = {True: [], False: []}
                    for _ in range(rounds):
                        for on in True, False:
                            switch(peer, on)
                            found[on].append(peer.measure(
                                operation, pipeline, KEYS, VALUE_BYTES,
                                ops // scale).cpu_us)
                    on, off = (statistics.median(found[k])
                               for k in (True, False))
                    print(f"  P={pipeline:<3} {operation}  {on:6.3f} "
                          f"{off:6.3f}  {on / off:.3f}")
        finally:
            peer.stop()


if __name__ == "__main__":
    main()
