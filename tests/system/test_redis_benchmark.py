"""redis-benchmark runs clean."""
# SPDX-License-Identifier: MIT

import re
import subprocess

import pytest


@pytest.mark.parametrize("options", [
    "-t set,get,incr,mset -P 16 -n 20000 -q",
    "-t set,get,incr,mset -n 2000 -c 20 -q -3",
    "-t set,get -P 64 -n 20000 -r 1000 -d 1024 -q",
    "-P 16 -n 5000 -q --threads 2 -t ping,set,get",
])
def test_it_runs_clean(server, options):
    run = subprocess.run(
        ["redis-benchmark", "-p", str(server.port), *options.split()],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=60, check=False)
    assert run.returncode == 0, run.stdout
    assert "WARNING" not in run.stdout
    assert "rror" not in run.stdout
    tests = options.split("-t ")[1].split()[0].split(",")
    results = re.findall(r"([\d.]+) requests per second", run.stdout)
    assert len(results) >= len(tests), run.stdout
    assert all(float(rate) > 0 for rate in results)


def test_the_increments_all_arrive(server):
    subprocess.run(
        ["redis-benchmark", "-p", str(server.port), "-n", "10000", "-P", "16",
         "-q", "INCR", "counter"], stdout=subprocess.DEVNULL, timeout=60,
        check=True)
    assert server.command("GET", "counter") == b"10000"
