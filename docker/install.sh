#!/bin/sh
# Build the wheel and install it into a virtual environment of its own: what the image does, and what its test does.
#   docker/install.sh DIRECTORY [EXTRA,...]
# With the extra `neural` comes PyTorch's build for CPUs, a tenth of the size of the usual one (TORCH_INDEX_URL says where
# it is); without it there is no PyTorch.
set -eu

environment=$1
extras=${2:-}
source=$(cd "$(dirname "$0")/.." && pwd)
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT

python3 -m venv "$environment"
pip="$environment/bin/python -m pip --quiet --disable-pip-version-check"
$pip wheel --no-deps --wheel-dir "$wheels" "$source"
case ",$extras," in
    *,neural,*) $pip install --index-url "${TORCH_INDEX_URL:?where PyTorch for CPUs is}" torch ;;
esac
for wheel in "$wheels"/pronoia-*.whl; do
    $pip install --constraint "$source/constraints.txt" "$wheel${extras:+[$extras]}"
done
