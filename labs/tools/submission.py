"""What a student handed in: a folder or a tar.gz, read without trusting it.

Nothing is ever unpacked: the bytes of the files that the lab takes are read
into memory, by their exact names, and all else is ignored. So a path that
climbs, a link, a device or a bomb of zeros has no place to go to.
"""
# SPDX-License-Identifier: MIT

import gzip
import hashlib
import io
import pathlib
import re
import stat
import tarfile
import zlib

FILE_BYTES_MAX = 256 * 1024
# Of a whole archive when it is unpacked; the largest lab takes 20 files.
ARCHIVE_BYTES_MAX = 16 * 1024 * 1024
ARCHIVE_SUFFIXES = (".tar.gz", ".tgz")
HOURS = "hours.txt"


class Submission:
    """`files` by name, what is wrong as `notes`, and what it is as `digest`."""

    def __init__(self, path, wanted):
        self.name = name_of(path)
        self.wanted = list(wanted)
        self.files, self.notes = {}, []
        found = {}
        if path.is_dir() and not path.is_symlink():
            found = read_folder(path, [*self.wanted, HOURS], self.notes)
        elif path.is_file():
            found = read_archive(path, [*self.wanted, HOURS], self.notes)
        else:
            self.notes.append("neither a folder nor a file")
        self.hours = read_hours(found.pop(HOURS, None), self.notes)
        self.files = found
        missing = [name for name in self.wanted if name not in found]
        if missing and found:
            self.notes.append("missing: " + " ".join(missing))
        elif missing:
            self.notes.append("none of the lab's files")
        self.notes = list(dict.fromkeys(self.notes))

    @property
    def digest(self):
        digest = hashlib.sha256(repr(self.hours).encode())
        for name, data in sorted(self.files.items()):
            digest.update(f"{name} {len(data)}\n".encode() + data)
        return digest.hexdigest()


def name_of(path):
    """Fit to be the name of a file: the student chose it."""
    name = path.name
    for suffix in ARCHIVE_SUFFIXES:
        name = name.removesuffix(suffix)
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".-") or "_"


def names_within(folder):
    return sorted(path.name for path in folder.iterdir())


def read_folder(folder, wanted, notes):
    """Those at their places, or all of them one folder deeper, or without any
    folders, as forms for uploads leave them."""
    found = read_files(folder, {name: name for name in wanted}, notes)
    inside = names_within(folder)
    if not found and len(inside) == 1 and (folder / inside[0]).is_dir():
        found = read_files(folder / inside[0],
                           {name: name for name in wanted}, notes)
    flat = {pathlib.PurePosixPath(name).name: name for name in wanted}
    if not found.keys() - {HOURS} and len(flat) == len(wanted):
        found = read_files(folder, flat, notes)
    return found


def read_files(folder, places, notes):
    """`places`: the file's name by its path in the folder."""
    found = {}
    for place, name in places.items():
        path = folder
        for part in pathlib.PurePosixPath(place).parts:
            path = path / part
            if path.is_symlink():
                notes.append(f"{name}: a link is not taken")
                break
        else:
            if not path.exists():
                continue
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                notes.append(f"{name}: no regular file")
            elif status.st_size > FILE_BYTES_MAX:
                notes.append(f"{name}: too large")
            else:
                found[name] = path.read_bytes()
    return found


def read_archive(path, wanted, notes):
    try:
        with gzip.open(path) as packed:
            data = packed.read(ARCHIVE_BYTES_MAX + 1)
        if len(data) > ARCHIVE_BYTES_MAX:
            notes.append("the archive unpacks to too much")
            return {}
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            return read_members(archive, wanted, notes)
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError,
            UnicodeError, OverflowError):
        notes.append("not a readable tar.gz")
        return {}


def read_members(archive, wanted, notes):
    found, deeper = {}, {}
    for member in archive:
        name = member.name.removeprefix("./")
        parts = pathlib.PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts:
            notes.append("the archive has a path that climbs")
            continue
        within = "/".join(parts[1:])
        into = found if name in wanted else deeper
        kept = name if name in wanted else within
        if kept not in wanted:
            continue
        if not member.isreg():
            notes.append(f"{kept}: a link is not taken")
        elif member.size > FILE_BYTES_MAX:
            notes.append(f"{kept}: too large")
        else:
            into[kept] = archive.extractfile(member).read()
    return found or deeper


def read_hours(data, notes):
    """The number in hours.txt, or None."""
    if data is None:
        return None
    text = data.decode("utf-8", "replace").strip()
    match = re.fullmatch(r"(\d{1,4}(?:[.,]\d{1,3})?)\s*(?:h|hours)?", text)
    if not match:
        notes.append("hours.txt does not hold one number")
        return None
    return float(match[1].replace(",", "."))
