#!/usr/bin/env bash
# The man page renders without a warning; the completion for bash parses and
# offers what the program has.   pages.sh KANJO
set -euo pipefail
kanjo=$1
failed=0
complain() {
  echo "$*"
  failed=1
}

page=$(mktemp)
trap 'rm -f "$page"' EXIT
"$kanjo" man >"$page"
warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
  man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
[ -z "$warnings" ] || complain "man: $warnings"
shown=$(LC_ALL=C.UTF-8 MANWIDTH=200 man -E UTF-8 -l "$page" | col -b)

verbs=$("$kanjo" --help | sed -n 's/^  *\([a-z][a-z-]*\)  .*/\1/p')
[ "$(echo "$verbs" | wc -l)" -ge 6 ] || complain "--help: verbs are: $verbs"

completion=$("$kanjo" completion bash)
bash -n <<<"$completion" || complain "completion bash: does not parse"
eval "$completion"
declare -a COMP_WORDS COMPREPLY
offered() { # WORD...: what bash would offer for the last of them
  COMP_WORDS=("$@")
  # shellcheck disable=SC2034
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  _kanjo
  printf '%s\n' "${COMPREPLY[@]}"
}
expect() { # WHAT LIST...: what is in the list
  local what=$1
  shift
  grep -qxF -- "$what" <<<"$1" || complain "completion: no $what in: $1"
}

n_options=0
for verb in $verbs; do
  expect "$verb" "$(offered kanjo "")"
  expect "$verb" "$(offered kanjo "${verb:0:3}")"
  grep -q "kanjo $verb" <<<"$shown" || complain "man: no $verb"
  help=$("$kanjo" "$verb" --help)
  options=$(grep -oE '^ +(-[a-z], )?--[a-z-]+' <<<"$help" | grep -oE -- '--[a-z-]+')
  for option in $options; do
    [ "$option" = --usage ] || expect "$option" "$(offered kanjo "$verb" --)"
    n_options=$((n_options + 1))
  done
done
expect vat "$(offered kanjo train --smoothing v)"
[ "$(offered kanjo train --smoothing v)" = vat ] ||
  complain "completion: more than vat for --smoothing v"
for shell in zsh fish; do
  script=$("$kanjo" completion $shell)
  for verb in $verbs; do
    grep -q -- "$verb" <<<"$script" || complain "completion $shell: no $verb"
  done
  if command -v $shell >/dev/null; then
    $shell -n <(echo "$script") || complain "completion $shell: does not parse"
  fi
done
echo "pages: $(echo "$verbs" | wc -l) verbs, $n_options options"
exit $failed
