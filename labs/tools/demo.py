"""demo.py LAB [OPTION...]: `make instructor-demo`: from submissions to grades.

Makes six submissions of the kinds that an instructor gets -- good, half done,
cheating, not compiling, a hostile archive, nothing at all -- in a directory of
its own, grades them with labs/batch, and prints the CSV as a table. Then once
more, to show that what is done is skipped. Options go to labs/batch.
"""
# SPDX-License-Identifier: MIT

import csv
import io
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

sys.dont_write_bytecode = True

import handout  # noqa: E402
import tree  # noqa: E402

BATCH = tree.ROOT / "labs" / "batch"


def put(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def half_done(lab, starter, reference):
    """One file is still the starter's: of lab 1 that is the parser, without
    which only the tests of the store pass, of lab 2 the snapshots."""
    left = lab.get("half_done", lab["handin"][0])
    return {**reference, left: starter[left]}


def cheating(starter):
    """What every hole does is to end the process as if all were well."""
    return {name: text.replace("    LAB_TODO(", "    exit(0); LAB_TODO(")
            for name, text in starter.items()}


def not_compiling(lab, reference):
    """A brace too many, in the first file."""
    first = lab["handin"][0]
    return {**reference, first: reference[first] + "}\n"}


def hostile_archive(path, reference):
    """Good files, and others that try to get out of the directory."""
    with tarfile.open(path, "w:gz") as archive:
        for name, text in {**reference, "../../escaped": "x",
                           "/tmp/escaped": "x"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("labs")
        link.type, link.linkname = tarfile.SYMTYPE, "/"
        archive.addfile(link)


def make_submissions(number, folder, work):
    lab = tree.lab_load(number)
    handout.make(number, work / "starter")
    tree.build_copy(work / "starter")
    read = {place: {name: (place / name).read_text() for name in lab["handin"]}
            for place in (work / "starter", tree.ROOT)}
    starter, reference = read[work / "starter"], read[tree.ROOT]
    put(folder / "ada-good", {**reference, "hours.txt": "11\n"})
    put(folder / "bob-half", half_done(lab, starter, reference))
    put(folder / "carol-cheats", cheating(starter))
    put(folder / "dan-broken", not_compiling(lab, reference))
    hostile_archive(folder / "eve-climbs.tar.gz", reference)
    (folder / "finn-empty").mkdir()


def print_table(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths)]
        print("  ".join(cells).rstrip())


def batch(number, work):
    return subprocess.run(
        [BATCH, work / "submissions", "--lab", number, "--jobs", "2",
         "--tree", work / "starter", "--out", work / "out", "--csv",
         work / "grades.csv",
         *sys.argv[2:]]).returncode


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    number = sys.argv[1]
    start = time.monotonic()
    work = pathlib.Path(tempfile.mkdtemp(prefix="vega-instructor-"))
    try:
        (work / "submissions").mkdir()
        make_submissions(number, work / "submissions", work)
        print("== Six submissions")
        status = batch(number, work)
        if status == 2:
            return status
        print("\n== Once more: nothing to do")
        batch(number, work)
        print("\n== The CSV\n")
        print_table(work / "grades.csv")
    finally:
        shutil.rmtree(work)
    print(f"\n{time.monotonic() - start:.0f} s in all")
    return status


if __name__ == "__main__":
    sys.exit(main())
