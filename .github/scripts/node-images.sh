#!/usr/bin/env bash
# node-images.sh save|load FILE: keeps the newest node image of this host for the next job, or takes it from there.
set -euo pipefail
file=${2:?file?}
source "$(dirname "$0")/../actions/conformance/program.sh"
case ${1:?save or load?} in
  load) [ ! -f "$file" ] || zstd -dc "$file" | docker load ;;
  save)
    ref=$(plumbline images list --json | jq -r '.[0].ref // empty')
    [ -z "$ref" ] || docker save "$ref" | zstd -T0 -3 -f -o "$file"
    ;;
  *) echo "save or load, not $1" >&2; exit 2 ;;
esac
