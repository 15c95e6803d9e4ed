#!/usr/bin/env bash
# Measures the first page of a list of 100,000 applications against a page far in, for every filter, order and search, as
# the staff, a co-funder of every call and a co-funder of few calls read it.
# Needs curl and python3. Writes nothing outside a temporary folder (or the empty database it is given); serves on loopback.
#   bench/finding.sh [applications] [requests a page]
#   BENCH_DATABASE_URL=postgres://…  on PostgreSQL; the database must be empty
set -euo pipefail
cd "$(dirname "$0")/.."
count=${1:-100000} rounds=${2:-15} address=127.0.0.1:18082
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; wait; rm -rf "$work"' EXIT

cargo build --release --quiet --bins --example fill
export DATA_DIR=$work/var DATABASE_URL=${BENCH_DATABASE_URL:-$work/var/ledger.sqlite} TOKEN_TTL_SECONDS=86400
LISTEN=$address RUST_LOG=error target/release/contrat-de-ville demo >"$work/server.log" &
server=$!
until curl -sf "http://$address/health/ready" >/dev/null; do sleep 0.2; done
target/release/examples/fill "$DATABASE_URL" "$count"
python3 bench/finding.py "$address" "$DATA_DIR/demo-clients.json" "$rounds"
