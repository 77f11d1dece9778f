#!/usr/bin/env bash
# Packs Plumbline, installs the package in an empty folder, and asks it something, as somebody does who has no checkout.
set -euo pipefail
cd "$(dirname "$0")/../.."
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
npm pack --silent --pack-destination "$empty"
cd "$empty"
npm init --yes >/dev/null
npm install --no-audit --no-fund ./plumbline-*.tgz
npx plumbline --version
npx plumbline list
