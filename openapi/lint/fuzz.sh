#!/usr/bin/env bash
# Property tests (Schemathesis) of a running demonstration server against the contract it serves.
#   fuzz.sh BASE_URL DEMO_CLIENTS_JSON [schemathesis options…]
# It writes to the server: give it a demonstration of its own. CONTRACT_SECONDS bounds it (default 210).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if (($# < 2)); then
  echo "usage: $0 BASE_URL DEMO_CLIENTS_JSON [schemathesis options…]" >&2
  exit 2
fi
CONTRACT_BASE_URL=${1%/}
CONTRACT_CLIENTS=$(realpath "$2")
shift 2
export CONTRACT_BASE_URL CONTRACT_CLIENTS
export CONTRACT_HOOKS=$here/hooks.py

# Installed again only when the pinned versions changed.
venv=$here/../../target/contract-tools
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/installed.txt"
fi
venv=$(cd "$venv" && pwd)

# The tool leaves working files where it runs.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export PYTHONDONTWRITEBYTECODE=1
"$venv/bin/schemathesis" --config-file "$here/schemathesis.toml" --no-color run "$CONTRACT_BASE_URL/openapi.json" \
  --max-time "${CONTRACT_SECONDS:-210}" "$@"
