#!/bin/bash
# setup.sh -- prepares Gradescope's image: Debian's or Ubuntu's packages.
#
# Runs once, as root, when the archive of pack.py is uploaded; that has been
# unpacked to /autograder/source.
# SPDX-License-Identifier: MIT
set -euo pipefail
cd /autograder/source
export DEBIAN_FRONTEND=noninteractive
mapfile -t packages < <(awk '$1 == "build" { print $2 }' \
    starter/common/mk/packages)
apt-get update
apt-get install -y --no-install-recommends make python3 python3-yaml \
    "${packages[@]}"
