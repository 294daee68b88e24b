#!/usr/bin/env bash
# build.sh PRESET [cmake option ...]: configures and builds a preset; says something only if it fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cmake --preset "$preset" "$@" >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
if [ -t 1 ]; then
  cmake --build --preset "$preset"
else
  echo "building $preset"
  started=$SECONDS
  if ! cmake --build --preset "$preset" >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
  fi
  echo "built $preset in $((SECONDS - started)) s"
fi
