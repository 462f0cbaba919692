# What the scripts of this folder share; they source it.

source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

# reconstruct METHOD ...: `inr ct METHOD ...`, or `inr fit ct ...` for METHOD fit; prints only JSON.
reconstruct() {
  local method=$1
  shift
  if [ "$method" = fit ]; then
    "$INR" fit ct "$@" ${threads[@]+"${threads[@]}"} --quiet --json
  else
    "$INR" ct "$method" "$@" ${threads[@]+"${threads[@]}"} --quiet --json
  fi
}
