"""COMMANDS.md is what the command table says."""
# SPDX-License-Identifier: MIT

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_command_reference_is_up_to_date():
    newest = sorted(ROOT.glob("build/stage?/vega-reference"))[-1]
    made = subprocess.run([newest],
                          stdout=subprocess.PIPE, check=True).stdout
    assert made == (ROOT / "COMMANDS.md").read_bytes(), "run: make reference"
