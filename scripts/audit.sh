#!/bin/bash
# Licences, origins and what is banned, which needs no network; then known weaknesses of crates and npm packages, whose
# lists lie elsewhere. A list that cannot be had is told as such, and is no success.
set -uo pipefail

failed=0
unknown=()

# check NAME PATTERN COMMAND…: a failure whose words match the pattern means that the list could not be had.
check() {
  local said
  if said=$("${@:3}" 2>&1); then
    echo "$said"
  elif grep -qE "$2" <<<"$said"; then
    unknown+=("$1: $(grep -m 1 -E "$2" <<<"$said")")
  else
    echo "$said"
    failed=1
  fi
}

cargo deny check bans licenses sources || failed=1
check crates 'failed to fetch advisory database' cargo deny check advisories
for folder in frontend tests/e2e scripts/postgres; do
  check "$folder" 'audit endpoint returned an error|ENOTFOUND|EAI_AGAIN|ETIMEDOUT' \
    npm --prefix "$folder" audit --audit-level=high
done

if ((${#unknown[@]})); then
  echo 'Known weaknesses were NOT checked for:' >&2
  printf '  %s\n' "${unknown[@]}" >&2
fi
((failed)) && echo 'Something was found: see above.' >&2
((!failed && ${#unknown[@]} == 0))
