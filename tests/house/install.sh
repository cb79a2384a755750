#!/usr/bin/env bash
# Install into an empty folder, then use what is there as a stranger would: the
# example through CMake and through pkg-config, every public function from
# C++, the program with its pages.   install.sh BUILD SCRATCH CC CXX
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
scratch=$2
cc=$3
cxx=$4
prefix=$scratch/prefix
mapfile -t voices < <(find "$PWD/tests/fixtures/is09" -name '*.wav' \
  -size +16k | sort)
voice=${voices[0]}
rm -rf "$scratch"
mkdir -p "$scratch"

run() { # COMMAND...: shows its output only if it fails
  "$@" >"$scratch/log" 2>&1 || {
    echo "failed: $*"
    cat "$scratch/log"
    exit 1
  }
}
run cmake --install "$build" --prefix "$prefix"
kanjo=$prefix/bin/kanjo
libdir=$(dirname "$(find "$prefix" -name 'libkanjo_core.a')")
export LD_LIBRARY_PATH=$libdir # where BUILD_SHARED_LIBS is on

# A small model of a few synthetic voices.
{
  echo file,speaker,valence,activation
  n=0
  for wav in "${voices[@]}"; do
    echo "$wav,s$((n % 4)),$((n % 5 + 1)),$(((n * 3) % 5 + 1))"
    n=$((n + 1))
  done
} >"$scratch/labels.csv"
run "$kanjo" train "$scratch/labels.csv" --target valence --target activation \
  --hidden 16 --epochs 3 -o "$scratch/model.safetensors"

estimate() { # PROGRAM: its answers are those of `kanjo estimate`
  local expected answer
  expected=$("$kanjo" estimate -m "$scratch/model.safetensors" "$voice" |
    tail -n 1 | awk '{print $(NF - 1), $NF}')
  answer=$("$1" "$scratch/model.safetensors" "$voice" | tail -n +2 |
    awk '{printf "%s%s", sep, $2; sep = " "}')
  [ "$answer" = "$expected" ] || {
    echo "$1: $answer, where kanjo estimate has $expected"
    exit 1
  }
}

run cmake -S examples -B "$scratch/cmake" -G Ninja "-DCMAKE_C_COMPILER=$cc" \
  "-DCMAKE_PREFIX_PATH=$prefix" "-DCMAKE_C_FLAGS=-Wall -Wextra -Werror"
run cmake --build "$scratch/cmake"
estimate "$scratch/cmake/estimate_wav"

mkdir "$scratch/make"
cp examples/Makefile examples/estimate_wav.c "$scratch/make"
run make -C "$scratch/make" CC="$cc" "PKG_CONFIG_PATH=$libdir/pkgconfig"
estimate "$scratch/make/estimate_wav"

# Every function that a public header declares is there, also for C++.
functions=$(ctags --quiet --options=NONE --languages=C --langmap=C:.h --kinds-C=p \
  -x --_xformat=%N "$prefix"/include/kanjo/*.h | sort -u)
{
  printf '#include <kanjo/kanjo.h>\ntypedef void (*function)();\n'
  printf 'extern const function table[] = {\n'
  for name in $functions; do
    printf 'reinterpret_cast<function>(%s),\n' "$name"
  done
  printf '};\nint main(int argc, char **) { return table[argc - 1] == 0; }\n'
} >"$scratch/all.cpp"
export PKG_CONFIG_PATH=$libdir/pkgconfig
read -ra flags <<<"$(pkg-config --cflags --libs kanjo)"
run "$cxx" -std=c++17 -o "$scratch/all" "$scratch/all.cpp" "${flags[@]}"
run "$scratch/all"

for page in man/man1/kanjo.1 bash-completion/completions/kanjo \
  zsh/site-functions/_kanjo fish/vendor_completions.d/kanjo.fish; do
  [ -s "$prefix/share/$page" ] || { echo "not installed: share/$page"; exit 1; }
done
[ "$("$kanjo" --version)" = "kanjo $(pkg-config --modversion kanjo)" ] ||
  { echo "version of the program and of pkg-config differ"; exit 1; }
if [ -e "$build/share/kanjo/default.safetensors" ]; then
  run "$kanjo" estimate "$voice"
fi
echo "install: example by CMake and pkg-config," \
  "$(echo "$functions" | wc -l) functions from C++"
