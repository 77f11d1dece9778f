#!/usr/bin/env bash
# Installs the packages of Plumbline and compiles it, in the checkout in which this script lies; then what the host lacks.
set -euo pipefail
source "$(dirname "$0")/program.sh"
cd "$root"
npm ci --no-audit --no-fund
npm run --silent build
plumbline --version
plumbline doctor --yes
[ -z "${PLUMBLINE_HOME:-}" ] || give_back "$PLUMBLINE_HOME"
