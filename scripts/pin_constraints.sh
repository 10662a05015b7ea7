#!/usr/bin/env bash
# Print what a fresh environment with the runtime and development dependencies resolves to, as pip constraints.
set -euo pipefail

cd "$(dirname "$0")/.."
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
scripts/make_venv.sh "$fresh/venv" >&2
"$fresh/venv/bin/pip" install --quiet --editable . --group dev >&2
"$fresh/venv/bin/pip" freeze --exclude-editable --exclude pip --exclude setuptools --exclude wheel
