"""check.py LAB [--day N] [--whole]: the gates of a lab.

- README.md and HINTS.md are what lab.yml and the zoo say.
- The reference scores 100, and so does each alternative in alt/.
- Where lab.yml names a bug with by_socket, the reference's server scores 100
  as a foreign one, too, and with the bug in it has nothing for its test.
- The starter, with holes or a planted bug, builds without a warning with gcc
  and clang, scores at most 5, scores 100 with the reference's files, and tells
  nothing of them; nor of the labs below, when these are objects.
- With --day, that day's part of the zoo is caught: one of eight, or of as many
  as `zoo_parts` in lab.yml says.

What this tree has built is used for all that the starter does not change; with
--whole the starter is built from nothing, by both compilers.
"""
# SPDX-License-Identifier: MIT

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

import handout
import tables
import tree
import zoo
from tree import LabError

STARTER_SCORE_MAX = 5
SEEDS_MAX = 100  # Of a test; labs-soak runs many more.
TELLING_LINES = 4  # So many lines of a body in a row would tell it.
ZOO_PARTS = 8


def check_tables(number):
    for path, text in tables.make(number).items():
        if not path.exists() or path.read_text() != text:
            raise LabError(f"{path.name} is not up to date: run "
                           f"labs/tools/tables.py {number}")


def expect_score(directory, number, least, most, what, *options):
    _, result, output = zoo.grade(directory, number, "--seeds-max",
                                  str(SEEDS_MAX), *options)
    if result is None or not least <= result["score"] <= most:
        raise LabError(f"{what} does not score {least} to {most}:\n{output}")
    print(f"ok    {what} scores {result['score']}", flush=True)


def words_of(text):
    """Its lines without layout, and without those that say nothing."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return [line for line in lines if len(line) > 2]


def check_secrets(holes, starter):
    sources = [words_of(path.read_text(errors="replace"))
               for path in starter.rglob("*")
               if path.suffix in (".c", ".h", ".md", ".yml")]
    text = "\n\n".join("\n".join(lines) for lines in sources)
    for hole in holes:
        source = (tree.ROOT / hole["file"]).read_text()
        lines = words_of(tree.Function(source, hole["function"]).body)
        for i in range(len(lines) - TELLING_LINES + 1):
            run = "\n".join(lines[i:i + TELLING_LINES])
            if f"\n{run}\n" in text:
                raise LabError(f"the starter tells of {hole['function']}:\n"
                               f"{run}")


def run_make(directory, layer, *arguments):
    run = subprocess.run(
        ["make", "--no-print-directory", "-j2", "-C", directory / layer,
         *arguments], env=tree.environment(), capture_output=True, text=True)
    if run.returncode != 0 or "warning:" in run.stderr:
        raise LabError(f"{layer} does not build with {arguments}:\n"
                       f"{run.stderr}")


def check_compiler(lab, starter, compiler, whole):
    build = starter / f"build/by-{compiler}"
    by = [f"CC={compiler}", f"BUILD={build}"]
    if whole:
        for stage in lab["limits"]["stages"]:
            run_make(starter, stage, *by)
    else:
        for file in tree.opened_files(lab):
            target = pathlib.PurePath(file).with_suffix(".o")
            run_make(starter, target.parts[0], *by, build / "obj" / target)
    print(f"ok    the starter builds with {compiler}", flush=True)


def check_starter(number, lab, starter, whole):
    below = tree.holes_below(lab)
    handout.make(number, starter, "ref" if below else None)
    check_secrets(lab["holes"] + below, starter)
    print("ok    the starter tells nothing of the solution", flush=True)
    check_compiler(lab, starter, "clang", whole)
    if whole:
        check_compiler(lab, starter, "gcc", whole)
    tree.build_copy(starter)
    expect_score(starter, number, 0, STARTER_SCORE_MAX, "the starter")
    for file in tree.opened_files(lab):
        (starter / file).write_text((tree.ROOT / file).read_text())
    expect_score(starter, number, 100, 100, "the starter with the reference")


def check_alternatives(number, garden):
    for path in sorted((tree.lab_folder(number) / "alt").glob("*.yml")):
        other = tree.change_load(path)
        garden.plant(other)
        expect_score(garden.path, number, 100, 100, other["name"])
        garden.weed(other)


def check_by_socket(number, lab, garden):
    """The server as a program alone, as those in other languages are graded:
    the reference's, and one with a bug that must be seen from there."""
    stage = lab["limits"]["stages"][-1]
    program = f"build/{stage.split('-')[0]}/vega-server"
    expect_score(garden.path, number, 100, 100, "the reference by its socket",
                 "--server", tree.ROOT / program)
    bug, = (bug for bug in tree.zoo_load(number)
            if bug["name"] == lab["by_socket"])
    garden.plant(bug)
    run_make(garden.path, stage)
    garden.weed(bug)
    expect_score(garden.path, number, 0, 0, f"{bug['name']} by its socket",
                 "--server", garden.path / program, "-k", bug["caught_by"])


def check(options, garden, work):
    number = options.lab
    lab = tree.lab_load(number)
    check_tables(number)
    print("ok    the tables are up to date", flush=True)
    check_starter(number, lab, work / "starter", options.whole)
    check_alternatives(number, garden)
    if "by_socket" in lab:
        check_by_socket(number, lab, garden)
    if options.day is None:
        return True
    parts = lab.get("zoo_parts", ZOO_PARTS)
    return zoo.run(garden, part=f"{options.day % parts}/{parts}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lab")
    parser.add_argument("--day", type=int)
    parser.add_argument("--whole", action="store_true")
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="vega-lab-"))
    garden = zoo.Garden(options.lab)
    try:
        good = check(options, garden, work)
    except LabError as error:
        sys.exit(f"FAIL  {error}")
    finally:
        garden.remove()
        shutil.rmtree(work)
    sys.exit(not good)


if __name__ == "__main__":
    main()
