#!/usr/bin/env bash
# Removes every cluster of this job and what a killed run left. Fails if something stays.
set -uo pipefail
source "$(dirname "$0")/program.sh"
failed=0
plumbline down --all || failed=1
plumbline gc || failed=1
exit "$failed"
