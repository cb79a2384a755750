#!/usr/bin/env bash
# The core builds alone, passes its tests (one reads the symbols it needs),
# keeps no state, and installs what its users need.   core.sh SCRATCH CC
set -euo pipefail
cd "$(dirname "$0")/../.."
scratch=$1
cc=$2
rm -rf "$scratch"
mkdir -p "$scratch"

run() { # COMMAND...: shows its output only if it fails
  "$@" >"$scratch/log" 2>&1 || {
    echo "failed: $*"
    cat "$scratch/log"
    exit 1
  }
}
run cmake -S . -B "$scratch/build" -G Ninja -DKANJO_CORE_ONLY=ON \
  -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_COMPILER=$cc"
run cmake --build "$scratch/build"
run ctest --test-dir "$scratch/build" --output-on-failure --no-tests=error
passed=$(grep -E 'tests passed' "$scratch/log")
run cmake --install "$scratch/build" --prefix "$scratch/prefix"

library=$scratch/build/libkanjo_core.a
# (Constant tables of pointers are relocated, then read-only: .data.rel.ro.)
mutable=$(objdump -t "$library" | awk '$4 ~ /^\.t?(data|bss)$/ || \
  $3 ~ /^\.t?(data|bss)$/ {print $NF}' | grep -v '^\.' || true)
if [ -n "$mutable" ]; then
  printf 'the core may not keep state:\n%s\n' "$mutable"
  exit 1
fi

# What is installed is enough: its headers, and libm.
cat >"$scratch/use.c" <<'C'
#include <kanjo/estimator.h>
#include <kanjo/features.h>
int main(void)
{
  kj_extractor *x = 0;
  const kj_status status =
      kj_extractor_create(kj_feature_set_get(0), 16000, 0, &x, 0);
  kj_extractor_destroy(x);
  kj_estimator_destroy(0);
  return status;
}
C
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$scratch/prefix" -name kanjo-core.pc)")
read -ra flags <<<"$(pkg-config --cflags --libs kanjo-core)"
run "$cc" -std=c17 -o "$scratch/use" "$scratch/use.c" "${flags[@]}"
run "$scratch/use"
echo "core: $passed"
