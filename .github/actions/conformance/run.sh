#!/usr/bin/env bash
# Runs Plumbline with the inputs of the action, which stand in INPUT_...; ends with its exit code.
set -uo pipefail
source "$(dirname "$0")/program.sh"

arguments=()
option() { [ -z "$2" ] || arguments+=("$1" "$2"); }

if [ -n "${INPUT_MATRIX:-}" ]; then
  for input in STACK MULTUS BASELINE; do
    name=INPUT_$input
    [ -z "${!name:-}" ] || { echo "::error::the input ${input,,} is for one stack, and matrix names many"; exit 2; }
  done
  command=(matrix run)
  option --matrix "$INPUT_MATRIX"
  option --shard "${INPUT_SHARD:-}"
else
  [ -z "${INPUT_SHARD:-}" ] || { echo "::error::the input shard is for a matrix, and there is none"; exit 2; }
  command=(run)
  option --stack "${INPUT_STACK:-}"
  option --multus "${INPUT_MULTUS:-}"
  option --baseline "${INPUT_BASELINE:-}"
fi
option --config "${INPUT_CONFIG:-}"
option --profile "${INPUT_PROFILE:-}"
option --plugin "${INPUT_PLUGIN:-}"
out=${INPUT_OUT:-plumbline-out}
option --out "$out"
[ "${INPUT_STRICT:-false}" != true ] || arguments+=(--strict)
# several words on purpose; globs in them stay what they are
set -f
# shellcheck disable=SC2206
arguments+=(${INPUT_ARGUMENTS:-})
set +f

plumbline "${command[@]}" "${arguments[@]}"
code=$?
give_back "$out" "${PLUMBLINE_HOME:-$out}"
{
  echo "exit-code=$code"
  record=$(readlink -f "$out/latest" 2>/dev/null) && [ -d "$record" ] && echo "record=$record"
} >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$code"
