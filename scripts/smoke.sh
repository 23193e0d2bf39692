#!/bin/bash
# `make run`, twice in a row: each time until it says `ready`, answers, and has ended after an interrupt.
set -euo pipefail

export PORT=${PORT:-8099}
log=$(mktemp)
pid=

# Without job control bash lets background commands ignore interrupts; only the server listens again.
send() { [[ -z $pid ]] || kill "-$1" -- "-$pid" 2>/dev/null || true; }
trap 'send TERM; rm -f "$log"' EXIT

fail() {
  cat "$log"
  echo "$attempt run: $1" >&2
  exit 1
}

answers() {
  node -e '
    const asked = fetch(process.argv[1], { headers: { accept: "text/html,*/*" } })
    asked.then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))' "$1"
}

for attempt in first second; do
  begin=$SECONDS
  : >"$log"
  # A session of its own, so that the interrupt reaches what a terminal's Ctrl-C would reach.
  setsid make --no-print-directory run >>"$log" 2>&1 &
  pid=$!
  until address=$(grep -aoE -m 1 '^ready http://[^ ]+' "$log"); do
    kill -0 $pid 2>/dev/null || fail 'ended before it was ready'
    sleep 0.2
  done
  ready=$((SECONDS - begin))
  for path in /health/ready /api/openapi.json /; do
    answers "${address#ready }$path" || fail "no good answer from $path"
  done
  send INT
  wait $pid || true
  ! answers "${address#ready }/health/live" || fail 'still there after an interrupt'
  pid=
  echo "$attempt run: ready after $ready s, answered, ended"
done
