#!/usr/bin/env bash
# Packs Plumbline, installs the package in an empty folder, and asks it something, as somebody does who has no checkout.
set -euo pipefail
cd "$(dirname "$0")/../.."
checkout=$PWD
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
npm pack --silent --pack-destination "$empty"
# a plugin's author with a suite of their own
cp test/example-suite/* "$empty"
cd "$empty"
npm install --no-audit --no-fund ./plumbline-*.tgz
npx plumbline --version
npx plumbline list
# the same suite in TypeScript: the types that are shipped say what it uses
cp my-cni.suite.js typed.suite.ts
node "$checkout/node_modules/typescript7/bin/tsc" --noEmit --strict --skipLibCheck --module nodenext --target es2022 \
  --typeRoots "$checkout/node_modules/@types" --types node typed.suite.ts
npx plumbline list cases --json | grep -q '"id": "MY-001"' || { echo "the author's own case is not listed"; exit 1; }
