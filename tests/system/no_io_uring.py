#!/usr/bin/python3
"""no_io_uring.py COMMAND...: runs it where io_uring_setup(2) is forbidden, as
containers do it: by seccomp, with EPERM."""
# SPDX-License-Identifier: MIT

import ctypes
import errno
import os
import struct
import sys

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
SECCOMP_MODE_FILTER = 2
SYS_IO_URING_SETUP = 425  # On every architecture.
REFUSE, ALLOW = 0x00050000 | errno.EPERM, 0x7fff0000

# Load the number of the call; skip one unless it is that one; answer.
RULES = [(0x20, 0, 0, 0), (0x15, 0, 1, SYS_IO_URING_SETUP),
         (0x06, 0, 0, REFUSE), (0x06, 0, 0, ALLOW)]


def forbid():
    rules = ctypes.create_string_buffer(
        b"".join(struct.pack("HBBI", *rule) for rule in RULES))
    program = struct.pack("HxxxxxxP", len(RULES), ctypes.addressof(rules))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                      (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0)):
        if prctl(*arguments) != 0:
            sys.exit(f"no_io_uring: {os.strerror(ctypes.get_errno())}")


forbid()
os.execv(sys.argv[1], sys.argv[1:])
