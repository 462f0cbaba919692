# What the scripts of this folder's subfolders share; they source it by way of their own common.sh.
#
#   INR      the program (default: .build/release/inr of this repository)
#   THREADS  threads that it computes with (default: one per processor); results do not depend on it
#   PYTHON   the Python of preparations and checks; each script says what it needs (default: that of
#            `make bench`, or else python3)

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
INR=${INR:-$root/.build/release/inr}
threads=(${THREADS:+--threads "$THREADS"})
if [ -z "${PYTHON:-}" ]; then
  PYTHON=python3
  if [ -x "$root/.venv-peers/bin/python" ]; then PYTHON=$root/.venv-peers/bin/python; fi
fi

# fail MESSAGE: says what is wrong, and ends the script.
fail() {
  echo "${0##*/}: $1" >&2
  exit 2
}

[ -x "$INR" ] || fail "$INR is missing; \`make build\` makes it, or INR names another one"

# number KEY: the first number that the JSON object on standard input has under this key.
number() {
  awk -v key="\"$1\"" '$1 == key { sub(/,$/, "", $3); print $3; exit }'
}
