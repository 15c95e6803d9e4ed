#!/usr/bin/env bash
# Lints the committed contract, or the document given, with Redocly and Spectral. Any finding fails, hints included.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
document=$(realpath "${1:-$here/../openapi.json}")
if [[ ! -s $document ]]; then
  echo "lint: no OpenAPI document at $document" >&2
  exit 1
fi

cd "$here"
# Installed again only when the lock file changed.
if ! cmp -s package-lock.json node_modules/.installed-lock; then
  npm ci --no-fund --no-audit --loglevel=error
  cp package-lock.json node_modules/.installed-lock
fi

export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
status=0
echo "lint: Redocly, recommended-strict"
node_modules/.bin/redocly lint "$document" --config redocly.yaml --format stylish --max-problems 10000 \
  >node_modules/.redocly.log 2>&1 || status=1
# Redocly exits 0 on warnings: only its own words of success are taken for success.
if ! grep -q 'Your API description is valid' node_modules/.redocly.log || grep -qiE 'with [0-9]+ warning' node_modules/.redocly.log; then
  status=1
fi
grep -vE '^ *[╔║╚]' node_modules/.redocly.log || true

echo "lint: Spectral, OpenAPI and OWASP rules"
node_modules/.bin/spectral lint "$document" --ruleset .spectral.yaml --fail-severity hint \
  --fail-on-unmatched-globs --format stylish || status=1

if ((status)); then
  echo "lint: the contract has findings" >&2
else
  echo "lint: no finding"
fi
exit "$status"
