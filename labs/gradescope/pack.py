#!/usr/bin/python3
"""pack.py LAB [FILE.zip]: the autograder that is uploaded to Gradescope.

In it are the starter tree (not the reference: nothing there could be read by a
submission), the tools of labs/, setup.sh and run_autograder. Default name:
gradescope-labLAB.zip.
"""
# SPDX-License-Identifier: MIT

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


def pack(lab, target):
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
        info = zipfile.ZipInfo("lab")
        info.external_attr = 0o644 << 16
        archive.writestr(info, lab + "\n")


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    lab = sys.argv[1]
    target = sys.argv[2] if len(sys.argv) > 2 else f"gradescope-lab{lab}.zip"
    try:
        pack(lab, target)
    except tree.LabError as error:
        sys.exit(f"pack: {error}")
    print(f"{target}: upload it as the autograder of lab {lab}")


if __name__ == "__main__":
    main()
