#!/usr/bin/env bash
# Each public header compiles alone, and twice, as C17 and as C++17; kanjo.h
# includes them all.   headers.sh C_COMPILER CXX_COMPILER
set -euo pipefail
cd "$(dirname "$0")/../.."
cc=$1
cxx=$2
failed=0
try() { # HEADER COMPILER...
  local header=$1
  shift
  printf '#include "kanjo/%s"\n#include "kanjo/%s"\n' "$header" "$header" |
    "$@" -Iinclude -Wall -Wextra -Wpedantic -Wshadow -Wundef -Werror \
      -fsyntax-only - || { echo "$header: not alone with $*"; failed=1; }
}
n=0
for path in include/kanjo/*.h; do
  header=${path##*/}
  try "$header" "$cc" -std=c17 -Wstrict-prototypes -x c
  try "$header" "$cxx" -std=c++17 -Wold-style-cast -x c++
  [ "$header" = kanjo.h ] || grep -q "\"kanjo/$header\"" include/kanjo/kanjo.h ||
    { echo "kanjo.h does not include $header"; failed=1; }
  n=$((n + 1))
done
echo "headers: $n, each alone as C17 and C++17"
exit $failed
