#!/usr/bin/env bash
# The shared library shows every function of the public headers and nothing
# that is not public.   exports.sh LIBKANJO.so
set -euo pipefail
cd "$(dirname "$0")/../.."
shown=$(nm -D --defined-only "$1" | awk '{print $3}' | sort)
declared=$(ctags --quiet --options=NONE --languages=C --langmap=C:.h --kinds-C=p \
  -x --_xformat=%N include/kanjo/*.h | sort -u)
failed=0
hidden=$(comm -13 <(echo "$shown") <(echo "$declared"))
if [ -n "$hidden" ]; then
  printf 'declared in include/kanjo, not in the library:\n%s\n' "$hidden"
  failed=1
fi
foreign=$(echo "$shown" | grep -vE '^(kj_[a-z]|KJ_[A-Z])' || true)
if [ -n "$foreign" ]; then
  printf 'shown, and not public by its name:\n%s\n' "$foreign"
  failed=1
fi
secret=$(comm -23 <(echo "$shown" | grep '^kj_' || true) <(echo "$declared"))
if [ -n "$secret" ]; then
  printf 'shown, and in no public header:\n%s\n' "$secret"
  failed=1
fi
echo "exports: $(echo "$shown" | wc -l) symbols," \
  "$(echo "$declared" | wc -l) declared functions"
exit $failed
