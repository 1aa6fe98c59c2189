"""The load and the stress test, for seconds: what they check, not how fast."""
# SPDX-License-Identifier: MIT

import re
import subprocess
import sys

import pytest

from conftest import ROOT, environment_of, server_path

STAGES = ["stage1", "stage2"]
LOAD = ROOT / "tests" / "load" / "load.py"


def run_load(stage, mode, *arguments):
    return subprocess.run(
        [sys.executable, LOAD, mode, "--server", server_path(stage),
         "--seconds", "5", "--connections", "100", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=300,
        env=environment_of({}), check=False)


@pytest.mark.parametrize("mode", ["load", "stress"])
def test_all_expectations_hold_under_load(stage, mode):
    done = run_load(stage, mode)
    assert done.returncode == 0, done.stdout
    for family in ("begin", "hash", "list", "multi", "publish", "zset"):
        assert re.search(rf"^  {family} +[1-9]", done.stdout, re.M)
    assert re.search(r"^failures +0$", done.stdout, re.M)


def test_an_expectation_that_fails_is_told(stage):
    done = run_load(stage, "load", "--set", "clients_max=50", "--seconds", "1")
    assert done.returncode == 1, done.stdout
    assert re.search(r"^failures +[1-9]", done.stdout, re.M), done.stdout
