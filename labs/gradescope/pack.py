#!/usr/bin/python3
"""pack.py LAB [FILE.zip] [--hidden A..B]: the autograder for Gradescope.

In it are the starter tree (not the reference: nothing there could be read by a
submission), the tools of labs/, setup.sh and run_autograder. Default name:
gradescope-labLAB.zip. With --hidden half of each test's points are for these
seeds, and shown after the due date; choose your own, and keep them.
"""
# SPDX-License-Identifier: MIT

import argparse
import pathlib
import sys
import tempfile
import zipfile

LABS = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(LABS / "tools"))

import handout  # noqa: E402
import tree  # noqa: E402

TOOLS = ("batch", "tools/grading.py", "tools/submission.py", "tools/sandbox",
         "gradescope/results.py")


def add(archive, path, name):
    """With its mode, which tells programs from files."""
    info = zipfile.ZipInfo(name)
    info.external_attr = path.stat().st_mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, path.read_bytes())


def add_text(archive, name, text):
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o644 << 16
    archive.writestr(info, text + "\n")


def pack(lab, target, hidden=None):
    with tempfile.TemporaryDirectory() as work, \
            zipfile.ZipFile(target, "w") as archive:
        starter = pathlib.Path(work) / "starter"
        handout.make(lab, starter)
        for path in sorted(starter.rglob("*")):
            if path.is_file():
                add(archive, path, str(path.relative_to(work)))
        for name in TOOLS:
            add(archive, LABS / name, f"labs/{name}")
        for name in ("setup.sh", "run_autograder"):
            add(archive, LABS / "gradescope" / name, name)
        add_text(archive, "lab", lab)
        if hidden:
            add_text(archive, "hidden", hidden)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lab")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--hidden", metavar="A..B")
    options = parser.parse_args()
    target = options.file or f"gradescope-lab{options.lab}.zip"
    try:
        pack(options.lab, target, options.hidden)
    except tree.LabError as error:
        sys.exit(f"pack: {error}")
    print(f"{target}: upload it as the autograder of lab {options.lab}")


if __name__ == "__main__":
    main()
