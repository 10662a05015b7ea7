#!/usr/bin/env bash
# Make a virtual environment with a Python from 3.11 on and a pip that knows dependency groups (25.1), if it is not there.
#   scripts/make_venv.sh DIRECTORY
set -euo pipefail

venv=$1

recent_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if [[ ! -x $venv/bin/python ]] || ! recent_enough "$venv/bin/python"; then
    python=""
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null && recent_enough "$candidate"; then
            python=$candidate
            break
        fi
    done
    if [[ -z $python ]]; then
        echo "Pronoia needs Python 3.11 or newer; found: $(python3 --version 2>&1 || echo none)" >&2
        exit 1
    fi
    # Debian and Ubuntu ship ensurepip in a package of its own.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        "$(dirname "$0")/apt_install.sh" "python$version-venv"
    fi
    "$python" -m venv --clear "$venv"
fi
if ! "$venv/bin/python" -c 'import pip, sys; sys.exit(tuple(map(int, pip.__version__.split(".")[:2])) < (25, 1))'; then
    "$venv/bin/python" -m pip install --quiet --upgrade 'pip>=25.1'
fi
