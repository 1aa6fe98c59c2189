"""The build: walls between layers, and nothing done twice.

Every test works on a copy of the tree, compiled without optimisation.
"""
# SPDX-License-Identifier: MIT

import shutil
import subprocess

import pytest

from conftest import ROOT, environment_of_make


@pytest.fixture
def tree(tmp_path):
    """A copy of the sources, clean."""
    for part in ROOT.glob("*"):
        if part.name in ("Makefile", "common") or part.name.startswith("stage"):
            copy = shutil.copytree if part.is_dir() else shutil.copy
            copy(part, tmp_path / part.name)
    return tmp_path


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A tree that has been built; tests leave it built."""
    path = tmp_path_factory.mktemp("built") / "tree"
    path.mkdir()
    for part in ("Makefile", "common", "stage1-singlenode"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, path / part)
    done = make(path, "-j2", "stage1")
    assert done.returncode == 0, done.stderr
    return path


def make(tree, *words):
    return subprocess.run(
        ["make", "--no-print-directory", "CFLAGS=-O0 -g0", *words], cwd=tree,
        env=environment_of_make(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, timeout=300)


def compile_one(tree, source, text):
    """Adds a source to the tree and makes its object alone."""
    (tree / source).write_text(text)
    layer = source.split("/")[0]
    return make(tree, "-C", layer,
                str(tree / "build" / "obj" / source).replace(".c", ".o"))


def add_layer(tree, name, below):
    (tree / name).mkdir()
    (tree / name / "Makefile").write_text(
        f"NAME := {name}\nBELOW := {below}\ninclude ../common/mk/layer.mk\n")
    (tree / name / "thing.h").write_text("enum { THING = 1 };\n")


def compiled(done):
    return [line.split()[1] for line in done.stdout.splitlines()
            if line.startswith("CC ")]


def test_common_that_includes_a_stage_fails_in_the_compiler(tree):
    done = compile_one(tree, "common/base/upward.c",
                       '#include "stage1-singlenode/store.h"\n')
    assert done.returncode != 0
    assert ("common/base/upward.c:1:10: fatal error: "
            "stage1-singlenode/store.h: No such file") in done.stderr


def test_a_stage_that_includes_a_higher_one_fails_in_the_compiler(tree):
    add_layer(tree, "stage9-above", "common stage1-singlenode")
    done = compile_one(tree, "stage1-singlenode/upward.c",
                       '#include "stage9-above/thing.h"\n')
    assert done.returncode != 0
    assert "stage9-above/thing.h: No such file" in done.stderr


def test_a_stage_includes_itself_and_what_is_below(tree):
    add_layer(tree, "stage9-above", "common stage1-singlenode")
    done = compile_one(tree, "stage9-above/downward.c",
                       '#include "stage9-above/thing.h"\n'
                       '#include "stage1-singlenode/store.h"\n'
                       '#include "common/base/slice.h"\n')
    assert done.returncode == 0, done.stderr


def test_a_warning_is_an_error(tree):
    done = compile_one(tree, "common/base/careless.c", "int x = 1L << 40;\n")
    assert done.returncode != 0
    assert "overflow" in done.stderr


def test_a_missing_library_is_said_in_a_sentence(tree):
    done = make(tree, "-C", "common", "CC=gcc -nostdinc")
    assert done.returncode != 0
    assert "run: make setup" in done.stderr


def test_other_flags_rebuild(tree):
    objects = str(tree / "build" / "obj" / "common" / "base" / "buffer.o")
    words = "-C", "common", objects
    assert compiled(make(tree, *words)) == ["common/base/buffer.c"]
    assert compiled(make(tree, *words)) == []
    done = make(tree, *words, "CFLAGS=-O0 -g0 -DOTHER")
    assert compiled(done) == ["common/base/buffer.c"]
    assert compiled(make(tree, *words)) == ["common/base/buffer.c"]


def test_nothing_is_rebuilt_when_nothing_changed(built):
    done = make(built, "stage1")
    assert done.returncode == 0
    assert done.stdout == ""


def test_only_what_a_header_reaches_is_rebuilt(built):
    (built / "common" / "base" / "crc32c.h").touch()
    done = make(built, "stage1")
    assert done.returncode == 0
    assert "common/base/crc32c.c" in compiled(done)
    assert "common/base/buffer.c" not in compiled(done)
    assert not any(name.startswith("stage1") for name in compiled(done))


def test_a_deleted_source_leaves_the_archive(built):
    extra = built / "common" / "base" / "extra.c"
    extra.write_text("int extra_sum(void);\nint extra_sum(void)\n"
                     "{\n    return 1;\n}\n")
    archive = str(built / "build" / "lib" / "common.a")
    make(built, "stage1")
    assert "extra.o" in subprocess.check_output(["ar", "t", archive], text=True)
    extra.unlink()
    make(built, "stage1")
    assert "extra.o" not in subprocess.check_output(["ar", "t", archive],
                                                    text=True)


def test_each_stage_has_its_programs(built):
    for program in ("vega-server", "vega-client"):
        assert (built / "build" / "stage1" / program).exists()


def test_a_tree_without_the_higher_stages_can_be_installed(built, tmp_path):
    done = make(built, "-j2", "install", f"PREFIX={tmp_path}")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "bin").iterdir()) == [
        "vega-client", "vega-server"]
    assert not (built / "build" / "vega-check").is_symlink()
