#!/usr/bin/env bash
# shards.sh N: the parts of a matrix as GitHub's job matrix takes them, `shards=["1/3","2/3","3/3"]`, and checks that the
# matrix of MATRIX (a file) can be planned. In a workflow it is an output of the step.
set -euo pipefail
count=${1:?how many parts?}
[[ "$count" =~ ^[1-9][0-9]?$ ]] || { echo "::error::shards must be a number from 1 to 99, not $count"; exit 2; }
source "$(dirname "$0")/../actions/conformance/program.sh"
[ -z "${MATRIX:-}" ] || plumbline matrix plan --matrix "$MATRIX" ${PROFILE:+--profile "$PROFILE"} >&2
list=$(for ((i = 1; i <= count; i++)); do printf '"%d/%d",' "$i" "$count"; done)
echo "shards=[${list%,}]" | tee -a "${GITHUB_OUTPUT:-/dev/null}"
