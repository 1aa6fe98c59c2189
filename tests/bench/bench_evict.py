#!/usr/bin/python3
"""Hit rates of allkeys-lru beside Redis, at the same maxmemory.

    tests/bench/bench_evict.py [--quick]

A cache is read by a zipfian trace; what misses is written. Both servers see
the same trace, in turns of a batch, so that both clocks pass alike. Entries
take less memory here, so more of them fit: the second run gives both the same
number of keys instead, and compares the choice of victims alone.
"""
# SPDX-License-Identifier: MIT

import argparse
import bisect
import itertools
import pathlib
import random
import sys
import tempfile

import redis

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from bench import Peer  # noqa: E402

MB = 1024 * 1024
BATCH = 500
VALUE = b"x" * 200
SKEW = 0.9


def zipfian(keys, seed):
    """Endless key numbers; the popular ones are spread over the range."""
    rng = random.Random(seed)
    total = list(itertools.accumulate(
        1 / rank ** SKEW for rank in range(1, keys + 1)))
    names = list(range(keys))
    rng.shuffle(names)
    while True:
        yield names[bisect.bisect_left(total, rng.random() * total[-1])]


class Cache:
    def __init__(self, name, directory, maxmemory):
        self.peer = Peer(name, directory)
        self.client = redis.Redis(port=self.peer.port)
        self.client.config_set("maxmemory-policy", "allkeys-lru")
        self.client.config_set("maxmemory", maxmemory)
        self.hits = self.reads = 0

    def read(self, keys):
        pipe = self.client.pipeline(transaction=False)
        for key in keys:
            pipe.get(f"key:{key}")
        found = pipe.execute()
        missing = {key for key, value in zip(keys, found) if value is None}
        self.reads += len(keys)
        self.hits += sum(value is not None for value in found)
        for key in missing:
            pipe.set(f"key:{key}", VALUE)
        pipe.execute()

    def rate(self):
        return self.hits / self.reads


def run(keys, reads, limits):
    """{name: (hit rate, keys held)} after a warm-up of half the reads."""
    trace = zipfian(keys, 1)
    caches = {}
    with tempfile.TemporaryDirectory() as directory:
        try:
            for name, limit in limits.items():
                caches[name] = Cache(name, directory, limit)
            for done in range(0, reads, BATCH):
                if done == reads // BATCH // 2 * BATCH:
                    for cache in caches.values():
                        cache.hits = cache.reads = 0
                batch = list(itertools.islice(trace, BATCH))
                for cache in caches.values():
                    cache.read(batch)
            return {name: (cache.rate(), cache.client.dbsize())
                    for name, cache in caches.items()}
        finally:
            for cache in caches.values():
                cache.peer.stop()


def show(title, result):
    (vega, vega_keys), (other, other_keys) = result["vega"], result["redis"]
    print(f"{title:18} VegaDB {vega:.2%} of {vega_keys} keys, "
          f"Redis {other:.2%} of {other_keys} keys, ratio {vega / other:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    keys, reads, limit = ((100_000, 200_000, 10 * MB) if quick
                          else (400_000, 1_000_000, 30 * MB))
    same_memory = run(keys, reads, {"vega": limit, "redis": limit})
    show("same maxmemory", same_memory)
    share = same_memory["redis"][1] / same_memory["vega"][1]
    show("same number of keys",
         run(keys, reads, {"vega": int(limit * share), "redis": limit}))


if __name__ == "__main__":
    main()
