#!/usr/bin/env bash
# table.sh RECORDS SITE: the compatibility table of all records below a folder, as a site: index.html, and beside it the
# records with their reports. Ends with the gate of the whole matrix.
set -uo pipefail
records=${1:?folder of records?} site=${2:?folder of the site?}
source "$(dirname "$0")/../actions/conformance/program.sh"
mkdir -p "$site"
cp -R "$records" "$site/records" || exit 3
plumbline merge "$site/records" --out "$site"
code=$?
[ ! -f "$site/matrix/compatibility.html" ] || printf '%s\n' '<!doctype html><meta charset="utf-8"><title>Compatibility</title><meta http-equiv="refresh" content="0; url=matrix/compatibility.html"><a href="matrix/compatibility.html">Compatibility</a>' >"$site/index.html"
exit "$code"
