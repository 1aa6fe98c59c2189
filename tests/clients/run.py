#!/usr/bin/python3
"""run.py: client libraries from npm against five nodes, one of which dies.

    tests/clients/run.py          ioredis and redis, RESP2 and RESP3

A cluster is started by vega-playground; workload.mjs writes through each
library, then a node is killed and comes back, and everything must be there.
The packages of package.json are installed into build/clients.
"""
# SPDX-License-Identifier: MIT

import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODULES = ROOT / "build" / "clients"
VICTIM = "n3"
AWAY_SECONDS = 2
RUN_SECONDS_MAX = 120
MATRIX = [(library, protocol) for library in ("ioredis", "redis")
          for protocol in (2, 3)]


def install():
    MODULES.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "workload.mjs"):
        shutil.copy(HERE / name, MODULES / name)
    subprocess.run(["npm", "install", "--no-package-lock", "--no-audit",
                    "--no-fund", "--silent"], cwd=MODULES, check=True)


class Playground:
    """Five nodes of stage 3 behind a prompt."""

    def __init__(self):
        self.process = subprocess.Popen(
            [ROOT / "build" / "vega-playground", "--stage", "3"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.STDOUT, bufsize=1)
        self.port = None
        for line in self.process.stdout:
            found = re.search(r"-p (\d+)", line)
            if found:
                self.port = int(found[1])
                return
        sys.exit("vega-playground did not come up")

    def order(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def close(self):
        self.process.communicate("quit\n", timeout=60)


def run_one(playground, library, protocol):
    workload = subprocess.Popen(
        ["node", "workload.mjs", library, str(protocol), str(playground.port)],
        cwd=MODULES, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if workload.stdout.readline() != "written\n":
            return False
        playground.order(f"kill {VICTIM}")
        workload.stdin.write("go on\n")
        workload.stdin.flush()
        time.sleep(AWAY_SECONDS)
        playground.order(f"restart {VICTIM}")
        done = workload.communicate(timeout=RUN_SECONDS_MAX)[0] == "done\n"
        return done and workload.returncode == 0
    finally:
        workload.kill()
        workload.wait()


def main():
    install()
    playground = Playground()
    failed = 0
    try:
        for library, protocol in MATRIX:
            good = run_one(playground, library, protocol)
            failed += not good
            print(f"{'ok   ' if good else 'FAIL '} {library}, RESP{protocol}, "
                  "through a node's death and return", flush=True)
    finally:
        playground.close()
    print(f"{len(MATRIX) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
