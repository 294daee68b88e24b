#!/usr/bin/env bash
# check_tidy.sh BUILD_DIR: clang-tidy over our sources, with that build's compile commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! run-clang-tidy-19 -p "$1" -j "$(nproc)" -quiet -use-color=0 "^$PWD/(src|fuzz|examples)/" \
    >"$log" 2>/dev/null; then
  grep -vE '^\[|^clang-tidy|^$' "$log" || cat "$log"
  exit 1
fi
