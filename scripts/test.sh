#!/bin/bash
# Everything CI runs, one step after the other. The first failure ends it; the runners' own closing lines
# are printed once more at the end.
set -euo pipefail

report=${CARGO_TARGET_DIR:-target}/report
log=$report/test.log
mkdir -p "$report"
: >"$log"

step() {
  printf '\n== %s\n' "$1" | tee -a "$log"
  local begin=$SECONDS
  "${@:2}" 2>&1 | tee -a "$log"
  printf '== %s: %d s\n' "$1" $((SECONDS - begin)) | tee -a "$log"
}

inside() { (cd "$1" && "${@:2}"); }

closing_lines() {
  grep -aE '^(== .*: [0-9]+ s$|first description:|schemathesis:|test result:|[[:space:]]+Test Files |[[:space:]]+Tests |[[:space:]]+[0-9]+ (passed|failed|flaky|skipped|did not run))' "$log"
}

# The checks the product was first described with, each a test of that name.
first_description() {
  local passed all
  passed=$(grep -acE '^test first_description::.* ok$' "$log")
  all=$(grep -c '^async fn .*() {$' tests/api/first_description.rs)
  printf 'first description: %d of %d\n' "$passed" "$all" | tee -a "$log"
  ((passed == all))
}

# A machine that builds once needs no notes for the next build.
if [[ ${CI:-} ]]; then export CARGO_INCREMENTAL=0; fi

# The tests wait more than they compute: for commits, for timeouts, for windows.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$((2 * $(nproc)))}

export CHROMIUM_PATH=${CHROMIUM_PATH:-$(scripts/needs.sh browser)}

step 'format and lints' make --no-print-directory lint
step 'frontend' inside frontend npm run check
step 'build' cargo build --workspace --bins
step 'Rust tests' cargo test --workspace
first_description
if scripts/needs.sh postgres; then
  step 'API tests on the other PostgreSQL' make --no-print-directory test-other-postgres
else
  step 'API tests on the other PostgreSQL' echo 'not run: this machine has only the PostgreSQL from npm'
fi
step 'made-up requests' tests/fuzz/.venv/bin/python tests/fuzz/run.py --examples 10
step 'frontend in a browser' inside frontend npm run e2e
step 'full stack in a browser' inside tests/e2e npm test

printf '\n== closing lines\n'
closing_lines
printf '== all of it passed in %d s\n' $SECONDS
