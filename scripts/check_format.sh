#!/usr/bin/env bash
# Fails, naming the places, when a C++ file is not as .clang-format has it. --fix formats them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mode=(--dry-run -Werror)
[ "${1:-}" != --fix ] || mode=(-i)
git ls-files -z --cached --others --exclude-standard '*.cpp' '*.hpp' |
  xargs -0 -r clang-format-19 "${mode[@]}"
