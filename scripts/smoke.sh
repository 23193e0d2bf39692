#!/bin/bash
# `make run`, twice in a row: each time until it says `ready`, answers, and has ended after an interrupt.
set -euo pipefail

export PORT=${PORT:-8099}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

answers() {
  node -e 'fetch(process.argv[1]).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))' "$1"
}

for attempt in first second; do
  begin=$SECONDS
  # A session of its own, so that the interrupt reaches what a terminal's Ctrl-C would reach.
  setsid make --no-print-directory run >"$log" 2>&1 &
  pid=$!
  until address=$(grep -aoE -m 1 '^ready http://[^ ]+' "$log"); do
    if ! kill -0 $pid 2>/dev/null; then
      cat "$log"
      echo "$attempt run: ended before it was ready" >&2
      exit 1
    fi
    sleep 0.2
  done
  ready=$((SECONDS - begin))
  answers "${address#ready }/health/ready" && answers "${address#ready }/"
  kill -INT -- -$pid
  wait $pid || true
  if answers "${address#ready }/health/live"; then
    echo "$attempt run: still there after an interrupt" >&2
    exit 1
  fi
  echo "$attempt run: ready after $ready s, answered, ended"
done
