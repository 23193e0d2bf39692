#!/bin/sh
# Says plainly what this machine lacks. `needs.sh build` for building and running; `needs.sh desktop` for the
# tests that drive a browser and a virtual desktop, `needs.sh python` for those that make requests up, `needs.sh
# coverage` for counting lines: these are Debian packages and are installed where we may.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }

# at_least FOUND WANTED: is version FOUND not older than WANTED?
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

build() {
  missing=0
  lacks() { echo "missing: $1" >&2; missing=1; }

  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  if ! has cargo || ! has rustc; then
    lacks "Rust $wanted or newer (rustup installs it: rustup.rs)"
  else
    found=$(rustc --version | cut -d ' ' -f 2)
    at_least "$found" "$wanted" || lacks "Rust $wanted or newer, found $found (rustup update stable)"
  fi

  wanted=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' frontend/package.json)
  if ! has node || ! has npm; then
    lacks "Node.js $wanted or newer, with npm (nodejs.org)"
  else
    found=$(node --version | tr -d v)
    at_least "$found" "$wanted" || lacks "Node.js $wanted or newer, found $found (nodejs.org)"
  fi

  has cc || lacks "a C compiler (Debian: apt-get install build-essential; macOS: xcode-select --install)"
  return $missing
}

browser() {
  for name in "${CHROMIUM_PATH:-}" chromium-headless-shell chromium chromium-browser google-chrome; do
    [ -n "$name" ] && command -v "$name" && return
  done
  return 1
}

desktop_packages() {
  browser >/dev/null || printf ' chromium'
  has Xvfb || printf ' xvfb'
  has xterm || printf ' xterm'
  has xdotool || printf ' xdotool'
  has openbox || printf ' openbox'
  has sway || printf ' sway'
  has foot || printf ' foot'
  has dbus-daemon || printf ' dbus-daemon'
}

# install WHAT_FOR NAME_OF_LIST: what the list says is missing, by apt-get where we may.
install() {
  packages=$($2)
  [ -z "$packages" ] && return
  sudo=
  [ "$(id -u)" = 0 ] || sudo='sudo -n'
  if has apt-get && { [ -z "$sudo" ] || { has sudo && sudo -n true 2>/dev/null; }; }; then
    echo "installing:$packages"
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
    packages=$($2)
    [ -z "$packages" ] && return
  fi
  echo "missing for $1:$packages (Debian: apt-get install$packages)" >&2
  return 1
}

# The same browser without windows, a quarter faster. Where it is not to be had, the one with windows does.
shell_packages() {
  has chromium-headless-shell || printf ' chromium-headless-shell'
}

desktop() {
  install 'the tests on a desktop' desktop_packages
  [ -n "${CHROMIUM_PATH:-}" ] || install 'browser tests that are faster' shell_packages || browser >/dev/null
}

python_packages() {
  python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || printf ' python3 python3-venv'
}

python() { install 'the made-up requests' python_packages; }

# What reads the counters must fit the compiler that put them in: its toolchain has it, or Debian under its number.
coverage_packages() {
  [ -n "$(find "$(rustc --print sysroot)/lib/rustlib" -name llvm-cov)" ] && return
  number=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
  has "llvm-cov-$number" || printf ' llvm-%s' "$number"
}

coverage() { install 'line coverage' coverage_packages; }

# Exit status 0: this machine has a PostgreSQL that the server will find by itself.
postgres() {
  [ -n "${TRACKER_PG_BIN:-}" ] && return
  for bin in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin; do
    major=$(basename "$(dirname "$bin")" | sed 's/^postgresql@//')
    [ -x "$bin/postgres" ] && [ "$major" -ge 15 ] && return
  done
  return 1
}

"$1"
