#!/bin/sh
# Makes the Python environment in which PyTorch, JAX, ASTRA, scikit-image, trimesh, libigl and SciPy are timed, or completes one
# that an interrupted run left.
#
#   setup.sh VENV_DIR
#
# Runs again only when requirements.txt has changed. PYTHON names another interpreter than python3 (3.11 or later).
# The PyTorch that pip finds by default on Linux is its GPU build: it runs on the CPU as well, but with its GPU
# libraries it takes several gigabytes. Where pip is set up to find a CPU build (its `find-links` or
# `extra-index-url` setting), pip takes that one by itself.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: $0 VENV_DIR" >&2
  exit 2
fi
venv=$1
python=${PYTHON:-python3}
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
requirements=$here/requirements.txt
installed=$venv/installed-requirements.txt

if [ -f "$installed" ] && cmp -s "$requirements" "$installed"; then
  echo "$venv is up to date" >&2
  exit 0
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "$python is not Python 3.11 or later; set PYTHON to one that is" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "$python lacks the venv module; on Debian: apt-get install python3-venv" >&2
  exit 1
fi

echo "making $venv with $("$python" --version), PyTorch, JAX, ASTRA and libraries for meshes, for the CPU" >&2
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2

# The imports that count, before the environment is called complete.
"$venv/bin/python" -c 'import torch, jax, astra, embreex, igl, regioncam, rtree, scipy, skimage, trimesh
print("PyTorch", torch.__version__, "JAX", jax.__version__, "ASTRA", astra.__version__, "trimesh", trimesh.__version__)' >&2
cp "$requirements" "$installed"
