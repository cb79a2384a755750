#!/usr/bin/env bash
# Every C file is as clang-format leaves it.
set -euo pipefail
cd "$(dirname "$0")/../.."
find src include tests fuzz examples \( -name '*.c' -o -name '*.h' \) -print0 |
  xargs -0 clang-format --dry-run -Werror
echo "format: as clang-format leaves it"
