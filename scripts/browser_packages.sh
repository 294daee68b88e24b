#!/usr/bin/env bash
# Installs what the browser tests need from npm, exactly as tests/browser/package-lock.json has it, into a
# directory of its own outside the tree, and prints its path. Idempotent: needs no network the second time.
set -euo pipefail

source=$(cd "$(dirname "$0")/../tests/browser" && pwd)
version=$(sha256sum "$source/package-lock.json" | cut -c1-16)
directory=${CARILLON_BROWSER_PACKAGES:-${XDG_CACHE_HOME:-$HOME/.cache}/carillon/browser-$version}

if [ ! -e "$directory/complete" ]; then
  command -v npm >/dev/null || { echo "browser_packages.sh: npm is not installed" >&2; exit 1; }
  mkdir -p "$directory"
  cp "$source/package.json" "$source/package-lock.json" "$directory"
  (cd "$directory" && npm ci --ignore-scripts --no-audit --no-fund >&2)
  touch "$directory/complete"
fi
echo "$directory"
